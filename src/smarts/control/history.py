"""What a shopper's earlier purchases and checks in a store leave for a decision: dated facts, without the person."""

from enum import StrEnum

from smarts.wire.model import Model, none
from smarts.wire.money import Number
from smarts.wire.times import UtcMillis


class Depth(StrEnum):
    """How much staff were to look at: the age, some pieces, or everything."""

    AGE = "AGE"
    PART = "PART"
    FULL = "FULL"


class Ending(StrEnum):
    """How a check ended.

    CORRECTED: something was missing in the cart, and was put there. LEFT: the shopper gave the cart up while it waited.
    UNDONE: its time was over, or nobody came to an end.
    """

    PASSED = "PASSED"
    CORRECTED = "CORRECTED"
    FAILED = "FAILED"
    LEFT = "LEFT"
    UNDONE = "UNDONE"


class PastCheck(Model, frozen=True, kw_only=True):
    """A check of the shopper in this store; `missing` is what goods that were not in the cart came to, with VAT."""

    at: UtcMillis
    depth: Depth
    ending: Ending
    missing: Number


class PastPurchase(Model, frozen=True, kw_only=True):
    """A purchase in this store that was paid for; `began` is when its cart did.

    `by_chance` says that it was checked, and for no other reason.
    """

    at: UtcMillis
    began: UtcMillis
    total: Number
    pieces: int
    by_chance: bool


class UnderWay(Model, frozen=True, kw_only=True):
    """A cart with goods in another store of the merchant, and when it was changed last."""

    at: UtcMillis


class AgeSeen(Model, frozen=True, kw_only=True):
    """Staff of the merchant saw that the shopper is at least so many years old."""

    at: UtcMillis
    age: int


class History(Model, frozen=True, kw_only=True):
    """The facts, newest first, those of the last two months.

    `bought` counts purchases in this store of all times, up to 50.
    """

    bought: int = 0
    purchases: tuple[PastPurchase, ...] = none()
    checks: tuple[PastCheck, ...] = none()
    elsewhere: tuple[UnderWay, ...] = none()
    ages: tuple[AgeSeen, ...] = none()
