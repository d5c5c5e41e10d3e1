"""A merchant's price list: a CSV file, also gzipped, with one row a product.

Columns: barcode, name, lang, category, quantity (`500`, `4x125`), unit, price, currency, country.
Other columns are not looked at. Prices are of one piece, with VAT. A row that cannot be
sold is counted by what is wrong with it and left out.
"""

import csv
import gzip
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TextIO

from smarts.demo.catalogue import goods
from smarts.demo.catalogue.barcodes import is_barcode
from smarts.demo.catalogue.shelves import Catalogue
from smarts.wire.money import Currency
from smarts.wire.products import Campaign, Category, Product, ProductType, Quantity
from smarts.wire.text import Translatable

_COLUMNS = {"barcode", "name", "lang", "category", "quantity", "unit", "price", "currency", "country"}
_PRICE = re.compile(r"\d{1,7}(?:\.\d{1,2})?", re.ASCII)
_AMOUNT = re.compile(r"(?:(\d{1,3})x)?(\d{1,7}(?:\.\d{1,4})?)", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2}", re.ASCII)


@dataclass(frozen=True)
class PriceList:
    """A catalogue read from a file, and how many rows were left out for each reason."""

    catalogue: Catalogue
    left_out: Mapping[str, int]


class _UnsellableError(ValueError):
    """A row that is left out; the text is the reason that it is counted under."""


@dataclass(frozen=True)
class Market:
    """Where the rows are sold: those of other countries and currencies are left out. `vat_rate` is in percent."""

    country: str = "EE"
    currency: Currency = Currency.EUR
    vat_rate: Decimal = Decimal(24)


def read_price_list(
    path: Path, campaigns: Mapping[str, tuple[Campaign, ...]] | None = None, market: Market | None = None
) -> PriceList:
    """Reads a price list; of rows with the same barcode the first one counts. `campaigns` are by barcode.

    Raises:
        OSError: the file cannot be read.
        EOFError: it is gzipped and cut short.
        ValueError: it has not the columns of a price list.
    """
    reader = _Reader(market or Market(), campaigns or {})
    for row in _rows(path):
        reader.take(row)
    catalogue = Catalogue(reader.products.values(), tuple(reader.categories.values()))
    return PriceList(catalogue, reader.left_out)


def open_text(path: Path) -> TextIO:
    """A text file in UTF-8, also a gzipped one; signs that are not UTF-8 do not stop the reading."""
    with path.open("rb") as file:
        is_gzip = file.read(2) == b"\x1f\x8b"
    opened = gzip.open if is_gzip else open
    return opened(path, "rt", encoding="utf-8-sig", errors="replace", newline="")


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with open_text(path) as file:
        table = csv.DictReader(file, restval="", restkey="")
        missing = _COLUMNS.difference(table.fieldnames or ())
        if missing:
            raise ValueError(f"{path} is no price list: no column {', '.join(sorted(missing))}")
        while True:
            try:
                yield next(table)
            except StopIteration:
                return
            except csv.Error:  # a field without end: one quotation mark too many
                yield {}


class _Reader:
    """Takes rows, one after another."""

    def __init__(self, market: Market, campaigns: Mapping[str, tuple[Campaign, ...]]) -> None:
        self.products: dict[str, Product] = {}
        self.categories: dict[str, Category] = {}
        self.left_out: Counter[str] = Counter()
        self._market = market
        self._campaigns = campaigns

    def take(self, row: dict[str, str]) -> None:
        """Puts the row's product on the list, or counts why not."""
        try:
            product = self._product(row)
        except _UnsellableError as reason:
            self.left_out[str(reason)] += 1
        else:
            self.products[product.barcode] = product

    def _product(self, row: dict[str, str]) -> Product:
        if not row:
            raise _UnsellableError("not readable")
        price = self._price(row)
        barcode = row["barcode"]
        if not is_barcode(barcode):
            raise _UnsellableError("not a barcode")
        if barcode in self.products:
            raise _UnsellableError("barcode seen before")
        return Product(
            id=barcode,
            barcode=barcode,
            translatable_name=_name(row),
            price=goods.price(price, self._market.vat_rate),
            type=ProductType.SINGLE,
            quantity=_quantity(row["quantity"], row["unit"]),
            weight_item=False,
            campaigns=self._campaigns.get(barcode, ()),
            categories=self._categories(row["category"].strip(), row["lang"]),
        )

    def _price(self, row: dict[str, str]) -> Decimal:
        if not row["price"]:
            raise _UnsellableError("no price")
        if row["country"] not in ("", self._market.country):
            raise _UnsellableError("another country")
        if row["currency"] != self._market.currency:
            raise _UnsellableError("another currency")
        if not _PRICE.fullmatch(row["price"]) or not Decimal(row["price"]):
            raise _UnsellableError("not a price")
        return Decimal(row["price"])

    def _categories(self, name: str, language: str) -> tuple[Category, ...]:
        if not name:
            return ()
        if name not in self.categories:
            self.categories[name] = Category(str(len(self.categories) + 1), _text(name, language))
        return (self.categories[name],)


def _name(row: dict[str, str]) -> Translatable:
    name = " ".join(row["name"].split())
    if not name:
        raise _UnsellableError("no name")
    return _text(name, row["lang"])


def _text(text: str, language: str) -> Translatable:
    return Translatable.of(text, **({language.upper(): text} if _LANGUAGE.fullmatch(language) else {}))


def _quantity(amount: str, unit: str) -> Quantity:
    if not amount and not unit:
        return goods.pieces(1)
    match = _AMOUNT.fullmatch(amount)
    if not match or not Decimal(match[2]):
        raise _UnsellableError("not a quantity")
    try:
        return goods.quantity(int(match[1] or 1) * Decimal(match[2]), unit)
    except KeyError:
        raise _UnsellableError("not a unit") from None
