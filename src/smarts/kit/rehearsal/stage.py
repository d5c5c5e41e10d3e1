"""Where a rehearsal plays: operations are sent, everything is kept and shown, and judged as a gateway would."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from smarts.kit.client import Client
from smarts.kit.exchange import Exchange, Request
from smarts.kit.subject import Case, Subject, message_id
from smarts.wire.codec import decode
from smarts.wire.errors import MalformedError
from smarts.wire.operations import MESSAGE_ID_HEADER, Direction, Operation


@dataclass(frozen=True)
class Played:
    """An operation that was sent: `document` is the answer as a gateway reads it, or None.

    `complaint` says in words what a gateway would not accept: no answer, a refusal, a document of the wrong shape.
    """

    number: int
    operation: Operation
    exchange: Exchange
    document: Any
    complaint: str

    @property
    def status(self) -> int:
        """The answer's; 0 where none came."""
        return self.exchange.answer.status if self.exchange.answer else 0


@dataclass
class Stage:
    """Sends to one address, and keeps what was played in its order; numbers begin at 1."""

    client: Client
    address: str
    token: str = field(repr=False)
    signing_secrets: Sequence[str] = field(default=(), repr=False)
    show: Callable[[Played], None] = lambda _: None
    played: list[Played] = field(default_factory=list)

    async def send(self, operation: Operation, document: Any = None) -> Played:
        """Sends a plain document, shows what came of it, and keeps it."""
        case = Case(Subject(self.client, self._base(operation), self.token, self.signing_secrets))
        return await self._play(operation, case.request(operation, document))

    async def again(self, number: int, body: bytes | None = None) -> Played:
        """Sends what was sent before once more, with another body where one is given.

        Raises:
            ValueError: nothing of this number was sent.
        """
        before = self.at(number)
        request = before.exchange.request
        changed = request if body is None else _changed(before.operation, request, body)
        return await self._play(before.operation, changed)

    def at(self, number: int) -> Played:
        """What was played under a number.

        Raises:
            ValueError: nothing was.
        """
        if not 0 < number <= len(self.played):
            raise ValueError(f"Nothing has the number {number}; there are {len(self.played)} so far")
        return self.played[number - 1]

    def _base(self, operation: Operation) -> str:
        address = self.address.rstrip("/")
        return address if operation.direction is Direction.TO_NODE else f"{address}/v1"

    async def _play(self, operation: Operation, request: Request) -> Played:
        exchange = await self.client.send(request, seconds=operation.deadline)
        document, complaint = _read(operation, exchange)
        played = Played(len(self.played) + 1, operation, exchange, document, complaint)
        self.played.append(played)
        self.show(played)
        return played


def _changed(operation: Operation, request: Request, body: bytes) -> Request:
    """Another document is another message."""
    named = {MESSAGE_ID_HEADER: message_id(operation, body)} if MESSAGE_ID_HEADER in request.headers else {}
    return replace(request, body=body, headers={**request.headers, **named})


def _read(operation: Operation, exchange: Exchange) -> tuple[Any, str]:
    answer = exchange.answer
    if answer is None:
        return None, exchange.trouble
    if not 200 <= answer.status < 300:
        return None, f"it answered {answer.status}"
    if operation.response is None:
        return None, ""
    try:
        return decode(answer.body, operation.response), ""
    except MalformedError as error:
        return None, f"a gateway cannot read this: {error.error.path}: {error.error.message}"
