"""The list of orders in the staff's hands: what waits for an answer is seen first, however much there is."""

from typing import Any

from gateway.journeys.delivering import Delivering

LIST = "/work/v1/orders"


async def listed(delivering: Delivering, query: str = "") -> list[str]:
    """The ids of a page."""
    reply = await delivering.worker.get(f"{LIST}?{query}")
    assert reply.status == 200, reply.text
    return [order["id"] for order in reply.body]


async def walk(delivering: Delivering, query: str = "") -> list[str]:
    """The ids of all pages, each of one order."""
    found: list[str] = []
    page = await listed(delivering, f"limit=1&{query}")
    while page:
        assert len(page) == 1
        found += page
        page = await listed(delivering, f"limit=1&after={found[-1]}&{query}")
    return found


async def some_orders(delivering: Delivering) -> list[dict[str, Any]]:
    """Two confirmed orders, one that waits for an answer, and one that waits for a sooner one."""
    first, second = [await delivering.moved(await delivering.order(), "CONFIRMED") for _ in range(2)]
    patient = await delivering.order()
    await delivering.set("PICKUP", reactWithinMinutes=5)
    return [first, second, patient, await delivering.order("PICKUP")]


async def test_what_waits_for_an_answer_comes_first(delivering: Delivering) -> None:
    """Soonest to be answered first, then what was confirmed, oldest first; page by page it is the same list."""
    first, second, patient, urgent = [order["id"] for order in await some_orders(delivering)]
    assert await listed(delivering) == [urgent, patient, first, second]
    assert await walk(delivering) == [urgent, patient, first, second]
    for status, ids in {"WAITING_FOR_CONFIRMATION": [urgent, patient], "CONFIRMED": [first, second]}.items():
        assert await listed(delivering, f"status={status}") == ids
        assert await walk(delivering, f"status={status}") == ids
    assert await listed(delivering, "status=COMPLETED") == []


async def test_a_fresh_order_is_seen_behind_any_number_of_others(delivering: Delivering) -> None:
    """Orders that are on their way for long do not push the one that must be answered out of the first page."""
    sent = await delivering.moved(await delivering.order(), "CONFIRMED", "SHIPPING")
    columns = "institution_id, person_id, cart_id, invoice_id, status, details, created_at"
    async with delivering.world.gateway.database.connection() as connection:
        await connection.execute(
            f"INSERT INTO orders (id, {columns}) SELECT 'copy-' || n, {columns} FROM orders, generate_series(1, 250) n"
            " WHERE id = $1",
            sent["id"],
        )
    fresh = await delivering.order()
    page = await listed(delivering, "limit=1&status=WAITING_FOR_CONFIRMATION")
    assert fresh["id"] in await listed(delivering)
    assert len(await listed(delivering, f"limit=200&after={page[0]}")) == 200


async def test_a_page_goes_on_after_an_order_that_was_answered_meanwhile(delivering: Delivering) -> None:
    """Whoever walks through those that wait, and answers them on the way, misses none."""
    earlier = await listed(delivering, "status=WAITING_FOR_CONFIRMATION")
    orders = [await delivering.order() for _ in range(3)]
    page = await listed(delivering, "status=WAITING_FOR_CONFIRMATION")
    assert page == earlier + [order["id"] for order in orders]
    await delivering.moved(orders[0], "CONFIRMED")
    after = f"status=WAITING_FOR_CONFIRMATION&after={orders[0]['id']}"
    assert await listed(delivering, after) == [order["id"] for order in orders[1:]]


async def test_pages_have_their_bounds(delivering: Delivering) -> None:
    """A limit that is none, a status that is none, and a page after an order of nobody's are answered, not guessed."""
    for query in ("limit=0", "limit=201", "limit=x", "status=LOST"):
        assert (await delivering.worker.get(f"{LIST}?{query}")).status == 422
    assert await listed(delivering, "after=nothing") == []
