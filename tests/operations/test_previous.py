"""The release before on the tables of this one: they run side by side in an upgrade, and after a rollback."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest

from cli.commands import COMMAND, free_ports
from gateway.journeys.world import BREAD
from operations.previous import STATEMENTS, is_at_hand, understood, unpack
from operations.processes import Installation, installation, soon
from smarts.gateway.outbox import attempts_of
from smarts.gateway.storage.database import Database


async def bought(parts: Installation, url: str, store_id: str) -> str:
    """A purchase at one gateway, from joining to paying; gives its id."""
    shopper = await parts.shopper(url)
    paid = await shopper.pay(await shopper.check_out(await shopper.cart(store_id, BREAD)))
    assert paid.status == 200, paid.text
    return str(paid.body["invoiceId"])


async def until_delivered(database: Database, invoice_ids: list[str]) -> None:
    """Waits until the node has these invoices, each at the first attempt."""

    async def delivered() -> bool:
        async with database.connection() as connection:
            attempts = [await attempts_of(connection, each) for each in invoice_ids]
        return all([each.outcome for each in tried] == ["delivered"] for tried in attempts)

    await soon(delivered)


@pytest.mark.timeout(400)
@pytest.mark.skipif(
    not is_at_hand(), reason="the clone has no history: the statements that were kept are tried"
)
async def test_the_release_before_works_on_the_new_tables(tmp_path: Path, database_url: str) -> None:
    """An old gateway sells and an old worker delivers, beside new ones, each what the other has begun."""
    async with installation(tmp_path, database_url) as new, Database.open(database_url) as database:
        old, ports = replace(new, code=unpack(tmp_path / "old")), free_ports(2)
        (_, node_url), *_ = await asyncio.gather(
            new.node(),
            *(each.gateway(f"gateway-{port}", port) for each, port in zip((old, new), ports, strict=True)),
        )
        store_id = await new.store(node_url)
        urls = [f"http://127.0.0.1:{port}" for port in ports]
        for name, each in (("old-worker", old), ("new-worker", new)):
            worker = each.start(name, [*COMMAND, "worker"])
            await until_delivered(database, [await bought(new, url, store_id) for url in urls])
            assert await worker.stop() == 0


async def test_statements_of_the_release_before_are_understood(database_url: str) -> None:
    """PostgreSQL prepares every statement that was kept of the release before: all that it names is there."""
    statements = json.loads(STATEMENTS.read_text())
    assert len(statements) > 150
    assert {
        each: wrong for each, wrong in (await understood(database_url, statements)).items() if wrong
    } == {}


async def test_a_statement_that_lost_its_table_is_found(database_url: str) -> None:
    """What names a column that is not there any more is told."""
    lost = "SELECT colour FROM carts"
    assert (await understood(database_url, [lost]))[lost] == 'column "colour" does not exist'
