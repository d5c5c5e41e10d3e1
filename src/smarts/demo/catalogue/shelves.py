"""A list of products in a store with scales."""

from msgspec.structs import replace

from smarts.demo.catalogue.barcodes import split_weight
from smarts.node import ProductList
from smarts.wire.products import Product, Quantity, Unit


class Catalogue(ProductList):
    """What a store sells, also by the barcodes that its scales print."""

    def find(self, barcode: str) -> Product | None:
        """The product with a barcode; for one that scales printed, with that weight as its quantity."""
        return super().find(barcode) or self._weighed(barcode)

    def _weighed(self, barcode: str) -> Product | None:
        match split_weight(barcode):
            case article, kilograms if product := super().find(article):
                weight = Quantity(Unit.KILOGRAM, kilograms)
                return replace(product, barcode=barcode, quantity=weight)
        return None
