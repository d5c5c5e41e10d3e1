"""What is forgotten in time, and what is not."""

from datetime import timedelta

import pytest

from gateway.journeys.delivering import Delivering, delivering_world
from gateway.journeys.till import RECEIPTS, Till
from gateway.journeys.world import BREAD, World, small_world, until
from smarts.gateway.parties import Role
from smarts.gateway.payments.sandbox import DECLINED_CARD, LOST_ANSWER_CARD
from smarts.wire.control import Decision


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


async def test_more_than_is_forgotten_at_a_time_is_forgotten(world: World) -> None:
    """However much is old enough, all of it goes and nothing else: answers to keys, and documents of purchases."""
    shopper = await world.shopper()
    paid = await shopper.pay(await shopper.check_out(await shopper.cart(world.institution_id, BREAD)))
    async with world.gateway.database.connection() as connection:
        await connection.execute(
            "INSERT INTO kept_answers (scope, key, fingerprint, status, body, created_at)"
            " SELECT 'somebody', i::text, '', 200, '', now() - make_interval(hours => 36 + i / 500)"
            " FROM generate_series(1, 14_000) AS i"
        )
        await connection.execute(
            "INSERT INTO invoices SELECT new.* FROM invoices, generate_series(1, 14_000) AS i, jsonb_populate_record("
            " invoices, jsonb_build_object('id', i, 'paid_at', now() - make_interval(days => 60 + i % 7))) AS new"
        )
        await world.gateway.housekeeping.tidy()
        answers = await connection.fetchval("SELECT count(*) FROM kept_answers WHERE scope = 'somebody'")
        documents = await connection.fetch(
            "SELECT paid_at > now() - interval '62 days' AS young, count(document), count(*) FROM invoices"
            " WHERE id <> $1 GROUP BY young ORDER BY young",
            paid.body["invoiceId"],
        )
    assert answers == 12 * 500 - 1
    assert [tuple(row) for row in documents] == [(False, 0, 10_000), (True, 4_000, 4_000)]


async def test_old_checks_are_forgotten_a_few_at_a_time(world: World) -> None:
    """However many there are, no statement takes so long that it is given up, and none holds up others for long."""
    world.merchant.decision = Decision.FULL
    shopper = await world.shopper()
    out = await shopper.check_out(await shopper.cart(world.institution_id, BREAD))
    assert out["state"] == "LOCKED"
    old = {"checks": ("created_at", "request"), "check_decisions": ("decided_at", "inputs")}
    async with world.gateway.database.connection() as connection:
        for table, (moment, _) in old.items():
            await connection.execute(
                f"INSERT INTO {table} SELECT new.* FROM {table} AS one, generate_series(1, 12_000) AS i,"
                f" jsonb_populate_record(one, jsonb_build_object('invoice_id', 'old ' || i, '{moment}',"
                f" one.{moment} - interval '63 days')) AS new WHERE one.invoice_id = $1",
                out["invoiceId"],
            )
        await world.gateway.housekeeping.tidy()
        for table, (_, detail) in old.items():
            forgotten = await connection.fetch(
                f"SELECT count(*) FROM {table} WHERE {detail} IS NULL GROUP BY xmin ORDER BY count DESC"
            )
            assert [row["count"] for row in forgotten] == [5_000, 5_000, 2_000]
            young = f"SELECT {detail} IS NOT NULL FROM {table} WHERE invoice_id = $1"
            assert await connection.fetchval(young, out["invoiceId"])


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


async def days_pass(world: World, days: int) -> None:
    """Everything was that much earlier, and is tidied now."""
    async with world.gateway.database.connection() as connection:
        for table, column in (
            *(("carts", "created_at"), ("carts", "updated_at"), ("checks", "created_at")),
            *(("invoices", "paid_at"), ("orders", "closed_at"), ("node_reports", "last_at")),
        ):
            await connection.execute(
                f"UPDATE {table} SET {column} = {column} - $1::interval", timedelta(days=days)
            )
    await world.gateway.housekeeping.tidy()


async def test_details_of_a_receipt_are_forgotten_after_two_months(database_url: str) -> None:
    """As with the invoices that Smarts makes; the store's number of it and its sums stay."""
    async with small_world(database_url, merchant=Till()) as world:
        await world.change_store(switches=RECEIPTS)
        shopper = await world.shopper()
        cart = (
            await shopper.pay(await shopper.check_out(await shopper.cart(world.institution_id, BREAD)))
        ).body
        path = f"/shop/v1/purchases/{cart['invoiceId']}"
        await days_pass(world, 60)
        kept = (await shopper.get(path)).body
        assert kept.pop("receipt")["total"] == 1.49
        await days_pass(world, 3)
        left = (await shopper.get(path)).body
        assert left | {"paidAt": ""} == kept | {"paidAt": ""}


async def test_what_was_in_a_cart_is_forgotten_two_months_after_its_last_change(world: World) -> None:
    """One that was paid for or given up keeps its state and no goods; one that was never checked out is gone."""
    shopper = await world.shopper()
    store = world.institution_id
    begun, ready, paid = [await shopper.cart(store, BREAD) for _ in range(3)]
    paid = (await shopper.pay(await shopper.check_out(paid))).body
    ready = await shopper.check_out(ready)
    await days_pass(world, 60)
    assert [len((await shopper.look(cart))["lines"]) for cart in (begun, ready, paid)] == [1, 1, 1]
    young = await shopper.cart(store, BREAD)
    await days_pass(world, 3)
    assert (await shopper.get(f"/shop/v1/carts/{begun['id']}")).status == 404
    left = [await shopper.look(cart) for cart in (ready, paid, young)]
    assert [(cart["state"], len(cart["lines"])) for cart in left] == [
        ("CANCELLED", 0),
        ("PAID", 0),
        ("OPEN", 1),
    ]
    assert left[1]["payment"] == paid["payment"]
    assert (await shopper.get(f"/shop/v1/purchases/{paid['invoiceId']}")).body["total"] == 1.49


async def test_a_cart_whose_money_is_on_its_way_is_kept_however_old_it_is(database_url: str) -> None:
    """What became of a payment is not known yet: once it is, the invoice has everything."""
    async with small_world(database_url) as world:
        shopper = await world.shopper()
        cart = await shopper.check_out(await shopper.cart(world.institution_id, BREAD))
        assert (await shopper.pay(cart, LOST_ANSWER_CARD)).status == 504
        await days_pass(world, 100)
        assert (await shopper.pay(cart)).body["state"] == "PAID"
        invoice = (await shopper.get(f"/shop/v1/purchases/{cart['invoiceId']}")).body["invoice"]
        assert [row["barcode"] for row in invoice["products"]] == [BREAD]


async def test_documents_of_checks_are_forgotten_after_two_months(world: World) -> None:
    """The merchant can ask for them again until then."""
    world.merchant.decision = Decision.FULL
    shopper = await world.shopper()
    cart = await shopper.check_out(await shopper.cart(world.institution_id, BREAD))
    about = {"invoiceId": cart["invoiceId"], "institutionId": world.institution_id}
    await days_pass(world, 60)
    assert (await world.as_store().post("/v1/control/resend", about)).body["products"]
    await days_pass(world, 3)
    assert (await world.as_store().post("/v1/control/resend", about)).status == 404


async def test_where_an_order_went_is_forgotten_two_months_after_its_end(database_url: str) -> None:
    """An order that is not finished keeps all, however long it takes, since somebody has to bring it."""
    async with delivering_world(database_url) as delivering:
        finished = await delivering.moved(await delivering.order(), "CONFIRMED", "SHIPPING", "COMPLETED")
        waiting = await delivering.order()
        await days_pass(delivering.world, 60)
        assert await delivering.look(finished["id"]) == finished | {
            "closed": (await delivering.look(finished["id"]))["closed"]
        }
        await days_pass(delivering.world, 3)
        await _is_forgotten(delivering, finished)
        assert await delivering.look(waiting["id"]) == waiting
        assert await delivering.agrees(await delivering.moved(waiting, "CONFIRMED", "SHIPPING"))
        assert (
            len((await delivering.shopper.get(f"/shop/v1/purchases/{waiting['invoiceId']}")).body["invoice"])
            > 1
        )


async def test_an_order_that_was_never_paid_for_ends_with_its_cart(database_url: str) -> None:
    """The card was declined and the shopper gone: two months later it is cancelled, then its recipient is forgotten."""
    async with delivering_world(database_url) as delivering:
        cart = await delivering.ready()
        assert (await delivering.shopper.pay(cart, DECLINED_CARD)).status == 402
        order_id = (await delivering.shopper.look(cart))["orderId"]
        await days_pass(delivering.world, 63)
        ended = await delivering.look(order_id)
        assert ended["shipment"]["status"] == "CANCELLED_BY_CLIENT"
        assert ended["shipment"]["contactPhone"]
        await days_pass(delivering.world, 63)
        assert "contactPhone" not in (await delivering.look(order_id))["shipment"]


async def _is_forgotten(delivering: Delivering, order: dict[str, object]) -> None:
    left = await delivering.look(str(order["id"]))
    assert left["products"] == []
    assert left["shipment"].keys().isdisjoint({"address", "contactPhone", "contactEmail", "name", "parcelId"})
    assert (left["shipment"]["status"], left["orderTotalPrice"]) == ("COMPLETED", order["orderTotalPrice"])


async def test_reports_of_what_no_longer_happens_are_forgotten(world: World) -> None:
    """A node's words may be about a person, so the manager has two months to read them."""
    manager = await world.staff(Role.MANAGER)
    await world.gateway.node_states.report(world.institution_id, "receipt", "The sums do not add up")
    path = f"/manage/v1/stores/{world.institution_id}/reports"
    await days_pass(world, 60)
    assert len((await manager.get(path)).body) == 1
    await days_pass(world, 3)
    assert (await manager.get(path)).body == []


async def test_what_cannot_be_forgotten_now_does_not_keep_the_rest(world: World) -> None:
    """One table is broken: the others are tidied all the same, and the trouble is told."""
    world.merchant.decision = Decision.FULL
    shopper = await world.shopper()
    cart = await shopper.check_out(await shopper.cart(world.institution_id, BREAD))
    async with world.gateway.database.connection() as connection:
        await connection.execute("ALTER TABLE invoices RENAME COLUMN receipt TO lost")
    with pytest.raises(ExceptionGroup, match="not all could be forgotten"):
        await days_pass(world, 63)
    async with world.gateway.database.connection() as connection:
        assert await connection.fetchval("SELECT request FROM checks") is None
    assert (await shopper.look(cart))["lines"] == []
