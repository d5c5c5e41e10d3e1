"""Server-sent events."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator

import pytest
import structlog
from aiohttp import ClientResponse, ClientSession, ClientTimeout

from edge.parts import Ticker, example_app
from serving import serving

pytestmark = pytest.mark.timeout(20)


@contextlib.asynccontextmanager
async def listening(ticker: Ticker, **settings: float) -> AsyncIterator[ClientResponse]:
    async with (
        serving(example_app(ticker, **settings)) as address,
        ClientSession(address, timeout=ClientTimeout(total=10)) as http,
        http.get("/ticks") as response,
    ):
        yield response


async def test_events_come_as_they_happen() -> None:
    """A stream tells browsers when to ask again, then each event by its name, as soon as there is one."""
    ticker = Ticker()
    async with listening(ticker) as response:
        assert (response.status, response.content_type) == (200, "text/event-stream")
        assert await response.content.readuntil(b"\n\n") == b"retry: 2000\n\n"
        for number in (b"1", b"2"):
            ticker.more.put_nowait(number)
            assert await response.content.readuntil(b"\n\n") == b"event: tick\ndata: %b\n\n" % number


async def test_a_silent_stream_shows_that_it_lives() -> None:
    """Where nothing happens a comment is sent now and then, so that nobody on the way hangs up."""
    async with listening(Ticker(), keep_alive=0.05) as response:
        await response.content.readuntil(b"\n\n")
        for _ in range(2):
            assert (await response.content.readuntil(b"\n\n")).startswith(b":")


async def test_a_stream_is_closed_when_the_client_goes() -> None:
    """What a stream holds is let go as soon as nobody listens, also while nothing happens."""
    ticker = Ticker()
    async with listening(ticker) as response:
        await response.content.readuntil(b"\n\n")
        response.close()
        async with asyncio.timeout(5):
            await ticker.closed.wait()


async def test_open_streams_do_not_keep_a_server_from_stopping() -> None:
    """A server that stops ends its streams properly, does not wait for them, and says when to ask again."""
    ticker = Ticker()
    stack = contextlib.AsyncExitStack()
    http = await stack.enter_async_context(ClientSession())
    async with asyncio.timeout(5):
        async with serving(example_app(ticker)) as address:
            response = await stack.enter_async_context(http.get(f"{address}/ticks"))
            await response.content.readuntil(b"\n\n")
    assert ticker.closed.is_set()
    said = re.fullmatch(rb"retry: (\d+)\n\n", await response.content.read())
    assert said
    assert 200 <= int(said[1]) <= 3000  # milliseconds
    await stack.aclose()


async def test_a_stream_that_fails_ends_and_is_logged() -> None:
    """An accident in a stream ends it; the log knows why, the client does not."""
    async with serving(example_app()) as address, ClientSession(address) as http:
        with structlog.testing.capture_logs() as logs:
            async with http.get("/few-ticks") as response:
                text = await response.text()
    assert text == "retry: 2000\n\nevent: tick\ndata: 1\n\n"
    assert [entry["route"] for entry in logs] == ["GET /few-ticks"]


async def test_head_of_a_stream_does_not_wait() -> None:
    """HEAD answers the headers of a stream and opens none: the connection is free for the next request."""
    async with asyncio.timeout(5), serving(example_app(Ticker())) as address:
        host, port = address.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        for _ in range(2):
            writer.write(b"HEAD /ticks HTTP/1.1\r\nHost: x\r\n\r\n")
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 ")
            assert b"text/event-stream" in head
        writer.close()
