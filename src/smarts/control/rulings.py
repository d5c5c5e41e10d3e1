"""What each rule of a policy says of a cart: which strike, and the values that it was decided by."""

from collections.abc import Iterator
from datetime import time, timedelta
from decimal import Decimal
from fractions import Fraction

from msgspec import field

from smarts.control.cart import CheckedCart
from smarts.control.history import Depth, Ending, History, PastPurchase
from smarts.control.policy import GoodsRule, HoursRule, Policy
from smarts.control.reasons import Rule
from smarts.control.risk import risk_factor
from smarts.control.seed import Seed
from smarts.wire.model import Model
from smarts.wire.money import Number
from smarts.wire.times import UtcMillis, Weekday

_WEEK = timedelta(days=7)
_MILLION = 10**6
_NEVER = Decimal(0)
_DAYS = tuple(Weekday)


class Ruling(Model, frozen=True, kw_only=True):
    """What a rule that is on says: whether it strikes, and what was compared.

    `rests` says that it is not asked because of a pause, or the shopper's limit. `by_chance` says that another draw
    could have spared the cart.
    """

    rule: Rule
    struck: bool
    rests: bool = False
    by_chance: bool = False
    values: dict[str, str] = field(default_factory=dict)


class Chances(Model, frozen=True, kw_only=True):
    """How likely chance was to choose a cart: for the store's share, and for the estimate of its loss."""

    share: Number = _NEVER
    estimate: Number = _NEVER


def rulings(policy: Policy, cart: CheckedCart, history: History, seed: Seed) -> Iterator[Ruling]:
    """The rules that are on, each with what it says of the cart; what goods and node ask for is not among them."""
    yield from _by_chance(policy, cart, history, seed)
    yield from _limits(policy, cart, history)
    yield from _goods(policy, cart, history, seed)
    yield from _escapes(policy, cart, history)


def chances(policy: Policy, cart: CheckedCart, history: History) -> Chances:
    """How likely chance chooses the cart: not at all where the rules rest, or the shopper was chosen often enough."""
    if paused(policy, cart):
        return Chances()
    share = _share_now(policy, cart, history)
    factor = _loyalty(policy, cart) * risk_factor(policy.risk, history, cart.at)
    likely = Chances(share=_probability(Fraction(share) * factor), estimate=policy.estimate_share)
    if not _chosen_enough(policy, cart, history):
        return likely
    # Where everybody is checked, that is no chance of which there could be enough.
    return Chances(
        share=likely.share if share == likely.share == 1 else _NEVER,
        estimate=likely.estimate if likely.estimate == 1 else _NEVER,
    )


def paused(policy: Policy, cart: CheckedCart) -> bool:
    """Whether the store's rules rest when the cart is checked out."""
    return policy.pause is not None and cart.at < policy.pause.until


def rules_are_on(policy: Policy, cart: CheckedCart) -> bool:
    """Whether any rule of the store could choose a cart at this moment."""
    shares = policy.share or policy.estimate_share or policy.hours or policy.large or policy.goods
    limits = policy.total_over is not None or policy.pieces_over is not None or policy.first_purchases
    return bool(shares or limits) and not paused(policy, cart)


def in_hours(rule: HoursRule, weekday: Weekday, moment: time) -> bool:
    """Whether a moment of the store's clock lies in the rule's hours; those over midnight began the day before."""
    if rule.start < rule.end:
        return weekday in rule.weekdays and rule.start <= moment < rule.end
    day_before = _DAYS[_DAYS.index(weekday) - 1]
    late = weekday in rule.weekdays and moment >= rule.start
    return late or (day_before in rule.weekdays and moment < rule.end)


def _by_chance(policy: Policy, cart: CheckedCart, history: History, seed: Seed) -> Iterator[Ruling]:
    likely = chances(policy, cart, history)
    rested = paused(policy, cart) or _chosen_enough(policy, cart, history)
    if policy.estimate_share:
        drawn = seed.draw("estimate")
        values = {"drawn": _written(drawn), "chance": f"{likely.estimate:f}"}
        yield _drawn(
            Rule.ESTIMATE, drawn, likely.estimate, values, certain=policy.estimate_share == 1, rested=rested
        )
    if policy.share or policy.hours or policy.large:
        drawn = seed.draw("share")
        values = {
            "drawn": _written(drawn),
            "chance": f"{likely.share:f}",
            "share": f"{_share_now(policy, cart, history):f}",
            "loyalty": _written(_loyalty(policy, cart)),
            "risk": _written(risk_factor(policy.risk, history, cart.at)),
        }
        certain = _share_now(policy, cart, history) == likely.share == 1
        yield _drawn(Rule.SHARE, drawn, likely.share, values, certain=certain, rested=rested)


def _drawn(
    rule: Rule, drawn: Fraction, likely: Decimal, values: dict[str, str], *, certain: bool, rested: bool
) -> Ruling:
    struck = drawn < Fraction(likely)
    return Ruling(rule=rule, struck=struck, rests=rested and not likely, by_chance=not certain, values=values)


def _limits(policy: Policy, cart: CheckedCart, history: History) -> Iterator[Ruling]:
    rests, joined = paused(policy, cart), _joined(policy, cart, history)
    if policy.first_purchases:
        struck = history.bought < policy.first_purchases
        values = {"bought": str(history.bought), "first": str(policy.first_purchases)}
        yield Ruling(rule=Rule.FIRST_PURCHASE, struck=struck and not rests, rests=rests, values=values)
    if policy.total_over is not None:
        total = _total(policy, cart, history)
        struck = total > policy.total_over
        values = {"total": f"{total:f}", "over": f"{policy.total_over:f}"}
        yield Ruling(rule=Rule.TOTAL, struck=struck and not rests, rests=rests, values=values)
    if policy.pieces_over is not None:
        pieces = sum((purchase.pieces for purchase in joined), cart.pieces)
        struck = pieces > policy.pieces_over
        values = {"pieces": str(pieces), "over": str(policy.pieces_over)}
        yield Ruling(rule=Rule.PIECES, struck=struck and not rests, rests=rests, values=values)


def _goods(policy: Policy, cart: CheckedCart, history: History, seed: Seed) -> Iterator[Ruling]:
    drawn = seed.draw("goods")
    for rule in policy.goods:
        by_chance = rule.share < 1
        rests = paused(policy, cart) or (by_chance and _chosen_enough(policy, cart, history))
        pieces = _pieces_of(rule, cart)
        struck = pieces >= rule.pieces_from and drawn < Fraction(rule.share) and not rests
        values = {"name": rule.name, "pieces": str(pieces), "from": str(rule.pieces_from)}
        if by_chance:
            values |= {"drawn": _written(drawn), "chance": f"{rule.share:f}"}
        yield Ruling(rule=Rule.GOODS, struck=struck, rests=rests, by_chance=by_chance, values=values)


def _escapes(policy: Policy, cart: CheckedCart, history: History) -> Iterator[Ruling]:
    if policy.after_failed:
        since = _purchases_since_failed(history)
        struck = since is not None and since < policy.after_failed
        values = {"since": "–" if since is None else str(since), "purchases": str(policy.after_failed)}
        yield Ruling(rule=Rule.AFTER_FAILED, struck=struck, values=values)
    if policy.left_check_hours:
        left = _left(history)
        struck = left is not None and cart.at - left < timedelta(hours=policy.left_check_hours)
        values = {"hours": str(policy.left_check_hours)}
        yield Ruling(rule=Rule.LEFT, struck=struck, values=values)
    if policy.elsewhere_minutes:
        within = timedelta(minutes=policy.elsewhere_minutes)
        struck = any(cart.at - other.at < within for other in history.elsewhere)
        values = {"minutes": str(policy.elsewhere_minutes)}
        yield Ruling(rule=Rule.ELSEWHERE, struck=struck, values=values)


def _share_now(policy: Policy, cart: CheckedCart, history: History) -> Decimal:
    hours = (rule.share for rule in policy.hours if in_hours(rule, cart.weekday, cart.time))
    total = _total(policy, cart, history) if policy.large else cart.total
    large = (rule.share for rule in policy.large if total > rule.over)
    return max((max(hours, default=policy.share), *large))


def _total(policy: Policy, cart: CheckedCart, history: History) -> Decimal:
    """What the cart comes to with what it counts as one purchase with."""
    return sum((purchase.total for purchase in _joined(policy, cart, history)), cart.total)


def _loyalty(policy: Policy, cart: CheckedCart) -> Fraction:
    fitting = (
        rule.factor for rule in policy.loyalty if cart.member and rule.code in (None, *cart.card_codes)
    )
    return Fraction(min(fitting, default=Decimal(1)))


def _chosen_enough(policy: Policy, cart: CheckedCart, history: History) -> bool:
    latest = history.purchases[: policy.limits.in_a_row]
    running = len(latest) == policy.limits.in_a_row and all(purchase.by_chance for purchase in latest)
    in_week = sum(purchase.by_chance and cart.at - purchase.at < _WEEK for purchase in history.purchases)
    return running or (policy.limits.a_week is not None and in_week >= policy.limits.a_week)


def _joined(policy: Policy, cart: CheckedCart, history: History) -> list[PastPurchase]:
    """What the shopper bought there just before, so that a purchase is not split to stay below a limit."""
    within = timedelta(minutes=policy.together_minutes)
    return [purchase for purchase in history.purchases if cart.at - purchase.at < within]


def _pieces_of(rule: GoodsRule, cart: CheckedCart) -> int:
    barcodes, categories = frozenset(rule.barcodes), frozenset(rule.categories)
    risky = (
        line for line in cart.lines if line.barcode in barcodes or not categories.isdisjoint(line.categories)
    )
    return sum(line.pieces for line in risky)


def _purchases_since_failed(history: History) -> int | None:
    """How many purchases were begun after the latest check that failed; None where none did."""
    failed = max((check.at for check in history.checks if check.ending is Ending.FAILED), default=None)
    return None if failed is None else sum(purchase.began > failed for purchase in history.purchases)


def _left(history: History) -> UtcMillis | None:
    """When the shopper left a check that was due, and none has taken place since; None where that is not so."""
    goods = [check for check in history.checks if check.depth is not Depth.AGE]
    latest = max(goods, key=lambda check: check.at, default=None)
    return latest.at if latest and latest.ending is Ending.LEFT else None


def _probability(share: Fraction) -> Decimal:
    return Decimal(min(round(share * _MILLION), _MILLION)) / _MILLION


def _written(number: Fraction) -> str:
    return f"{Decimal(round(number * _MILLION)) / _MILLION:f}"
