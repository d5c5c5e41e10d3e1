"""`smarts listen` between a gateway, or what plays one, and a node."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from cli.commands import COMMAND, environment, free_ports, smarts
from kit.rehearsal.parts import BREAD, TOKEN, told
from serving import serving
from smarts.kit.client import Client
from smarts.kit.exchange import Request
from smarts.kit.rehearsal.listening import LARGEST_REQUEST, Listener


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
                             "--set", f"barcode={BREAD}", "--json")  # fmt: skip
        broken = await smarts("trigger", "control.check", "--url", address, "--token", TOKEN,
                              "--set", "products=5", "--json")  # fmt: skip
        assert process.stdout
        heard = [json.loads(await process.stdout.readline()) for _ in range(2)]
    assert (ended.code, broken.code) == (0, 1)
    assert [line["answer"] for line in heard] == [ended.json["answer"], broken.json["answer"]]
    assert heard[1]["status"] == 422
    assert heard[1]["answer"]["errors"][0]["path"] == "$.products"


async def test_headers_between() -> None:
    """A gateway's key of a request reaches the node, and the node's word when to come again reaches the gateway."""

    async def busy(scope: Any, receive: Any, send: Any) -> None:
        (key,) = [value for name, value in scope["headers"] if name == b"idempotency-key"]
        await send({"type": "http.response.start", "status": 503, "headers": [(b"retry-after", key)]})
        await send({"type": "http.response.body", "body": b"{}"})

    async with (
        serving(busy) as node,
        Client() as client,
        serving(Listener(client, lambda _: None, address=node), lifespan="off") as address,
    ):
        request = Request("POST", f"{address}/invoice", {"Idempotency-Key": "7"}, b"{}")
        exchange = await client.send(request, seconds=30)
    assert exchange.answer
    assert (exchange.answer.status, exchange.answer.headers["retry-after"]) == (503, "7")


async def test_a_request_without_measure() -> None:
    """What is too large to be listened to is refused, and never handed on in part."""
    async with Client() as client:
        nowhere = Listener(client, lambda _: None, address="http://127.0.0.1:1")
        async with serving(nowhere, lifespan="off") as address:
            request = Request("POST", f"{address}/invoice", {}, b" " * (LARGEST_REQUEST + 1))
            exchange = await client.send(request, seconds=30)
    assert exchange.answer
    assert exchange.answer.status == 413
