"""Rehearsals as a merchant's developer sees them: commands that are run against real nodes."""

import asyncio
import json
import os
import pty
import re
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cli.commands import COMMAND, Ended, environment, free_ports, smarts
from serving import serving
from smarts.cli.rehearsal import edited
from smarts.demo.catalogue import invented_catalogue, members_catalogue
from smarts.demo.database import Database
from smarts.demo.store import DemoStore
from smarts.kit.client import Client
from smarts.kit.exchange import Exchange, Request
from smarts.kit.rehearsal.carts import written
from smarts.kit.rehearsal.documents import change, document_for
from smarts.kit.rehearsal.play import Misplayed, Play
from smarts.kit.rehearsal.showing import as_document
from smarts.kit.rehearsal.stage import Stage
from smarts.kit.rehearsal.visit import Visit, moved
from smarts.node import Gateway
from smarts.wire.codec import decode, encode
from smarts.wire.control import (
    CheckStatus,
)
from smarts.wire.examples import example
from smarts.wire.operations import TO_NODE, Operation
from smarts.wire.orders import Order
from smarts.wire.products import Product
from smarts.wire.shipments import ShipmentStatus

TOKEN = "the-token-of-the-node"
BREAD = "2000010000104"
BANANAS = "2306001000000"


async def _demo_node(folder: Path, checked_share: str) -> AsyncIterator[str]:
    with closing(Database(folder / "store.sqlite3")) as database:
        store = DemoStore.on(database, invented_catalogue(), members_catalogue(), Decimal(checked_share))
        async with serving(store.node(TOKEN)) as address:
            yield address


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[str]:
    """A demo store's node, with every feature; it checks nobody by chance."""
    async for address in _demo_node(tmp_path, "0"):
        yield address


@pytest.fixture
async def locking_node(tmp_path: Path) -> AsyncIterator[str]:
    """A demo store's node that checks all carts of three products in full."""
    async for address in _demo_node(tmp_path, "1"):
        yield address


async def told(ended: Ended) -> list[dict[str, Any]]:
    """The exchanges that a command printed as lines of JSON."""
    return [json.loads(line) for line in ended.out.splitlines()]


async def tried(node: str, script: str, folder: Path, *more: str) -> Ended:
    """Plays a script against a node."""
    file = folder / "script.txt"
    file.write_text(script)
    return await smarts("try", node, "--token", TOKEN, "--script", str(file), *more)


async def test_all_stories_of_a_good_node(node: str) -> None:
    """A node with every feature plays all stories to the end, and each request and answer is shown."""
    ended = await smarts("try", node, "--token", TOKEN, "--story", "all")
    assert ended.code == 0, ended.out + ended.err
    for words in ("Story purchase", "Story receipt", "Story order", "POST", "/control/check", '"PAYED"'):
        assert words in ended.out
    assert TOKEN not in ended.out


async def test_the_documents_are_the_gateways(node: str, tmp_path: Path) -> None:
    """The check has what the cart costs after its campaigns, the invoice the sold rows, under one invoice id."""
    script = f"scan {BREAD} 2\nscan {BANANAS} 0.5\ncheck\ninvoice\n"
    bread, bananas, check, invoice = await told(await tried(node, script, tmp_path, "--json"))
    assert [bread["status"], bananas["status"], check["status"], invoice["status"]] == [200, 200, 200, 204]
    # Two loaves at 1.49 with 15 % off both: 2 × 1.49 × 0.85; half a kilogram at 1.49, half up.
    assert [(row["amount"], row["rowPrice"]) for row in check["request"]["products"]] == [
        (2, 2.53),
        (0.5, 0.75),
    ]
    assert invoice["request"]["id"] == check["request"]["invoiceId"]
    assert invoice["request"]["status"] == "PAYED"
    assert invoice["request"]["total"]["totalToPay"] == 3.28


async def test_what_a_gateway_would_refuse(tmp_path: Path) -> None:
    """An answer that no gateway could read is a failure, which names the field; what was expected is none."""

    async def odd(scope: Any, receive: Any, send: Any) -> None:
        body = json.dumps({"name": "Odd", "version": 1, "contract": "1.0", "features": []}).encode()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})

    async with serving(odd) as address:
        ended = await tried(address, "version", tmp_path)
        expected = await tried(address, "version\nexpect 404", tmp_path)
    assert (ended.code, expected.code) == (1, 1)
    assert "$.version" in ended.out
    assert "Expected 404, seen 200" in expected.out


async def test_a_missing_product_that_was_expected(node: str, tmp_path: Path) -> None:
    """A script that says what it expects succeeds where that comes, and fails where it does not say so."""
    assert (await tried(node, "scan 0000000000000\nexpect 404", tmp_path)).code == 0
    assert (await tried(node, "scan 0000000000000", tmp_path)).code == 1


async def test_editing_and_repeating(node: str, tmp_path: Path) -> None:
    """Any request can be sent again, as it was or changed, and printed as a command line."""
    script = f"scan {BREAD}\nrepeat 1 2\nedit 1 barcode={json.dumps(BANANAS)}\ncurl 1\n"
    ended = await tried(node, script, tmp_path)
    assert ended.code == 0, ended.out
    assert [line for line in ended.out.splitlines() if " → " in line] == [
        f"{number} → POST {node}/product/search/barcode" for number in (1, 2, 3, 4)
    ]
    assert f'"barcode": "{BANANAS}"' in ended.out
    assert "curl --include" in ended.out
    assert "$TOKEN" in ended.out


async def test_an_editor(node: str, tmp_path: Path) -> None:
    """Without a path, the request is changed in the editor that the developer has named."""
    editor = tmp_path / "editor"
    editor.write_text(f'#!/bin/sh\nsed -i s/{BREAD}/{BANANAS}/ "$1"\n')
    editor.chmod(0o755)
    file = tmp_path / "script.txt"
    file.write_text(f"scan {BREAD}\nedit\n")
    ended = await smarts(
        "try", node, "--token", TOKEN, "--script", str(file), "--json", EDITOR=str(editor), VISUAL=""
    )
    assert [line["request"]["barcode"] for line in await told(ended)] == [BREAD, BANANAS]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("juggle", "There is no juggle here"),
        ("check", "The cart is empty"),
        ("confirm", "There is no receipt"),
        ("status CONFIRMED", "There is no order"),
        ("result", "There is no check"),
        ("repeat", "Nothing has the number 0"),
        ("scan 1 many", "Expected a number above zero"),
        ("scan 1 2 3", "Expected scan"),
        ("ship PIGEON", "Expected one of COURIER"),
        ('search "', "No closing quotation"),
        ("story nonsense", "There is no story"),
    ],
)
async def test_lines_that_make_no_sense(node: str, line: str, words: str) -> None:
    """A line that cannot be played says why, and the rehearsal goes on."""
    said: list[str] = []
    async with Client() as client:
        play = Play(Stage(client, node, TOKEN), Visit(), said.append, edited)
        with pytest.raises(Misplayed, match=re.escape(words)):
            await play.line(line)
        await play.line(f"scan {BREAD}")
    assert said[-1] == "  Total: 1.49 EUR"


async def test_a_script_with_a_mistake(node: str, tmp_path: Path) -> None:
    """A script ends at the line that cannot be played."""
    ended = await tried(node, "juggle\nversion", tmp_path)
    assert (ended.code, ended.err.strip()) == (
        1, "smarts: juggle: There is no juggle here; help lists what there is",
    )  # fmt: skip
    assert "/version" not in ended.out


async def test_the_merchant_calls_back(locking_node: str, tmp_path: Path) -> None:
    """A rehearsal waits for the merchant's result as a gateway would, and answers what the merchant asks."""
    script = f"scan {BREAD}\nscan {BREAD}\nscan {BANANAS}\ncheck\nwait 20\nship\norder\n"
    file = tmp_path / "script.txt"
    file.write_text(script)
    (port,) = free_ports(1)
    process = await asyncio.create_subprocess_exec(
        *COMMAND, "try", locking_node, "--token", TOKEN, "--script", str(file), "--port", str(port), "--json",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=environment(),
    )  # fmt: skip
    assert process.stdout
    check = None
    while check is None:
        line = json.loads(await process.stdout.readline())
        check = line["request"] if line["url"].endswith("/control/check") else None
    async with Gateway(f"http://127.0.0.1:{port}", "rehearsal", check["institutionId"]) as gateway:
        again = await gateway.resend_check(check["invoiceId"])
        assert json.loads(encode(again)) == check
        await gateway.send_check_result(check["invoiceId"], CheckStatus.PASSED)
    order = json.loads(await process.stdout.readline())
    assert order["url"].endswith("/pickup/order")
    await process.communicate()
    assert process.returncode == 0


async def test_a_result_that_does_not_come(node: str, tmp_path: Path) -> None:
    """A script that waits for a result in vain ends, and says so."""
    ended = await tried(node, f"scan {BREAD}\ncheck\nwait 0.01", tmp_path)
    assert (ended.code, "No result came within 0.01 s" in ended.err) == (1, True)


async def test_by_hand(node: str) -> None:
    """On a terminal a developer types, sees what comes of it, is told of mistakes and goes on."""
    controller, terminal = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        *COMMAND, "try", node, "--token", TOKEN,
        stdin=terminal, stdout=terminal, stderr=terminal, env=environment(TERM="dumb"),
    )  # fmt: skip
    os.close(terminal)
    screen = _Screen(controller)
    await screen.shows("Type help")
    await screen.types("juggle")
    await screen.shows("There is no juggle here")
    await screen.types(f"scan {BREAD}")
    await screen.shows("Total: 1.49 EUR")
    await screen.types("quit")
    async with asyncio.timeout(20):
        assert await process.wait() == 0
    os.close(controller)


class _Screen:
    def __init__(self, controller: int) -> None:
        self._controller = controller
        self._seen = ""

    async def types(self, line: str) -> None:
        os.write(self._controller, f"{line}\r".encode())

    async def shows(self, words: str) -> None:
        async with asyncio.timeout(30):
            while words not in self._seen:
                self._seen += (await asyncio.to_thread(os.read, self._controller, 4096)).decode(
                    errors="replace"
                )


@pytest.fixture
async def listening(tmp_path: Path) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    """`smarts listen` on a port, answering by itself, with one answer of our own."""
    (tmp_path / "control.check.json").write_text('{"decision": "AGE"}')
    async with _listen("--token", TOKEN, "--answers", str(tmp_path)) as started:
        yield started


class _listen:  # noqa: N801 - it is used as a function
    def __init__(self, *arguments: str) -> None:
        self._arguments = arguments

    async def __aenter__(self) -> tuple[str, asyncio.subprocess.Process]:
        (port,) = free_ports(1)
        self._process = await asyncio.create_subprocess_exec(
            *COMMAND, "listen", "--port", str(port), "--json", *self._arguments,
            stdout=asyncio.subprocess.PIPE, stderr=sys.stderr, env=environment(),
        )  # fmt: skip
        async with asyncio.timeout(60):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    break
                except OSError:
                    await asyncio.sleep(0.02)
        writer.close()
        return f"http://127.0.0.1:{port}", self._process

    async def __aexit__(self, *_: object) -> None:
        self._process.terminate()
        async with asyncio.timeout(20):
            assert await self._process.wait() == 0


async def test_listening_alone(listening: tuple[str, asyncio.subprocess.Process]) -> None:
    """A gateway that is pointed at the listener can shop there, and each of its requests is told."""
    address, process = listening
    ended = await smarts("try", address, "--token", TOKEN, "--story", "all", "--json")
    assert ended.code == 0, ended.out + ended.err
    assert process.stdout
    sent = await told(ended)
    heard = [json.loads(await process.stdout.readline()) for _ in sent]
    assert [(line["request"], line["answer"]) for line in heard] == [
        (line["request"], line["answer"]) for line in sent
    ]
    assert {"decision": "AGE"} in [line["answer"] for line in heard]


async def test_a_token_that_is_not_the_nodes(listening: tuple[str, asyncio.subprocess.Process]) -> None:
    """Where a token is expected, another one is answered with 401, and told."""
    address, process = listening
    ended = await smarts("trigger", "version", "--url", address, "--token", "another")
    assert ended.code == 1
    assert process.stdout
    heard = json.loads(await process.stdout.readline())
    assert (heard["status"], heard["complaint"]) == (401, "the token is missing or another one")


async def test_listening_between(node: str) -> None:
    """Between a gateway and a real node the listener shows both and changes nothing, broken requests too."""
    async with _listen("--forward", node) as (address, process):
        ended = await smarts("trigger", "product.search.barcode", "--url", address, "--token", TOKEN,
                             "--set", f"barcode={json.dumps(BREAD)}", "--json")  # fmt: skip
        broken = await smarts("trigger", "control.check", "--url", address, "--token", TOKEN,
                              "--set", "products=5", "--json")  # fmt: skip
        assert process.stdout
        heard = [json.loads(await process.stdout.readline()) for _ in range(2)]
    assert (ended.code, broken.code) == (0, 1)
    assert [line["answer"] for line in heard] == [ended.json["answer"], broken.json["answer"]]
    assert heard[1]["status"] == 422
    assert heard[1]["answer"]["errors"][0]["path"] == "$.products"


async def test_triggering_with_a_cart(node: str, tmp_path: Path) -> None:
    """A cart of barcodes becomes the document that a gateway would make of it, with what was changed by hand."""
    cart = tmp_path / "cart.json"
    cart.write_text(json.dumps([BREAD, {"barcode": BANANAS, "quantity": 0.8}]))
    ended = await smarts("trigger", "control.check", "--cart", str(cart), "--url", node, "--token", TOKEN,
                         "--set", 'langCode="ET"', "--json")  # fmt: skip
    assert ended.code == 0, ended.out + ended.err
    *scans, check = await told(ended)
    assert len(scans) == 2
    assert check["request"]["langCode"] == "ET"
    assert [(row["barcode"], row["amount"]) for row in check["request"]["products"]] == [
        (BREAD, 1),
        (BANANAS, 0.8),
    ]
    assert check["answer"] == {"decision": "NO"}


@pytest.mark.parametrize(
    ("cart", "words"),
    [
        ([], "Expected a list of barcodes"),
        ([7], "[0]: Expected a barcode"),
        ([{"barcode": "1", "quantity": "NaN"}], "[0].quantity"),
        ({"lines": [{"product": {}}]}, "[0]: Expected a barcode"),
        ("milk", "Expected a list of barcodes"),
    ],
)
def test_carts_that_are_none(cart: Any, words: str) -> None:
    """A cart that cannot be used is told with the place in it."""
    with pytest.raises(ValueError, match=re.escape(words)):
        list(written(cart))


def test_carts_of_any_kind() -> None:
    """Barcodes, objects with quantities, and carts as shoppers see them are read."""
    shown = {"lines": [{"product": {"barcode": "3"}, "quantity": 1.5}]}
    document = {"products": [{"barcode": "4", "amount": "2"}]}
    assert [*written(["1", {"barcode": "2"}]), *written(shown), *written(document)] == [
        ("1", 1), ("2", 1), ("3", Decimal("1.5")), ("4", 2),
    ]  # fmt: skip


@pytest.mark.parametrize(("cart", "words"), [("[", "is no JSON"), ('["000"]', "did not give the product")])
async def test_a_cart_that_cannot_be_sent(node: str, tmp_path: Path, cart: str, words: str) -> None:
    """Where the cart cannot be filled, the operation is not sent, and the command says why."""
    file = tmp_path / "cart.json"
    file.write_text(cart)
    ended = await smarts("trigger", "invoice", "--cart", str(file), "--url", node, "--token", TOKEN)
    assert ended.code == 1
    assert words in ended.err
    assert "/invoice" not in ended.out


async def test_misuse() -> None:
    """An operation that does not exist and an address that is none are misuse; nobody at home is a failure."""
    assert (await smarts("trigger", "juggle")).code == 2
    assert (await smarts("try", "not-an-address")).code == 2
    (port,) = free_ports(1)
    nobody = await smarts("trigger", "version", "--url", f"http://127.0.0.1:{port}")
    assert nobody.code == 1
    assert "nobody answers" in nobody.out


async def test_the_operations_are_listed() -> None:
    """Every operation of the contract can be triggered by the name that is listed."""
    listed = (await smarts("trigger", "--list", "--json")).json
    assert {row["name"] for row in listed} >= {operation.name for operation in TO_NODE}


@pytest.mark.parametrize("operation", TO_NODE, ids=lambda operation: operation.name)
def test_every_document_can_be_read(operation: Operation) -> None:
    """What is sent with an operation is what the contract says, with a cart and without one."""
    visit = Visit(institution_id="here")
    for _ in range(2):
        document = document_for(operation, visit)
        if operation.request is None:
            assert document is None
        else:
            read = decode(json.dumps(document).encode(), operation.request)
            assert json.loads(encode(read)) == document
        visit.put(decode(example("Product"), Product), Decimal(2))


def test_an_orders_way() -> None:
    """An order that moves on keeps its log in order, and is closed on the day on which it ends."""
    visit = Visit()
    visit.put(decode(example("Product"), Product), Decimal(1))
    order: Order = visit.order()
    ended = moved(moved(order, ShipmentStatus.CONFIRMED), ShipmentStatus.COMPLETED)
    assert [log.new_status for log in ended.status_changelogs] == [
        "DRAFT", "WAITING_FOR_CONFIRMATION", "CONFIRMED", "COMPLETED",
    ]  # fmt: skip
    assert (order.closed, ended.closed) == (None, ended.status_changelogs[-1].created)


@pytest.mark.parametrize("assignment", ["", "=", "a", "a.b=1", "list[9]=1", "a[0]=1", "[0]"])
def test_changes_that_cannot_be_made(assignment: str) -> None:
    """A change that is none, or to what is not there, says so and changes nothing."""
    document = {"a": 1, "list": [1]}
    with pytest.raises(ValueError, match=r"Expected path=value|There is no"):
        change(document, assignment)
    assert document == {"a": 1, "list": [1]}


def test_changes() -> None:
    """Values are set by their paths: JSON where it is some, text otherwise."""
    document: dict[str, Any] = {"products": [{"amount": 1}]}
    for assignment in ("$.products[0].amount=2.5", "products[0].name=Bread", "note=null"):
        change(document, assignment)
    assert document == {"products": [{"amount": 2.5, "name": "Bread"}], "note": None}


def test_no_token_in_what_is_told() -> None:
    """An exchange that is told for programs leaves out the token."""
    request = Request("GET", "http://here", {"accessToken": TOKEN, "Accept": "x"}, secret=TOKEN)
    assert TOKEN not in json.dumps(as_document(Exchange(request, None, "nobody"), ""))
    assert TOKEN not in request.curl()
