"""Stripe's webhook, and Stripe's payments from a shopper's phone to Stripe and back."""

import time
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from stripe import WebhookSignature

from gateway.journeys.world import BREAD, MILK, Client, Reply, Shopper, World, small_world, until
from gateway.payments.benches import KEY, Money, StripeBench
from smarts.gateway.payments.api import WEBHOOK_PATH

SECRET = "whsec_of_the_tests"
TOTAL = Decimal("2.73")


@pytest.fixture
async def shop(database_url: str, stripe: StripeBench) -> AsyncIterator[World]:
    """A gateway that takes Stripe's payments."""
    settings = {"stripe_key": KEY, "stripe_webhook_secret": SECRET, "stripe_url": stripe.proxy.url}
    async with small_world(database_url, **settings) as made:
        yield made


async def ready(shop: World) -> tuple[Shopper, dict[str, Any]]:
    """A shopper with a cart that is ready to be paid for."""
    shopper = await shop.shopper()
    return shopper, await shopper.check_out(await shopper.cart(shop.institution_id, BREAD, MILK))


async def pay(shopper: Shopper, cart: dict[str, Any], card: str) -> Reply:
    body = {"method": "STRIPE", "card": card}
    return await shopper.post(f"/shop/v1/carts/{cart['id']}/payment", body)


async def payment_id(shopper: Shopper, cart: dict[str, Any]) -> str:
    found: str = (await shopper.look(cart))["payment"]["id"]
    return found


def event(intent_id: str, *, kind: str = "payment_intent.succeeded", identity: str = "evt_1") -> bytes:
    """What Stripe sends."""
    data = {"object": {"id": intent_id, "object": "payment_intent", "status": "succeeded"}}
    return msgspec.json.encode({"id": identity, "object": "event", "type": kind, "data": data})


async def send(shop: World, body: bytes, *, secret: str = SECRET, age: int = 0, **headers: str) -> Reply:
    """An event that is signed, this many seconds ago."""
    signed = WebhookSignature.generate_signature_header(body.decode(), secret, int(time.time()) - age)
    stripe = Client(shop.session, shop.url, {"Stripe-Signature": signed} | headers)
    return await stripe.call("POST", WEBHOOK_PATH, body)


async def asked_about(shop: World) -> list[str]:
    """The payments that the worker will ask about at once."""
    async with shop.gateway.database.connection() as connection:
        rows = await connection.fetch(
            "SELECT payload FROM outbox_messages WHERE kind = 'payment.settle' AND due = '-infinity'"
        )
    return [row["payload"].decode() for row in rows]


async def test_a_card_of_stripe_pays(shop: World, stripe: StripeBench) -> None:
    """A declined card says why, a good one pays, and Stripe has taken what the cart was worth."""
    shopper, cart = await ready(shop)
    declined = await pay(shopper, cart, stripe.declined)
    assert (declined.status, declined.body["detail"]) == (402, "Your card was declined.")
    assert (await pay(shopper, cart, stripe.good)).body["state"] == "PAID"
    assert await stripe.books(await payment_id(shopper, cart)) == Money(taken=TOTAL)


async def test_a_lost_answer_of_stripe_is_found_by_its_event(shop: World, stripe: StripeBench) -> None:
    """The shopper is told to wait; Stripe's own event has it settled long before the timer, and once."""
    webhook = {"url": f"{shop.url}{WEBHOOK_PATH}", "secret": SECRET}
    await stripe.call("POST", "/_config/webhooks/tests", webhook)
    async with shop.gateway.working():
        shopper, cart = await ready(shop)
        assert (await pay(shopper, cart, stripe.lose_capture_answer())).status == 504

        async def paid() -> bool:
            return bool((await shopper.look(cart))["state"] == "PAID")

        await until(paid, seconds=10)
        assert await stripe.books(await payment_id(shopper, cart)) == Money(taken=TOTAL)
        await until(lambda: shop.merchant.invoices)


async def test_an_event_has_its_payment_asked_about_once(shop: World, stripe: StripeBench) -> None:
    """Not believed, only asked about; the same event twice is one; others are taken and do nothing."""
    shopper, cart = await ready(shop)
    assert (await pay(shopper, cart, stripe.lose_answer())).status == 504
    payment = await payment_id(shopper, cart)
    (intent,) = await stripe.intents(payment)
    sent = [
        event(intent["id"]),
        event(intent["id"]),
        event("pi_of_somebody_else", identity="evt_2"),
        event("ch_of_ours", kind="charge.succeeded", identity="evt_3"),
        b'{"object": "v2.core.event", "id": "evt_5", "type": "payment_intent.succeeded"}',
        b'{"id": "evt_4", "object": "event", "type": "balance.available", "data": {"object": {"object": "balance"}}}',
    ]
    assert [(await send(shop, body)).status for body in sent] == [204] * len(sent)
    assert await asked_about(shop) == [payment]
    assert (await shopper.look(cart))["payment"]["status"] == "UNKNOWN"


async def test_what_stripe_did_not_sign_is_refused(shop: World, stripe: StripeBench) -> None:
    """Without a signature, with another secret, changed on the way, or too old: 400, and nothing is asked."""
    shopper, cart = await ready(shop)
    assert (await pay(shopper, cart, stripe.lose_answer())).status == 504
    (intent,) = await stripe.intents(await payment_id(shopper, cart))
    body = event(intent["id"])
    header = WebhookSignature.generate_signature_header(event("pi_another").decode(), SECRET)
    refused = [
        await Client(shop.session, shop.url, {}).call("POST", WEBHOOK_PATH, body),
        await send(shop, body, secret="whsec_of_somebody_else"),
        await send(shop, body, **{"Stripe-Signature": header}),
        await send(shop, body, **{"Stripe-Signature": "nonsense"}),
        await send(shop, body, age=301),
    ]
    assert [(reply.status, reply.body["type"]) for reply in refused] == [(400, "signature-wrong")] * len(
        refused
    )
    assert await asked_about(shop) == []
    assert (await send(shop, body, age=290)).status == 204


async def test_without_a_secret_there_is_no_webhook(database_url: str, stripe: StripeBench) -> None:
    """What cannot be verified is not offered."""
    async with small_world(database_url, stripe_key=KEY, stripe_url=stripe.proxy.url) as shop:
        assert (await send(shop, event("pi_1"))).status == 404
