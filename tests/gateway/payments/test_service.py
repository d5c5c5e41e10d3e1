"""Payments at either provider: what is written down, what is refused, what is asked again."""

from datetime import timedelta
from decimal import Decimal

import pytest

from gateway.payments.benches import NOTHING, Bench, Money, SandboxBench, StripeBench
from gateway.payments.purchases import TEN, Till, now, refusal
from smarts.gateway.payments import sandbox
from smarts.gateway.payments.providers import Answered, Outcome
from smarts.gateway.payments.service import (
    CAPTURE_PAYMENT,
    REFUND_PAYMENT,
    RELEASE_PAYMENT,
    SETTLE_PAYMENT,
    Payments,
)
from smarts.gateway.payments.store import Payment
from smarts.gateway.storage.database import Database
from smarts.wire.errors import ProblemError


def stands(payment: Payment) -> tuple[str, Decimal, Decimal]:
    """How a payment stands: its status, what was taken, what was given back."""
    return payment.status, payment.captured, payment.refunded


async def steps(till: Till, payment: Payment) -> list[tuple[str, str]]:
    """The kinds of a payment's steps, and how they stand."""
    books = await till.payments.books(till.store_id, payment.invoice_id)
    return [(step.kind, step.status) for step in books.steps]


async def test_a_purchase_is_held_taken_in_part_and_given_back(till: Till, bench: Bench) -> None:
    """Each step is written down, and the ledger and the provider's own books say the same."""
    payment = await till.paid(bench.good)
    assert stands(payment) == ("AUTHORISED", NOTHING, NOTHING)
    assert await till.charged(payment) == 0
    assert (await till.capture(payment, "4.00")).outcome is Outcome.DONE
    assert stands(await till.look(payment)) == ("CAPTURED", Decimal(4), NOTHING)
    assert await till.charged(payment) == Decimal("4.00")
    await till.refund(payment, "1.50")
    assert await till.charged(payment) == Decimal("4.00")
    await till.work()
    assert stands(await till.look(payment)) == ("CAPTURED", Decimal(4), Decimal("1.5"))
    assert await till.charged(payment) == Decimal("2.50")
    await till.refund(payment, None)
    await till.work()
    assert stands(await till.look(payment)) == ("REFUNDED", Decimal(4), Decimal(4))
    assert await till.charged(payment) == 0
    assert await bench.books(payment.id) == Money(NOTHING, Decimal(4), Decimal(4))
    done = [("AUTHORISE", "DONE"), ("CAPTURE", "DONE"), ("REFUND", "DONE"), ("REFUND", "DONE")]
    assert await steps(till, payment) == done
    assert await till.messages() == []


async def test_money_that_is_held_is_surely_let_go(till: Till, bench: Bench) -> None:
    """Asking for it twice is asking once; the worker has it done, and nothing was charged."""
    payment = await till.paid(bench.good)
    for _ in range(2):
        await till.release(payment)
    assert [kind for kind, _ in await till.messages()] == [RELEASE_PAYMENT]
    assert (await till.look(payment)).status == "AUTHORISED"
    await till.work()
    await till.release(payment)
    assert stands(await till.look(payment)) == ("RELEASED", NOTHING, NOTHING)
    assert await bench.books(payment.id) == Money()
    assert (await till.charged(payment), await till.messages()) == (0, [])


async def test_an_unknown_payment_is_asked_about_until_it_is_known(till: Till, bench: Bench) -> None:
    """The answer of a sale is lost: the message stays until the provider has told, and it is taken once."""
    payment = await till.paid(bench.lose_answer(), capture=True)
    assert payment.status == "UNKNOWN"
    assert await till.messages() == [(SETTLE_PAYMENT, payment.id)]
    await till.work()
    assert stands(await till.look(payment)) == ("CAPTURED", TEN, NOTHING)
    assert (await till.charged(payment), await till.messages()) == (TEN, [])
    assert await bench.books(payment.id) == Money(taken=TEN)


async def test_a_payment_whose_process_died_is_declined_and_another_can_be_made(
    till: Till, bench: Bench
) -> None:
    """It was written down, the provider never heard of it: it becomes declined, and the cart can be paid."""
    payment = await till.begun()
    assert (await till.finish(payment, await till.payments.ask_again(payment))) is True
    assert (await till.look(payment)).status == "DECLINED"
    assert await till.finish(payment, Answered(Outcome.DONE)) is False
    again = till.payment_of(payment.cart_id)
    await till.begin(again)
    assert await till.finish(again, await till.payments.authorise(again, bench.good))
    assert (await till.look(again)).status == "AUTHORISED"


async def test_an_unknown_capture_is_asked_about_until_it_is_known(till: Till, bench: Bench) -> None:
    """Its answer is lost: the money is still written as held, nothing else may be done with it, then it is taken."""
    payment = await till.paid(bench.lose_capture_answer())
    step_id = await till.begin_capture(payment, "4.00")
    assert (await till.finish_capture(step_id)).outcome is Outcome.UNKNOWN
    assert stands(await till.look(payment)) == ("AUTHORISED", NOTHING, NOTHING)
    assert await refusal(till.release(payment)) == "payment-step-under-way"
    assert await refusal(till.begin_capture(payment)) == "payment-step-under-way"
    assert await till.messages() == [(CAPTURE_PAYMENT, step_id)]
    await till.work()
    assert stands(await till.look(payment)) == ("CAPTURED", Decimal(4), NOTHING)
    assert (await till.payments.capture(step_id)).outcome is Outcome.DONE
    assert await bench.books(payment.id) == Money(taken=Decimal(4))


async def test_an_unknown_refund_is_asked_about_until_it_is_known(till: Till, bench: Bench) -> None:
    """Its answer is lost: the message stays, and the money is given back once."""
    payment = await till.paid(bench.lose_refund_answer(), capture=True)
    await till.refund(payment, "4.00")
    await till.work()
    assert [kind for kind, _ in await till.messages()] == [REFUND_PAYMENT]
    assert await till.charged(payment) == TEN
    await till.work()
    assert (await till.charged(payment), await till.messages()) == (Decimal(6), [])
    assert await bench.books(payment.id) == Money(NOTHING, TEN, Decimal(4))


async def test_nothing_left_to_take_lets_all_go(till: Till, bench: Bench) -> None:
    """An order of which nothing could be picked is captured with nothing."""
    payment = await till.paid(bench.good)
    assert (await till.capture(payment, "0")).outcome is Outcome.DONE
    assert stands(await till.look(payment)) == ("CAPTURED", NOTHING, NOTHING)
    assert (await bench.books(payment.id), await till.charged(payment)) == (Money(), 0)


async def test_a_payment_of_nothing_does_not_trouble_the_provider(till: Till) -> None:
    """A cart that campaigns made free is paid, held, taken and let go without a provider."""
    no_card = "none that any provider knows"
    taken, let_go = [await till.paid(no_card, amount=NOTHING) for _ in range(2)]
    assert (await till.capture(taken, "0")).outcome is Outcome.DONE
    await till.release(let_go)
    await till.work()
    assert [(await till.look(each)).status for each in (taken, let_go)] == ["CAPTURED", "RELEASED"]
    assert (await till.paid(no_card, amount=NOTHING, capture=True)).status == "CAPTURED"


async def test_a_shopper_confirms_before_the_payment_counts(till: Till, bench: Bench) -> None:
    """It is PENDING until then, and becomes known without the shopper's asking."""
    payment = await till.paid(bench.to_be_confirmed)
    assert payment.status == "PENDING"
    await till.work()
    assert (await till.look(payment)).status == "PENDING"
    await bench.confirm(payment.id)
    await till.work()
    assert (await till.look(payment)).status == "AUTHORISED"
    assert await till.messages() == []


async def test_a_refused_capture_leaves_the_money_held(sandbox_till: Till) -> None:
    """It can be let go then."""
    payment = await sandbox_till.paid(sandbox.DECLINED_CAPTURE_CARD)
    assert (await sandbox_till.capture(payment)).outcome is Outcome.DECLINED
    assert (await sandbox_till.look(payment)).status == "AUTHORISED"
    await sandbox_till.release(payment)
    await sandbox_till.work()
    assert (await sandbox_till.look(payment)).status == "RELEASED"


async def test_a_refund_that_the_provider_refuses_can_be_asked_for_anew(
    sandbox_till: Till, books: Database
) -> None:
    """Somebody gave the money back at the provider: the refund is declined and the ledger stays as it was."""
    payment = await sandbox_till.paid(capture=True)
    async with books.connection() as connection:
        await connection.execute("UPDATE sandbox_charges SET captured = 3 WHERE id = $1", payment.id)
    await sandbox_till.refund(payment, None)
    await sandbox_till.work()
    assert (await steps(sandbox_till, payment))[-1] == ("REFUND", "DECLINED")
    assert await sandbox_till.charged(payment) == TEN
    await sandbox_till.refund(payment, "3.00")
    await sandbox_till.work()
    assert await sandbox_till.charged(payment) == Decimal(7)


async def test_a_provider_that_takes_too_long_is_not_waited_for(books: Database, stripe: StripeBench) -> None:
    """The outcome is unknown after the patience, and found later."""
    till = Till(books, Payments(books, [stripe.provider], now, patience_seconds=0.1), stripe.provider)
    await till.open()
    answer = stripe.proxy.hold_answer("POST .*/confirm$")
    payment = await till.paid(stripe.good)
    assert payment.status == "UNKNOWN"
    answer.go_on.set()
    patient = Till(books, Payments(books, [stripe.provider], now), stripe.provider, till.store_id)
    await patient.work()
    assert (await patient.look(payment)).status == "AUTHORISED"


async def test_a_provider_that_is_not_offered_any_more_leaves_money_where_it_is(sandbox_till: Till) -> None:
    """Its refunds wait for it to come back; new payments are told which methods there are."""
    payment = await sandbox_till.paid(capture=True)
    await sandbox_till.refund(payment, None)
    without = Payments(sandbox_till.database, [], now)
    ((_, step_id),) = await sandbox_till.messages()
    assert (await without.carry_out(step_id)).outcome is Outcome.UNKNOWN
    assert await sandbox_till.charged(payment) == TEN
    with pytest.raises(ProblemError) as refused:
        without.provider("SANDBOX")
    assert refused.value.problem.status == 422
    assert (await sandbox_till.payments.carry_out(step_id)).outcome is Outcome.DONE
    assert await sandbox_till.charged(payment) == 0


async def test_what_a_payment_does_not_allow_is_refused(sandbox_till: Till) -> None:
    """Money is taken and let go only while it is held, given back only when it was taken, never more than there is."""
    till = sandbox_till
    pending, declined = await till.begun(), await till.paid(sandbox.DECLINED_CARD)
    held, taken = await till.paid(), await till.paid(capture=True)
    assert await refusal(till.begin(till.payment_of(held.cart_id))) == "payment-under-way"
    assert await refusal(till.begin(till.payment_of(taken.cart_id))) == "payment-under-way"
    for payment in (pending, declined, taken):
        assert await refusal(till.begin_capture(payment)) == "payment-not-held"
    assert await refusal(till.begin_capture(held, "10.01")) == "amount-too-large"
    assert await refusal(till.release(taken)) == "payment-not-held"
    assert await refusal(till.release(pending)) == "payment-step-under-way"
    assert await refusal(till.release(declined)) == ""
    for payment in (pending, declined, held):
        assert await refusal(till.refund(payment, "1.00")) == "payment-not-taken"
    assert await refusal(till.refund(taken, "10.01")) == "amount-too-large"
    await till.refund(taken, "6.00")
    assert await refusal(till.refund(taken, "4.01")) == "amount-too-large"
    await till.refund(taken, "4.00")
    assert await refusal(till.refund(taken, "0.01")) == "amount-too-large"
    await till.refund(taken, None)
    assert [kind for kind, _ in await till.messages()].count(REFUND_PAYMENT) == 2


async def test_held_money_whose_time_is_over_is_not_taken(books: Database) -> None:
    """The payment knows until when, the capture is declined, and letting go works."""
    provider = SandboxBench(books, timedelta(0)).provider
    till = Till(books, Payments(books, [provider], now), provider)
    await till.open()
    payment = await till.paid()
    assert payment.expires_at
    assert payment.expires_at <= now()
    assert (await till.capture(payment)).outcome is Outcome.DECLINED
    await till.release(payment)
    await till.work()
    assert (await till.look(payment)).status == "RELEASED"


async def test_an_event_has_a_payment_asked_about_at_once_and_once(sandbox_till: Till) -> None:
    """The same event twice is one message, and one about no payment of ours is none."""
    payment = await sandbox_till.paid(sandbox.LOST_ANSWER_CARD)
    for reason in ("event-1", "event-1", "event-2"):
        await sandbox_till.payments.ask_soon(payment.id, f"{reason} of {payment.id}")
    await sandbox_till.payments.ask_soon("no payment", "event-3")
    assert await sandbox_till.messages() == [(SETTLE_PAYMENT, payment.id)] * 3
    await sandbox_till.work()
    assert (await sandbox_till.look(payment)).status == "AUTHORISED"
