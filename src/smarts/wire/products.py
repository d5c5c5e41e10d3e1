"""Products, prices, inspections and campaigns (section 3), and how they are searched for (section 4)."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Generic, TypeVar, Union

from msgspec import Meta, field

from smarts.wire.loyalty import ClientCard
from smarts.wire.model import Model, always, none
from smarts.wire.money import Count, LooseNumber, Number
from smarts.wire.text import LangCode, Translatable
from smarts.wire.times import TimeOfDay, TimeZone

T = TypeVar("T")


class Unit(StrEnum):
    """What a quantity is counted in."""

    PIECE = "PIECE"
    LITER = "LITER"
    DECILITER = "DECILITER"
    KILOGRAM = "KILOGRAM"
    GRAM = "GRAM"
    TON = "TON"
    METER = "METER"
    CENTIMETER = "CENTIMETER"
    DECIMETER = "DECIMETER"
    PINT = "PINT"
    FOOT = "FOOT"
    YARD = "YARD"
    MILE = "MILE"
    CUP = "CUP"
    QUART = "QUART"
    GALLON = "GALLON"
    POUND = "POUND"
    STONE = "STONE"
    INCH = "INCH"


class Quantity(Model, frozen=True):
    """An amount of something; `value` is read as a number or as a string, written as a number."""

    unit: Unit
    value: LooseNumber


class AdditionType(StrEnum):
    """A discount (`DSC`) or a mark-up (`MRK`)."""

    DISCOUNT = "DSC"
    MARK_UP = "MRK"


class Addition(Model, frozen=True):
    """What was taken off or added to reach the price: `sum` in the currency, `rate` in percent."""

    type: AdditionType | None = None
    sum: Number | None = None
    rate: Number | None = None


class VAT(Model, frozen=True):
    """Value added tax of a price; sums in the store's currency, the rate in percent (25.5 is a rate too)."""

    sum_without_vat: Number = field(name="sumWithoutVAT")
    vat_sum: Number = field(name="VATSum")
    sum_with_vat: Number = field(name="sumWithVAT")
    vat_rate: Number = field(name="VATRate")


class Price(Model, frozen=True):
    """The price of one unit; `total` is what is paid, with addition and VAT."""

    vat: VAT
    total: Number
    addition: Addition | None = None

    @classmethod
    def of(cls, total: Decimal, vat_rate: Decimal, addition: Addition | None = None) -> "Price":
        """The price that is a total with VAT; the rate in percent, the `addition` already in the total."""
        net, vat = net_and_vat(total, vat_rate)
        return cls(VAT(net, vat, total, vat_rate), total, addition)


class Category(Model, frozen=True):
    """A category of products; `parent_id` makes a tree, `number_of_products` counts those below too."""

    id: str
    translatable_name: Translatable
    number_of_products: Count | None = None
    parent_id: str | None = None


class Information(Model, frozen=True):
    """What else is shown of a product."""

    image_url: str | None = None


class InspectionAction(StrEnum):
    """What happens when an inspection strikes: a person checks before payment, or the product is refused."""

    INSPECT = "INSPECT"
    RESTRICT = "RESTRICT"

    @classmethod
    def _missing_(cls, value: object) -> "InspectionAction | None":
        return cls.RESTRICT if value == "RESTICT" else None  # spelled so in the documentation's examples


class _Inspection(Model, tag_field="type", kw_only=True, frozen=True):
    action: InspectionAction = always(InspectionAction.INSPECT)


class BetweenTime(_Inspection, tag="BETWEEN_TIME", kw_only=True, frozen=True):
    """Strikes outside `start` to `end`; an end before the start is on the next day."""

    start: TimeOfDay
    end: TimeOfDay
    timezone: TimeZone | None = None


class MinTime(_Inspection, tag="MIN_TIME", kw_only=True, frozen=True):
    """Strikes before `time`."""

    time: TimeOfDay
    timezone: TimeZone | None = None


class MaxTime(_Inspection, tag="MAX_TIME", kw_only=True, frozen=True):
    """Strikes after `time`."""

    time: TimeOfDay
    timezone: TimeZone | None = None


class MinAge(_Inspection, tag="MIN_AGE", kw_only=True, frozen=True):
    """Always strikes: someone looks whether the shopper is at least `age` years old."""

    age: Count


class MinAmount(_Inspection, tag="MIN_AMOUNT", kw_only=True, frozen=True):
    """Strikes where the quantity in the cart is less than `amount`."""

    amount: Number


class MaxAmount(_Inspection, tag="MAX_AMOUNT", kw_only=True, frozen=True):
    """Strikes where the quantity in the cart is more than `amount`."""

    amount: Number


Inspection = Union[BetweenTime, MinTime, MaxTime, MinAge, MinAmount, MaxAmount]  # noqa: UP007 - msgspec reads it


class Campaign(Model, frozen=True):
    """A campaign as sent: its 12-character code and its operation are read by `smarts.campaigns`, not here.

    A campaign never stops a sale (section 5), so one that lacks something can be read, and is reported.
    """

    name: str = ""
    code: str = ""
    operation: str = ""


class ProductType(StrEnum):
    """A single product, or a package that holds `sub_products`."""

    SINGLE = "SINGLE"
    PACKAGE = "PACKAGE"


class Product(Model, frozen=True):
    """A product as the node sells it to this shopper; without id, barcode, name and price it cannot be sold.

    `price` is that of one unit of `quantity.unit` where `weight_item`, of one piece otherwise; on an invoice a
    product is a sold row: `quantity` is what was bought and `price` the row's.
    """

    id: str
    barcode: str
    translatable_name: Translatable
    price: Price
    type: ProductType | None = None
    translatable_description: Translatable | None = None
    quantity: Quantity | None = None
    weight_item: bool | None = None
    information: Information | None = None
    inspections: tuple[Inspection, ...] = none()
    campaigns: tuple[Campaign, ...] = none()
    sub_products: tuple["Product", ...] | None = None
    categories: tuple[Category, ...] = none()


class SearchType(StrEnum):
    """Where the shopper searches: in the store, or at home."""

    SELF_SERVICE = "SELF_SERVICE"
    E_SHOP = "E_SHOP"


class ProductSearchRequest(Model, kw_only=True, frozen=True):
    """What is searched for; which of `barcode`, `name` and `category_name` counts depends on the operation."""

    type: SearchType = always(SearchType.SELF_SERVICE)
    barcode: str | None = None
    name: str | None = None
    category_name: str | None = None
    lang_code: LangCode | None = None
    person_id: str | None = None
    institution_id: str | None = None
    loyalty_cards: tuple[ClientCard, ...] = none()


class OrderBy(StrEnum):
    """Ascending is spelled `ACS` on the wire; `ASC` is read too."""

    ASCENDING = "ACS"
    DESCENDING = "DESC"

    @classmethod
    def _missing_(cls, value: object) -> "OrderBy | None":
        return cls.ASCENDING if value == "ASC" else None


class PageRequest(Model, Generic[T], kw_only=True, frozen=True):
    """A page of a list: `page` counts from 1, `limit` is how many a page has."""

    page: Annotated[int, Meta(ge=1, le=1_000_000)] = always(1)
    limit: Annotated[int, Meta(ge=1, le=1000)] = always(20)
    order_by: OrderBy | None = None
    order_field_name: str | None = None
    request: T
    loyalty_cards: tuple[ClientCard, ...] = none()


class Pageable(Model, Generic[T], frozen=True):
    """One page of the answer; `last_page` is the number of the last one, `total_count` covers all pages."""

    result: tuple[T, ...]
    last_page: Count | None = None
    total_count: Count | None = None


def net_and_vat(total: Decimal, rate: Decimal) -> tuple[Decimal, Decimal]:
    """The sum without VAT and the VAT in a total, to six decimals, so that unit prices lose no cents.

    `rate` is in percent. The two add up to the total.
    """
    net = (total * 100 / (100 + rate)).quantize(Decimal("0.000001"))
    return net, total - net
