"""HAProxy with the file of `deploy/`, before small gateways: who stops keeps what it has, who is gone is left out."""

import asyncio
import shutil
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import trustme

from docs.blocks import ROOT
from gateway.journeys.world import until
from serving import serving


@dataclass
class SmallGateway:
    """Says whether it is ready, who it is, and, when it is told to, the end of a stream."""

    name: str
    ready: bool = True
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        status = 503 if scope["path"] == "/readyz" and not self.ready else 200
        await send({"type": "http.response.start", "status": status, "headers": []})
        if scope["path"] == "/events":
            await send({"type": "http.response.body", "body": self.name.encode(), "more_body": True})
            await self.go_on.wait()
        await send({"type": "http.response.body", "body": self.name.encode()})


@dataclass(frozen=True)
class Balanced:
    url: str
    session: aiohttp.ClientSession
    gateways: list[SmallGateway]

    async def asked(self) -> str:
        """Who answers now."""
        async with self.session.get(f"{self.url}/") as answer:
            return await answer.text()

    async def nobody_is(self, name: str) -> bool:
        """Whether none of many requests goes to one."""
        return name not in {await self.asked() for _ in range(12)}


async def ended(process: asyncio.subprocess.Process) -> None:
    """It is told to end; where it has by itself, its own words say why."""
    with suppress(ProcessLookupError):
        process.kill()
    await process.wait()


@pytest.fixture
async def balanced(tmp_path: Path) -> AsyncIterator[Balanced]:
    program = shutil.which("haproxy") or pytest.skip("HAProxy is not installed: make cluster-parts")
    authority, certificate = trustme.CA(), tmp_path / "gateway.pem"
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(certificate))
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    text = (ROOT / "deploy/haproxy/haproxy.cfg").read_text()
    text = text.replace("/etc/haproxy/gateway.pem", str(certificate)).replace(":443", f"127.0.0.1:{port}")
    gateways = [SmallGateway(name) for name in ("one", "two", "three")]
    async with AsyncExitStack() as stack:
        for number, gateway in enumerate(gateways, 21):
            address = await stack.enter_async_context(serving(gateway))
            text = text.replace(f"10.0.0.{number}:8080", address.removeprefix("http://"))
        file = tmp_path / "haproxy.cfg"
        file.write_text(text.replace("inter 2s", "inter 200ms"))
        process = await asyncio.create_subprocess_exec(
            program, "-db", "-q", "-f", str(file), stdout=asyncio.subprocess.DEVNULL
        )  # fmt: skip
        stack.push_async_callback(ended, process)
        session = await stack.enter_async_context(
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trust))
        )
        made = Balanced(f"https://127.0.0.1:{port}", session, gateways)

        async def all_are_asked() -> bool:
            try:
                return {await made.asked() for _ in range(12)} == {"one", "two", "three"}
            except aiohttp.ClientError:
                return False

        await until(all_are_asked)
        yield made


async def test_a_gateway_that_stops_gets_nothing_new_and_keeps_its_streams(balanced: Balanced) -> None:
    """A rolling restart cuts nobody off: what is open stays until the gateway ends it."""
    async with balanced.session.get(f"{balanced.url}/events") as stream:
        name = (await stream.content.readany()).decode()
        stops = next(each for each in balanced.gateways if each.name == name)
        stops.ready = False
        await until(lambda: balanced.nobody_is(name))
        stops.go_on.set()
        assert await stream.content.read() == name.encode()


async def test_nobody_sees_what_machines_ask(balanced: Balanced) -> None:
    """Figures are for those who ask a gateway by itself."""
    async with balanced.session.get(f"{balanced.url}/metrics") as answer:
        assert answer.status == 403
