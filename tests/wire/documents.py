"""Where the wire's structs and their golden documents are found."""

import importlib
import pkgutil
from typing import Any, get_args

import msgspec

import smarts.wire
from smarts.wire.examples import example, example_names
from smarts.wire.model import Model
from smarts.wire.offers import Offer
from smarts.wire.products import Inspection, Pageable, PageRequest, Product, ProductSearchRequest

# Documents that are read but never written so, each with the document that says the same as we write it.
TOLERATED = {
    "BetweenTime.minutes": "BetweenTime",
    "Invoice.dates": "Invoice.midnight",
    "Invoice.iso": "Invoice",
    "Invoice.seconds": "Invoice",
    "LoyaltyCard.card-number": "LoyaltyCard",
    "LoyaltyCard.validation-type": "LoyaltyCard",
    "MaxAmount.restict": "MaxAmount",
    "MaxTime.utf": "MaxTime",
    "MinAge.no-action": "MinAge",
    "MinTime.minutes": "MinTime",
    "Order.create": "Order",
    "PageRequest.asc": "PageRequest",
    "Product.minimal": "Product.plain",
    "Product.null-parts": "Product",
    "Product.restict": "Product.restricted",
    "Product.string-quantity": "Product.weighed",
    "Product.unknown-fields": "Product",
    "ProductSearchRequest.minimal": "ProductSearchRequest.barcode",
    "PurchaseControlCheckRequest.strings": "PurchaseControlCheckRequest",
    "PurchaseControlResult.expired": "PurchaseControlResult.exipred",
    "Quantity.string": "Quantity",
    "ReceiptProduct.strings": "ReceiptProduct",
}
EXACT = [name for name in example_names() if name not in TOLERATED]


def _structs() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for module in pkgutil.iter_modules(smarts.wire.__path__):
        members = vars(importlib.import_module(f"smarts.wire.{module.name}"))
        found |= {
            name: member
            for name, member in members.items()
            if isinstance(member, type) and issubclass(member, Model) and not name.startswith("_")
        }
    del found["Model"]
    unions = {member.__name__: union for union in (Inspection, Offer) for member in get_args(union)}
    return found | unions | {"PageRequest": PageRequest[ProductSearchRequest], "Pageable": Pageable[Product]}


STRUCTS = _structs()


def kind_of(name: str) -> Any:
    """The type that an example is read as."""
    return STRUCTS[name.partition(".")[0]]


def plain(name: str) -> Any:
    """An example as plain JSON values that may be changed."""
    return msgspec.json.decode(example(name))


def written(document: Any) -> bytes:
    """Plain JSON values as a document."""
    return msgspec.json.encode(document)
