"""Stripe: what crosses on the way, what only Stripe tells, and events."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any

from gateway.payments.benches import NOTHING, Money, StripeBench, stripe_bench
from gateway.payments.purchases import TEN, hold, now, outcome_of, step
from smarts.gateway.payments.providers import Outcome
from smarts.gateway.payments.stripe import Stripe
from smarts.gateway.storage.database import Database


async def test_a_confirmation_that_comes_late_does_not_count(stripe: StripeBench) -> None:
    """It was asked about before Stripe had it: declined, for whoever asked and for whoever comes late."""
    made = hold(card=stripe.good)
    late = stripe.proxy.hold_request("POST .*/confirm$")
    authorising = asyncio.create_task(stripe.provider.authorise(made))
    await late.arrived.wait()
    assert (await stripe.provider.find(made)).outcome is Outcome.DECLINED
    late.go_on.set()
    assert (await authorising).outcome is Outcome.DECLINED
    assert await stripe.books(made.id) == Money()


async def test_a_confirmation_that_crosses_its_cancellation_does_not_count(stripe: StripeBench) -> None:
    """Stripe confirms just before it cancels: both who ask are told that the payment is declined."""
    made = hold(card=stripe.good)
    confirmation = stripe.proxy.hold_request("POST .*/confirm$")
    authorising = asyncio.create_task(stripe.provider.authorise(made))
    await confirmation.arrived.wait()
    cancellation = stripe.proxy.hold_request("POST .*/cancel$")
    finding = asyncio.create_task(stripe.provider.find(made))
    await cancellation.arrived.wait()
    confirmation.go_on.set()
    assert (await authorising).outcome is Outcome.DECLINED
    cancellation.go_on.set()
    assert (await finding).outcome is Outcome.DECLINED
    assert await stripe.books(made.id) == Money()


async def test_whoever_asks_while_the_answer_is_on_its_way_is_told_the_same(stripe: StripeBench) -> None:
    """The money is held: for the one who waits for the answer and for the one who asks in between."""
    made = hold(card=stripe.good, capture=True)
    answer = stripe.proxy.hold_answer("POST .*/confirm$")
    authorising = asyncio.create_task(stripe.provider.authorise(made))
    await answer.arrived.wait()
    assert (await stripe.provider.find(made)).outcome is Outcome.DONE
    answer.go_on.set()
    assert (await authorising).outcome is Outcome.DONE
    assert await stripe.books(made.id) == Money(taken=TEN)


async def test_an_intent_that_is_made_late_is_cancelled(stripe: StripeBench) -> None:
    """The payment was asked about before its intent was made: the intent is never confirmed."""
    made = hold(card=stripe.good)
    late = stripe.proxy.hold_request("POST /v1/payment_intents$")
    authorising = asyncio.create_task(stripe.provider.authorise(made))
    await late.arrived.wait()
    assert (await stripe.provider.find(made)).outcome is Outcome.DECLINED
    late.go_on.set()
    assert (await authorising).outcome is Outcome.DECLINED
    assert [intent["status"] for intent in await stripe.intents(made.id)] == ["canceled"]


async def test_a_payment_that_is_not_confirmed_in_time_is_cancelled(
    books: Database, localstripe: str
) -> None:
    """The shopper cannot confirm it afterwards either."""
    async with stripe_bench(books, localstripe, confirmed_within=timedelta(0)) as bench:
        made = hold(card=bench.to_be_confirmed)
        assert (await bench.provider.authorise(made)).outcome is Outcome.ACTION_NEEDED
        assert (await bench.provider.find(made)).outcome is Outcome.DECLINED
        assert [intent["status"] for intent in await bench.intents(made.id)] == ["canceled"]


async def test_a_shopper_who_fails_to_confirm_is_declined(stripe: StripeBench) -> None:
    """The intent is cancelled, since the shopper's app could confirm it with another card otherwise."""
    made = hold(card=stripe.to_be_confirmed)
    answered = await stripe.provider.authorise(made)
    (intent,) = await stripe.intents(made.id)
    data = {"client_secret": str(answered.action), "success": "false"}
    await stripe.call("POST", f"/v1/payment_intents/{intent['id']}/_authenticate", data)
    found = await stripe.provider.find(made)
    assert (found.outcome, "authentication" in found.detail) == (Outcome.DECLINED, True)
    assert [intent["status"] for intent in await stripe.intents(made.id)] == ["canceled"]


async def test_a_sale_that_cannot_be_taken_is_not_held_either(stripe: StripeBench) -> None:
    """The bank allows the hold and refuses the capture: declined with its words, and nothing stays held."""
    made = hold(card=stripe.good, capture=True)
    stripe.proxy.refuse("POST .*/capture$")
    answered = await stripe.provider.authorise(made)
    assert (answered.outcome, answered.detail) == (Outcome.DECLINED, "The bank says no.")
    assert await stripe.books(made.id) == Money()


async def test_a_capture_and_a_refund_that_stripe_refuses_move_nothing(stripe: StripeBench) -> None:
    """They are declined with Stripe's words, and can be asked for anew."""
    made = hold(card=stripe.good)
    await stripe.provider.authorise(made)
    for ask, path in (
        (stripe.provider.capture, "POST .*/capture$"),
        (stripe.provider.refund, "POST /v1/refunds$"),
    ):
        before = await stripe.books(made.id)
        stripe.proxy.refuse(path)
        refused = await ask(step(made))
        assert (refused.outcome, refused.detail) == (Outcome.DECLINED, "The bank says no.")
        assert await stripe.books(made.id) == before
        assert (await ask(step(made))).outcome is Outcome.DONE
    assert await stripe.books(made.id) == Money(NOTHING, TEN, TEN)


async def test_a_card_that_stripe_does_not_know_is_declined(stripe: StripeBench) -> None:
    """Nonsense instead of a payment method, or none at all, is the shopper's mistake and no unknown outcome."""
    for card in ("pm_unknown", "4242424242424242", None):
        assert (await stripe.provider.authorise(hold(card=card))).outcome is Outcome.DECLINED


async def test_a_key_that_stripe_does_not_know_leaves_the_payment_unknown(
    books: Database, stripe: StripeBench
) -> None:
    """Our own trouble is not the shopper's mistake: nothing is declined."""
    stranger = Stripe(books, "nonsense", url=stripe.proxy.url)
    try:
        assert await outcome_of(stranger.authorise(hold(card=stripe.good))) is Outcome.UNKNOWN
    finally:
        await stranger.close()


async def test_a_capture_of_another_sum_is_not_taken_for_ours(stripe: StripeBench) -> None:
    """Somebody captures by hand at Stripe: what was taken is not what we wanted, so nobody is told that it was."""
    made = hold(card=stripe.good)
    await stripe.provider.authorise(made)
    (intent,) = await stripe.intents(made.id)
    await stripe.call("POST", f"/v1/payment_intents/{intent['id']}/capture", {"amount_to_capture": "300"})
    assert (await stripe.provider.capture(step(made, "5.00"))).outcome is Outcome.UNKNOWN
    assert (await stripe.provider.capture(step(made, "3.00"))).outcome is Outcome.DONE


async def test_what_only_stripe_itself_tells_counts(stripe: StripeBench) -> None:
    """Where Stripe says until when money is held, and how much it received, that is believed."""
    ends = now() + timedelta(days=2)

    def as_stripe(intent: Any) -> None:
        intent["amount_received"] = 400 if intent["status"] == "succeeded" else 0
        if intent["latest_charge"]:
            intent["latest_charge"]["payment_method_details"] = {
                "card": {"capture_before": int(ends.timestamp())}
            }

    stripe.proxy.embellish = as_stripe
    made = hold(card=stripe.good)
    expires_at = (await stripe.provider.authorise(made)).expires_at
    assert expires_at
    assert timedelta(0) < ends - expires_at <= timedelta(hours=2)
    assert (await stripe.provider.capture(step(made, "4.00"))).outcome is Outcome.DONE
    assert (await stripe.provider.capture(step(made, "5.00"))).outcome is Outcome.UNKNOWN


async def test_sums_are_told_in_cents(stripe: StripeBench) -> None:
    """To the last cent, for sums that binary fractions do not hold."""
    for amount in ("0.29", "1.15", "1234567.89"):
        made = hold(card=stripe.good, amount=Decimal(amount), capture=True)
        assert (await stripe.provider.authorise(made)).outcome is Outcome.DONE
        assert await stripe.books(made.id) == Money(taken=Decimal(amount))
