"""As few ways to the database as what is promised allows: what each hot request sends to PostgreSQL."""

import re

from gateway.journeys.statements import Log
from gateway.journeys.world import BREAD, MILK, World
from smarts.wire.control import CheckStatus, Decision

_ABOUT = re.compile(
    r"\b(carts|cart_lines|checks|check_decisions|kept_answers|outbox_messages|invoices)\b|BEGIN|COMMIT"
)


async def sent(log: Log) -> list[str]:
    """What was sent about carts, checks and answers since the last look, by how it begins."""
    found = [" ".join(each.split()) for each in await log.statements() if _ABOUT.search(each)]
    return sorted(each.partition(" ")[0].rstrip(";") for each in found)


async def test_scan_checkout_and_result_send_few_statements(log_and_world: tuple[Log, World]) -> None:
    """A scan reads once and writes once; a result does so in one transaction.

    A checkout, whose document is kept before the node sees it, writes twice; it reads what was answered before, the
    cart, and what the shopper bought and was checked.
    """
    log, world = log_and_world
    world.merchant.decision = Decision.FULL
    shopper = await world.shopper()
    cart = await shopper.cart(world.institution_id, BREAD)
    await sent(log)
    lines = f"/shop/v1/carts/{cart['id']}/lines"
    scanned = await shopper.post(lines, {"barcode": MILK}, **{"Idempotency-Key": "scan"})
    assert len(scanned.body["lines"]) == 2
    assert await sent(log) == ["SELECT", "WITH"]

    out = await shopper.post(f"/shop/v1/carts/{cart['id']}/checkout", **{"Idempotency-Key": "out"})
    assert out.body["state"] == "LOCKED"
    assert await sent(log) == [*["SELECT"] * 4, *["WITH"] * 2]

    await world.back.send_check_result(out.body["invoiceId"], CheckStatus.PENDING)  # the node is heard of
    await sent(log)
    await world.back.send_check_result(out.body["invoiceId"], CheckStatus.PASSED)
    assert await sent(log) == ["BEGIN", "COMMIT", "SELECT", "WITH"]
