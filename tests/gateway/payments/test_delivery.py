"""Home delivery paid through Stripe: held at the order, taken for what goes out, let go when it does not."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from gateway.journeys.delivering import Delivering, delivering_world
from gateway.journeys.world import BREAD, MILK, Reply
from gateway.payments.benches import KEY, Money, StripeBench


@pytest.fixture
async def store(database_url: str, stripe: StripeBench) -> AsyncIterator[Delivering]:
    """A store that delivers, and takes Stripe's payments."""
    async with delivering_world(database_url, stripe_key=KEY, stripe_url=stripe.proxy.url) as made:
        yield made


async def pay(store: Delivering, cart: dict[str, Any], card: str) -> Reply:
    body = {"method": "STRIPE", "card": card}
    return await store.shopper.post(f"/shop/v1/carts/{cart['id']}/payment", body)


async def ordered(store: Delivering, stripe: StripeBench) -> tuple[dict[str, Any], str]:
    """An order that is paid for by a good card, and its payment's id."""
    paid = await pay(store, await store.ready("COURIER", BREAD, BREAD, MILK), stripe.good)
    assert paid.status == 200, paid.text
    return await store.look(paid.body["orderId"]), paid.body["payment"]["id"]


async def test_stripe_holds_at_the_order_and_takes_what_goes_out(
    store: Delivering, stripe: StripeBench
) -> None:
    """Two loaves, a milk and 3.90 of delivery are held; one loaf was missing, and its 1.49 is not taken."""
    order, payment = await ordered(store, stripe)
    assert await stripe.books(payment) == Money(held=Decimal("8.12"))
    await store.moved(order, "CONFIRMED")
    rows = [{"barcode": BREAD, "amount": 1}, {"barcode": MILK, "amount": 1}]
    assert (await store.by_staff(order, "SHIPPING", products=rows)).status == 200
    assert await stripe.books(payment) == Money(taken=Decimal("6.63"))
    await store.becomes(order, "SHIPPING")


async def test_stripe_lets_go_of_a_cancelled_orders_money(store: Delivering, stripe: StripeBench) -> None:
    """The shopper cancels, and the worker has Stripe cancel what it held."""
    order, payment = await ordered(store, stripe)
    async with store.world.gateway.working():
        assert (await store.cancel(order)).status == 200
        await store.becomes(order, "CANCELLED_BY_CLIENT")
    assert await stripe.books(payment) == Money()


async def test_a_card_that_stripe_declines_fails_the_order_and_the_next_one_makes_it(
    store: Delivering, stripe: StripeBench
) -> None:
    """PAYMENT_FAILED first; the same order waits for the store when a good card has paid."""
    cart = await store.ready()
    assert (await pay(store, cart, stripe.declined)).status == 402
    order_id = await store.order_of(cart)
    assert order_id
    assert (await store.look(order_id))["shipment"]["status"] == "PAYMENT_FAILED"
    assert (await pay(store, cart, stripe.good)).body["orderId"] == order_id
    assert (await store.look(order_id))["shipment"]["status"] == "WAITING_FOR_CONFIRMATION"
