"""Signed requests to a node, and the ids of what must reach it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from gateway.journeys.world import BREAD, NODE_TOKEN, Client, Merchant, World, small_world, until
from smarts.gateway.parties import Role
from smarts.node import Node, Refused


@dataclass
class Door:
    """The node's address, behind which the node can be replaced; remembers the headers of each request by its path."""

    merchant: Merchant = field(default_factory=Merchant)
    headers: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.replace()

    def replace(self, *signing_secrets: str) -> None:
        """The node is started anew, with these secrets."""
        self.node = Node(
            self.merchant, token=NODE_TOKEN, name="tests", version="1", signing_secrets=signing_secrets
        )

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            headers = {name.decode(): value.decode() for name, value in scope["headers"]}
            self.headers.append((scope["path"], headers))
        await self.node(scope, receive, send)

    def ids(self, path: str) -> list[str]:
        """The ids of the messages that came to a path."""
        return [headers["webhook-id"] for each, headers in self.headers if each == path]


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
async def world(database_url: str, door: Door) -> AsyncIterator[World]:
    async with small_world(database_url, node=door, merchant=door.merchant) as made, made.gateway.working():
        yield made


@pytest.fixture
async def manager(world: World) -> Client:
    return await world.staff(Role.MANAGER)


async def buy(world: World) -> str:
    shopper = await world.shopper()
    cart = await shopper.check_out(await shopper.cart(world.institution_id, BREAD))
    assert (await shopper.pay(cart)).status == 200
    return str(cart["invoiceId"])


async def new_secret(world: World, manager: Client) -> str:
    reply = await manager.post(f"/manage/v1/stores/{world.institution_id}/signing-secret")
    assert reply.status == 201, reply.text
    return str(reply.body["signingSecret"])


async def signing(world: World, manager: Client) -> dict[str, Any]:
    """What is told of it, when the gateway has asked the node anew."""
    reply = await manager.post(f"/manage/v1/stores/{world.institution_id}/node/ask")
    return {"state": reply.body["node"]["state"], **reply.body["signing"]}


async def test_a_secret_is_exchanged_without_a_refused_request(
    world: World, manager: Client, door: Door
) -> None:
    """The node may have the old secret or the new one while both sign; a purchase works with either."""
    assert await signing(world, manager) == {"state": "UP", "signed": False}
    old = await new_secret(world, manager)
    assert await signing(world, manager) == {"state": "UP", "signed": True}
    door.replace(old)
    await buy(world)
    new = await new_secret(world, manager)
    told = await signing(world, manager)
    assert (told["state"], told["signed"], "formerSignsUntil" in told) == ("UP", True, True)
    for secrets in ((old,), (old, new), (new,)):
        door.replace(*secrets)
        invoice_id = await buy(world)
        await until(lambda: invoice_id in {invoice.id for invoice in door.merchant.invoices})  # noqa: B023
    signatures = door.headers[-1][1]["webhook-signature"]
    assert [each.partition(",")[0] for each in signatures.split(" ")] == ["v1", "v1"]


async def test_the_former_secret_ends_by_itself(world: World, manager: Client, door: Door) -> None:
    """When the overlap is over the node that has only the old secret refuses, and what must arrive waits for it."""
    old = await new_secret(world, manager)
    door.replace(old)
    async with world.gateway.database.transaction() as tx:
        new = await world.gateway.registry.new_signing_secret(tx, world.institution_id, timedelta())
    told = await signing(world, manager)
    assert (told["state"], told["signed"]) == ("REFUSED", True)
    door.replace()
    invoice_id = await buy(world)
    await until(lambda: len(door.merchant.invoices) == 1)
    door.replace(new)
    assert (await signing(world, manager))["state"] == "UP"
    assert door.merchant.invoices[0].id == invoice_id


async def test_what_is_refused_for_its_signature_waits(world: World, manager: Client, door: Door) -> None:
    """A node with a secret that the gateway does not know refuses; the invoice is not given up, and arrives later."""
    shopper = await world.shopper()
    cart = await shopper.check_out(await shopper.cart(world.institution_id, BREAD))
    door.replace("whsec_" + "A" * 32)
    assert (await shopper.pay(cart)).status == 200
    path = f"/manage/v1/stores/{world.institution_id}/messages/{cart['invoiceId']}"

    async def tried() -> Any:
        return (await manager.get(path)).body["tried"]

    first = (await until(tried))[0]
    assert (first["outcome"], first["status"], "signature-refused" in first["answer"]) == ("lane", 401, True)
    assert (await manager.get(path)).body["state"] == "waiting"
    door.replace(await new_secret(world, manager))
    await manager.post(f"{path}/resend")
    await until(lambda: door.merchant.invoices)
    assert set(door.ids("/invoice")) == {cart["invoiceId"]}


async def test_signing_is_stopped(world: World, manager: Client, door: Door) -> None:
    """Then requests are not signed; a store without a node has nothing to sign."""
    await new_secret(world, manager)
    path = f"/manage/v1/stores/{world.institution_id}/signing-secret"
    assert (await manager.call("DELETE", path)).status == 204
    assert await signing(world, manager) == {"state": "UP", "signed": False}
    assert "webhook-signature" not in door.headers[-1][1]
    async with world.gateway.database.transaction() as tx:
        await tx.execute("DELETE FROM nodes")
    assert {(await manager.call(method, path)).status for method in ("POST", "DELETE")} == {404}


async def test_a_message_has_one_id_for_ever(world: World, manager: Client, door: Door) -> None:
    """Each try, the replay of the dead letter and its resending carry it; only what is sent anew has another one."""
    door.merchant.trouble_with_invoices = Refused("books closed")
    invoice_id = await buy(world)
    path = f"/manage/v1/stores/{world.institution_id}/messages/{invoice_id}"

    async def state() -> Any:
        return (await manager.get(path)).body["state"]

    async def until_it_is(wanted: str) -> None:
        async def there() -> bool:
            return bool(await state() == wanted)

        await until(there)

    await until_it_is("dead")
    door.merchant.trouble_with_invoices = None
    for resend in ("resend", "resend", "resend?anew=true", "resend?anew=true", "resend"):
        assert (await manager.post(f"{path}/{resend}")).status == 200
        await until_it_is("delivered")
    anew = [f"{invoice_id}:anew-1", *[f"{invoice_id}:anew-2"] * 2]
    assert door.ids("/invoice") == [invoice_id] * 3 + anew
    assert [(each["status"], each["outcome"]) for each in (await manager.get(path)).body["tried"]] == [
        (422, "refused"),
        *[(204, "delivered")] * 5,
    ]
    assert "books closed" in (await manager.get(path)).body["tried"][0]["answer"]
