"""A layer around a good node that changes one thing: a request on its way in, or an answer on its way out."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

from smarts.wire.operations import Operation


@dataclass(frozen=True)
class Asked:
    """A request, with all of its body; names of headers are lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def of(self, *operations: Operation) -> bool:
        """Whether it asks for one of these."""
        return any((self.method, self.path) == (each.method, each.path) for each in operations)

    def with_headers(self, **changes: str | None) -> "Asked":
        """With other headers; underscores stand for hyphens, and what is None is left out."""
        headers = self.headers | {name.replace("_", "-"): value for name, value in changes.items()}
        return replace(self, headers={name: value for name, value in headers.items() if value is not None})

    def with_json(self, document: Any) -> "Asked":
        body = json.dumps(document).encode()
        return replace(self.with_headers(content_length=str(len(body))), body=body)


@dataclass(frozen=True)
class Reply:
    """An answer; `body` may be a stream that never ends."""

    status: int
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": "application/json"})
    body: bytes | AsyncIterator[bytes] = b""

    @property
    def json(self) -> Any:
        assert isinstance(self.body, bytes)
        return json.loads(self.body)

    def with_json(self, document: Any) -> "Reply":
        return replace(self, body=json.dumps(document, ensure_ascii=False).encode())


Answer = Callable[[Asked], Awaitable[Reply]]
How = Callable[[Asked, Answer], Awaitable[Reply]]


class Layer:
    """An ASGI application around another: `how` is given each request, and the way to have it answered."""

    def __init__(self, app: Any, how: How) -> None:
        self._app = app
        self._how = how

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        asked = Asked(scope["method"], scope["path"], headers, await _body(receive))

        async def answer(asked: Asked) -> Reply:
            return await self._answered(scope, asked)

        await _send(send, await self._how(asked, answer))

    def drain(self) -> None:
        pass

    def end_streams(self) -> None:
        pass

    async def _answered(self, scope: Any, asked: Asked) -> Reply:
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in asked.headers.items()]
        inner = dict(scope) | {
            "method": asked.method,
            "path": asked.path,
            "raw_path": asked.path.encode(),
            "headers": raw,
        }
        messages: list[Any] = []
        given = iter([{"type": "http.request", "body": asked.body, "more_body": False}])

        async def receive() -> Any:
            return next(given, {"type": "http.disconnect"})

        async def send(message: Any) -> None:
            messages.append(message)

        await self._app(inner, receive, send)
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1") for name, value in messages[0]["headers"]
        }
        headers.pop("content-length", None)
        return Reply(messages[0]["status"], headers, b"".join(each.get("body", b"") for each in messages[1:]))


async def _body(receive: Any) -> bytes:
    parts, more = [], True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


async def _send(send: Any, reply: Reply) -> None:
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in reply.headers.items()]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    if isinstance(reply.body, bytes):
        await send({"type": "http.response.body", "body": reply.body})
        return
    async for piece in reply.body:
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


# The usual ways to break a node.


def document(operation: Operation, change: Callable[[Any], Any]) -> How:
    """Changes the document with which an operation is answered; `change` may change it in place or give another."""

    async def how(asked: Asked, answer: Answer) -> Reply:
        reply = await answer(asked)
        if not asked.of(operation) or reply.status != 200:
            return reply
        found = reply.json
        changed = change(found)
        return reply.with_json(found if changed is None else changed)

    return how


def request(change: Callable[[Asked], Asked], *operations: Operation) -> How:
    """Changes requests before the node sees them: of these operations, or of all."""

    async def how(asked: Asked, answer: Answer) -> Reply:
        return await answer(change(asked) if not operations or asked.of(*operations) else asked)

    return how


def reply(change: Callable[[Asked, Reply], Reply]) -> How:
    """Changes answers, by what was asked."""

    async def how(asked: Asked, answer: Answer) -> Reply:
        return change(asked, await answer(asked))

    return how


def status(old: int, new: int) -> How:
    """Answers with another status, whatever the operation."""
    return reply(lambda _, found: replace(found, status=new) if found.status == old else found)


def header(name: str, value: str, *operations: Operation) -> How:
    """Answers well, with another header."""

    def changed(asked: Asked, found: Reply) -> Reply:
        is_meant = found.status == 200 and (not operations or asked.of(*operations))
        return replace(found, headers=found.headers | {name: value}) if is_meant else found

    return reply(changed)


def delay(seconds: float, *operations: Operation) -> How:
    """Waits before it answers."""

    async def how(asked: Asked, answer: Answer) -> Reply:
        if not operations or asked.of(*operations):
            await asyncio.sleep(seconds)
        return await answer(asked)

    return how
