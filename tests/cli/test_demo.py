"""`smarts demo`: everything works, everything is found again, nothing is left behind."""

import asyncio
import shutil
import signal
import stat
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import aiohttp
import psutil
import pytest

from cli.commands import Demo, alive, empty_place, entries, smarts, surely_ended
from gateway.journeys.world import Client, Shopper, until

# Starting it is what takes time: the tests that only look share one, which should not be started twice.
pytestmark = pytest.mark.xdist_group("demo")


@dataclass
class Stop:
    """How a demo ended: its exit code, who had been there, and who still was there afterwards."""

    code: int
    family: list[psutil.Process]
    said: str


async def interrupted(demo: Demo) -> Stop:
    family = whole_family(demo)
    return Stop(await demo.interrupt(), family, demo.said)


def whole_family(demo: Demo) -> list[psutil.Process]:
    """All processes of a demo, those that do its work surely among them."""
    family = demo.family
    commands = [" ".join(each.cmdline()) for each in family]
    for part in ("smarts.cli demo", "demo_node", "smarts.cli gateway", "smarts.cli worker", "postgres -D"):
        assert any(part in command for command in commands), f"{part} is not among {commands}"
    return family


@dataclass
class SecondLife:
    """A demo that was started, used, stopped by Ctrl-C, and started again in the same place."""

    demo: Demo
    facts_before: Any
    shopper: Shopper
    paid_before: dict[str, Any]
    first_stop: Stop
    session: aiohttp.ClientSession

    @property
    def facts(self) -> Any:
        return self.demo.facts

    def as_store(self) -> Client:
        return client(
            self.session, self.facts["gatewayUrl"], accessToken=self.facts["institutionAccessToken"]
        )

    def as_staff(self, token: str) -> Client:
        return client(self.session, self.facts["gatewayUrl"], Authorization=f"Bearer {self.facts[token]}")


def client(session: aiohttp.ClientSession, url: str, **headers: str) -> Client:
    return Client(session, url, headers)


async def new_shopper(session: aiohttp.ClientSession, facts: Any) -> Shopper:
    reply = await client(session, facts["gatewayUrl"]).post("/shop/v1/shoppers", {"langCode": "EN"})
    return Shopper(session, facts["gatewayUrl"], {"Authorization": f"Bearer {reply.body['token']}"})


async def purchase(shopper: Shopper, facts: Any) -> dict[str, Any]:
    cart = await shopper.cart(facts["institutionId"], facts["barcodes"][0])
    paid = await shopper.pay(await shopper.check_out(cart))
    assert paid.body["state"] == "PAID", paid.text
    document: dict[str, Any] = paid.body
    return document


async def invoices_at_the_node(session: aiohttp.ClientSession, facts: Any) -> dict[str, Any]:
    node = client(session, facts["nodeUrl"], accessToken=facts["nodeAccessToken"])
    return {kept["id"]: kept["invoice"] for kept in (await node.get("/invoices")).body}


async def arrived(session: aiohttp.ClientSession, facts: Any, invoice_id: str) -> Any:
    async def found() -> Any:
        return (await invoices_at_the_node(session, facts)).get(invoice_id)

    return await until(found)


@pytest.fixture(scope="session")
async def life() -> AsyncIterator[SecondLife]:
    """The one demo that the tests share."""
    async with aiohttp.ClientSession() as session:
        with empty_place() as place:
            with surely_ended(await Demo.start(place)) as first:
                facts = first.facts
                shopper = await new_shopper(session, facts)
                paid = await purchase(shopper, facts)
                await arrived(session, facts, paid["invoiceId"])
                stop = await interrupted(first)
            with surely_ended(await Demo.start(place)) as second:
                yield SecondLife(second, facts, shopper, paid, stop, session)


async def test_the_file_has_all_that_the_interface_names(life: SecondLife) -> None:
    """Addresses, ids, tokens and barcodes, of the right kinds; nobody else can read the file."""
    facts = life.facts
    assert set(facts) == {
        "demoUrl",
        "gatewayUrl",
        "nodeUrl",
        "institutionId",
        "institutionAccessToken",
        "nodeAccessToken",
        "managerToken",
        "workerToken",
        "shopUrl",
        "workUrl",
        "manageUrl",
        "barcodes",
    }
    place = life.demo.place
    assert (facts["gatewayUrl"], facts["nodeUrl"]) == (
        f"http://127.0.0.1:{place.port}",
        f"http://127.0.0.1:{place.node_port}",
    )
    assert all(
        facts[name].startswith(facts["gatewayUrl"]) for name in ("demoUrl", "shopUrl", "workUrl", "manageUrl")
    )
    assert stat.S_IMODE(place.facts_file.stat().st_mode) == 0o600
    assert entries(place.facts_file.parent) == ["demo.json"]


async def test_a_whole_purchase_over_http(life: SecondLife) -> None:
    """Scanned, checked out, paid; the invoice is with the shopper and arrives at the node."""
    shopper = await new_shopper(life.session, life.facts)
    paid = await purchase(shopper, life.facts)
    invoice = await arrived(life.session, life.facts, paid["invoiceId"])
    assert (invoice["status"], invoice["total"]["totalToPay"]) == ("PAYED", paid["total"]["totalToPay"])
    kept = await shopper.get(f"/shop/v1/purchases/{paid['invoiceId']}")
    assert kept.body["invoice"] == invoice


async def test_all_barcodes_can_be_bought_and_one_leads_to_a_check(life: SecondLife) -> None:
    """No hour refuses any of them; the merchant's result, with the file's token, unlocks the cart for payment."""
    shopper = await new_shopper(life.session, life.facts)
    cart = await shopper.cart(life.facts["institutionId"], *life.facts["barcodes"])
    assert len(cart["lines"]) == len(life.facts["barcodes"])
    cart = await shopper.check_out(cart)
    assert cart["state"] == "LOCKED"
    (waiting,) = (await life.as_staff("workerToken").get("/work/v1/checks")).body
    assert waiting["invoiceId"] == cart["invoiceId"]
    result = {
        "invoiceId": cart["invoiceId"],
        "institutionId": life.facts["institutionId"],
        "status": "PASSED",
    }
    assert (await life.as_store().post("/v1/control/result", result)).status == 204
    assert (await shopper.pay(cart)).body["state"] == "PAID"


async def test_the_manager_sees_the_store(life: SecondLife) -> None:
    """The manager's token opens the merchant's stores: the demo's one."""
    (store,) = (await life.as_staff("managerToken").get("/manage/v1/stores")).body
    assert store["institutionId"] == life.facts["institutionId"]


async def test_the_purchase_that_is_printed_works_in_a_shell(life: SecondLife) -> None:
    """What the demo tells people to type ends in a paid cart."""
    if not shutil.which("curl"):
        pytest.skip("curl is not installed")
    script = life.demo.said.split("in another terminal:")[1].split("Ctrl-C")[0]
    shell = await asyncio.create_subprocess_exec("sh", "-c", script, stdout=subprocess.PIPE)
    printed, _ = await shell.communicate()
    scanned, checked_out, paid = printed.decode().splitlines()
    assert [line.split()[0] for line in (scanned, checked_out, paid)] == ["OPEN", "READY", "PAID"]


async def test_a_second_start_finds_the_data_of_the_first(life: SecondLife) -> None:
    """The same store, tokens that work still, the purchase of before with its shopper and at the node."""
    assert life.facts == life.facts_before
    invoice_id = life.paid_before["invoiceId"]
    assert (await life.shopper.look(life.paid_before))["state"] == "PAID"
    (kept,) = (await life.shopper.get("/shop/v1/purchases")).body
    assert kept["invoiceId"] == invoice_id
    assert invoice_id in await invoices_at_the_node(life.session, life.facts)
    body = {"invoiceId": invoice_id, "institutionId": life.facts["institutionId"]}
    resent = await life.as_store().post("/v1/control/resend", body)
    assert (resent.status, resent.body["invoiceId"]) == (200, invoice_id)


async def test_ctrl_c_leaves_no_process_behind(life: SecondLife) -> None:
    """Exit code 0, within bounds, no word of complaint; gateway, worker, node and database are gone."""
    stop = life.first_stop
    assert stop.code == 0, stop.said
    assert list(alive(stop.family)) == []
    assert "Traceback" not in stop.said
    assert "smarts:" not in stop.said


async def test_a_killed_demo_leaves_no_process_behind() -> None:
    """SIGKILL lets it do nothing more, yet all that it had started stops by itself."""
    with empty_place() as place, surely_ended(await Demo.start(place)) as demo:
        family = whole_family(demo)
        demo.process.kill()
        assert await demo.ended() == -signal.SIGKILL
        await until(lambda: not list(alive(family)), 30)


@pytest.mark.parametrize("option", ["port", "node_port"])
async def test_a_busy_port_is_a_clear_message_and_nothing_is_started(life: SecondLife, option: str) -> None:
    """Port and option are named, the exit code is 1, not even a folder is made."""
    with empty_place() as place:
        busy = life.demo.place.port
        taken: dict[str, Any] = {option: busy}
        ended = await smarts(*replace(place, **taken).arguments)
        assert (ended.code, ended.out) == (1, "")
        assert str(busy) in ended.err
        assert f"--{option.replace('_', '-')}" in ended.err
        assert ended.err.count("\n") == 1
        assert entries(place.folder) == []


async def test_a_second_demo_on_the_same_data_is_refused(life: SecondLife) -> None:
    """Elsewhere it may run, but two would take the store away from each other."""
    with empty_place() as elsewhere:
        ended = await smarts(*replace(elsewhere, data=life.demo.place.data).arguments)
        assert (ended.code, "already runs a database" in ended.err) == (1, True)
        assert str(life.demo.process.pid) in ended.err
    assert (await life.as_staff("managerToken").get("/manage/v1/stores")).status == 200
