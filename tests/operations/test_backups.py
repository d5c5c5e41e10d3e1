"""Backup and restore, drilled: a copy taken while people shop is a gateway that goes on."""

import asyncio
from pathlib import Path

from cli.commands import smarts
from gateway.journeys.world import BREAD, Shopper, World, small_world, until
from smarts.gateway.app import open_gateway
from smarts.gateway.settings import Settings
from smarts.gateway.storage.database import Database

SHOPPERS = 3


async def shop(world: World, shopper: Shopper, bought: list[str], enough: asyncio.Event) -> None:
    """Buys bread until it is enough; writes down what was paid for."""
    while not enough.is_set():
        cart = await shopper.check_out(await shopper.cart(world.institution_id, BREAD))
        paid = await shopper.pay(cart)
        assert paid.status == 200, paid.text
        bought.append(paid.body["invoiceId"])


async def purchases(url: str) -> dict[str, int]:
    """Each purchase that a database knows, and how much of it is in the ledger, in cents."""
    async with Database.open(url, connections=1) as database, database.connection() as connection:
        rows = await connection.fetch(
            "SELECT invoices.id, -sum(amount) * 100 AS cents, total * 100 AS total FROM invoices"
            " JOIN ledger_entries ON invoice_id = invoices.id AND account = 'sales' GROUP BY invoices.id"
        )
    assert all(row["cents"] == row["total"] for row in rows)
    return {row["id"]: int(row["cents"]) for row in rows}


async def test_a_copy_taken_under_load_goes_on_as_a_gateway(
    tmp_path: Path, database_url: str, empty_database_url: str
) -> None:
    """What was paid before the copy was begun is in it, whole and balanced; what waited for the node is delivered.

    It can be read back by a server that has never seen Smarts, too.
    """
    file, enough, bought = tmp_path / "smarts.dump", asyncio.Event(), list[str]()
    async with small_world(database_url) as world:
        world.merchant.trouble_with_invoices = RuntimeError("on fire")
        shoppers = [await world.shopper() for _ in range(SHOPPERS)]
        work = [asyncio.create_task(shop(world, each, bought, enough)) for each in shoppers]
        await until(lambda: len(bought) >= 5)
        before = set(bought)
        made = await smarts("backup", str(file), "--json", SMARTS_DATABASE_URL=database_url)
        assert made.code == 0, made.err
        enough.set()
        await asyncio.gather(*work)
        assert (made.json["file"], made.json["bytes"]) == (str(file), file.stat().st_size)
        assert file.stat().st_mode & 0o077 == 0

        back = await smarts("restore", str(file), "--json", SMARTS_DATABASE_URL=empty_database_url)
        assert back.code == 0, back.err
        known = await purchases(empty_database_url)
        assert before <= known.keys() <= set(bought)
        assert set(known.values()) == {149}
        assert (back.json["purchases"], back.json["unbalanced"]) == (len(known), 0)
        assert back.json["charged"] == f"{149 * len(known) / 100:.2f} EUR"
        elsewhere = await smarts("restore", str(file), "--json", SMARTS_DATA=str(tmp_path / "another"))
        assert elsewhere.code == 0, elsewhere.err
        assert elsewhere.json == back.json

        world.merchant.trouble_with_invoices = None
        settings = Settings(allow_private_nodes=True, sandbox_payments=True)
        async with open_gateway(settings, empty_database_url) as gateway, gateway.working():
            await until(lambda: {each.id for each in world.merchant.invoices} >= known.keys())


async def test_a_database_in_use_is_not_restored_over(tmp_path: Path, database_url: str) -> None:
    """A copy is read into an empty database only; a file that is there is not overwritten; nonsense is told."""
    file = tmp_path / "smarts.dump"
    file.write_text("no archive")
    over = await smarts("backup", str(file), SMARTS_DATABASE_URL=database_url)
    assert (over.code, over.err) == (1, f"smarts: {file} is there already: name a new file\n")
    full = await smarts("restore", str(file), SMARTS_DATABASE_URL=database_url)
    assert (full.code, full.err.startswith("smarts: the database is not empty")) == (1, True)


async def test_a_file_that_is_no_copy_is_told(tmp_path: Path, empty_database_url: str) -> None:
    """What is no archive leaves the database empty, with the reason in a sentence."""
    file = tmp_path / "smarts.dump"
    file.write_text("no archive")
    ended = await smarts("restore", str(file), SMARTS_DATABASE_URL=empty_database_url)
    assert ended.code == 1
    assert ended.err.startswith("smarts: pg_restore failed: ")
    assert "valid archive" in ended.err
