"""The demo store's own goods: an Estonian grocery that does not exist.

The tables beside this file are meant to be read and edited by hand:

- `products.csv`: prices are in euros with VAT, of one piece, or of one kilogram where `weighed`. `addition` is what the
  price already holds: `-0.30` a discount, `+0.05` a mark-up. `deposit` is the barcode of the packaging deposit that
  is paid on top of the price. `parts` is what a package holds: `2×barcode`, with spaces between. `rules` are those of
  `goods.inspections`.
- `categories.csv`: two levels; the rules of a category hold for each product in it.
- `member_prices.csv`: what holders of the store's cards pay instead.
- `campaigns.csv` come with their products; amounts in operations are without VAT. `institution_campaigns.csv` are the
  ones that a gateway is given for the whole store.
"""

import csv
from collections import defaultdict
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from smarts.demo.catalogue import goods
from smarts.demo.catalogue.shelves import Catalogue
from smarts.wire.products import Campaign, Category, Product, ProductType
from smarts.wire.text import Translatable

T = TypeVar("T")


class _NamedRow(msgspec.Struct, kw_only=True, frozen=True):
    name_et: str
    name_en: str
    name_ru: str

    @property
    def name(self) -> Translatable:
        return Translatable.of(self.name_et, ET=self.name_et, EN=self.name_en, RU=self.name_ru)


class _CategoryRow(_NamedRow, kw_only=True, frozen=True):
    id: str
    parent: str
    rules: str


class _ProductRow(_NamedRow, kw_only=True, frozen=True):
    barcode: str
    category: str
    quantity: Decimal
    unit: str
    price: Decimal
    vat: Decimal
    weighed: str
    rules: str
    addition: str
    deposit: str
    parts: str


class _MemberPrice(msgspec.Struct, frozen=True):
    barcode: str
    price: Decimal


class _CampaignRow(msgspec.Struct, frozen=True):
    barcode: str
    code: str
    operation: str
    name: str


@cache
def invented_catalogue() -> Catalogue:
    """The demo store's own catalogue."""
    categories = _read("categories.csv", _CategoryRow)
    tree = _tree(categories)
    return Catalogue(_products({row.id: row for row in categories}, {each.id: each for each in tree}), tree)


@cache
def members_catalogue() -> Catalogue:
    """The same goods at the prices that holders of the store's cards pay."""
    prices = {row.barcode: row.price for row in _read("member_prices.csv", _MemberPrice)}
    products = (_at_price(product, prices) for product in invented_catalogue().products)
    return Catalogue(products, _tree(_read("categories.csv", _CategoryRow)))


def _at_price(product: Product, prices: dict[str, Decimal]) -> Product:
    ordinary = product.price
    total = prices.get(product.barcode, ordinary.total)
    if total == ordinary.total:
        return product
    return replace(product, price=goods.price(total, ordinary.vat.vat_rate, total - ordinary.total))


def _tree(categories: list[_CategoryRow]) -> tuple[Category, ...]:
    return tuple(Category(row.id, row.name, parent_id=row.parent or None) for row in categories)


def institution_campaigns() -> tuple[Campaign, ...]:
    """The campaigns that a gateway is to have for the whole demo store."""
    return tuple(_read("institution_campaigns.csv", Campaign))


def _read(name: str, kind: type[T]) -> list[T]:
    lines = (files(__package__) / name).read_text("utf-8").splitlines()
    return msgspec.convert(list(csv.DictReader(lines)), list[kind])  # type: ignore[valid-type]


def _products(rows: dict[str, _CategoryRow], categories: dict[str, Category]) -> list[Product]:
    campaigns = defaultdict(list)
    for campaign in _read("campaigns.csv", _CampaignRow):
        campaigns[campaign.barcode].append(Campaign(campaign.name, campaign.code, campaign.operation))
    found: dict[str, Product] = {}
    table = _read("products.csv", _ProductRow)
    for row in table:
        found[row.barcode] = Product(
            id=row.barcode,
            barcode=row.barcode,
            translatable_name=row.name,
            price=goods.price(row.price, row.vat, Decimal(row.addition or 0)),
            type=ProductType.SINGLE,
            quantity=goods.quantity(row.quantity, row.unit),
            weight_item=bool(row.weighed),
            inspections=goods.inspections(f"{rows[row.category].rules};{row.rules}"),
            campaigns=tuple(campaigns[row.barcode]),
            categories=(categories[row.category],),
        )
    packages = {row.barcode: _package(row, found) for row in table if row.parts or row.deposit}
    return list((found | packages).values())


def _package(row: _ProductRow, products: dict[str, Product]) -> Product:
    content = products[row.barcode]
    if row.deposit:
        deposit = products[row.deposit]
        parts = [replace(content, id=f"{content.id}-content"), _part(deposit, 1)]
        total = content.price.total + deposit.price.total
        addition = Decimal(row.addition or 0)
    else:
        parts = [_part(products[barcode], int(count)) for count, barcode in _counted(row.parts)]
        total = content.price.total
        addition = total - sum(part.price.total for part in parts)
    return replace(
        content,
        type=ProductType.PACKAGE,
        # A price has one rate, so the deposit is taxed with the drink; as a part it has its own rate.
        price=goods.price(total, row.vat, addition),
        quantity=goods.pieces(1),
        sub_products=tuple(parts),
    )


def _counted(parts: str) -> list[list[str]]:
    return [part.split("×") for part in parts.split()]


def _part(product: Product, count: int) -> Product:
    """A product as a part of a package: the quantity is how many of it there are, the price what they cost together."""
    price = goods.price(product.price.total * count, product.price.vat.vat_rate)
    return replace(product, quantity=goods.pieces(count), price=price)
