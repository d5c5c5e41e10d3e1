"""The table of an order's life: what can be derived from it must hold, whatever rows it gets."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smarts.gateway.orders import rules
from smarts.gateway.orders.model import Actor, Capturing, Change, Details, OrderRecord, Picking
from smarts.gateway.orders.rules import FINAL, MONEY, TABLE, Money, Movement, movement
from smarts.wire.errors import ProblemError
from smarts.wire.money import Currency
from smarts.wire.orders import OrderProduct
from smarts.wire.shipments import Shipment, ShipmentMethod, ShipmentStatus
from smarts.wire.times import TimeZone

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
STATUSES = tuple(ShipmentStatus)


def an_order(status: ShipmentStatus, method: ShipmentMethod = ShipmentMethod.COURIER) -> OrderRecord:
    """An order that has come so far."""
    details = Details(
        shipment=Shipment(method=method),
        currency=Currency.EUR,
        total=Decimal("6.63"),
        time_zone=TimeZone("Europe/Tallinn"),
        payment_id="p",
    )
    return OrderRecord(
        id="o",
        institution_id="i",
        person_id="s",
        cart_id="c",
        invoice_id="v",
        status=status,
        details=details,
        created_at=NOW,
    )


def next_of(status: ShipmentStatus, method: ShipmentMethod) -> Iterator[ShipmentStatus]:
    for actor in Actor:
        yield from rules.allowed(status, method, actor)


def reachable(start: ShipmentStatus, method: ShipmentMethod) -> set[ShipmentStatus]:
    """Where an order that is brought this way can get to."""
    seen, new = set[ShipmentStatus](), {start}
    while new:
        seen |= new
        new = {after for before in new for after in next_of(before, method)} - seen
    return seen


def test_no_change_stands_in_the_table_twice() -> None:
    """Each change has one actor: a second row would silently replace the first."""
    written = [pair for befores, afters, *_ in rules._ROWS for pair in product(befores, afters)]
    assert len(written) == len(set(written)) == len(TABLE)


def test_every_status_has_its_money_and_final_ones_have_no_way_out() -> None:
    """Eleven statuses; an order ends completed, cancelled or missed, and nowhere else."""
    assert set(MONEY) == set(STATUSES)
    assert {status for status in STATUSES if MONEY[status] is Money.GIVEN_BACK} == FINAL - {
        ShipmentStatus.COMPLETED
    }
    assert not [pair for pair in TABLE if pair[0] in FINAL]


@pytest.mark.parametrize("method", ShipmentMethod)
def test_every_order_can_be_completed_and_can_be_ended(method: ShipmentMethod) -> None:
    """From the draft by each way of delivery, and from wherever it is to a status that gives the money back."""
    for status in reachable(ShipmentStatus.DRAFT, method) - FINAL:
        ends = reachable(status, method)
        assert ShipmentStatus.COMPLETED in ends
        assert ShipmentStatus.CANCELLED_BY_INSTITUTION in next_of(status, method)


def test_money_moves_only_as_it_can() -> None:
    """It is never taken without being held, and never comes back from a shopper who has it."""
    can = {
        (Money.NONE, Money.NONE): Movement.NOTHING,
        (Money.NONE, Money.HELD): Movement.AUTHORISE,
        (Money.NONE, Money.GIVEN_BACK): Movement.NOTHING,
        (Money.HELD, Money.HELD): Movement.NOTHING,
        (Money.HELD, Money.TAKEN): Movement.CAPTURE,
        (Money.HELD, Money.GIVEN_BACK): Movement.RELEASE,
        (Money.TAKEN, Money.TAKEN): Movement.NOTHING,
        (Money.TAKEN, Money.GIVEN_BACK): Movement.REFUND,
    }
    for before, after in TABLE:
        assert movement(before, after) is can[MONEY[before], MONEY[after]]


def test_who_does_what_with_money() -> None:
    """Only a payment makes an order, only the store takes money, and no shopper cancels what has gone out."""
    for (before, after), permission in TABLE.items():
        moves = movement(before, after)
        assert (permission.actor is Actor.SYSTEM) or moves is not Movement.AUTHORISE
        assert (permission.actor is Actor.MERCHANT) or moves not in (Movement.CAPTURE, Movement.REFUND)
        assert (permission.actor is Actor.CLIENT) == (after is ShipmentStatus.CANCELLED_BY_CLIENT)


@given(
    st.sampled_from(STATUSES),
    st.sampled_from(STATUSES),
    st.sampled_from(Actor),
    st.sampled_from(ShipmentMethod),
)
def test_the_gate_lets_through_what_the_table_has_and_logs_it(
    before: ShipmentStatus, after: ShipmentStatus, actor: Actor, method: ShipmentMethod
) -> None:
    """Anything else is a 409 that a retry does not help; what is let through ends the order where it is final."""
    order, change = an_order(before, method), Change(status=after, actor=actor, person_name="Jüri")
    permission = TABLE.get((before, after))
    if permission is None or permission.actor is not actor or method not in permission.methods:
        with pytest.raises(ProblemError) as refused:
            rules.require_allowed(order, change)
        assert (refused.value.problem.type, refused.value.problem.retryable) == (
            "order-change-refused",
            False,
        )
        return
    rules.require_allowed(order, change)
    changed = rules.changed(order, change, NOW)
    assert (changed.status, changed.closed_at) == (after, NOW if after in FINAL else None)
    (logged,) = changed.log
    assert (logged.previous, logged.status, logged.actor, logged.person_name) == (
        before,
        after,
        actor,
        "Jüri",
    )


@given(st.sampled_from(STATUSES), st.sampled_from(Actor))
def test_while_money_is_being_taken_every_change_waits(after: ShipmentStatus, actor: Actor) -> None:
    """409, and worth a retry: how it ends decides what is allowed then."""
    sending = Change(status=ShipmentStatus.SHIPPING, actor=Actor.MERCHANT)
    order = rules.capturing(an_order(ShipmentStatus.CONFIRMED), Capturing("step", sending))
    with pytest.raises(ProblemError) as refused:
        rules.require_allowed(order, Change(status=after, actor=actor))
    assert (refused.value.problem.type, refused.value.problem.retryable) == ("order-under-way", True)
    assert rules.changed(order, sending, NOW).details.capturing is None


def row(barcode: str, amount: str) -> OrderProduct:
    return OrderProduct("p", barcode, "Leib", Decimal(amount), Decimal(1))


@given(
    st.dictionaries(st.sampled_from("abcd"), st.integers(1, 9), min_size=1),
    st.lists(st.tuples(st.sampled_from("abcde"), st.integers(-1, 10)), max_size=5),
)
def test_no_more_can_be_picked_than_was_ordered(ordered: dict[str, int], told: list[tuple[str, int]]) -> None:
    """What is taken down is what was told, of what was ordered, and something at least; or the field is named."""
    rows = [row(barcode, str(amount)) for barcode, amount in ordered.items()]
    picks = [row(barcode, str(amount)) for barcode, amount in told]
    each_once = len(dict(told)) == len(told)
    in_bounds = all(0 <= amount <= ordered.get(barcode, -1) for barcode, amount in told)
    if each_once and in_bounds and any(amount for _, amount in told):
        assert rules.picked_amounts(rows, picks) == dict(told)
    else:
        with pytest.raises(ProblemError) as refused:
            rules.picked_amounts(rows, picks)
        assert refused.value.problem.errors[0].path.startswith("$.products")


def test_what_was_picked_stays_until_it_is_told_anew() -> None:
    """Told while packing, it counts when the goods go out; told again then, the newer word counts."""
    few = Picking({"a": Decimal(1)}, (row("a", "1"),), Decimal("1.50"))
    none_told = Change(status=ShipmentStatus.SHIPPING, actor=Actor.MERCHANT)
    packed = rules.changed(
        an_order(ShipmentStatus.CONFIRMED),
        Change(status=ShipmentStatus.ASSEMBLE_READY, actor=Actor.MERCHANT, picking=few),
        NOW,
    )
    assert rules.changed(packed, none_told, NOW).details.total == Decimal("1.50")
    more = Picking({"a": Decimal(2)}, (row("a", "2"),), Decimal(3))
    sent = rules.changed(
        packed, Change(status=ShipmentStatus.SHIPPING, actor=Actor.MERCHANT, picking=more), NOW
    )
    assert (sent.details.picked, sent.details.total) == ({"a": Decimal(2)}, Decimal(3))
