"""What the demo store sells: its own invented goods, or a price list from a file."""

from smarts.demo.catalogue.examples import example_barcodes
from smarts.demo.catalogue.invented import institution_campaigns, invented_catalogue, members_catalogue
from smarts.demo.catalogue.price_list import PriceList, read_price_list
from smarts.demo.catalogue.promotions import Promotions, read_promotions
from smarts.demo.catalogue.shelves import Catalogue

__all__ = [
    "Catalogue",
    "PriceList",
    "Promotions",
    "example_barcodes",
    "institution_campaigns",
    "invented_catalogue",
    "members_catalogue",
    "read_price_list",
    "read_promotions",
]
