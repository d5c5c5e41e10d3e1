"""Carts that were written down: a list of barcodes, or a cart as the gateway shows it to shoppers."""

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from smarts.kit.rehearsal.documents import document_for
from smarts.kit.rehearsal.stage import Stage
from smarts.kit.rehearsal.visit import Visit
from smarts.wire import operations


async def fill(visit: Visit, stage: Stage, cart: Any) -> None:
    """Puts what was written down into the visit's cart; the node is asked for each product.

    Raises:
        ValueError: it is no cart, or the node does not give a product.
    """
    for barcode, quantity in written(cart):
        document = document_for(operations.PRODUCT_BY_BARCODE, visit) | {"barcode": barcode}
        played = await stage.send(operations.PRODUCT_BY_BARCODE, document)
        if played.document is None:
            raise ValueError(f"The node did not give the product {barcode}: {played.complaint}")
        visit.put(played.document, quantity)


def written(cart: Any) -> Iterator[tuple[str, Decimal]]:
    """The barcodes and quantities of a cart that was written down.

    Raises:
        ValueError: it is no cart; says where.
    """
    lines = cart.get("lines", cart.get("products")) if isinstance(cart, dict) else cart
    if not isinstance(lines, list) or not lines:
        raise ValueError("Expected a list of barcodes, or an object with lines or products")
    for place, line in enumerate(lines):
        yield _line(line, f"[{place}]")


def _line(line: Any, path: str) -> tuple[str, Decimal]:
    if isinstance(line, str):
        return line, Decimal(1)
    match line:
        case {"product": {"barcode": str(barcode)}} | {"barcode": str(barcode)}:
            return barcode, _quantity(line.get("quantity", line.get("amount", 1)), path)
    raise ValueError(f"{path}: Expected a barcode, or an object with a barcode")


def _quantity(value: Any, path: str) -> Decimal:
    try:
        quantity = Decimal(str(value))
    except InvalidOperation:
        quantity = Decimal(0)
    if not quantity.is_finite() or quantity <= 0:
        raise ValueError(f"{path}.quantity: Expected a number above zero, got {value}")
    return quantity
