"""A store's check policy: which carts its staff look at, as data that a manager writes and a machine keeps."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from smarts.control.rescans import RescanRule
from smarts.wire.model import Model, none
from smarts.wire.money import Count, Number
from smarts.wire.times import TimeOfDay, UtcMillis, Weekday

_ONCE = Decimal(1)
Text = Annotated[str, Meta(min_length=1, max_length=100)]


class AgeCheck(StrEnum):
    """What staff look at where something is not for everybody's age: the age alone, or everything."""

    AGE = "AGE"
    FULL = "FULL"


class InspectedCheck(StrEnum):
    """What staff look at where goods ask to be looked at: everything, or those goods."""

    FULL = "FULL"
    GOODS = "GOODS"


class Unanswered(StrEnum):
    """Who decides on a check that the node leaves unanswered: the staff look at it, or the store's own rules decide."""

    STAFF = "STAFF"
    RULES = "RULES"


class HoursRule(Model, frozen=True, kw_only=True, omit_defaults=False):
    """Hours of the store's own clock in which another share of purchases is checked by chance.

    `end` is not in them. Where it is not after `start`, they end on the day after the named ones.
    """

    weekdays: tuple[Weekday, ...]
    start: TimeOfDay
    end: TimeOfDay
    share: Number


class LargeRule(Model, frozen=True, kw_only=True, omit_defaults=False):
    """Purchases of a total `over` this one (in the store's currency) are checked by chance with another share.

    Where several rules fit a purchase, the largest share counts, that of all purchases and of the hours among them.
    """

    over: Number
    share: Number


class GoodsRule(Model, frozen=True, kw_only=True, omit_defaults=False):
    """Risky goods: carts with `pieces_from` pieces or more of these barcodes and categories (their ids) together.

    Of such carts `share` are checked, all of them at first.
    """

    name: Text
    barcodes: tuple[Text, ...] = none()
    categories: tuple[Text, ...] = none()
    pieces_from: Count = 1
    share: Number = _ONCE


class LoyaltyRule(Model, frozen=True, kw_only=True, omit_defaults=False):
    """Members are checked by chance `factor` times as often as others; with a `code`, those whose card has it.

    Where several rules fit a shopper, the smallest factor counts.
    """

    code: Text | None = None
    factor: Number


class RiskRule(Model, frozen=True, kw_only=True, omit_defaults=False):
    """How the outcome of a shopper's checks changes how often chance chooses their purchases.

    A check weighs as is said here on its day, and less each day until it is forgotten after `forget_days`. What failed
    (`failed`), and carts in which something was missing (`corrected`), weigh against what was fine (`passed`). A sum
    of 1 makes it twice, a sum of -1 half as often; `least` and `most` are the factors between which it stays.
    """

    passed: Number = Decimal("0.25")
    corrected: Number = Decimal("0.5")
    failed: Number = Decimal(1)
    forget_days: Count = 60
    least: Number = Decimal("0.25")
    most: Number = Decimal(4)


class Limits(Model, frozen=True, kw_only=True, omit_defaults=False):
    """How often chance may choose one shopper: so many purchases running, and so many in seven days."""

    in_a_row: Count = 2
    a_week: Count | None = None


class Pause(Model, frozen=True, kw_only=True, omit_defaults=False):
    """Until when the store's rules rest because its staff are few."""

    until: UtcMillis


class Policy(Model, frozen=True, kw_only=True, omit_defaults=False):
    """A store's own rules for checks, beside what its node and its goods ask for; at first none is on.

    By chance, shares from 0 to 1: `share` of purchases (another one in `hours`, and of `large` ones), more or less of
    them by `loyalty` and `risk`, within `limits`; `estimate_share` is kept apart from all that, to estimate the store's
    loss: it is looked at wholly, and changes with nothing.

    Always: the shopper's `first_purchases`, totals over `total_over` (in the store's currency), more than `pieces_over`
    pieces (what is weighed is one) and risky `goods`. What the shopper bought there within `together_minutes` before
    counts as one purchase with this one, for the limits of total and pieces.

    Against escapes: the next purchases `after_failed` checks; the next cart within `left_check_hours` of leaving one
    whose check was due; carts of who has another one under way in another store of the merchant within
    `elsewhere_minutes`.

    `age` and `inspections` say what staff look at where goods ask for it; an age that staff have seen is believed for
    `age_days`. `unanswered` is for carts on which the node should decide and does not; where no rule is on, the staff
    look at them. A `pause` lets the store's rules rest, but for those against escapes. `rescan` bounds what staff
    rescan for the store's rules; what node and goods want checked in full is. A lock holds for `lock_minutes`, or as
    long as the installation has it.
    """

    share: Number = Decimal(0)
    estimate_share: Number = Decimal(0)
    hours: tuple[HoursRule, ...] = none()
    large: tuple[LargeRule, ...] = none()
    loyalty: tuple[LoyaltyRule, ...] = none()
    risk: RiskRule | None = None
    limits: Limits = Limits()
    first_purchases: Count = 0
    total_over: Number | None = None
    pieces_over: Count | None = None
    together_minutes: Count = 30
    goods: tuple[GoodsRule, ...] = none()
    after_failed: Count = 0
    left_check_hours: Count = 24
    elsewhere_minutes: Count = 0
    age: AgeCheck = AgeCheck.AGE
    age_days: Count = 0
    inspections: InspectedCheck = InspectedCheck.FULL
    unanswered: Unanswered = Unanswered.STAFF
    pause: Pause | None = None
    rescan: RescanRule = RescanRule()
    lock_minutes: Count | None = None
