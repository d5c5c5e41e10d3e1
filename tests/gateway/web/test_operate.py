"""The operator's page."""

import pytest

from gateway.journeys.world import BREAD, World, until
from gateway.web.browsing import Browser, signed_in
from smarts.gateway.outbox import dead_letters
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
