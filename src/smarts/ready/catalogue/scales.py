"""Products by the barcodes that scales print: the item's, with the weight or the price of the piece on the label."""

from decimal import Decimal

from msgspec.structs import replace

from smarts.ready.catalogue.barcodes import printed
from smarts.ready.catalogue.settings import Holds, Scale
from smarts.ready.catalogue.shelf import Shelf
from smarts.wire.products import Price, Product, Quantity, Unit

_MICRO = Decimal("0.000001")


def find_printed(shelf: Shelf, barcode: str, scales: tuple[Scale, ...]) -> Product | None:
    """The product that a label of scales is on; its quantity is what the label says."""
    label = printed(barcode, scales)
    if label is None:
        return None
    product = next((found for key in label.keys if (found := shelf.find_key(key))), None)
    if product is None:
        return None
    if label.holds is Holds.WEIGHT:
        return _of_weight(product, barcode, label.value)
    return _of_price(product, barcode, label.value)


def _of_weight(product: Product, barcode: str, weight: Decimal) -> Product:
    return replace(product, barcode=barcode, weight_item=True, quantity=Quantity(Unit.KILOGRAM, weight))


def _of_price(product: Product, barcode: str, price: Decimal) -> Product:
    """What is sold by weight weighs what the price says, so fine that the row costs what is on the label."""
    if product.weight_item and product.price.total:
        weight = (price / product.price.total).quantize(_MICRO)
        return replace(product, barcode=barcode, quantity=Quantity(Unit.KILOGRAM, weight))
    return replace(product, barcode=barcode, price=Price.of(price, product.price.vat.vat_rate))
