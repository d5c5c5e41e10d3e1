"""What was sent to a store's node, and sending it again: pages, API, and the outbox's own rules."""

import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from gateway.journeys.world import BREAD, World, until
from gateway.web.browsing import Browser
from smarts.gateway.outbox import Message, put
from smarts.gateway.parties import Role
from smarts.node import Refused


@pytest.fixture
def here(world: World) -> str:
    return f"/manage/stores/{world.institution_id}"


async def buy(world: World) -> str:
    shopper = await world.shopper()
    cart = await shopper.check_out(await shopper.cart(world.institution_id, BREAD))
    assert (await shopper.pay(cart)).status == 200
    return str(cart["invoiceId"])


async def until_state(world: World, message_id: str, state: str) -> None:
    api = await world.staff(Role.MANAGER)
    path = f"/manage/v1/stores/{world.institution_id}/messages/{message_id}"

    async def there() -> bool:
        return bool((await api.get(path)).body.get("state") == state)

    await until(there)


async def test_a_message_that_was_given_up_is_sent_again(world: World, manager: Browser, here: str) -> None:
    """Its page says how the node answered; sent again it arrives, and both attempts stand there."""
    world.merchant.trouble_with_invoices = Refused("books closed <b>")
    async with world.gateway.working():
        invoice_id = await buy(world)
        await until_state(world, invoice_id, "dead")
        listed = await manager.get(f"{here}/sent?state=dead")
        assert f"/sent/{invoice_id}" in listed.text
        assert "books closed &lt;b&gt;" in listed.text
        page = await manager.get(f"{here}/sent/{invoice_id}")
        assert "the node refused it" in page.text
        assert "Rukkileib" in page.text
        world.merchant.trouble_with_invoices = None
        done = await manager.post(f"{here}/sent/{invoice_id}", {"csrf": page.csrf()})
        assert done.location == f"{here}/sent/{invoice_id}?done=resent"
        await until_state(world, invoice_id, "delivered")
    assert [invoice.id for invoice in world.merchant.invoices] == [invoice_id]
    page = await manager.get(f"{here}/sent/{invoice_id}")
    assert page.text.count('<li class="row">') == 2
    assert f"/sent/{invoice_id}" in (await manager.get(f"{here}/purchases/{invoice_id}")).text


async def test_a_delivered_message_goes_again_with_its_id(world: World, manager: Browser, here: str) -> None:
    """A node that lost an invoice gets the very same one again."""
    async with world.gateway.working():
        invoice_id = await buy(world)
        await until_state(world, invoice_id, "delivered")
        csrf = (await manager.get(here)).csrf()
        assert (await manager.post(f"{here}/sent/{invoice_id}", {"csrf": csrf})).status == 303
        await until(lambda: len(world.merchant.invoices) == 2)
    assert world.merchant.invoices[0] == world.merchant.invoices[1]


async def test_what_was_before_does_not_overwrite_what_is(world: World, manager: Browser, here: str) -> None:
    """A delivered message is not sent again after a later one about the same thing; the later one is."""
    store, order = world.institution_id, str(uuid4())
    async with world.gateway.database.transaction() as tx:
        for number in (1, 2):
            await put(tx, Message(f"{order}:{number}", store, "order.changed", order, b"{}"))
        await tx.execute("UPDATE outbox_messages SET state = 'delivered', finished_at = now()")
    api = await world.staff(Role.MANAGER)
    path = f"/manage/v1/stores/{store}/messages/{order}"
    first = await api.post(f"{path}:1/resend")
    assert (first.status, first.body["type"]) == (409, "message-superseded")
    page = await manager.post(f"{here}/sent/{order}:1", {"csrf": (await manager.get(here)).csrf()})
    assert (page.status, "Something later about the same was sent already" in page.text) == (409, True)
    assert (await api.post(f"{path}:2/resend")).body == {"resent": 1}
    states = {each["id"][-1]: each["state"] for each in (await api.get(path.rpartition("/")[0])).body}
    assert states == {"1": "delivered", "2": "waiting"}


async def test_what_was_emptied_is_not_sent(world: World) -> None:
    """Of a shopper who was erased nothing is left that could be sent again."""
    async with world.gateway.database.transaction() as tx:
        await put(tx, Message("m", world.institution_id, "invoice", "m", b""))
        await tx.execute("UPDATE outbox_messages SET state = 'delivered', finished_at = now()")
    api = await world.staff(Role.MANAGER)
    assert (await api.post(f"/manage/v1/stores/{world.institution_id}/messages/m/resend")).status == 409


async def test_many_are_sent_again_since_a_moment(world: World) -> None:
    """What was given up since then goes again, oldest first; what was delivered only where asked for; others' never."""
    other, _ = await world.add_store("http://127.0.0.1:9")
    async with world.gateway.database.transaction() as tx:
        for name, lane in (("old", world.institution_id), ("dead", world.institution_id),
                           ("delivered", world.institution_id), ("other", other),
                           ("timer", f"timers:{world.institution_id}")):  # fmt: skip
            await put(tx, Message(name, lane, "invoice", name, b"{}"))
        await tx.execute("UPDATE outbox_messages SET state = 'dead', finished_at = now()")
        await tx.execute("UPDATE outbox_messages SET state = 'delivered' WHERE id = 'delivered'")
        await tx.execute(
            "UPDATE outbox_messages SET finished_at = now() - interval '2 days' WHERE id = 'old'"
        )
    api = await world.staff(Role.MANAGER)
    path = f"/manage/v1/stores/{world.institution_id}/messages"
    many = f"/manage/v1/stores/{world.institution_id}/resend"
    since = (datetime.now(UTC) - timedelta(days=1)).isoformat()

    async def waiting() -> set[str]:
        return {each["id"] for each in (await api.get(f"{path}?state=waiting")).body}

    assert (await api.post(many, {"since": since, "until": since})).body == {"resent": 0}
    assert (await api.post(many, {"since": since})).body == {"resent": 1}
    assert await waiting() == {"dead"}
    assert (await api.post(many, {"since": since, "delivered": True})).body == {"resent": 1}
    assert (await api.post(many, {})).body == {"resent": 1}
    assert await waiting() == {"old", "dead", "delivered"}
    assert (await api.post(f"{path}/other/resend")).status == 404
    assert (await api.post(f"{path}/timer/resend")).status == 404


async def test_a_manager_sends_again_what_was_given_up_in_some_days(
    world: World, manager: Browser, here: str
) -> None:
    """The days are those that the page was searched for, by the store's own calendar; without any all goes again."""
    async with world.gateway.database.transaction() as tx:
        for name, day in (
            ("before", "2026-05-01 20:59"),
            ("on", "2026-05-01 21:00"),
            ("after", "2026-05-02 21:00"),
        ):
            await put(tx, Message(name, world.institution_id, "invoice", name, b"{}"))
            await tx.execute(
                "UPDATE outbox_messages SET state = 'dead', finished_at = $2::text::timestamptz WHERE id = $1",
                *(name, f"{day}+00"),
            )
    api = await world.staff(Role.MANAGER)

    async def waiting() -> set[str]:
        path = f"/manage/v1/stores/{world.institution_id}/messages?state=waiting"
        return {each["id"] for each in (await api.get(path)).body}

    page = await manager.get(f"{here}/sent?from=2000-01-01")
    assert f'action="{here}/sent?from=2000-01-01"' in page.text
    assert "Send again what was given up in these days" in page.text
    form = {"csrf": page.csrf()}
    assert (await manager.post(f"{here}/sent?from=2026-05-02&to=2026-05-02", form)).location
    assert await waiting() == {"on"}
    assert (await manager.post(f"{here}/sent?from=2026-05-03&to=2026-05-02", form)).status == 422
    assert (await manager.post(f"{here}/sent", form)).location
    assert await waiting() == {"before", "on", "after"}


async def test_nothing_of_another_store_is_seen_or_sent(world: World, manager: Browser, here: str) -> None:
    """A message of another store is not found, whoever's address it is looked for under."""
    other, _ = await world.add_store("http://127.0.0.1:9")
    async with world.gateway.database.transaction() as tx:
        await put(tx, Message("theirs", other, "invoice", "theirs", b"{}"))
    csrf = (await manager.get(here)).csrf()
    for path in (f"{here}/sent/theirs", f"/manage/stores/{other}/sent/theirs"):
        assert (await manager.get(path)).status == 404
        assert (await manager.post(path, {"csrf": csrf})).status == 404
    assert (await manager.post(f"/manage/stores/{other}/sent", {"csrf": csrf})).status == 404
    assert not re.search("theirs", (await manager.get(f"{here}/sent")).text)
