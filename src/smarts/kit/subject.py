"""Whom a check looks at, and how it asks."""

import json
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, TypeVar
from uuid import uuid4

from smarts.edge.signatures import key_of
from smarts.kit.check import Unmet, Unseen
from smarts.kit.client import Client
from smarts.kit.exchange import Answer, Exchange, Request
from smarts.wire.nodes import Feature
from smarts.wire.operations import MESSAGE_ID_HEADER, MUST_ARRIVE, TO_NODE, TOKEN_HEADER, Operation

T = TypeVar("T")
JSON_CONTENT = "application/json;charset=UTF-8"
_MOST_SILENCES = 2  # requests of one operation without an answer, after which it is not asked any more
_MOST_SILENCES_IN_A_ROW = 5  # requests of any without an answer, after which nothing is


@dataclass
class Silence:
    """Which requests got no whole answer, so that a node which hangs is not waited for again and again."""

    of: Counter[str] = field(default_factory=Counter)
    in_a_row: int = 0

    def note(self, operation: Operation, *, answered: bool, usual: bool) -> None:
        """Takes down how a request ended; unusual ones do not count against their operation."""
        self.in_a_row = 0 if answered else self.in_a_row + 1
        self.of[operation.name] += usual and not answered

    def require_hope(self, operation: Operation) -> None:
        """Raises `Unseen` where it is no use to ask."""
        if self.in_a_row >= _MOST_SILENCES_IN_A_ROW:
            raise Unseen(
                f"the node left {self.in_a_row} requests in a row without an answer and was given up"
            )
        if self.of[operation.name] >= _MOST_SILENCES:
            raise Unseen(f"{operation.name} gave no answer {_MOST_SILENCES} times and was given up")


@dataclass
class Subject:
    """The node under check, and what has been found out about it.

    `barcodes` are some that it is known to sell, where its operator named any. `person_id` and `institution_id` are
    those of all requests that do not need others. `card` is what proves a loyalty card that may be linked, and
    `card_kind` the id of its kind, where the operator named them. `patience` is the share of each deadline that is
    waited. Requests are signed with the `signing_secrets`.
    """

    client: Client
    address: str
    token: str = field(repr=False)
    signing_secrets: Sequence[str] = field(default=(), repr=False)
    institution_id: str = "conformance-store"
    person_id: str = field(default_factory=lambda: f"conformance-{uuid4()}")
    language: str = "EN"
    barcodes: Sequence[str] = ()
    card: str = ""
    card_kind: str = ""
    declared: Collection[Feature] = (Feature.NODE, Feature.PRODUCT_SEARCH)
    patience: float = 1.0
    facts: dict[str, Any] = field(default_factory=dict)
    silence: Silence = field(default_factory=Silence)

    @property
    def operations(self) -> tuple[Operation, ...]:
        """All that the node has declared that it does."""
        return tuple(operation for operation in TO_NODE if operation.feature in self.declared)

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

        `headers` are added; one that is None is left out. Raises `Unmet` where no whole answer came, and `Unseen` where
        that has been so before.
        """
        self.subject.silence.require_hope(operation)
        request = self.request(operation, document, body=body, token=token, headers=headers)
        usual = body is None and not pieces
        exchange = await self.send(request, seconds or operation.deadline, pieces=pieces, pause=pause)
        self.subject.silence.note(operation, answered=exchange.answer is not None, usual=usual)
        if exchange.answer is None:
            raise Unmet("an answer", exchange.trouble, exchange)
        return exchange.answer

    async def send(
        self, request: Request, seconds: float, *, pieces: Sequence[bytes] = (), pause: float = 0
    ) -> Exchange:
        """Sends any request and keeps the exchange, also one that got no answer."""
        patience = seconds * self.subject.patience
        exchange = await self.subject.client.send(request, seconds=patience, pieces=pieces, pause=pause)
        self.exchanges.append(exchange)
        return exchange

    def request(
        self,
        operation: Operation,
        document: Any = None,
        *,
        body: bytes | None = None,
        token: str | None = None,
        headers: Mapping[str, str | None] | None = None,
    ) -> Request:
        """The request as `ask` sends it; a token that is an empty string is left out.

        What a gateway would send until it has arrived has an id, which is the same for the same document.
        """
        if body is None and operation.request is not None:
            body = json.dumps(document, ensure_ascii=False).encode()
        shown = self.subject.token if token is None else token
        lines: dict[str, str | None] = {TOKEN_HEADER: shown or None, "Accept": "application/json"}
        if body is not None:
            lines["Content-Type"] = JSON_CONTENT
        if operation in MUST_ARRIVE:
            lines[MESSAGE_ID_HEADER] = message_id(operation, body or b"")
        lines |= dict(headers or {})
        kept = {name: value for name, value in lines.items() if value is not None}
        url = self.subject.address.rstrip("/") + operation.path
        keys = tuple(key_of(secret) for secret in self.subject.signing_secrets)
        return Request(operation.method, url, kept, body, secret=self.subject.token, signing_keys=keys)


def message_id(operation: Operation, body: bytes) -> str:
    """What a message is called, as if a gateway had made it once for this document."""
    return sha256(operation.name.encode() + b"\n" + body).hexdigest()[:32]
