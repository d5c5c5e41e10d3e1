"""Documents as the gateway sends them, about the goods of this store."""

import json
from typing import Any

from smarts.wire.examples import example
from smarts.wire.products import Product

Document = dict[str, Any]


def document(name: str, **changes: object) -> Document:
    """One of the contract's own examples, with some fields changed."""
    return {**json.loads(example(name)), **changes}


def cart(name: str, *products: Product) -> Document:
    """An example that holds a cart, with these goods in it, one of each."""
    rows = [
        {
            "id": product.id,
            "barcode": product.barcode,
            "productName": product.translatable_name.original_text,
            "amount": 1,
            "rowPrice": float(product.price.total),
        }
        for product in products
    ]
    return document(name, products=rows, loyaltyCards=[], shipment=None)
