"""Decisions on checks: what enters them, gathered from the rooms, and what follows.

What may enter is written down in docs/explanation/checks.md, and a test compares the two.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from smarts.campaigns import PricedCart, PricedLine
from smarts.control import (
    AgeSeen,
    CheckedCart,
    CheckedLine,
    Depth,
    Ending,
    History,
    Inputs,
    Knowledge,
    PastCheck,
    PastPurchase,
    Policy,
    Reason,
    Seed,
    UnderWay,
    decide,
    inputs_digest,
)
from smarts.control.reasons import MIN_AGE
from smarts.gateway.carts import rules as cart_rules
from smarts.gateway.carts.model import Cart
from smarts.gateway.carts.service import Carts
from smarts.gateway.carts.view import priced
from smarts.gateway.control.age_service import AgesSeen
from smarts.gateway.control.lessons import Lessons
from smarts.gateway.control.policies import Policies
from smarts.gateway.control.policy_store import Decided, DecisionOfShopper
from smarts.gateway.control.service import Control
from smarts.gateway.control.store import CheckState
from smarts.gateway.invoices.service import Invoices
from smarts.gateway.invoices.store import ShopperPurchase
from smarts.gateway.parties import Store
from smarts.gateway.stores.service import Stores
from smarts.wire.control import Decision
from smarts.wire.times import TimeOfDay, UtcMillis, Weekday

REMEMBERED = timedelta(days=60)  # so that it is out of every decision before it is forgotten
MOST_REMEMBERED = 50

_ENDINGS = {
    CheckState.PASSED: Ending.PASSED,
    CheckState.FAILED: Ending.FAILED,
    CheckState.FAILED_ALLOW_PAYMENT: Ending.FAILED,
    CheckState.CANCELLED: Ending.LEFT,
}


class Deciding:
    """The decisions of all stores."""

    def __init__(
        self,
        control: Control,
        policies: Policies,
        lessons: Lessons,
        ages: AgesSeen,
        carts: Carts,
        invoices: Invoices,
        stores: Stores,
    ) -> None:
        self._control = control
        self._policies = policies
        self._lessons = lessons
        self._ages = ages
        self._carts = carts
        self._invoices = invoices
        self._stores = stores

    async def decide(self, cart: Cart, store: Store, node: Decision | None, now: datetime) -> Decided:
        """The decision on a cart; `node` is what the node decided, None where it should have and did not."""
        saved = await self._policies.in_force(store.institution_id)
        history, seed = await self._past(cart, store, saved.policy, now)
        knowledge = await self._knowledge(cart, store, saved.policy)
        inputs = Inputs(
            cart=checked_cart(cart, node, now), history=history, seed=seed.hex(), knowledge=knowledge
        )
        return Decided(
            saved.version,
            inputs,
            decide(saved.policy, inputs.cart, history, seed, knowledge),
            inputs_digest(saved.policy, inputs),
            cart.person_id,
            now,
        )

    async def _past(self, cart: Cart, store: Store, policy: Policy, now: datetime) -> tuple[History, Seed]:
        institution_id, person_id, since = store.institution_id, cart.person_id, now - REMEMBERED
        bought = await self._invoices.of_shopper(institution_id, person_id, MOST_REMEMBERED)
        made = await self._control.decisions_on(institution_id, person_id, since, MOST_REMEMBERED)
        latest = bought[0].invoice_id if bought else None
        history = History(
            bought=len(bought),
            purchases=tuple(_purchases([each for each in bought if each.paid_at > since], made)),
            checks=tuple(_checks(made)),
            elsewhere=await self._elsewhere(cart, store, policy, now),
            ages=await self._ages_seen(cart, store, policy, now),
        )
        return history, await self._control.seed(institution_id, person_id, latest)

    async def _ages_seen(
        self, cart: Cart, store: Store, policy: Policy, now: datetime
    ) -> tuple[AgeSeen, ...]:
        if not policy.age_days:
            return ()
        return tuple(await self._ages.of(store.merchant_id, cart.person_id, now))

    async def _knowledge(self, cart: Cart, store: Store, policy: Policy) -> Knowledge:
        if policy.rescan.seconds is None:
            return Knowledge()
        return await self._lessons.known(store.institution_id, [line.product.barcode for line in cart.lines])

    async def _elsewhere(
        self, cart: Cart, store: Store, policy: Policy, now: datetime
    ) -> tuple[UnderWay, ...]:
        if not policy.elsewhere_minutes:
            return ()
        others = [
            each for each in await self._stores.of_merchant(store.merchant_id) if each != store.institution_id
        ]
        since = now - timedelta(minutes=policy.elsewhere_minutes)
        touched = await self._carts.touched_since(cart.person_id, others, since)
        return tuple(UnderWay(at=UtcMillis.of(moment)) for moment in touched)


def checked_cart(cart: Cart, node: Decision | None, now: datetime) -> CheckedCart:
    """What of a cart enters a decision."""
    prices, local = priced(cart), now.astimezone(cart.head.time_zone.zone)
    reasons = cart_rules.check_reasons(cart, now)
    return CheckedCart(
        at=UtcMillis.of(now),
        weekday=tuple(Weekday)[local.weekday()],
        time=TimeOfDay(local.hour, local.minute, local.second),
        currency=cart.head.currency,
        lines=tuple(_lines(prices, reasons)),
        total=prices.total.total_to_pay,
        pieces=int(sum(line.line.pieces for line in prices.lines)),
        member=cart.head.member,
        card_codes=cart.head.card_codes,
        node=node,
        goods=reasons,
    )


def _lines(prices: PricedCart, reasons: Sequence[Reason]) -> Iterable[CheckedLine]:
    inspected = {reason.line_id for reason in reasons if reason.code != MIN_AGE}
    return (_line(line, inspected=line.key in inspected) for line in prices.lines)


def _line(line: PricedLine, *, inspected: bool) -> CheckedLine:
    product = line.line.product
    return CheckedLine(
        barcode=product.barcode,
        categories=tuple(category.id for category in product.categories),
        quantity=line.line.quantity,
        pieces=int(line.line.pieces),
        weighed=bool(product.weight_item),
        unit_price=product.price.total,
        total=line.row_total,
        inspected=inspected,
    )


def _purchases(
    bought: Sequence[ShopperPurchase], made: Sequence[DecisionOfShopper]
) -> Iterable[PastPurchase]:
    known = {each.invoice_id: each for each in made}
    for each in bought:
        decision = known.get(each.invoice_id)
        yield PastPurchase(
            at=UtcMillis.of(each.paid_at),
            began=UtcMillis.of(each.begun_at or each.paid_at),
            total=each.total,
            pieces=decision.pieces if decision else 0,
            by_chance=decision is not None and decision.by_chance,
        )


def _checks(made: Sequence[DecisionOfShopper]) -> Iterable[PastCheck]:
    for each in made:
        if each.decision != Decision.NO:
            yield PastCheck(
                at=UtcMillis.of(each.decided_at),
                depth=_depth(each),
                ending=_ending(each),
                missing=each.missing,
            )


def _depth(made: DecisionOfShopper) -> Depth:
    if made.decision == Decision.AGE:
        return Depth.AGE
    return Depth.FULL if made.outcome.rescan is None else Depth.PART


def _ending(made: DecisionOfShopper) -> Ending:
    ending = _ENDINGS.get(CheckState(made.status), Ending.UNDONE)
    return Ending.CORRECTED if ending is Ending.PASSED and made.missing > Decimal(0) else ending
