"""What is forgotten in time, and what is not."""

from datetime import timedelta

from gateway.journeys.world import BREAD, World, until


async def test_details_of_an_invoice_are_forgotten_after_two_months(world: World) -> None:
    """The purchase stays in the list with its sums; its rows are gone. A younger one keeps them."""
    shopper = await world.shopper()
    old, young = [
        (await shopper.pay(await shopper.check_out(await shopper.cart(world.institution_id, BREAD)))).body
        for _ in range(2)
    ]
    async with world.gateway.database.connection() as connection:
        await connection.execute(
            "UPDATE invoices SET paid_at = paid_at - $2::interval WHERE id = $1",
            old["invoiceId"],
            timedelta(days=63),
        )
        await connection.execute(
            "UPDATE invoices SET paid_at = paid_at - $2::interval WHERE id = $1",
            young["invoiceId"],
            timedelta(days=60),
        )
    await world.gateway.housekeeping.tidy()
    details = {
        each["invoiceId"]: (await shopper.get(f"/shop/v1/purchases/{each['invoiceId']}")).body
        for each in (old, young)
    }
    assert details[old["invoiceId"]]["total"] == 1.49
    assert "invoice" not in details[old["invoiceId"]]
    assert details[young["invoiceId"]]["invoice"]["products"]


async def test_answers_to_keys_live_longer_than_a_day(world: World) -> None:
    """After 24 hours the same key still gives the same answer; much later it is forgotten."""
    shopper, key = await world.shopper(), {"Idempotency-Key": "new"}
    new = {"institutionId": world.institution_id}
    first = await shopper.post("/shop/v1/carts", new, **key)

    async def older(by: timedelta) -> None:
        async with world.gateway.database.connection() as connection:
            await connection.execute("UPDATE kept_answers SET created_at = created_at - $1::interval", by)
        await world.gateway.housekeeping.tidy()

    await older(timedelta(hours=25))
    assert (await shopper.post("/shop/v1/carts", new, **key)).text == first.text
    await older(timedelta(hours=24))
    assert (await shopper.post("/shop/v1/carts", new, **key)).text != first.text


async def test_delivered_messages_are_forgotten_and_waiting_ones_are_not(world: World) -> None:
    """An invoice that could not be delivered yet is kept however old it is."""
    world.merchant.trouble_with_invoices = RuntimeError("on fire")
    shopper = await world.shopper()
    await shopper.pay(await shopper.check_out(await shopper.cart(world.institution_id, BREAD)))
    await until(lambda: world.merchant.tries)
    async with world.gateway.database.connection() as connection:
        await connection.execute("UPDATE outbox_messages SET finished_at = finished_at - interval '15 days'")
        await world.gateway.housekeeping.tidy()
        states = await connection.fetch("SELECT DISTINCT state FROM outbox_messages WHERE kind = 'invoice'")
    assert [row["state"] for row in states] == ["waiting"]
