"""Joining: so many in an hour from one address, whoever asks."""

import pytest

from gateway.journeys.world import Client, Reply, World, small_world
from serving import serving
from smarts.gateway.app import application

JOIN = "/shop/v1/shoppers"


async def join(world: World, came_from: str | None = None, **headers: str) -> Reply:
    """Somebody joins, from an address that a proxy on this machine tells."""
    forwarded = {"X-Forwarded-For": came_from} if came_from else {}
    return await Client(world.session, world.url, {}).post(JOIN, {}, **forwarded, **headers)


async def test_so_many_join_from_one_address(database_url: str) -> None:
    """The next one is a 429 that says how long to wait, nobody is added; an hour later there is room again."""
    async with small_world(database_url, joins_per_hour=3) as world:
        assert [(await join(world)).status for _ in range(3)] == [201] * 3
        refused = await join(world)
        assert (refused.status, refused.body["type"]) == (429, "too-many")
        assert 3500 < int(refused.headers["Retry-After"]) <= 3600
        async with world.gateway.database.connection() as connection:
            assert await connection.fetchval("SELECT count(*) FROM shoppers") == 3
            await connection.execute("UPDATE joins SET joined_at = joined_at - interval '1 hour'")
            assert (await join(world)).status == 201
            assert await connection.fetchval("SELECT count(*) FROM joins") == 1


async def test_a_repeated_request_is_answered_as_before(database_url: str) -> None:
    """A phone that asks again with its Idempotency-Key did not join twice, and gets its token also at the bound."""
    key = {"Idempotency-Key": "a-secret-of-this-phone"}
    async with small_world(database_url, joins_per_hour=1) as world:
        first, again, another = await join(world, **key), await join(world, **key), await join(world)
        assert (again.status, again.body) == (201, first.body)
        assert another.status == 429


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("203.0.113.7", "203.0.113.8", False),
        ("203.0.113.7", "203.0.113.7", True),
        ("198.51.100.1, 203.0.113.7", "198.51.100.2, 203.0.113.7", True),
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("::ffff:203.0.113.7", "::ffff:203.0.113.8", False),
        ("::ffff:203.0.113.7", "203.0.113.7", True),
        ("unknown", "unknown", True),
    ],
)
async def test_whose_address_it_is(database_url: str, one: str, other: str, *, same: bool) -> None:
    """A trusted proxy's last word counts, not what the client put before it; with IPv6 it is the whole network."""
    async with small_world(database_url, joins_per_hour=1) as world:
        assert (await join(world, one)).status == 201
        assert (await join(world, other)).status == (429 if same else 201)


async def test_a_proxy_that_is_not_trusted_is_not_believed(database_url: str) -> None:
    """Whoever names another address at every request is still one."""
    async with (
        small_world(database_url, joins_per_hour=1) as world,
        serving(application(world.gateway), forwarded_allow_ips="") as url,
    ):
        anybody = Client(world.session, url, {})
        claims = [{"X-Forwarded-For": f"203.0.113.{number}"} for number in range(2)]
        replies = [await anybody.post(JOIN, {}, **claim) for claim in claims]
    assert [reply.status for reply in replies] == [201, 429]


async def test_addresses_are_not_kept_readable(database_url: str) -> None:
    """The count is kept by a hash that only this installation can make."""
    async with small_world(database_url, joins_per_hour=1) as world:
        await join(world, "203.0.113.7")
        async with world.gateway.database.connection() as connection:
            (row,) = await connection.fetch("SELECT * FROM joins")
    assert "203.0.113" not in str(dict(row))
    assert len(row["address"]) == 32
