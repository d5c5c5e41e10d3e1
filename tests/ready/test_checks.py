"""Purchase control behind HTTP: the decisions, and that they stay what they were."""

import asyncio
from datetime import timedelta

from sqlalchemy import select

from ready.parts import APPLES, BEER, BREAD, Clock, calling, check, invoice, ready_store, row
from smarts.ready.tables import CHECKS
from smarts.wire.invoices import BuyerParty

RULES = """
[checks]
[[checks.rules]]
name = "new"
decision = "FULL"
shopper = "NEW"
pieces_over = 5
[[checks.rules]]
name = "fruit after noon"
decision = "FULL"
categories = ["puuvili"]
from = "12:00"
until = "20:00"
[[checks.rules]]
name = "half"
decision = "FULL"
share = 0.5
total_over = 500
"""


async def decided(node, *rows, **about):
    return (await node.post("/control/check", check(*rows, **about)))["decision"]


async def test_goods_people_and_hours(tmp_path, database_section):
    """Age goods are checked for age; what is weighed is one piece; who has bought before is no new shopper."""
    clock = Clock()
    store = ready_store(tmp_path, database_section + RULES, clock=clock)
    async with calling(store) as node:
        assert await decided(node, row(BREAD, 2), invoice_id="a") == "NO"
        assert await decided(node, row(BREAD), row(BEER), invoice_id="b") == "AGE"
        assert await decided(node, row(BREAD, 6), row(BEER), invoice_id="c") == "FULL"
        assert await decided(node, row(APPLES, "7.5"), invoice_id="d") == "NO"
        await node.post("/invoice", invoice(buyer=BuyerParty(unique_code="person-1")))
        assert await decided(node, row(BREAD, 6), invoice_id="e") == "NO"
        assert await decided(node, row(BREAD, 6), invoice_id="f", person_id="other") == "FULL"
        clock.now += timedelta(hours=4)
        assert await decided(node, row(APPLES), invoice_id="g") == "FULL"


async def test_the_same_question_has_the_same_answer(tmp_path, database_section):
    """Hours later and from another process the same cart is decided as before; a changed one is looked at anew."""
    clock = Clock()
    store = ready_store(tmp_path, database_section + RULES, clock=clock)
    async with calling(store) as node:
        many = [decided(node, row(APPLES), invoice_id="a") for _ in range(10)]
        assert set(await asyncio.gather(*many)) == {"NO"}
    clock.now += timedelta(hours=4)
    again = ready_store(tmp_path, database_section + RULES, clock=clock)
    async with calling(again) as node:
        assert await decided(node, row(APPLES), invoice_id="a") == "NO"
        assert await decided(node, row(APPLES, 2), invoice_id="a") == "FULL"
        (kept,) = again.database.read(lambda tx: list(tx.execute(select(CHECKS)).mappings()))
    assert (kept["decision"], kept["rules"]) == ("FULL", "fruit after noon")


async def test_a_share_of_carts(tmp_path):
    """About half of the shoppers are checked, the same ones by a node that is started anew and in another cart."""
    rows = [row(BREAD, 2, "600")]
    answers = []
    for name in ("first", "second"):
        async with calling(ready_store(tmp_path, RULES)) as node:
            answers.append(
                [
                    await decided(node, *rows, invoice_id=f"{name}-{place}", person_id=f"person-{place}")
                    for place in range(60)
                ]
            )
    assert answers[0] == answers[1]
    assert 12 < answers[0].count("FULL") < 48
