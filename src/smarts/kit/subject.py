"""Whom a check looks at, and how it asks."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import uuid4

from smarts.kit.check import Unmet
from smarts.kit.client import Client
from smarts.kit.exchange import Answer, Exchange, Request
from smarts.wire.operations import TOKEN_HEADER, Operation

T = TypeVar("T")
JSON_CONTENT = "application/json;charset=UTF-8"


@dataclass
class Subject:
    """The node under check, and what has been found out about it.

    `barcodes` are some that it is known to sell, where its operator named any. `person_id` and `institution_id` are
    those of all requests that do not need others.
    """

    client: Client
    address: str
    token: str = field(repr=False)
    institution_id: str = "conformance-store"
    person_id: str = field(default_factory=lambda: f"conformance-{uuid4()}")
    language: str = "EN"
    barcodes: Sequence[str] = ()
    facts: dict[str, Any] = field(default_factory=dict)

    async def fact(self, name: str, find: Callable[[], Awaitable[T]]) -> T:
        """What is found out once and used by many checks."""
        if name not in self.facts:
            self.facts[name] = await find()
        found: T = self.facts[name]
        return found


@dataclass
class Case:
    """One check's look at a subject; keeps what was exchanged."""

    subject: Subject
    exchanges: list[Exchange] = field(default_factory=list)

    async def ask(
        self,
        operation: Operation,
        document: Any = None,
        *,
        body: bytes | None = None,
        token: str | None = None,
        headers: Mapping[str, str | None] | None = None,
        seconds: float | None = None,
        pieces: Sequence[bytes] = (),
        pause: float = 0,
    ) -> Answer:
        """Does an operation with a plain JSON document, or with `body` as it is, within its deadline.

        `headers` are added; one that is None is left out. Raises `Unmet` where no whole answer came.
        """
        request = self.request(operation, document, body=body, token=token, headers=headers)
        exchange = await self.subject.client.send(
            request, seconds=seconds or operation.deadline, pieces=pieces, pause=pause
        )
        self.exchanges.append(exchange)
        if exchange.answer is None:
            raise Unmet("an answer", exchange.trouble, exchange)
        return exchange.answer

    def request(
        self,
        operation: Operation,
        document: Any = None,
        *,
        body: bytes | None = None,
        token: str | None = None,
        headers: Mapping[str, str | None] | None = None,
    ) -> Request:
        """The request as `ask` sends it; a token that is an empty string is left out."""
        if body is None and operation.request is not None:
            body = json.dumps(document, ensure_ascii=False).encode()
        shown = self.subject.token if token is None else token
        lines: dict[str, str | None] = {TOKEN_HEADER: shown or None, "Accept": "application/json"}
        if body is not None:
            lines["Content-Type"] = JSON_CONTENT
        lines |= dict(headers or {})
        kept = {name: value for name, value in lines.items() if value is not None}
        url = self.subject.address.rstrip("/") + operation.path
        return Request(operation.method, url, kept, body, secret=self.subject.token)
