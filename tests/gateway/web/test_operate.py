"""The operator's page."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from gateway.journeys.world import BREAD, World, until
from gateway.web.browsing import Browser, signed_in
from smarts.gateway.outbox import Message, dead_letters, put
from smarts.gateway.parties import Role
from smarts.node import Refused


@pytest.mark.parametrize("role", [Role.MANAGER, Role.WORKER])
async def test_it_is_for_operators_only(world: World, role: Role) -> None:
    """A manager or a worker sees neither the page nor can act on it."""
    async with signed_in(world, role) as somebody:
        assert (await somebody.get("/operate")).status == 403
        csrf = (await somebody.get("/account")).csrf()
        assert (await somebody.post("/operate/replay", {"csrf": csrf, "letter": "x"})).status == 403


async def test_the_stores_that_need_somebody_come_first(world: World, operator: Browser) -> None:
    """A store whose node is away stands before one whose node works, each with its state in words."""
    await world.add_store("http://127.0.0.1:9", name="Aaaa Works Not")
    for store in await world.gateway.stores.page(10, None):
        await world.gateway.watcher.ask(store.institution_id)
    await world.change_store(name="Aaa Works")
    page = (await operator.get("/operate")).text
    assert page.index("Aaaa Works Not") < page.index("Aaa Works<")
    assert "1 · not reachable" in page
    assert "1 · works" in page


async def test_a_hostile_name_is_only_text(world: World, operator: Browser) -> None:
    """Whatever a store calls itself, it puts no element on the page."""
    await world.change_store(name="<script>alert(1)</script>\"'><img src=x onerror=alert(1)>")
    for path in ("/operate", "/manage", f"/manage/stores/{world.institution_id}/settings"):
        page = (await operator.get(path)).text
        assert "<script>alert" not in page
        assert "<img" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


async def test_dead_letters_are_delivered_again(world: World, operator: Browser) -> None:
    """A chosen dead letter leaves the list and arrives once its reason is gone; its attempts can be read."""
    world.merchant.trouble_with_invoices = Refused("books closed <b>")
    async with world.gateway.working():
        shopper = await world.shopper()
        await shopper.pay(await shopper.check_out(await shopper.cart(world.institution_id, BREAD)))

        async def first_dead() -> str | None:
            async with world.gateway.database.connection() as connection:
                found = await dead_letters(connection)
            return found[0].id if found else None

        letter = await until(first_dead)
        page = await operator.get("/operate")
        assert f'value="{letter}"' in page.text
        assert "books closed &lt;b&gt;" in page.text
        assert "books closed &lt;b&gt;" in (await operator.get(f"/operate/dead-letters/{letter}")).text
        world.merchant.trouble_with_invoices = None
        done = await operator.post("/operate/replay", {"csrf": page.csrf(), "letter": letter})
        assert done.location == "/operate?replayed=1#dead-letters"
        await until(lambda: world.merchant.invoices)
    assert letter not in (await operator.get("/operate")).text


async def test_an_unknown_letter_is_not_found(operator: Browser) -> None:
    """An id of nothing is a page that says so."""
    for letter in ("nothing", "x" * 300, "%00"):
        assert (await operator.get(f"/operate/dead-letters/{letter}")).status == 404


async def test_stores_are_searched_and_paged(world: World, operator: Browser) -> None:
    """A page has fifty stores, the worst first; a name or a state finds others, and counts are of all of them."""
    for number in range(60):
        await world.add_store("http://127.0.0.1:9", name=f"Pood {number:02}")
    await world.gateway.watcher.ask(world.institution_id)
    first = (await operator.get("/operate")).text
    second = (await operator.get("/operate?page=2")).text
    names = re.findall(r"<strong>(Pood \d+|Nurgapood)</strong>", first + second)
    assert names == [*(f"Pood {number:02}" for number in range(60)), "Nurgapood"]
    assert len(re.findall(r'id="store-', first)) == 50
    assert "60 · not asked yet" in second
    found = (await operator.get("/operate?text=OOD+07")).text
    assert re.findall(r"<strong>(Pood \d+|Nurgapood)</strong>", found) == ["Pood 07"]
    assert (
        "Pood"
        not in re.findall(r'id="stores".*?</div>', (await operator.get("/operate?state=UP")).text, re.DOTALL)[
            0
        ]
    )
    for odd in ("page=0", "page=-1", "page=99999", "state=NONE", "text=%00", "page=x"):
        assert (await operator.get(f"/operate?{odd}")).status == 200


async def test_queues_stand_at_their_stores(world: World, operator: Browser) -> None:
    """What waits too long is told at the store and among the longest queues; timers to come are not late."""
    later = datetime.now(UTC) + timedelta(hours=1)
    async with world.gateway.database.transaction() as tx:
        for number in range(3):
            await put(tx, Message(f"m{number}", world.institution_id, "invoice", f"m{number}", b"{}"))
        await put(tx, Message("t", f"timers:{world.institution_id}", "timer", "t", b"", later))
        await tx.execute(
            "UPDATE outbox_messages SET waiting_since = now() - interval '5 min' WHERE lane !~ ':'"
        )
        await tx.execute("UPDATE outbox_lanes SET due = now() - interval '5 min' WHERE name !~ ':'")
    page = (await operator.get("/operate")).text
    assert page.count("3 late, for 5 min") == 2
    assert "1 that nobody takes" in page


async def test_dead_letters_of_a_store_or_some_days_are_delivered_again(
    world: World, operator: Browser
) -> None:
    """A search finds letters by store, kind and day; one press delivers all that it found, and no others."""
    other, _ = await world.add_store("http://127.0.0.1:9")
    async with world.gateway.database.transaction() as tx:
        for name, lane in (("old", world.institution_id), ("new", world.institution_id), ("theirs", other)):
            await put(tx, Message(name, lane, "invoice", name, b"{}"))
        await tx.execute(
            "UPDATE outbox_messages SET state = 'dead', detail = 'no', finished_at = '2026-03-05T12:00Z'"
        )
        await tx.execute("UPDATE outbox_messages SET finished_at = '2026-03-04T23:59Z' WHERE id = 'old'")
    query = f"store={world.institution_id}&from=2026-03-05&to=2026-03-05"
    page = await operator.get(f"/operate/dead-letters?{query}")
    assert re.findall(r'name="letter" value="(\w+)"', page.text) == ["new"]
    fields = {"csrf": page.csrf(), "all": "1", "store": world.institution_id, "from": "2026-03-05"}
    done = await operator.post("/operate/replay", fields)
    assert done.location == "/operate/dead-letters?replayed=1#dead-letters"
    async with world.gateway.database.connection() as connection:
        assert {letter.id for letter in await dead_letters(connection)} == {"old", "theirs"}
    wrong = await operator.get("/operate/dead-letters?from=2026-03-05&to=2026-03-04")
    assert (wrong.status, wrong.text.count('aria-invalid="true"')) == (422, 1)
    assert (await operator.post("/operate/replay", fields | {"from": "soon"})).status == 422
