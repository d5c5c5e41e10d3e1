"""`smarts try` as a merchant's developer sees it: run against real nodes."""

import asyncio
import json
import os
import pty
import re
import socket
from pathlib import Path
from typing import Any

import pytest

from cli.commands import COMMAND, environment, free_ports, smarts
from kit.rehearsal.parts import BANANAS, BREAD, TOKEN, told, tried
from serving import serving
from smarts.cli.rehearsal import edited
from smarts.kit.client import Client
from smarts.kit.rehearsal.play import Misplayed, Play
from smarts.kit.rehearsal.stage import Stage
from smarts.kit.rehearsal.visit import Visit
from smarts.node import Gateway
from smarts.wire.codec import encode
from smarts.wire.control import (
    CheckStatus,
)


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


async def test_what_keeps_a_rehearsal_from_beginning(tmp_path: Path) -> None:
    """A port that is taken, and a script that is no text, are told in a sentence."""
    script = tmp_path / "script.txt"
    script.write_bytes(b"\xff\xfe")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = [
            await smarts("try", "http://127.0.0.1:1", *more)
            for more in (("--port", port), ("--script", str(script)))
        ]
    assert [(each.code, each.out, each.err.count("\n")) for each in ended] == [(1, "", 1)] * 2
    assert port in ended[0].err
    assert script.name in ended[1].err


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
