"""What a basket must cost, reckoned without any of the code that prices carts.

Schoolbook arithmetic on the price list's prices: decimals, and doubles where a campaign reckons, as the contract says.
Of campaigns it knows just the shapes that the files have.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import msgspec

from smarts.demo.catalogue.price_list import open_text
from smarts.wire.products import Campaign

_CENT = Decimal("0.01")
_UNIT_PRICE_STEP = Decimal("0.000001")  # the demo store sends prices without VAT to six decimals
_WITH_VAT = Decimal("1.24")
_N = r"(\d+(?:\.\d+)?)"

# Campaigns for everybody, and those for shoppers who gave no email address, as the replayed ones are.
_UNIT_PRICE_CODE = re.compile("[BU]0{8}002")
_TOTAL_CODE = re.compile("[BU]0{8}501")
_OFF_ALL = re.compile(rf"amount >= {_N} \? unitPrice - Math\.min\(unitPrice, {_N} / amount\) : unitPrice")
_AT_MOST = re.compile(rf"amount >= {_N} \? Math\.min\(unitPrice, {_N}\) : unitPrice")
_BUNDLE = re.compile(
    rf"amount >= {_N} \? \(Math\.floor\(amount / \1\) \* {_N} \+ "
    r"\(amount - Math\.floor\(amount / \1\) \* \1\) \* unitPrice\) / amount : unitPrice"
)
_SHARE_OF_TOTAL = re.compile(rf"total >= {_N} \? total \* {_N} : total")


def _off_all(amount: float, unit_price: float, off: float, _: float) -> float:
    return unit_price - min(unit_price, off / amount)


def _at_most(_: float, unit_price: float, most: float, __: float) -> float:
    return min(unit_price, most)


def _bundle(amount: float, unit_price: float, bundle_price: float, size: float) -> float:
    bundles = amount // size
    return (bundles * bundle_price + (amount - bundles * size) * unit_price) / amount


_NewPrice = Callable[[float, float, float, float], float]
_SHAPES: Sequence[tuple[re.Pattern[str], _NewPrice]] = (
    (_OFF_ALL, _off_all),
    (_AT_MOST, _at_most),
    (_BUNDLE, _bundle),
)


@dataclass(frozen=True)
class Offer:
    """A campaign on a unit price, for everybody, from so many pieces; prices without VAT, as doubles."""

    pieces: float
    value: float
    new_price: _NewPrice

    def unit_price(self, amount: Decimal, unit_price: float) -> float:
        """The unit price that the offer makes of another."""
        if amount < self.pieces:
            return unit_price
        return self.new_price(float(amount), unit_price, self.value, self.pieces)


@dataclass(frozen=True)
class Reckoning:
    """What baskets of one store cost: prices with VAT and offers by barcode, and the share that large totals pay.

    `total_shares` are pairs of a total without VAT and the share that is paid from there on.
    """

    prices: Mapping[str, Decimal]
    offers: Mapping[str, Sequence[Offer]]
    total_shares: Sequence[tuple[Decimal, float]]

    def is_struck(self, basket: Mapping[str, Decimal]) -> bool:
        """Whether an offer changes the price of something in the basket."""
        return any(
            self.row(barcode, amount) != self.prices[barcode] * amount for barcode, amount in basket.items()
        )

    def is_large(self, basket: Mapping[str, Decimal]) -> bool:
        """Whether a campaign on the whole invoice changes the total."""
        return self.total(basket) != self._rows(basket)

    def row(self, barcode: str, amount: Decimal) -> Decimal:
        """What so much of a product costs, with VAT; a change of the price without VAT changes it in proportion."""
        price = self.prices[barcode]
        unit_price = before = float((price / _WITH_VAT).quantize(_UNIT_PRICE_STEP))
        for offer in self.offers.get(barcode, ()):
            unit_price = offer.unit_price(amount, unit_price)
        if unit_price == before:
            return price * amount
        return _cents(price * amount * Decimal(repr(unit_price)) / Decimal(repr(before)))

    def total(self, basket: Mapping[str, Decimal]) -> Decimal:
        """What the whole basket costs, with VAT; a change of the sum without VAT changes it in proportion."""
        total = self._rows(basket)
        for least, share in self.total_shares:
            net = _cents(total / _WITH_VAT)
            if net >= least:
                total = _cents(total * Decimal(repr(float(net) * share)) / net)
        return total

    def _rows(self, basket: Mapping[str, Decimal]) -> Decimal:
        return sum((self.row(barcode, amount) for barcode, amount in basket.items()), Decimal(0))


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, rounding=ROUND_HALF_UP)


def read_prices(path: Path) -> dict[str, Decimal]:
    """Prices in euros by barcode, of the rows that have one."""
    prices: dict[str, Decimal] = {}
    with open_text(path) as file:
        for row in csv.DictReader(file):
            if row["price"] and row["currency"] == "EUR" and row["country"] == "EE":
                prices.setdefault(row["barcode"], Decimal(row["price"]))
    return prices


class _Promotion(msgspec.Struct):
    barcode: str
    code: str
    operation: str


def read_offers(path: Path) -> dict[str, list[Offer]]:
    """The offers that strike for everybody, by barcode.

    Raises:
        ValueError: a campaign has a shape that is not known here.
    """
    offers = defaultdict(list)
    with open_text(path) as file:
        for promotion in map(msgspec.json.Decoder(_Promotion).decode, file):
            if _UNIT_PRICE_CODE.fullmatch(promotion.code):
                offers[promotion.barcode].append(_offer(promotion.operation))
    return dict(offers)


def _offer(operation: str) -> Offer:
    for shape, new_price in _SHAPES:
        if match := shape.fullmatch(operation):
            return Offer(float(match[1]), float(match[2]), new_price)
    raise ValueError(f"A campaign of an unknown shape: {operation}")


def total_shares(campaigns: Iterable[Campaign]) -> list[tuple[Decimal, float]]:
    """What the store's own campaigns make of totals.

    Raises:
        ValueError: a campaign has a shape that is not known here.
    """
    shares = []
    for campaign in campaigns:
        if _TOTAL_CODE.fullmatch(campaign.code):
            match = _SHARE_OF_TOTAL.fullmatch(campaign.operation)
            if not match:
                raise ValueError(f"A campaign of an unknown shape: {campaign.operation}")
            shares.append((Decimal(match[1]), float(match[2])))
    return shares
