"""Nodes' versions and health in the running gateway: who sees them, and what the gateway makes of them."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from msgspec.structs import replace

from gateway.journeys.test_bad_input import is_problem
from gateway.journeys.world import BREAD, NODE_TOKEN, Client, Merchant, World, small_world, until
from gateway.nodes.parts import UP, VERSION, Talkers
from smarts.gateway.parties import Role, Switches
from smarts.node import Node
from smarts.wire.control import Decision
from smarts.wire.products import Campaign

NOWHERE = "http://127.0.0.1:9"
BAD = Campaign("Half off", "B00000000501", "total /* 2")


class Shelf:
    """A merchant's products without any optional feature."""

    def __init__(self, merchant: Merchant) -> None:
        self.search = merchant.search
        self.by_barcode = merchant.by_barcode
        self.by_name = merchant.by_name
        self.categories = merchant.categories


class Counted:
    """A node that counts what it is asked, and can be exchanged for another one."""

    def __init__(self, *stores: object) -> None:
        self.asked: Counter[str] = Counter()
        self.exchange(*stores)

    def exchange(self, *stores: object) -> None:
        """The merchant installs another release at the same address."""
        self.node = Node(*stores, token=NODE_TOKEN, name="tests", version="1")

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.asked[scope["path"]] += 1
        await self.node(scope, receive, send)


def node_of(world: World) -> str:
    """Where the manager reads of the store's node."""
    return f"/manage/v1/stores/{world.institution_id}/node"


async def ask(manager: Client, world: World) -> dict[str, Any]:
    """The manager has the node asked now."""
    told = await manager.post(f"{node_of(world)}/ask")
    assert told.status == 200, told.text
    detail: dict[str, Any] = told.body
    return detail


@asynccontextmanager
async def talking(database_url: str) -> AsyncIterator[tuple[World, Talkers, Client]]:
    """A world whose node says what the test wants, and its manager."""
    talkers = Talkers()
    async with small_world(database_url, node=talkers) as world:
        yield world, talkers, await world.staff(Role.MANAGER)


async def test_the_worker_asks_a_new_node_by_itself(world: World) -> None:
    """Nobody has to ask: soon after the store was made its manager reads what the node is and how."""
    manager = await world.staff(Role.MANAGER)

    async def known() -> Any:
        return (await manager.get(node_of(world))).body["node"].get("version")

    version = await until(known)
    assert (version["name"], version["contract"]) == ("tests", "1.0")
    detail = (await manager.get(node_of(world))).body
    assert detail["node"]["state"] == "UP"
    assert detail["node"]["since"] == detail["changes"][0]["at"] >= detail["node"]["askedAt"]
    assert [change["state"] for change in detail["changes"]] == ["UP"]


async def test_a_manager_sees_when_the_node_went_down_and_came_back(database_url: str) -> None:
    """Asking answers what came of it, also where nothing did, and each change stays to be read."""
    async with talking(database_url) as (world, talkers, manager):
        assert (await manager.get(node_of(world))).body["node"]["state"] == "UNKNOWN"
        up = await ask(manager, world)
        assert (up["node"]["state"], up["node"]["version"]) == ("UP", VERSION)
        talkers.answers["/health"] = 503
        down = await ask(manager, world)
        assert (down["node"]["state"], down["node"]["version"]) == ("UNREACHABLE", VERSION)
        assert "health: answered 503" in down["node"]["failure"]
        assert down["node"]["answeredAt"] == up["node"]["answeredAt"]
        again = await ask(manager, world)
        assert again["node"]["since"] == down["node"]["since"]
        talkers.answers["/health"] = UP
        back = await ask(manager, world)
        assert [change["state"] for change in back["changes"]] == ["UP", "UNREACHABLE", "UP"]
        assert back["changes"][1]["at"] == down["node"]["since"]
        assert back["node"]["failedAt"] == again["node"]["failedAt"]


async def test_several_may_ask_at_once(database_url: str) -> None:
    """Everybody is answered, and the state changes once."""
    async with talking(database_url) as (world, _, manager):
        details = await asyncio.gather(*(ask(manager, world) for _ in range(8)))
        assert {detail["node"]["state"] for detail in details} <= {"UP", "UNKNOWN"}
        detail = (await manager.get(node_of(world))).body
        assert [change["state"] for change in detail["changes"]] == ["UP"]


async def test_operators_see_all_nodes_and_managers_their_own(database_url: str) -> None:
    """All stores page by page, the newest first, with their nodes' states, and counted; another's node is not found."""
    async with talking(database_url) as (world, _, manager):
        operator = await world.staff(Role.OPERATOR)
        worker = await world.staff(Role.WORKER, world.institution_id)
        gone, _ = await world.add_store(NOWHERE)
        await ask(manager, world)
        await world.gateway.watcher.ask(gone)
        metrics = (await operator.get("/metrics")).text
        for state, count in (("UP", 1), ("UNREACHABLE", 1), ("DOWN", 0)):
            assert f'smarts_nodes{{state="{state}"}} {count}.0' in metrics
        newest, older = (await operator.get("/operate/v1/nodes")).body
        assert (newest["institutionId"], newest["node"]["state"]) == (gone, "UNREACHABLE")
        assert (older["institutionId"], older["node"]["state"]) == (world.institution_id, "UP")
        assert (older["node"]["version"], older["node"]["health"]) == (VERSION, UP)
        assert (await operator.get(f"/operate/v1/nodes?limit=1&after={gone}")).body == [older]
        for path in (f"/manage/v1/stores/{gone}/node", f"/manage/v1/stores/{gone}/reports"):
            assert is_problem(await manager.get(path), 404)
            assert (await operator.get(path)).status == 200
            assert is_problem(await worker.get(path), 403)
        assert is_problem(await manager.post(f"/manage/v1/stores/{gone}/node/ask"), 404)
        assert is_problem(await manager.get("/operate/v1/nodes"), 403)


async def features(world: World) -> list[str]:
    """What a shopper reads that the store can do."""
    [store] = (await (await world.shopper()).get("/shop/v1/stores")).body
    told: list[str] = store["features"]
    return told


async def test_a_stores_features_are_what_its_node_names_and_its_switches_allow(database_url: str) -> None:
    """All that is switched on until the node tells, then what it names of that; other names are left out."""
    async with talking(database_url) as (world, talkers, manager):
        every = {"product-search", "invoices", "purchase-control", "loyalty-cards", "loyalty-bonus"}
        assert set(await features(world)) == every | {"orders", "offers"}
        named = ["offers", "receipts", "invoices", "purchase-control", "telepathy"]
        talkers.answers["/version"] = {**VERSION, "features": named}
        await ask(manager, world)
        assert await features(world) == ["product-search", "invoices", "purchase-control", "offers"]
        await world.change_store(switches=Switches(False, True))
        assert await features(world) == ["product-search", "receipts", "offers"]
        talkers.answers["/version"] = {**VERSION, "features": []}
        await ask(manager, world)
        assert await features(world) == ["product-search"]


async def test_a_node_is_never_asked_for_what_it_does_not_name(database_url: str) -> None:
    """Without purchase control and invoices in the node's version a purchase goes through without either being sent."""
    merchant = Merchant()
    node = Counted(Shelf(merchant))
    async with small_world(database_url, node=node, merchant=merchant) as world, world.gateway.working():
        manager, shopper = await world.staff(Role.MANAGER), await world.shopper()
        await ask(manager, world)
        cart = await shopper.check_out(await shopper.cart(world.institution_id, BREAD))
        assert (cart["state"], (await shopper.pay(cart)).status) == ("READY", 200)

        async def delivered() -> bool:
            metrics = (await Client(world.session, world.url, {}).get("/metrics")).text
            return 'smarts_outbox_messages{state="waiting"} 0.0' in metrics

        await until(delivered)
        assert (node.asked["/control/check"], node.asked["/invoice"]) == (0, 0)
        node.exchange(merchant)
        merchant.decision = Decision.FULL
        await ask(manager, world)
        cart = await shopper.check_out(await shopper.cart(world.institution_id, BREAD))
        assert (cart["state"], node.asked["/control/check"]) == ("LOCKED", 1)
        node.exchange(Shelf(merchant))
        await ask(manager, world)
        cart = await shopper.check_out(await shopper.cart(world.institution_id, BREAD))
        assert (cart["state"], node.asked["/control/check"]) == ("READY", 1)


async def test_nonsense_is_reported_to_the_manager(database_url: str) -> None:
    """The shopper reads that it makes no sense, the manager what and where, the latest first and page by page."""
    async with talking(database_url) as (world, talkers, manager):
        shopper = await world.shopper()
        cart = await shopper.cart(world.institution_id)
        path, reports = (
            f"/shop/v1/carts/{cart['id']}/lines",
            f"/manage/v1/stores/{world.institution_id}/reports",
        )
        bread = Merchant().products[BREAD]
        for answer in ({"id": 1}, {"id": 1}, [bread]):
            talkers.answers["/product/search/barcode"] = answer
            assert is_problem(await shopper.post(path, {"barcode": BREAD}), 502)
        told = (await manager.get(reports)).body
        assert {each["operation"] for each in told} == {"product.search.barcode"}
        assert [each["times"] for each in told] == [1, 2]
        assert ["$.id" in each["detail"] for each in told] == [False, True]
        assert (await manager.get(f"{reports}?limit=1&after={told[0]['id']}")).body == told[1:]
        assert is_problem(await manager.get(f"{reports}?limit=0"), 422)


async def test_a_price_that_makes_no_sense_is_reported_too(database_url: str) -> None:
    """A product of the right shape that no cart can hold is nonsense all the same."""
    async with talking(database_url) as (world, talkers, manager):
        free = {"sumWithoutVAT": 1, "VATSum": 0, "sumWithVAT": 1, "VATRate": -250}
        name = {"originalText": "Leib", "translations": []}
        talkers.answers["/product/search/barcode"] = {
            "id": "1",
            "barcode": BREAD,
            "translatableName": name,
            "price": {"vat": free, "total": 1},
        }
        shopper = await world.shopper()
        cart = await shopper.cart(world.institution_id)
        told = await shopper.post(f"/shop/v1/carts/{cart['id']}/lines", {"barcode": BREAD})
        assert is_problem(told, 502), told.text
        [report] = (await manager.get(f"/manage/v1/stores/{world.institution_id}/reports")).body
        assert report["detail"] == f"answered {BREAD} with a price that makes no sense"


async def test_a_broken_campaign_is_told_to_the_manager_and_never_to_the_shopper(world: World) -> None:
    """Once, however many carts it is in; the sale goes on at the price without it."""
    manager, shopper = await world.staff(Role.MANAGER), await world.shopper()
    reports = f"/manage/v1/stores/{world.institution_id}/reports"
    await world.change_store(campaigns=(BAD, Campaign("Two off", "nonsense", "total - 2")))
    for _ in range(3):
        cart = await shopper.check_out(await shopper.cart(world.institution_id, BREAD))
        assert (cart["state"], cart["total"]["totalToPay"]) == ("READY", 1.49)
        assert "Half off" not in str(cart)
    told = (await manager.get(reports)).body
    assert {(each["operation"], each["times"]) for each in told} == {("campaign", 1)}
    assert sorted(each["detail"].partition(" does not work. ")[0] for each in told) == [
        "The campaign 'Half off' (B00000000501)",
        "The campaign 'Two off' (nonsense)",
    ]


async def test_a_broken_campaign_of_a_product_names_the_product(world: World) -> None:
    """So that the merchant finds it in the goods' data."""
    bread = world.merchant.products[BREAD]
    world.merchant.add(replace(bread, campaigns=(Campaign("Odd", "B00000000001", "amount +"),)))
    manager, shopper = await world.staff(Role.MANAGER), await world.shopper()
    await shopper.check_out(await shopper.cart(world.institution_id, BREAD))
    [told] = (await manager.get(f"/manage/v1/stores/{world.institution_id}/reports")).body
    assert told["detail"].startswith(
        f"The campaign 'Odd' (B00000000001) of the product {BREAD} does not work."
    )


async def test_an_invoice_waits_for_a_feature_that_a_bad_release_lost(database_url: str) -> None:
    """The node named invoices until lately: what is paid meanwhile is not let go, and arrives with the next release."""
    merchant = Merchant()
    node = Counted(merchant)
    async with small_world(database_url, node=node, merchant=merchant) as world:
        manager = await world.staff(Role.MANAGER)
        shopper = await world.shopper()
        await ask(manager, world)
        node.exchange(Shelf(merchant))
        assert (await ask(manager, world))["node"]["version"]["features"] == []
        cart = await shopper.check_out(await shopper.cart(world.institution_id, BREAD))
        assert (await shopper.pay(cart)).body["state"] == "PAID"
        async with world.gateway.working():
            await until(lambda: waits(world, "does not have the feature invoices"))
            node.exchange(merchant)
            await ask(manager, world)
            await until(lambda: [each.id for each in merchant.invoices] == [cart["invoiceId"]], 30)


async def waits(world: World, reason: str) -> bool:
    """Whether a message is to be tried again, for a reason."""
    async with world.gateway.database.connection() as connection:
        return bool(
            await connection.fetchval(
                "SELECT EXISTS (SELECT FROM outbox_messages WHERE state = 'waiting' AND detail LIKE '%' || $1)",
                reason,
            )
        )
