"""The second fence: to whoever acts for some stores the database itself shows no others, whatever a statement says."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import asyncpg
import pytest

from gateway.journeys.delivering import Delivering, delivering_world
from gateway.journeys.world import BREAD, MILK
from postgres_fixtures import TEMPLATE, database_urls, execute
from smarts.control import Policy
from smarts.gateway.parties import Role
from smarts.gateway.storage import fence
from smarts.gateway.storage.database import Database
from smarts.gateway.storage.embedded import EmbeddedPostgres
from smarts.gateway.storage.fence import Fence, FenceMissingError, require_fence, stay_within
from smarts.gateway.storage.migrations import migrate
from smarts.gateway.stores.service import Stores as Rooms
from smarts.wire.control import Decision

# Tables without a store's rows, each with the reason; a new table belongs here or gets a fence in its migration.
OPEN = {
    "images": "pictures of cards, named by what is in them and shown to everybody",
    "sandbox_charges": "the books of the provider that is played, as a real one keeps them elsewhere",
    "sandbox_steps": "the same",
}
SHUT = {
    "schema_migrations",
    "installation",
    "sign_in_attempts",
    "joins",
}  # not even the names of rows are seen

# What journeys write only now and then, written by hand so that every table has rows of both stores.
_MORE = """
    INSERT INTO loyalty_links SELECT person_id, $2, $1, 'c-' || $1, NULL, now() FROM carts
     WHERE institution_id = $1 LIMIT 1;
    INSERT INTO loyalty_refusals (kind_id, tried_at) VALUES ($2, now());
    INSERT INTO loyalty_attempts SELECT person_id, '{now}' FROM carts WHERE institution_id = $1 LIMIT 1;
    INSERT INTO node_changes (institution_id, state, detail) VALUES ($1, 'UP', '');
    INSERT INTO node_reports (institution_id, operation, detail) VALUES ($1, 'x', 'y');
    INSERT INTO node_breakers (institution_id, process, feature, position, why) VALUES ($1, 'x', 'node', 'OPEN', '');
    INSERT INTO node_timings VALUES ($1, now(), 'x', 1, 0, 1, '{1}');
    INSERT INTO stripe_intents (payment_id, intent_id) SELECT id, id FROM payments WHERE institution_id = $1;
    INSERT INTO staff_sessions SELECT decode(md5(id), 'hex'), id, now(), now(), now() FROM staff
     WHERE merchant_id = (SELECT merchant_id FROM institutions WHERE id = $1);
    INSERT INTO staff_tokens SELECT id, decode(md5(id), 'hex'), id, 'x', role, '{}', true, now(), now() FROM staff
     WHERE merchant_id = (SELECT merchant_id FROM institutions WHERE id = $1);
    INSERT INTO next_tokens SELECT DISTINCT person_id, decode(md5(person_id), 'hex') FROM carts
     WHERE institution_id = $1;
    INSERT INTO ages_seen SELECT merchant_id, 'somebody', 18, now(), now() FROM institutions WHERE id = $1
        ON CONFLICT DO NOTHING;
    INSERT INTO goods_facts VALUES ($1, 'x', '2026-11-01', 1, 0, 0);
    INSERT INTO outbox_attempts SELECT id, 99, now(), '1s', 'x', 'y' FROM outbox_messages WHERE lane = $1;
    INSERT INTO kept_answers VALUES ($1, 'key', '', 200, '')
"""


@dataclass
class Stores:
    """Two merchants' stores, in which something of every kind has happened."""

    database: Database
    ours: str
    theirs: str
    our_merchant: str
    our_clerk: str


async def _happen(made: Delivering) -> str:
    """Something of every kind; gives the id of the worker."""
    world = made.world
    shopper = await world.shopper(name="Mari", email="mari@example.com")
    made = replace(made, shopper=shopper)
    for method in ("COURIER", "PARCEL"):
        assert (await made.set(method)).status == 200
    kind = await made.manager.post(
        "/manage/v1/loyalty-kinds",
        {"type": "DEFAULT", "name": {"originalText": "Kaart"}, "validationTypes": ["CARD_NUMER"]},
    )
    await made.order()
    await world.set_policy(Policy())
    cart = await shopper.check_out(await shopper.cart(world.institution_id, BREAD))
    assert (await shopper.pay(cart, **{"Idempotency-Key": world.institution_id})).status == 200
    made.merchant.decision = Decision.FULL
    await shopper.check_out(await shopper.cart(world.institution_id, MILK))
    made.merchant.decision = Decision.NO
    async with world.gateway.database.connection() as connection:
        await connection.execute(
            _MORE.replace("$1", f"'{world.institution_id}'").replace("$2", f"'{kind.body['id']}'")
        )
        clerk: str = await connection.fetchval(
            "SELECT id FROM staff WHERE $1 = ANY (institution_ids)", world.institution_id
        )
    return clerk


@pytest.fixture(scope="module")
async def stores(postgres: EmbeddedPostgres) -> AsyncIterator[Stores]:
    async for url in database_urls(postgres, TEMPLATE):
        async with delivering_world(url) as made:
            clerk = await _happen(made)
            gateway = made.world.gateway
            node = await gateway.registry.target(made.world.institution_id)
            assert node
            other, _ = await made.world.add_store(node.base_url, name="Somebody else's")
            world = replace(made.world, institution_id=other)
            manager, worker = await world.staff(Role.MANAGER), await world.staff(Role.WORKER, other)
            await _happen(replace(made, world=world, manager=manager, worker=worker))
            ours = await gateway.stores.get(made.world.institution_id)
            yield Stores(gateway.database, ours.institution_id, other, ours.merchant_id, clerk)


@pytest.fixture(autouse=True)
def _afterwards() -> Any:
    yield
    stay_within(None)


async def _tables(database: Database) -> dict[str, bool]:
    """All tables, and whether each has a fence."""
    async with database.connection() as connection:
        rows = await connection.fetch(
            "SELECT relname, relrowsecurity AND EXISTS (SELECT FROM pg_policy WHERE polrelid = pg_class.oid"
            " AND polname = 'own_stores' AND NOT polpermissive) AS fenced FROM pg_class"
            " WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
        )
    return {row["relname"]: row["fenced"] for row in rows}


async def _seen(stores: Stores, table: str, within: Fence | None) -> list[str]:
    stay_within(within)
    async with stores.database.connection() as connection:
        return [row[0] for row in await connection.fetch(f"SELECT each::text FROM {table} AS each")]


async def test_every_table_is_fenced_or_has_no_stores_rows(stores: Stores) -> None:
    """A table that is made without a fence, and is not named here with a reason, is a hole: this fails for it."""
    tables = await _tables(stores.database)
    assert {name for name, fenced in tables.items() if not fenced} == OPEN.keys() | SHUT


async def test_a_statement_without_conditions_shows_only_ones_own(stores: Stores) -> None:
    """Asked for all rows of any table, each side gets its own, all of them, and none that the other side gets."""
    one, other = (Fence(store, frozenset({store})) for store in (stores.ours, stores.theirs))
    for table, fenced in (await _tables(stores.database)).items():
        if fenced:
            ours, theirs = await _seen(stores, table, one), await _seen(stores, table, other)
            assert ours, table
            assert theirs, table
            assert not set(ours) & set(theirs), table
            strangers = await _seen(stores, table, None)
            lost = set(strangers) - set(ours) - set(theirs)
            # Answers are their askers', and somebody who joined may have shopped nowhere yet.
            assert table in ("kept_answers", "shoppers") or not lost, (table, lost)


async def test_a_manager_sees_the_merchants_and_a_worker_the_named_stores(stores: Stores) -> None:
    """A merchant's manager and a worker of its only store see the same carts, and not the other merchant's."""
    manager = await _seen(stores, "carts", Fence("m", merchant=stores.our_merchant))
    worker = await _seen(stores, "carts", Fence(stores.our_clerk, stores=frozenset({stores.ours})))
    everybody = await _seen(stores, "carts", None)
    assert sorted(manager) == sorted(worker)
    assert 0 < len(manager) < len(everybody)
    assert await _seen(stores, "carts", Fence("nobody")) == []


def _looks_at(table: str, node: Any) -> float:
    """How often a plan has read from a table."""
    own = node["Actual Loops"] if node.get("Relation Name") == table else 0
    return own + sum(_looks_at(table, each) for each in node.get("Plans", ()))


async def test_what_a_store_or_worker_asks_for_costs_no_look_at_the_other_stores(stores: Stores) -> None:
    """However many stores there are, those that the fence names are not looked up among them; a merchant's are."""
    count = "SELECT count(*) FROM carts WHERE institution_id = $1"
    for within, looks in (
        (Fence("x", frozenset({stores.ours})), False),
        (Fence("x", merchant=stores.our_merchant), True),
    ):
        stay_within(within)
        async with stores.database.connection() as connection:
            text = await connection.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {count}", stores.ours)
            assert await connection.fetchval(count, stores.ours)
        assert bool(_looks_at("institutions", json.loads(text)[0]["Plan"])) == looks


async def test_wrong_statements_change_nothing_of_others(stores: Stores) -> None:
    """A change or a deletion that forgot its conditions stays inside, and nothing can be put into another store."""
    before = await _seen(stores, "node_reports", Fence("x", frozenset({stores.theirs})))
    stay_within(Fence(stores.ours, frozenset({stores.ours})))
    async with stores.database.transaction() as tx:
        assert await tx.execute("UPDATE carts SET version = version + 1") != "UPDATE 0"
        assert await tx.execute("DELETE FROM node_reports") == "DELETE 1"
    assert await _seen(stores, "node_reports", Fence("x", frozenset({stores.theirs}))) == before != []
    stay_within(Fence(stores.ours, frozenset({stores.ours})))
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
        async with stores.database.connection() as connection:
            await connection.execute(
                "INSERT INTO node_reports (institution_id, operation, detail) VALUES ($1, 'a', 'b')",
                stores.theirs,
            )
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
        async with stores.database.connection() as connection:
            await connection.execute("UPDATE carts SET institution_id = $1", stores.theirs)


@pytest.mark.parametrize("table", sorted(SHUT))
async def test_what_is_no_stores_business_is_shut(stores: Stores, table: str) -> None:
    """The installation's secret, attempts to sign in and the like cannot be read from within at all."""
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await _seen(stores, table, Fence(stores.ours, frozenset({stores.ours})))


async def test_nothing_of_a_fence_is_left_behind(stores: Stores) -> None:
    """The next one to borrow the same connection is not within, whether the block ended well, badly or in a cancel."""
    within = Fence("o'neil\\", frozenset({'a"b', "c,d", "{}", "\\"}))

    async def role() -> Any:
        async with stores.database.connection() as connection:
            return await connection.fetchval(
                "SELECT current_user || coalesce(current_setting('smarts.stores', true), '')"
            )

    outside = await role()
    for failing in ("SELECT 1", "SELECT 1/0", "COMMIT"):
        stay_within(within)
        assert await role() != outside
        try:
            async with stores.database.transaction() as tx:
                await tx.execute(failing)
        except asyncpg.DivisionByZeroError:
            pass
        stay_within(None)
        assert await role() == outside


async def test_what_is_remembered_for_all_is_read_without_a_fence(stores: Stores) -> None:
    """Somebody who may not see a store does not make others believe for a moment that it is not there."""
    fresh = Rooms(stores.database)  # of a process that remembers nothing yet
    stay_within(Fence(stores.ours, frozenset({stores.ours})))
    await fresh.get(stores.theirs)
    stay_within(None)
    assert (await fresh.get(stores.theirs)).institution_id == stores.theirs


async def test_a_database_without_the_role_is_told_at_the_start(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the role is missing, as after a backup was put into another server, the gateway says what to run."""
    await require_fence(stores.database)
    monkeypatch.setattr(fence, "ROLE", "nobody_made_this")
    with pytest.raises(FenceMissingError, match="CREATE ROLE nobody_made_this NOLOGIN"):
        await require_fence(stores.database)


async def test_an_ordinary_account_is_told_what_an_administrator_has_to_run(
    postgres: EmbeddedPostgres,
) -> None:
    """An owner of a database who may make no roles migrates after that one statement, and is fenced like others."""
    await execute(postgres, "CREATE ROLE plain_owner LOGIN")
    await execute(postgres, "CREATE DATABASE plain OWNER plain_owner")
    url = postgres.url("plain").replace("postgres@", "plain_owner@")
    try:
        async with Database.open(url, connections=1) as database:
            with pytest.raises(FenceMissingError, match="GRANT smarts_store TO plain_owner"):
                await migrate(database)
            await execute(postgres, "GRANT smarts_store TO plain_owner")
            assert await migrate(database)
            await require_fence(database)
            stay_within(Fence("nobody"))
            async with database.connection() as connection:
                assert await connection.fetchval("SELECT current_user") == "smarts_store"
    finally:
        await execute(postgres, "DROP DATABASE plain WITH (FORCE)")
        await execute(postgres, "DROP OWNED BY plain_owner")
        await execute(postgres, "DROP ROLE plain_owner")
