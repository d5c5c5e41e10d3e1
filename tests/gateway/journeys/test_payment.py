"""Payment: approved, declined, unknown; never twice; the invoice surely delivered."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import msgspec

from gateway.journeys.world import BREAD, MILK, Client, Shopper, World, small_world, until
from smarts.gateway.outbox import resume
from smarts.gateway.parties import Role
from smarts.gateway.payments.sandbox import DECLINED_CARD, LOST_ANSWER_CARD, LOST_REQUEST_CARD
from smarts.node import Refused
from smarts.wire.products import InspectionAction, MaxTime
from smarts.wire.times import TimeOfDay, TimeZone


async def ready(world: World) -> tuple[Shopper, dict[str, Any]]:
    """A shopper with a cart that is ready to be paid for."""
    shopper = await world.shopper()
    return shopper, await shopper.check_out(await shopper.cart(world.institution_id, BREAD, MILK))


async def charges(world: World) -> list[tuple[str, float]]:
    """What the sandbox provider's own books say."""
    async with world.gateway.database.connection() as connection:
        rows = await connection.fetch("SELECT outcome, amount FROM sandbox_charges WHERE amount > 0")
    return [(row["outcome"], float(row["amount"])) for row in rows]


async def test_a_declined_card_leaves_the_cart_ready_for_another(world: World) -> None:
    """402 with a sentence; the next card pays."""
    shopper, cart = await ready(world)
    declined = await shopper.pay(cart, DECLINED_CARD)
    assert (declined.status, declined.body["type"]) == (402, "payment-declined")
    cart = await shopper.look(cart)
    assert (cart["state"], cart["payment"]["status"]) == ("READY", "DECLINED")
    assert (await shopper.pay(cart)).body["state"] == "PAID"


async def test_a_provider_whose_answer_is_lost_charges_once(world: World) -> None:
    """504 first; paying again finds that the money was taken, and takes no more."""
    shopper, cart = await ready(world)
    lost = await shopper.pay(cart, LOST_ANSWER_CARD)
    assert (lost.status, lost.body["type"], lost.body["retryable"]) == (504, "payment-unknown", True)
    scan = await shopper.post(f"/shop/v1/carts/{cart['id']}/lines", {"barcode": BREAD})
    assert (scan.status, scan.body["type"]) == (409, "payment-under-way")
    assert (await shopper.pay(cart)).body["state"] == "PAID"
    assert await charges(world) == [("APPROVED", 2.73)]


async def test_a_provider_that_never_got_the_request_is_asked_anew(world: World) -> None:
    """The lost payment turns out declined, and the next one pays."""
    shopper, cart = await ready(world)
    assert (await shopper.pay(cart, LOST_REQUEST_CARD)).status == 504
    assert (await shopper.pay(cart)).body["state"] == "PAID"
    assert [outcome for outcome, _ in await charges(world)].count("APPROVED") == 1


async def test_many_payments_at_once_charge_once(world: World) -> None:
    """A double tap, with or without keys, takes the money once and makes one invoice."""
    shopper, cart = await ready(world)
    replies = await asyncio.gather(*(shopper.pay(cart) for _ in range(8)))
    assert [reply.status for reply in replies].count(200) >= 1
    assert {reply.status for reply in replies} <= {200, 409}
    assert await charges(world) == [("APPROVED", 2.73)]
    await until(lambda: world.merchant.invoices)
    assert len((await shopper.get("/shop/v1/purchases")).body) == 1


async def test_the_same_key_and_body_give_the_same_answer_again(world: World) -> None:
    """Carts, scans, checkouts and payments are each done once and answered alike; another body is 409."""
    shopper = await world.shopper()
    new = {"institutionId": world.institution_id}
    made = [await shopper.post("/shop/v1/carts", new, **{"Idempotency-Key": "new-cart"}) for _ in range(2)]
    assert made[0].text == made[1].text
    cart = made[0].body
    lines = f"/shop/v1/carts/{cart['id']}/lines"
    scans = await asyncio.gather(
        *(shopper.post(lines, {"barcode": BREAD}, **{"Idempotency-Key": "scan-1"}) for _ in range(6))
    )
    assert {scan.text for scan in scans} == {scans[0].text}
    await shopper.scan(cart, MILK)
    late = await shopper.post(lines, {"barcode": BREAD}, **{"Idempotency-Key": "scan-1"})
    assert late.text == scans[0].text
    assert [line["quantity"] for line in (await shopper.look(cart))["lines"]] == [1, 1]
    other = await shopper.post(lines, {"barcode": MILK}, **{"Idempotency-Key": "scan-1"})
    assert (other.status, other.body["type"]) == (409, "idempotency-key-reused")

    await shopper.check_out(cart)
    paid = [await shopper.pay(cart, **{"Idempotency-Key": "pay"}) for _ in range(3)]
    assert {reply.text for reply in paid} == {paid[0].text}
    assert paid[0].body["state"] == "PAID"


async def test_a_declined_payment_is_answered_alike_again(world: World) -> None:
    """The key of a declined payment does not pay when it is repeated."""
    shopper, cart = await ready(world)
    key = {"Idempotency-Key": "declined"}
    replies = [await shopper.pay(cart, DECLINED_CARD, **key) for _ in range(2)]
    assert [reply.status for reply in replies] == [402, 402]
    assert replies[0].body == replies[1].body


@contextlib.asynccontextmanager
async def provider_delayed(world: World) -> AsyncIterator[None]:
    """Whatever is to be charged stands still on its way to the provider's books, until the block ends."""
    connection = await asyncpg.connect(world.database_url)
    try:
        await connection.execute(
            "SELECT pg_advisory_lock(4711);"
            "CREATE FUNCTION stand_still() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN PERFORM pg_advisory_xact_lock_shared(4711); RETURN NEW; END $$;"
            "CREATE TRIGGER delayed BEFORE INSERT ON sandbox_charges FOR EACH ROW WHEN (NEW.amount > 0)"
            " EXECUTE FUNCTION stand_still()"
        )
        yield
    finally:
        await connection.close()


async def test_who_was_told_that_it_is_declined_is_told_so_again(world: World) -> None:
    """A payment that the worker asks about first turns out declined: its key pays as little when it is repeated."""
    shopper, cart = await ready(world)
    key = {"Idempotency-Key": "overtaken"}
    async with provider_delayed(world):
        paying = asyncio.create_task(shopper.pay(cart, **key))

        async def begun() -> Any:
            return (await shopper.look(cart)).get("payment")

        async def declined() -> bool:
            async with world.gateway.database.transaction() as tx:
                await tx.execute(
                    "UPDATE outbox_messages SET due = '-infinity' WHERE kind = 'payment.settle' AND state = 'waiting'"
                )
                await resume(tx, f"payments:{world.institution_id}")
            return bool((await begun())["status"] == "DECLINED")

        assert (await until(begun))["status"] == "PENDING"
        await until(declined)
    first = await paying
    assert (first.status, first.body["type"]) == (402, "payment-declined")
    again = await shopper.pay(cart, **key)
    assert (again.status, again.text) == (402, first.text)
    assert (await shopper.pay(cart)).body["state"] == "PAID"
    assert await charges(world) == [("APPROVED", 2.73)]


async def test_joining_with_a_key_gives_the_same_shopper_again(world: World) -> None:
    """Also the token, although it is not kept; a key that could be guessed is refused."""
    anybody = Client(world.session, world.url, {})
    key = {"Idempotency-Key": "8b1f3c5e-0d6a-4f6e-9c8e-2f5a7b9d1c3e"}
    first, again = [await anybody.post("/shop/v1/shoppers", {"name": "Mari"}, **key) for _ in range(2)]
    assert first.body == again.body
    assert (await anybody.post("/shop/v1/shoppers", {"name": "Jüri"}, **key)).status == 409
    assert (await anybody.post("/shop/v1/shoppers", {}, **{"Idempotency-Key": "1"})).status == 422
    shopper = Shopper(world.session, world.url, {"Authorization": f"Bearer {again.body['token']}"})
    assert (await shopper.get("/shop/v1/purchases")).body == []


async def test_an_invoice_waits_for_a_node_that_is_in_trouble(world: World) -> None:
    """The purchase is paid although the node answers 500; the invoice arrives when it is well again."""
    world.merchant.trouble_with_invoices = RuntimeError("the books are on fire")
    shopper, cart = await ready(world)
    paid = (await shopper.pay(cart)).body
    assert paid["state"] == "PAID"
    await until(lambda: world.merchant.tries)
    world.merchant.trouble_with_invoices = None
    (invoice,) = await until(lambda: world.merchant.invoices, seconds=30)
    assert invoice.id == paid["invoiceId"]


async def test_an_invoice_survives_that_nobody_delivers_it_at_first(database_url: str) -> None:
    """A gateway that stops right after the payment loses nothing: the next worker delivers."""
    async with small_world(database_url) as world:
        shopper, cart = await ready(world)
        assert (await shopper.pay(cart)).body["state"] == "PAID"
        assert world.merchant.invoices == []
        async with world.gateway.working():
            (invoice,) = await until(lambda: world.merchant.invoices)
    assert invoice.institution_campaigns == ()


async def test_what_a_node_refuses_for_good_becomes_a_dead_letter_that_can_be_replayed(world: World) -> None:
    """The operator sees it, with why, and has it delivered again after the node was mended."""
    world.merchant.trouble_with_invoices = Refused("The books are closed")
    shopper, cart = await ready(world)
    paid = (await shopper.pay(cart)).body
    operator = await world.staff(Role.OPERATOR)

    async def letters() -> Any:
        return (await operator.get("/operate/v1/dead-letters")).body

    (letter,) = await until(letters)
    assert letter["id"] == paid["invoiceId"]
    assert "The books are closed" in letter["detail"]
    world.merchant.trouble_with_invoices = None
    replayed = await operator.post(f"/operate/v1/dead-letters/{letter['id']}/replay")
    assert replayed.body == {"replayed": 1}
    await until(lambda: world.merchant.invoices)
    assert await letters() == []


async def test_nothing_is_paid_but_the_sum_that_the_shopper_was_shown(world: World) -> None:
    """Where the phone says what it showed, another sum is refused and nothing taken; the right one is paid."""
    shopper = await world.shopper()
    cart = await shopper.check_out(await shopper.cart(world.institution_id, BREAD))
    pay = {"method": "SANDBOX", "total": 1.48}
    refused = await shopper.post(f"/shop/v1/carts/{cart['id']}/payment", pay)
    assert (refused.status, refused.body["type"]) == (409, "cart-changed")
    assert await charges(world) == []
    paid = await shopper.post(f"/shop/v1/carts/{cart['id']}/payment", pay | {"total": 1.49})
    assert (paid.status, paid.body["state"]) == (200, "PAID")


async def test_the_end_of_an_earlier_payment_is_not_the_answer_to_a_new_one(world: World) -> None:
    """The request of the first one was lost; the second card, under a key of its own, pays, and is told so again."""
    shopper, cart = await ready(world)
    assert (await shopper.pay(cart, LOST_REQUEST_CARD)).status == 504
    key = {"Idempotency-Key": "the-second-card"}
    paid = await shopper.pay(cart, **key)
    assert (paid.status, paid.body["state"]) == (200, "PAID")
    again = await shopper.pay(cart, **key)
    assert (again.status, again.body) == (200, paid.body)
    assert [outcome for outcome, _ in await charges(world)].count("APPROVED") == 1


async def test_a_cart_that_was_ready_for_hours_is_checked_out_anew(world: World) -> None:
    """What was ready long ago may be sold otherwise by now: it is not paid, but a new checkout makes it ready."""
    shopper, cart = await ready(world)
    async with world.gateway.database.connection() as connection:
        await connection.execute(
            "UPDATE carts SET head = jsonb_set(head::jsonb, '{readyAt}', '\"2026-01-01T00:00:00Z\"')::json"
        )
    stale = await shopper.pay(cart)
    assert (stale.status, stale.body["type"]) == (409, "cart-not-ready")
    anew = await shopper.check_out(cart)
    assert (anew["state"], anew["invoiceId"] == cart["invoiceId"]) == ("READY", False)
    assert (await shopper.pay(anew)).body["state"] == "PAID"


async def test_goods_whose_hours_have_ended_are_not_paid_for(world: World) -> None:
    """They were ready a minute before; now their rule strikes, and the shopper is told which."""
    shopper, cart = await ready(world)
    ended = MaxTime(action=InspectionAction.RESTRICT, time=TimeOfDay(0, 0), timezone=TimeZone("UTC+0"))
    late = msgspec.json.encode([msgspec.to_builtins(ended, enc_hook=str)]).decode()
    async with world.gateway.database.connection() as connection:
        await connection.execute(
            "UPDATE cart_lines SET product = jsonb_set(product::jsonb, '{inspections}', $1::jsonb)::json",
            late,
        )
    refused = await shopper.pay(cart)
    assert (refused.status, refused.body["type"]) == (422, "product-refused")
    assert await charges(world) == []
