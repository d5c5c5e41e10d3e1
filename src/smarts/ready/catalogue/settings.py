"""What a merchant sets about the catalogue: the sections `[catalogue]`, `[columns]` and `[[scales]]`."""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct, field

from smarts.ready.sources.settings import SourceSettings
from smarts.wire.money import Currency
from smarts.wire.text import LangCode
from smarts.wire.times import TimeZone


class CheckDigits(StrEnum):
    """What becomes of a row whose barcode has a wrong check digit."""

    WARN = "warn"
    REFUSE = "refuse"
    IGNORE = "ignore"


class Unpriced(StrEnum):
    """What becomes of a row without a price: shown but not to be put into a cart, or left out."""

    SHOW = "show"
    REFUSE = "refuse"


class Holds(StrEnum):
    """What scales print into a barcode."""

    WEIGHT = "weight"
    PRICE = "price"


class CatalogueSettings(SourceSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the rows come from, and how they become products.

    Attributes:
        vat_rate: of rows that name none, in percent; prices are with VAT.
        language: of names that name none.
        check_digits: what becomes of barcodes with a wrong check digit; codes for use inside a store may have any.
        unpriced: what becomes of rows without a price.
        decimal_sign: `.` or `,` in prices; it need be named only where prices have three decimals, as 1,250.
        category_separator: between the levels of a category; ` > `, ` / ` and `>` where it is not named.
        languages: those by whose alphabet products can be sorted; the commonest three of the names where none is named.
    """

    vat_rate: Decimal | None = None
    language: LangCode | None = None
    check_digits: CheckDigits = CheckDigits.WARN
    unpriced: Unpriced = Unpriced.SHOW
    decimal_sign: Annotated[str, Meta(pattern="^[.,]?$")] = ""
    category_separator: str = ""
    languages: tuple[LangCode, ...] = ()

    def __post_init__(self) -> None:
        if self.vat_rate is not None and not 0 <= self.vat_rate < 100:
            raise ValueError(f"Expected a `vat_rate` from 0 to below 100, got {self.vat_rate}")


class Scale(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A kind of barcode that the store's scales print: 13 digits, `prefix`, item, value, check digit.

    The item's row has the barcode with all digits of the value 0, or the item's digits alone (with or without prefix).

    Attributes:
        prefix: the digits it starts with, such as `23`.
        item_digits: how many digits name the item; what is left before the check digit is the value.
        holds: weight or price.
        decimals: how many of the value's digits are behind the point: 3 for grams and 2 for cents are usual.
        check_digit_before_value: a digit between item and value, which some scales print, is passed over.
    """

    prefix: Annotated[str, Meta(pattern="^[0-9]{1,4}$")]
    item_digits: Annotated[int, Meta(ge=1, le=10)] = 5
    holds: Holds = Holds.WEIGHT
    decimals: Annotated[int, Meta(ge=0, le=5)] = 3
    check_digit_before_value: bool = False


class Reading(Struct, frozen=True, kw_only=True):
    """All that says how rows become products.

    Attributes:
        columns: the merchant's names of columns, by the names of what they hold (`fields.FIELDS`).
        currency: the store's; rows with another one count as rows without a price.
        time_zone: the store's, for days and for the hours in which something may be sold.
    """

    catalogue: CatalogueSettings = field(default_factory=CatalogueSettings)
    columns: Mapping[str, str] = field(default_factory=dict)
    scales: tuple[Scale, ...] = ()
    currency: Currency = Currency.EUR
    time_zone: TimeZone = TimeZone("UTC")
