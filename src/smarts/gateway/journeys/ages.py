"""Ages seen once: where staff of a merchant's stores have seen a shopper's age, others need not look again for a time.

Only a check that PASSED shows an age, and only for goods that are still in the cart: what was taken out may have been
taken out because the shopper is too young.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from smarts.control import AgeSeen, CheckedCart, History, Reason
from smarts.control.reasons import MIN_AGE
from smarts.gateway.carts import inspections
from smarts.gateway.carts.model import Cart
from smarts.gateway.control.age_service import AgesSeen
from smarts.gateway.control.policies import Policies
from smarts.gateway.control.store import Check
from smarts.gateway.parties import Store
from smarts.gateway.storage.writes import Write
from smarts.wire.control import CheckStatus
from smarts.wire.times import UtcMillis


class Ages:
    """What checks show of ages, kept as long as the policy of the store believes it."""

    def __init__(self, seen: AgesSeen, policies: Policies) -> None:
        self._seen = seen
        self._policies = policies

    async def believed(self, store: Store) -> timedelta:
        """How long a store believes from now on what its staff see."""
        return timedelta(days=(await self._policies.in_force(store.institution_id)).policy.age_days)

    def keeping(
        self, store: Store, believed: timedelta, check: Check, after: Cart, now: datetime
    ) -> tuple[Write, ...]:
        """What keeps the age that a check has shown as long as it is believed; `after` is the cart that came of it."""
        age = shown(check, after, now)
        if not believed or age is None:
            return ()
        seen = AgeSeen(at=UtcMillis.of(now), age=age)
        return (self._seen.keeping(store.merchant_id, after.person_id, seen, now + believed),)


def shown(check: Check, after: Cart, now: datetime) -> int | None:
    """The highest age that staff were asked to look at, of those for goods that are in the cart yet.

    None where nothing was seen: the check did not pass, or was about no age.
    """
    zone = after.head.time_zone
    left = (reason for line in after.lines for reason in inspections.checks(line, now, zone))
    passed = after.head.check is not None and after.head.check.status is CheckStatus.PASSED
    return max(_ages(check.reasons) & _ages(left), default=None) if passed else None


def relied_on(cart: CheckedCart, reasons: Iterable[Reason], history: History) -> AgeSeen | None:
    """By which age, seen before, a decision did without a look that the goods of the cart ask for.

    `reasons` are those that are left.
    """
    spared = _ages(cart.goods) - _ages(reasons)
    enough = (fact for fact in history.ages if spared and fact.age >= max(spared))
    return max(enough, key=lambda fact: fact.at, default=None)


def _ages(reasons: Iterable[Reason]) -> set[int]:
    # Carts that were locked by an older release have sentences alone.
    return {
        int(each.parameters["age"]) for each in reasons if each.code == MIN_AGE and "age" in each.parameters
    }
