"""What machines look at: alive, ready, measured, described."""

import asyncio

from gateway.journeys.world import BREAD, Client, World, until
from smarts.gateway.parties import Role


async def test_health_readiness_and_documents_need_no_token(world: World) -> None:
    """Whoever runs the gateway can ask whether it lives and what its API is."""
    anybody = Client(world.session, world.url, {})
    assert (await anybody.get("/healthz")).status == 200
    assert (await anybody.get("/readyz")).status == 200
    document = (await anybody.get("/openapi.json")).body
    assert document["openapi"].startswith("3.1")
    assert {"/shop/v1/carts/{id}/lines", "/v1/control/result", "/work/v1/checks"} <= document["paths"].keys()
    page = await anybody.get("/docs")
    assert page.headers["Content-Type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "/shop/v1/carts/{id}/lines" in page.text


async def test_metrics_count_requests_node_calls_and_the_outbox(world: World) -> None:
    """A scan is one request and one call to the node; an invoice that cannot be delivered waits in the outbox."""
    world.merchant.trouble_with_invoices = RuntimeError("on fire")
    shopper = await world.shopper()
    await shopper.pay(await shopper.check_out(await shopper.cart(world.institution_id, BREAD)))
    await until(lambda: world.merchant.tries)
    text = (await Client(world.session, world.url, {}).get("/metrics")).text
    lines = 'smarts_request_seconds_count{method="POST",path="/shop/v1/carts/{id}/lines",status="200"} 1.0'
    assert lines in text
    assert 'smarts_node_calls_total{operation="product.search.barcode",outcome="answered"} 1.0' in text
    assert 'smarts_outbox_messages{state="waiting"} 1.0' in text


async def test_each_role_does_its_own_and_no_more(world: World) -> None:
    """Workers check, managers manage their merchant's stores, operators see the outbox; shoppers are no staff."""
    worker = await world.staff(Role.WORKER, world.institution_id)
    manager, operator = await world.staff(Role.MANAGER), await world.staff(Role.OPERATOR)
    shopper = await world.shopper()
    paths = ("/work/v1/checks", "/manage/v1/stores", "/operate/v1/outbox")
    statuses = {
        name: [(await who.get(path)).status for path in paths]
        for name, who in (
            ("worker", worker),
            ("manager", manager),
            ("operator", operator),
            ("shopper", shopper),
        )
    }
    assert statuses == {
        "worker": [200, 403, 403],
        "manager": [200, 200, 403],
        "operator": [200, 200, 200],
        "shopper": [401, 401, 401],
    }
    other, _ = await world.add_store("http://127.0.0.1:9")
    assert (await manager.get(f"/manage/v1/stores/{other}")).status == 404
    assert (await operator.get(f"/manage/v1/stores/{other}")).status == 200


async def test_a_manager_changes_the_store(world: World) -> None:
    """Switches and campaigns count from the next scan on; a node address must be one that may be called."""
    manager = await world.staff(Role.MANAGER)
    path = f"/manage/v1/stores/{world.institution_id}"
    campaign = {"name": "Half", "code": "B00000000501", "operation": "total / 2"}
    change = {"switches": {"merchantSidePurchaseControl": False}, "campaigns": [campaign]}
    changed = await manager.call("PATCH", path, change)
    assert changed.body["campaigns"] == [campaign]
    shopper = await world.shopper()
    cart = await shopper.check_out(await shopper.cart(world.institution_id, BREAD))
    assert (cart["total"]["totalToPay"], world.merchant.checks) == (0.75, [])  # half of 1.49, half up
    bad = await manager.call("PATCH", path, {"nodeUrl": "ftp://x", "nodeToken": "t"})
    assert (bad.status, bad.body["errors"][0]["path"]) == (422, "$.nodeUrl")
    new = await manager.post(f"{path}/token")
    body = {"invoiceId": "x", "institutionId": world.institution_id}
    for token in (new.body["accessToken"], world.access_token):
        assert (await world.as_store(token).post("/v1/control/resend", body)).status == 404


async def test_changes_at_the_same_time_are_all_kept(world: World) -> None:
    """Two managers who change different things of a store at once both find theirs in it."""
    manager = await world.staff(Role.MANAGER)
    path = f"/manage/v1/stores/{world.institution_id}"
    for round_number in range(5):
        name, control = f"Nurgapood {round_number}", round_number % 2 == 0
        changes = ({"name": name}, {"switches": {"merchantSidePurchaseControl": control}})
        replies = await asyncio.gather(*(manager.call("PATCH", path, change) for change in changes))
        assert [reply.status for reply in replies] == [200, 200]
        now = (await manager.get(path)).body
        assert (now["name"], now["switches"]["merchantSidePurchaseControl"]) == (name, control)


async def test_a_switch_that_is_not_named_stays(world: World) -> None:
    """`switches` with one of them turns that one; the other is as it was."""
    manager = await world.staff(Role.MANAGER)
    path = f"/manage/v1/stores/{world.institution_id}"
    await manager.call("PATCH", path, {"switches": {"merchantSidePurchaseControl": False}})
    changed = await manager.call("PATCH", path, {"switches": {"merchantSideInvoicing": True}})
    assert changed.body["switches"] == {
        "merchantSidePurchaseControl": False,
        "merchantSideInvoicing": True,
        "featuresOff": [],
    }


async def test_a_store_is_changed_whole_or_not_at_all(world: World) -> None:
    """Where the node's address is refused, the name that came with it stays as it was, too."""
    manager = await world.staff(Role.MANAGER)
    path = f"/manage/v1/stores/{world.institution_id}"
    bad = await manager.call("PATCH", path, {"name": "Other", "nodeUrl": "ftp://x", "nodeToken": "t"})
    assert (bad.status, (await manager.get(path)).body["name"]) == (422, "Nurgapood")
