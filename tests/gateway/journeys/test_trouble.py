"""The database goes away and comes back."""

from pathlib import Path

from gateway.journeys.test_bad_input import is_problem
from gateway.journeys.world import BREAD, small_world, until
from postgres_fixtures import QUICK
from smarts.gateway.storage.database import Database
from smarts.gateway.storage.embedded import embedded_postgres
from smarts.gateway.storage.migrations import migrate


async def test_without_the_database_the_answer_is_503_and_the_cart_is_whole_when_it_is_back(
    directory: Path,
) -> None:
    """A gateway whose PostgreSQL is restarted answers 503 with when to try again, then goes on by itself."""
    async with embedded_postgres(directory, settings=QUICK, on_progress=lambda _: None) as server:
        async with Database.open(server.url(), connections=1) as database:
            await migrate(database)
        first = server.url()
        worlds = small_world(first)
        world = await worlds.__aenter__()
        shopper = await world.shopper()
        cart = await shopper.cart(world.institution_id, BREAD)
    gone = await shopper.get(f"/shop/v1/carts/{cart['id']}")
    assert is_problem(gone, 503), gone.text
    assert (gone.body["type"], gone.headers["Retry-After"]) == ("storage-unavailable", "2")
    assert str(directory) not in gone.text
    assert is_problem(await shopper.get("/readyz"), 503)
    assert (await shopper.get("/healthz")).status == 200
    async with embedded_postgres(directory, settings=QUICK, on_progress=lambda _: None):

        async def back() -> bool:
            return (await shopper.get("/readyz")).status == 200

        await until(back)
        assert await shopper.look(cart) == cart
        await worlds.__aexit__(None, None, None)
