"""Data can be spread by store: what a purchase sends to the database stays within one of them."""

from gateway.journeys.statements import Log, looks, planner
from gateway.journeys.world import BREAD, MILK, World, until
from smarts.gateway.parties import Role
from smarts.wire.control import CheckStatus, Decision

# By table, the columns each of whose values belongs to one store: its own, or the key of something in it.
OF_ONE_STORE = {
    "institutions": {"id"},
    "institution_tokens": {"institution_id", "hash"},
    "nodes": {"institution_id"},
    "node_states": {"institution_id"},
    "node_breakers": {"institution_id"},
    "node_reports": {"institution_id", "id"},
    "node_timings": {"institution_id"},
    "delivery_methods": {"institution_id"},
    "carts": {"institution_id", "id"},
    "cart_lines": {"cart_id"},
    "checks": {"institution_id", "invoice_id", "cart_id"},
    "check_policies": {"institution_id"},
    "check_decisions": {"institution_id", "invoice_id"},
    "goods_facts": {"institution_id"},
    "payments": {"institution_id", "id", "cart_id", "invoice_id"},
    "payment_steps": {"id", "payment_id"},
    "ledger_entries": {"step_id", "invoice_id"},
    "invoices": {"institution_id", "id"},
    "orders": {"institution_id", "id", "cart_id", "invoice_id"},
    "order_changes": {"order_id"},
    "outbox_lanes": {"name", "holder"},
    "outbox_messages": {"lane", "id"},
    "outbox_attempts": {"message_id"},
    "sandbox_charges": {"id"},
    "sandbox_steps": {"charge_id", "id"},
    "stripe_intents": {"payment_id", "intent_id"},
    "kept_answers": {"scope"},
}


async def crossing(world: World, statements: set[str]) -> dict[str, str]:
    """The statements that look for rows of stores by something else than one store's key, each with the table."""
    found = {}
    async with planner(world.database_url) as cursor:
        for statement in sorted(statements):
            if not statement.startswith(("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")):
                continue
            for look in await looks(cursor, statement):
                keys = OF_ONE_STORE.get(look.table)
                if keys and not look.is_by(*keys):
                    found[" ".join(statement.split())] = look.table
    return found


async def purchase(world: World) -> None:
    """Somebody shops, is checked, pays, and the staff look on."""
    world.merchant.decision = Decision.FULL
    worker = await world.staff(Role.WORKER, world.institution_id)
    shopper = await world.shopper()
    cart = await shopper.cart(world.institution_id, BREAD, MILK, BREAD)
    line = cart["lines"][0]["lineId"]
    await shopper.call("PATCH", f"/shop/v1/carts/{cart['id']}/lines/{line}", {"quantity": 3})
    assert (await shopper.get(f"/shop/v1/stores/{world.institution_id}")).status == 200
    cart = await shopper.check_out(cart)
    assert cart["state"] == "LOCKED"
    assert (await worker.get("/work/v1/checks")).status == 200
    await world.back.send_check_result(cart["invoiceId"], CheckStatus.PASSED)
    await shopper.look(cart)
    reply = await shopper.pay(cart)
    assert reply.status == 200, reply.text
    assert (await shopper.get(f"/shop/v1/purchases/{cart['invoiceId']}")).status == 200


async def test_what_a_purchase_sends_stays_within_one_store(log_and_world: tuple[Log, World]) -> None:
    """From joining to the proof of purchase each statement looks for rows by a key of one store."""
    log, world = log_and_world
    await purchase(world)  # whatever is done once a process is done
    await log.statements()
    await purchase(world)
    sent = await log.statements()
    assert any("UPDATE carts" in each for each in sent), "the purchase is in the log"
    assert any("INSERT INTO ledger_entries" in each for each in sent)
    assert await crossing(world, sent) == {}


async def test_a_worker_crosses_stores_only_to_find_out_which_is_due(
    log_and_world: tuple[Log, World],
) -> None:
    """Who claims lanes, and nodes to ask, looks at all of them; what is done for one then stays within it."""
    log, world = log_and_world
    await purchase(world)
    await log.statements()
    async with world.gateway.worker.running(), world.gateway.watcher.running():
        await until(lambda: world.merchant.invoices)
    sent = await log.statements()  # whoever stops finishes first
    assert any("outbox_attempts" in each for each in sent), "the delivery is in the log"
    assert set((await crossing(world, sent)).values()) == {"outbox_lanes", "node_states"}


async def test_a_statement_that_crosses_is_found(log_and_world: tuple[Log, World]) -> None:
    """The proof can fail: by state, by time or by shopper alone is by no store."""
    _, world = log_and_world
    by_store = "SELECT head FROM carts WHERE institution_id = $1 AND state = 'PAID'"
    joined = "SELECT 1 FROM carts JOIN cart_lines ON cart_id = carts.id WHERE carts.id = $1"
    bad = (
        "SELECT head FROM carts WHERE state = 'PAID'",
        "SELECT head FROM carts WHERE person_id = $1",
        "SELECT 1 FROM cart_lines WHERE quantity > 3",
        "UPDATE invoices SET receipt = NULL WHERE paid_at < $1",
        "SELECT 1 FROM carts JOIN payments ON payments.id <> carts.id WHERE carts.id = $1",
    )
    assert set(await crossing(world, {by_store, joined, *bad})) == set(bad)
