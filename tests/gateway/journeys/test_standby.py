"""What the standby does not have yet is told to nobody, however often it is asked for, and done once in the end."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from gateway.journeys.world import BREAD, MILK, Client, Reply, Shopper, World, small_world, until
from gateway.storage.standby import Pair, pair
from outbox_parts import Receiver, message, put_all, working
from postgres_fixtures import reachable_directory
from smarts.gateway.storage.answers import Claim, once
from smarts.gateway.storage.database import Database, StorageUnavailableError

Ask = Callable[[], Awaitable[Reply]]


@pytest.fixture(scope="module")
async def both() -> AsyncIterator[Pair]:
    """A primary and its synchronous standby."""
    with contextmanager(reachable_directory)() as directory:
        async with pair(directory) as made:
            yield made


@pytest.fixture
def servers(both: Pair) -> Iterator[Pair]:
    """The same, which goes on after each test."""
    yield both
    both.go_on()


@pytest.fixture
async def world(servers: Pair) -> AsyncIterator[World]:
    """A gateway on the primary, and a merchant's node."""
    async with small_world(servers.primary.url()) as made:
        yield made


async def answered_in_the_end(servers: Pair, ask: Ask) -> Reply:
    """Asked while the standby stands still, again, and again when it goes on."""
    for _ in range(3):
        told = await servers.giving_up(ask())
        assert (told.status, told.body.get("retryable")) == (503, True), told.text
    servers.go_on()
    answer = await ask()
    assert (await ask()).text == answer.text
    return answer


async def test_a_scan(servers: Pair, world: World) -> None:
    """Done by one statement that keeps its answer."""
    shopper = await world.shopper()
    cart = await shopper.cart(world.institution_id)

    def scan() -> Awaitable[Reply]:
        lines = f"/shop/v1/carts/{cart['id']}/lines"
        return shopper.post(lines, {"barcode": BREAD}, **{"Idempotency-Key": "scan"})

    servers.stop()
    answer = await answered_in_the_end(servers, scan)
    assert answer.status == 200
    assert [line["quantity"] for line in answer.body["lines"]] == [1]
    assert (await shopper.look(cart))["lines"] == answer.body["lines"]


async def test_a_checkout(servers: Pair, world: World) -> None:
    """Done by two commits, with the node between them; the node is asked once."""
    shopper = await world.shopper()
    cart = await shopper.cart(world.institution_id, BREAD)

    async def stand_still() -> None:
        servers.stop()

    world.merchant.before_deciding = stand_still

    def check_out() -> Awaitable[Reply]:
        return shopper.post(f"/shop/v1/carts/{cart['id']}/checkout", **{"Idempotency-Key": "out"})

    answer = await answered_in_the_end(servers, check_out)
    assert (answer.status, answer.body["state"]) == (200, "READY")
    assert len(world.merchant.checks) == 1


async def test_joining(servers: Pair, world: World) -> None:
    """Its answer is not kept, but made again."""
    anybody = Client(world.session, world.url, {})

    def join() -> Awaitable[Reply]:
        return anybody.post("/shop/v1/shoppers", {}, **{"Idempotency-Key": "a-key-nobody-guesses"})

    servers.stop()
    assert (await answered_in_the_end(servers, join)).status == 201


async def test_a_request_that_was_not_made_before(servers: Pair, world: World) -> None:
    """Looked up and refused without a wait: nothing was found, so nothing is written."""
    shopper = await world.shopper()
    cart = await shopper.cart(world.institution_id)
    servers.stop()
    told = await shopper.post(f"/shop/v1/carts/{cart['id']}/checkout", **{"Idempotency-Key": "out"})
    assert (told.status, told.body["type"]) == (422, "cart-empty")


async def test_a_message(servers: Pair) -> None:
    """Sent by a worker once the standby has it, though the worker could see it before."""
    receiver = Receiver()
    url = servers.primary.url()
    async with Database.open(url) as database:
        servers.stop()
        with pytest.raises(StorageUnavailableError):
            await servers.giving_up(put_all(database, [message("1")]))
        async with working(database, url, receiver):
            await servers.until_waiting()
            assert receiver.ids == []
            servers.go_on()
            await receiver.until_called(1)
    assert receiver.ids == ["1"]


async def test_a_lost_primary_takes_along_what_nobody_was_told() -> None:
    """What was answered is at its successor; what was not is done there, once, when it is asked for again."""
    with contextmanager(reachable_directory)() as directory:
        async with pair(directory) as servers, small_world(servers.primary.url()) as before:
            shopper = await before.shopper()
            cart = await shopper.cart(before.institution_id, BREAD)

            def scan(by: Shopper) -> Awaitable[Reply]:
                lines = f"/shop/v1/carts/{cart['id']}/lines"
                return by.post(lines, {"barcode": MILK}, **{"Idempotency-Key": "milk"})

            servers.stop()
            for _ in range(2):
                told = await servers.giving_up(scan(shopper))
                assert (told.status, told.body.get("retryable")) == (503, True), told.text
            assert goods(await shopper.look(cart)) == [BREAD, MILK]
            await servers.lose_primary()
            async with small_world(servers.standby.url()) as after:
                moved = Shopper(after.session, after.url, shopper.headers)
                assert goods(await moved.look(cart)) == [BREAD]
                for _ in range(2):
                    told = await scan(moved)
                    assert (told.status, goods(told.body)) == (200, [BREAD, MILK])


def goods(cart: dict[str, Any]) -> list[str]:
    """What is in a cart, piece by piece."""
    return [line["product"]["barcode"] for line in cart["lines"] for _ in range(int(line["quantity"]))]


async def test_a_standby_answers_nothing_that_was_kept(servers: Pair) -> None:
    """A gateway that is led to one is told to try again, as it is by whatever it would write there."""
    claim = Claim("somebody", "key", b"what")

    async def nothing() -> None:
        return None

    async with (
        Database.open(servers.primary.url()) as primary,
        Database.open(servers.standby.url()) as standby,
    ):
        await once(primary, claim, nothing)
        await until(lambda: kept_answers(standby))
        with pytest.raises(StorageUnavailableError):
            await once(standby, claim, nothing)


async def kept_answers(database: Database) -> int:
    async with database.connection() as connection:
        return int(await connection.fetchval("SELECT count(*) FROM kept_answers"))
