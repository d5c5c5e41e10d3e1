"""Behind PgBouncer in transaction mode: what needs no session goes through it, notices go past it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import pytest

from gateway.journeys.world import BREAD, MILK, World, small_world, until
from gateway.storage.pooler import SETTINGS, pooler
from smarts.gateway.parties import Role
from smarts.gateway.storage.database import Database, SettingsMissingError, StorageUnavailableError
from smarts.gateway.storage.embedded import EmbeddedPostgres
from smarts.gateway.storage.fence import Fence, outside, stay_within


@pytest.fixture
async def pooled_url(postgres: EmbeddedPostgres, database_url: str) -> AsyncIterator[str]:
    async with pooler(database_url, postgres.socket_directory) as url:
        yield url


@pytest.fixture
async def pooled(pooled_url: str) -> AsyncIterator[Database]:
    async with Database.open(pooled_url, connections=8, pooled=True) as database:
        yield database


@pytest.fixture
async def world(pooled_url: str, database_url: str) -> AsyncIterator[World]:
    async with (
        small_world(pooled_url, direct_database_url=database_url) as made,
        made.gateway.working(),
    ):
        yield made


async def test_purchases_go_through_a_pooler(world: World) -> None:
    """Shoppers at the same time, staff within their fence, and the worker share sessions of PostgreSQL."""

    async def shop() -> None:
        shopper = await world.shopper()
        cart = await shopper.check_out(await shopper.cart(world.institution_id, BREAD, MILK, BREAD))
        assert (await shopper.pay(cart)).status == 200

    await asyncio.gather(*(shop() for _ in range(6)))
    await until(lambda: len(world.merchant.invoices) == 6)
    manager = await world.staff(Role.MANAGER, world.institution_id)
    assert (await manager.get(f"/manage/v1/stores/{world.institution_id}")).status == 200
    assert (await world.as_store().get("/v1/pickup/order/none-such")).status == 404


async def test_a_live_event_comes_past_the_pooler(world: World) -> None:
    """Who watches a cart is told of a scan."""
    shopper = await world.shopper()
    cart = await shopper.cart(world.institution_id)
    url = f"{world.url}/shop/v1/carts/{cart['id']}/events"
    async with asyncio.timeout(20), world.session.get(url, headers=shopper.headers) as stream:
        assert stream.status == 200
        await shopper.scan(cart, BREAD)
        async for line in stream.content:
            if line.startswith(b"data:") and BREAD.encode() in line:
                break


async def test_what_is_set_for_one_transaction_is_not_left_to_the_next(pooled: Database) -> None:
    """The role and the stores of a fence end with it, whoever gets the session afterwards."""

    async def actors(fence: Fence | None) -> set[tuple[str, str]]:
        with outside():
            stay_within(fence)
            async with pooled.connection() as connection:
                row = await connection.fetchrow(
                    "SELECT current_user::text, coalesce(current_setting('smarts.actor', true), '')"
                )
        assert row
        return {(row[0], row[1])}

    within, without = Fence("somebody", frozenset({"store"})), None
    seen = await asyncio.gather(*(actors(fence) for fence in (within, without) * 20))
    assert set.union(*seen[::2]) == {("smarts_store", "somebody")}
    assert all(who != "smarts_store" and not actor for who, actor in set.union(*seen[1::2]))


async def test_a_statement_that_takes_too_long_is_ended_behind_the_pooler(
    postgres: EmbeddedPostgres, database_url: str
) -> None:
    """The time that the pooler sets where it connects counts."""
    settings = "SET statement_timeout = 50; SET idle_in_transaction_session_timeout = 1000"
    async with (
        pooler(database_url, postgres.socket_directory, settings) as url,
        Database.open(url, pooled=True) as database,
    ):
        with pytest.raises(StorageUnavailableError):
            async with database.connection() as connection:
                await connection.execute("SELECT pg_sleep(60)")


async def test_a_pooler_without_limits_is_refused(postgres: EmbeddedPostgres, database_url: str) -> None:
    """Nothing is served where a statement could take for ever, and the error names what to set."""
    async with pooler(database_url, postgres.socket_directory, settings="") as url:
        with pytest.raises(SettingsMissingError, match="statement_timeout and idle_in_transaction"):
            async with Database.open(url, pooled=True):
                pass


async def test_a_pooler_whose_sessions_compile_statements_is_refused(
    postgres: EmbeddedPostgres, database_url: str
) -> None:
    """New connections would stand still for seconds while the driver's question about types is compiled."""
    settings = SETTINGS.replace("SET jit = off", "SET jit = on")
    async with pooler(database_url, postgres.socket_directory, settings) as url:
        with pytest.raises(SettingsMissingError, match=r": jit must be set"):
            async with Database.open(url, pooled=True):
                pass


async def test_a_pooler_that_is_not_told_of_is_noticed_at_once(pooled_url: str) -> None:
    """Without the setting for it nothing half works: the pooler refuses what cannot be kept."""
    with pytest.raises((asyncpg.PostgresError, StorageUnavailableError), match="startup parameter"):
        async with Database.open(pooled_url, acquire_timeout=timedelta(seconds=5)):
            pass
