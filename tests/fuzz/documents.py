"""Targets for the wire: a document of every type of the operations table, and what every route reads of a request."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Any, cast, get_args, get_origin

import msgspec

from fuzz.target import Target
from isolation.asgi import ask
from isolation.lines import BODIES, Id
from node.stores import GoldenStore, node_of
from smarts.caller import Caller
from smarts.edge.app import EdgeApp
from smarts.edge.routes import Answer, Call, Media, Route
from smarts.gateway.app.api import other_routes, shopper_routes
from smarts.gateway.app.journeys import Journeys
from smarts.gateway.app.rooms import Rooms
from smarts.gateway.payments.stripe import Stripe
from smarts.gateway.settings import Settings
from smarts.gateway.storage.database import Database
from smarts.gateway.storage.telling import Teller
from smarts.gateway.web.measures import Measures
from smarts.wire.codec import decode, encode
from smarts.wire.errors import MalformedError, Problem
from smarts.wire.examples import example, example_names
from smarts.wire.operations import OPERATIONS
from smarts.wire.pieces import Pieces

_LOOP = asyncio.new_event_loop()
_IDS = {
    name: f"{name}-1" for name in ("store", "cart", "paid-cart", "kind", "check", "order", "image", "number")
}


def types_of_operations() -> list[Any]:
    """All that comes over the wire in either direction, by the table of operations."""
    kinds = [kind for row in OPERATIONS for kind in (row.request, row.response) if kind is not None]
    return list(dict.fromkeys([*kinds, Problem, Pieces]))


def wire_targets() -> Iterable[Target]:
    """A target for every type of the operations table."""
    for kind in types_of_operations():
        yield Target(f"wire {_name(kind)}", _decoding(kind), seeds_of(kind), frozenset({kind}))


def _name(kind: Any) -> str:
    return str(kind).replace("smarts.wire.", "").removeprefix("<class '").removesuffix("'>")


def seeds_of(kind: Any) -> tuple[bytes, ...]:
    """The golden examples of a type; of a list, a list of them."""
    if kind is Pieces:
        return tuple(b"[%b]" % example(name) for name in example_names())
    if get_origin(kind) is tuple:
        inner = seeds_of(get_args(kind)[0])
        return (b"[%b]" % b",".join(inner), b"[]")
    members = [kind, *get_args(kind)] if get_origin(kind) else [kind]
    names = {getattr(get_origin(each) or each, "__name__", "") for each in members}
    found = tuple(example(name) for name in example_names() if name.partition(".")[0] in names)
    return found or (b"{}",)


def _decoding(kind: Any) -> Any:
    def run(data: bytes) -> None:
        try:
            document = decode(data, kind)
        except MalformedError as error:
            assert error.error.path
            assert error.error.message
            return
        if kind is not Pieces:
            written = encode(document)
            assert encode(decode(written, kind)) == written, "what was read is not what was written"

    return run


@cache
def routes() -> tuple[Route, ...]:
    """The rows of the gateway's API and of a node with all features; nothing of them is opened."""
    nothing = cast("Any", None)
    database = Database(nothing, timedelta(), Teller())
    stripe = Stripe(database, "sk_test_none", "whsec_none")
    settings = Settings(sandbox_payments=True, stripe_key="sk_test_none", stripe_webhook_secret="whsec_none")
    rooms = Rooms(settings, database, nothing, Caller(), stripe, Measures())
    journeys = Journeys(rooms)
    return (
        *shopper_routes(rooms, journeys),
        *other_routes(rooms, journeys),
        *node_of(GoldenStore())._routes(),
    )


def request_targets() -> Iterable[Target]:
    """A target for every route: its path, query, headers and body, as the edge reads them before the handler does."""
    for route in routes():
        yield Target(
            f"request {route.method} {route.path}",
            _requesting(route),
            _request_seeds(route),
            frozenset({(route.method, route.path)}),
        )


async def _done(_: Call[Any, Any]) -> Answer:
    return Answer(200, b"{}")


def _requesting(route: Route) -> Any:
    app = EdgeApp([replace(route, handler=_done, authenticate=None)])

    def run(data: bytes) -> None:
        path, query, key, media_type, body = (*data.split(b"\n", 4), b"", b"", b"", b"")[:5]
        place = route.path
        for value in path.split(b"\t"):
            start, brace, rest = place.partition("{")
            place = start + value.decode("latin-1") + rest.partition("}")[2] if brace else place
        headers = {"Idempotency-Key": key.decode("latin-1")} if key else {}
        headers["Content-Type"] = (media_type or b"application/json").decode("latin-1")
        asked = place.encode(errors="replace").decode("latin-1") + "?" + query.decode("latin-1")
        answer = _LOOP.run_until_complete(ask(app, route.method, asked, headers, body))
        assert answer.status < 500, answer.whole
        if answer.status >= 400:
            assert decode(answer.body, Problem).status == answer.status

    return run


def _request_seeds(route: Route) -> tuple[bytes, ...]:
    query = (
        "&".join(f"{field.encode_name}=1" for field in msgspec.structs.fields(route.query))
        if route.query
        else ""
    )
    media_type = route.request.types[0] if isinstance(route.request, Media) else "application/json"
    head = f"one\ttwo\n{query}\nkey-1\n{media_type}\n".encode()
    return tuple(head + body for body in _bodies(route.request))


def _bodies(kind: Any) -> tuple[bytes, ...]:
    if kind is None or isinstance(kind, Media):
        return (b"",)
    template = BODIES.get(getattr(kind, "__name__", ""))
    found = () if template is None else (msgspec.json.encode(_with_ids(template)),)
    return (*found, *seeds_of(kind))


def _with_ids(value: Any) -> Any:
    if isinstance(value, Id):
        return _IDS[value.of]
    if isinstance(value, dict):
        return {name: _with_ids(each) for name, each in value.items()}
    return [_with_ids(each) for each in value] if isinstance(value, list) else value
