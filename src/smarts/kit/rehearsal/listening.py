"""What a gateway sends, looked at: an application that tells each request, and answers it or hands it on to a node."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from smarts.edge.answers import Send
from smarts.edge.requests import Receive
from smarts.edge.tokens import same
from smarts.kit.client import Client
from smarts.kit.exchange import Answer, Exchange, Request
from smarts.kit.rehearsal.answers import Declined, answer_to
from smarts.wire.operations import TO_NODE, TOKEN_HEADER, Operation

LARGEST_REQUEST = 8 * 1024 * 1024  # bytes of a request that are listened to
# What belongs to one connection, or is told anew; all else is handed on.
_NOT_HANDED_ON = {
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "keep-alive",
    "expect",
    "date",
    "server",
}
_BY_LINE: Mapping[tuple[str, str], Operation] = {
    (operation.method, operation.path): operation for operation in TO_NODE
}


@dataclass(frozen=True)
class Heard:
    """A request that a gateway has sent, and what it was answered; `remark` says what is odd about it."""

    operation: Operation | None
    exchange: Exchange
    remark: str


class Listener:
    """An ASGI application in a node's place; `tell` is told of everything that comes.

    Without an `address` to hand requests on to, it answers by golden documents, or by the file `control.check.json` (an
    operation's name) in the folder `answers`. A token is looked at where one is given.
    """

    def __init__(
        self,
        client: Client,
        tell: Callable[[Heard], None],
        *,
        token: str = "",
        address: str = "",
        answers: Path | None = None,
    ) -> None:
        self._client = client
        self._tell = tell
        self._token = token
        self._address = address.rstrip("/")
        self._answers = answers

    def drain(self) -> None:
        """Nothing is kept up."""

    def end_streams(self) -> None:
        """There are none."""

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Serves a request (ASGI)."""
        if scope["type"] != "http":
            return
        request = await _request(scope, receive, self._token)
        operation = _BY_LINE.get((request.method, scope["path"]))
        exchange = await self._exchange(operation, request, scope["path"])
        self._tell(Heard(operation, exchange, self._remark(operation, request)))
        await _answer(send, exchange)

    async def _exchange(self, operation: Operation | None, request: Request, path: str) -> Exchange:
        if request.body and len(request.body) > LARGEST_REQUEST:
            return Exchange(request, _problem(413, f"More than {LARGEST_REQUEST} bytes are not listened to."))
        if self._address:
            handed = Request(
                request.method,
                self._address + path,
                _handed_on(request.headers),
                request.body,
                request.secret,
            )
            return await self._client.send(handed, seconds=operation.deadline if operation else 10)
        if operation is None:
            return Exchange(request, _problem(404, "The contract has no such operation."))
        if self._token and not same(request.headers.get(_TOKEN, ""), self._token):
            return Exchange(request, _problem(401, "The token is missing or unknown."))
        return Exchange(request, self._own_answer(operation, request))

    def _own_answer(self, operation: Operation, request: Request) -> Answer:
        file = self._answers / f"{operation.name}.json" if self._answers else None
        if file and file.is_file():
            return Answer(200, _JSON, file.read_bytes(), 0)
        try:
            document = answer_to(operation, json.loads(request.body or b"null"))
        except Declined as declined:
            return _problem(declined.status, str(declined))
        except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError) as error:
            return _problem(422, f"The request could not be read: {error}")
        if document is None:
            return Answer(204, {}, b"", 0)
        return Answer(200, _JSON, json.dumps(document, ensure_ascii=False).encode(), 0)

    def _remark(self, operation: Operation | None, request: Request) -> str:
        if operation is None:
            return "the contract has no such operation"
        if self._token and not same(request.headers.get(_TOKEN, ""), self._token):
            return "the token is missing or another one"
        return ""


_TOKEN = TOKEN_HEADER.lower()
_JSON = {"content-type": "application/json"}


def _handed_on(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name not in _NOT_HANDED_ON}


def _problem(status: int, detail: str) -> Answer:
    document = {"type": "about:blank", "title": detail, "status": status, "detail": detail}
    return Answer(status, {"content-type": "application/problem+json"}, json.dumps(document).encode(), 0)


async def _request(scope: Any, receive: Receive, secret: str) -> Request:
    body, more = b"", True
    while more and len(body) <= LARGEST_REQUEST:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    host = headers.get("host", "localhost")
    return Request(
        scope["method"],
        f"http://{host}{scope['path']}",
        headers,
        body or None,
        secret or headers.get(_TOKEN, ""),
    )


async def _answer(send: Send, exchange: Exchange) -> None:
    answer = exchange.answer or _problem(502, f"The node gave no answer: {exchange.trouble}")
    handed_on = _handed_on(answer.headers)
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in handed_on.items()]
    headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
