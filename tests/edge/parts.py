"""A small application for the tests of the edge."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import msgspec

from smarts.edge.app import EdgeApp
from smarts.edge.problems import CONFLICT, TOKEN_UNKNOWN, TOO_MANY
from smarts.edge.routes import Answer, Call, Events, Media, Route
from smarts.edge.security import SecurityScheme, bearer_token
from smarts.wire.model import Model
from smarts.wire.money import LooseNumber

TOKEN = "token-of-the-tests"
BODY_LIMIT = 10_000
PICTURE_LIMIT = 20_000
PICTURE = Media(("image/png", "image/jpeg"), PICTURE_LIMIT)


class Item(Model, frozen=True):
    """Something to send."""

    name: str
    amount: LooseNumber
    parts: tuple["Item", ...] = ()


class Page(msgspec.Struct, frozen=True):
    """A query."""

    limit: int = 20
    name: str | None = None


class Bearer:
    scheme = SecurityScheme.bearer("shopper", "The token of a shopper.")

    async def __call__(self, headers: Mapping[str, str]) -> str:
        if bearer_token(headers) != TOKEN:
            raise TOKEN_UNKNOWN.error()
        return "the shopper"


async def echo(call: Call[Item, None]) -> Item:
    return call.body


async def measure(call: Call[bytes, None]) -> dict[str, int]:
    assert call.body == call.raw
    return {"size": len(call.body)}


async def secret(call: Call[Item, str]) -> dict[str, Any]:
    return {"who": call.who, "key": call.idempotency_key, "raw": call.raw.decode()}


async def find(call: Call[None, None]) -> dict[str, str]:
    return dict(call.path)


async def browse(call: Call[None, None]) -> Page:
    page: Page = call.query
    return page


async def forget(_: Call[None, None]) -> None:
    return None


async def kept(_: Call[None, None]) -> Answer:
    return Answer(201, b'{"kept":true}', headers={"Location": "/things/7", "Cache-Control": "max-age=60"})


async def busy(_: Call[None, None]) -> None:
    raise TOO_MANY.error("Slowly.", retry_after=1.2)


async def closed(_: Call[None, None]) -> None:
    raise CONFLICT.error("It is over.")


async def broken(_: Call[None, None]) -> None:
    raise RuntimeError("the password is hunter2")


async def unwritable(_: Call[None, None]) -> object:
    return object()


class Ticker:
    """A stream that tells how it ended."""

    def __init__(self) -> None:
        self.closed = asyncio.Event()
        self.more: asyncio.Queue[bytes] = asyncio.Queue()

    async def stream(self) -> AsyncIterator[tuple[str, bytes]]:
        try:
            while True:
                yield "tick", await self.more.get()
        finally:
            self.closed.set()


def example_app(ticker: Ticker | None = None, **settings: Any) -> EdgeApp:
    async def listen(_: Call[None, None]) -> Events:
        assert ticker
        return Events(ticker.stream())

    async def fail_later(_: Call[None, None]) -> Events:
        async def stream() -> AsyncIterator[tuple[str, bytes]]:
            yield "tick", b"1"
            raise RuntimeError("the password is hunter2")

        return Events(stream())

    bearer = Bearer()
    routes = [
        Route("POST", "/echo", echo, Item, Item, "Echo", "things", None),
        Route("POST", "/pictures", measure, PICTURE, dict, "Measure", "things", None),
        Route("POST", "/secret", secret, Item, dict, "Secret", "things", bearer, takes_idempotency_key=True),
        Route("GET", "/things", browse, None, Page, "Browse", "things", None, query=Page),
        Route("GET", "/things/{id}", find, None, dict, "Find", "things", None),
        Route(
            "GET",
            "/things/{id}/parts/{part}",
            find,
            None,
            dict,
            "Find a part",
            "things",
            None,
            operation_id="find_part",
        ),
        Route("DELETE", "/things/{id}", forget, None, None, "Forget", "things", None),
        Route("GET", "/things/known", kept, None, dict, "A known one", "things", None, status=201),
        Route("GET", "/busy", busy, None, None, "Busy", "errors", None, problems=(TOO_MANY,)),
        Route("GET", "/closed", closed, None, None, "Closed", "errors", None, problems=(CONFLICT,)),
        Route("GET", "/broken", broken, None, None, "Broken", "errors", None),
        Route("GET", "/unwritable", unwritable, None, dict, "Unwritable", "errors", None),
        Route("GET", "/ticks", listen, None, Events, "Ticks", "events", None),
        Route("GET", "/few-ticks", fail_later, None, Events, "Ticks that fail", "events", None),
    ]
    return EdgeApp(routes, body_limit=BODY_LIMIT, **settings)
