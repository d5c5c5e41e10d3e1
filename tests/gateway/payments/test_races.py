"""Two who do something with the same payment in the same instant."""

import asyncio
from decimal import Decimal
from uuid import uuid4

from gateway.payments.benches import NOTHING, Bench, Money
from gateway.payments.purchases import TEN, Till, refusal
from smarts.gateway.payments.providers import Answered, Outcome

ROUNDS = 5


async def test_of_several_payments_of_a_cart_one_begins(till: Till) -> None:
    """The others are told that one is under way."""
    cart_id = await till.cart()
    refused = await asyncio.gather(*(refusal(till.begin(till.payment_of(cart_id))) for _ in range(8)))
    assert sorted(refused) == ["", *["payment-under-way"] * 7]


async def test_of_two_captures_one_takes_the_money(till: Till, bench: Bench) -> None:
    """The other is told that something is under way."""
    payment = await till.paid(bench.good)
    refused = await asyncio.gather(*(refusal(till.capture(payment, "4.00")) for _ in range(4)))
    assert refused.count("") == 1
    assert set(refused) <= {"", "payment-step-under-way", "payment-not-held"}
    assert await bench.books(payment.id) == Money(taken=Decimal(4))
    assert await till.charged(payment) == Decimal(4)


async def test_money_is_either_taken_or_let_go(till: Till, bench: Bench) -> None:
    """A capture and a release at once: one of them is refused, and the books agree with the other."""
    for _ in range(ROUNDS):
        payment = await till.paid(bench.good)
        capture, release = await asyncio.gather(
            refusal(till.capture(payment)), refusal(till.release(payment))
        )
        assert [capture, release].count("") == 1
        await till.work()
        money = await bench.books(payment.id)
        assert money == (Money(taken=TEN) if capture == "" else Money())
        assert await till.charged(payment) == money.taken
        assert (await till.look(payment)).status == ("CAPTURED" if capture == "" else "RELEASED")


async def test_the_same_refund_twice_at_once_is_one(till: Till, bench: Bench) -> None:
    """By the same step's id, money is given back once."""
    payment = await till.paid(bench.good, capture=True)
    step_id = str(uuid4())
    await asyncio.gather(*(till.refund(payment, "4.00", step_id) for _ in range(4)))
    await till.work()
    assert await bench.books(payment.id) == Money(NOTHING, TEN, Decimal(4))
    assert await till.charged(payment) == Decimal(6)


async def test_refunds_at_once_give_back_no_more_than_was_taken(till: Till, bench: Bench) -> None:
    """Of five refunds of four euros, two fit into ten."""
    payment = await till.paid(bench.good, capture=True)
    refused = await asyncio.gather(*(refusal(till.refund(payment, "4.00")) for _ in range(5)))
    assert sorted(refused) == ["", "", *["amount-too-large"] * 3]
    await till.work()
    assert await bench.books(payment.id) == Money(NOTHING, TEN, Decimal(8))
    assert await till.charged(payment) == Decimal(2)


async def test_a_step_that_several_workers_carry_out_is_done_once(till: Till, bench: Bench) -> None:
    """A worker that lost its lease does no harm: the step is asked about, and entered once."""
    payment = await till.paid(bench.good)
    await till.release(payment)
    ((_, step_id),) = await till.messages()
    answers = await asyncio.gather(*(till.payments.carry_out(step_id) for _ in range(4)))
    assert [answered.outcome for answered in answers] == [Outcome.DONE] * 4
    entries = (await till.payments.books(till.store_id, payment.invoice_id)).entries
    assert [entry.step_id for entry in entries].count(step_id) == 2
    assert await bench.books(payment.id) == Money()


async def test_of_two_ends_of_a_payment_one_is_written(till: Till) -> None:
    """Whoever comes second is told so, whatever the first one wrote."""
    for _ in range(ROUNDS):
        payment = await till.begun()
        ends = [Answered(Outcome.DONE), Answered(Outcome.DECLINED, "no")]
        written = await asyncio.gather(*(till.finish(payment, end) for end in ends))
        assert sorted(written) == [False, True]
        status = (await till.look(payment)).status
        assert status == ("AUTHORISED" if written[0] else "DECLINED")
