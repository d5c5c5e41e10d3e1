"""What a row says of a product, read and checked; kept in this compact form, and made a `Product` when asked for."""

from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

import msgspec
from msgspec import Struct

from smarts.wire.products import (
    Addition,
    AdditionType,
    BetweenTime,
    Campaign,
    Category,
    Information,
    Inspection,
    InspectionAction,
    MaxAmount,
    MinAge,
    MinAmount,
    Price,
    Product,
    ProductType,
    Quantity,
    Unit,
)
from smarts.wire.text import Translatable
from smarts.wire.times import TimeOfDay, TimeZone

_HUNDREDTH = Decimal("0.01")
_UNPRICED = Price.of(Decimal(0), Decimal(0))
# Strikes whatever the amount: what has no price may be shown, but not be put into a cart.
_NOT_SOLD = MaxAmount(amount=Decimal(0), action=InspectionAction.RESTRICT)


class Entry(Struct, frozen=True, array_like=True, gc=False):
    """What a product is looked for and sorted by; `price` is `None` where the row has none."""

    id: str
    barcode: str
    name: str
    names: dict[str, str]
    category: str | None
    brand: str
    price: Decimal | None


class Goods(Entry, frozen=True, array_like=True, gc=False):
    """A product by its row; `hours` are as people write them."""

    vat_rate: Decimal
    addition: Decimal | None = None
    quantity: Decimal | None = None
    unit: Unit = Unit.PIECE
    is_weighed: bool = False
    description: str = ""
    descriptions: dict[str, str] = {}
    image: str = ""
    age: int | None = None
    hours: tuple[str, str] | None = None
    least: Decimal | None = None
    most: Decimal | None = None
    campaigns: tuple[tuple[str, str, str], ...] = ()

    def product(self, categories: Mapping[str, Category], zone: TimeZone) -> Product:
        """The product as it is sold."""
        return Product(
            id=self.id,
            barcode=self.barcode,
            translatable_name=_translatable(self.name, self.names),
            price=_UNPRICED if self.price is None else _price(self.price, self.vat_rate, self.addition),
            type=ProductType.SINGLE,
            translatable_description=self._description(),
            quantity=self._quantity(),
            weight_item=self.is_weighed,
            information=Information(self.image) if self.image else None,
            inspections=tuple(self._inspections(zone)),
            campaigns=tuple(Campaign(*each) for each in self.campaigns),
            categories=tuple(_way_up(self.category, categories)),
        )

    def _description(self) -> Translatable | None:
        if not self.description and not self.descriptions:
            return None
        first = self.description or next(iter(self.descriptions.values()))
        return _translatable(first, self.descriptions)

    def _quantity(self) -> Quantity:
        if self.quantity is not None:
            return Quantity(self.unit, self.quantity)
        return Quantity(Unit.KILOGRAM if self.is_weighed else Unit.PIECE, Decimal(1))

    def _inspections(self, zone: TimeZone) -> list[Inspection]:
        found: list[Inspection] = []
        if self.price is None:
            found.append(_NOT_SOLD)
        if self.age is not None:
            found.append(MinAge(age=self.age))
        if self.hours is not None:
            start, end = map(TimeOfDay.read, self.hours)
            found.append(BetweenTime(start=start, end=end, timezone=zone, action=InspectionAction.RESTRICT))
        if self.least is not None:
            found.append(MinAmount(amount=self.least, action=InspectionAction.RESTRICT))
        if self.most is not None:
            found.append(MaxAmount(amount=self.most, action=InspectionAction.RESTRICT))
        return found


def _way_up(id_: str | None, categories: Mapping[str, Category]) -> Iterator[Category]:
    """A product's own category, then those above it: it is in all of them."""
    while id_ and (category := categories.get(id_)):
        yield category
        id_ = category.parent_id


def _translatable(text: str, translations: Mapping[str, str]) -> Translatable:
    return Translatable(text, tuple({language: each} for language, each in translations.items()))


@lru_cache(maxsize=4096)
def _price(total: Decimal, vat_rate: Decimal, addition: Decimal | None) -> Price:
    if not addition:
        return Price.of(total, vat_rate)
    kind = AdditionType.DISCOUNT if addition < 0 else AdditionType.MARK_UP
    rate = (abs(addition) * 100 / (total - addition)).quantize(_HUNDREDTH, rounding=ROUND_HALF_UP)
    return Price.of(total, vat_rate, Addition(kind, abs(addition), rate))


_ENCODER = msgspec.msgpack.Encoder()
pack = _ENCODER.encode
unpack = msgspec.msgpack.Decoder(Goods).decode
unpack_entry = msgspec.msgpack.Decoder(Entry).decode
