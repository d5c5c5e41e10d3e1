"""Server-sent events."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from typing import Any

from smarts.edge.answers import Send, request_id_header
from smarts.edge.requests import ClientGoneError, Receive
from smarts.edge.routes import Events

_HEADERS = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-accel-buffering", b"no"),
)
_RETRY = b"retry: 2000\n\n"  # milliseconds until a browser that lost the stream asks again
_SOONEST, _LATEST = 200, 3000  # milliseconds until it asks again when the server stops: not all at once
_KEEP_ALIVE = b": still here\n\n"


class Streams:
    """The open streams of an application; `keep_alive` is the seconds between signs of life."""

    def __init__(self, keep_alive: float) -> None:
        self._keep_alive = keep_alive
        self._open: set[asyncio.Task[None]] = set()
        self._ended = False

    @property
    def open(self) -> int:
        """How many there are."""
        return len(self._open)

    def end(self) -> None:
        """Ends all streams, also those yet to come, as before the server stops; browsers are told to ask again soon."""
        self._ended = True
        for task in self._open:
            task.cancel()

    async def show_headers(self, events: Events, send: Send) -> None:
        """Answers a HEAD request: a stream without events."""
        await _close(events.stream)
        await send(_start())
        await send({"type": "http.response.body", "body": b""})

    async def run(self, events: Events, receive: Receive, send: Send) -> None:
        """Sends events until there are no more, the client goes, or `end` is called."""
        await send(_start())
        await _write(send, _RETRY)
        tasks = [
            asyncio.ensure_future(_pump(events.stream, send)),
            asyncio.ensure_future(self._show_life(send)),
            asyncio.ensure_future(_until_gone(receive)),
        ]
        self._open.add(tasks[0])
        if self._ended:
            tasks[0].cancel()
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._open.discard(tasks[0])
            await _stop(tasks)
            await _close(events.stream)
        last = b"retry: %d\n\n" % random.randint(_SOONEST, _LATEST) if self._ended else b""  # noqa: S311 - no secret
        await send({"type": "http.response.body", "body": last})
        if not tasks[0].cancelled():
            tasks[0].result()

    async def _show_life(self, send: Send) -> None:
        while True:
            await asyncio.sleep(self._keep_alive)
            await _write(send, _KEEP_ALIVE)


def _start() -> dict[str, Any]:
    return {"type": "http.response.start", "status": 200, "headers": [*_HEADERS, *request_id_header()]}


async def _pump(stream: AsyncIterator[tuple[str, bytes]], send: Send) -> None:
    async for name, data in stream:
        await _write(send, b"event: %b\ndata: %b\n\n" % (name.encode(), data))


async def _write(send: Send, text: bytes) -> None:
    try:
        await send({"type": "http.response.body", "body": text, "more_body": True})
    except OSError:  # servers may say so that the client has gone
        raise ClientGoneError from None


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _stop(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _close(stream: AsyncIterator[tuple[str, bytes]]) -> None:
    close = getattr(stream, "aclose", None)
    if close is not None:
        with contextlib.suppress(RuntimeError):
            await close()
