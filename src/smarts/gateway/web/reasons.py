"""What staff look at in a check: ages with the goods that they are for, and whatever else is a reason."""

from dataclasses import dataclass
from datetime import date

from smarts.control import Reason
from smarts.gateway.carts.inspections import born_by
from smarts.gateway.carts.view import CartDocument
from smarts.wire.text import Translatable


@dataclass(frozen=True)
class AgeLimit:
    """An age that the shopper needs; `latest` is the last day of birth of who has it today."""

    age: int
    latest: date | None
    goods: tuple[Translatable, ...]


@dataclass(frozen=True)
class GoodsReason:
    """A reason, and the goods that it is about, where it is about some."""

    reason: Reason
    goods: Translatable | None


def age_limits(cart: CartDocument, today: date) -> tuple[AgeLimit, ...]:
    """The ages that a cart's check is about, the highest first."""
    found: dict[int, list[Translatable]] = {}
    for each in _reasons(cart):
        if each.goods and _is_age(each.reason):
            found.setdefault(int(each.reason.parameters["age"]), []).append(each.goods)
    return tuple(AgeLimit(age, born_by(age, today), tuple(found[age])) for age in sorted(found, reverse=True))


def other_reasons(cart: CartDocument) -> tuple[GoodsReason, ...]:
    """What else a cart's check is about."""
    return tuple(each for each in _reasons(cart) if not (each.goods and _is_age(each.reason)))


def _is_age(reason: Reason) -> bool:
    # Carts that were locked by an older release have sentences alone.
    return reason.code == "MIN_AGE" and "age" in reason.parameters


def _reasons(cart: CartDocument) -> tuple[GoodsReason, ...]:
    names = {line.line_id: line.product.translatable_name for line in cart.lines}
    reasons = cart.check.reasons if cart.check else ()
    return tuple(GoodsReason(reason, names.get(reason.line_id or "")) for reason in reasons)
