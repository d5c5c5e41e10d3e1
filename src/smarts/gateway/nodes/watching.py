"""Asking every node on a schedule for its health and its version, and keeping what it said."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import structlog

from smarts.caller import CallFailed, Nonsense, Refused, TooSlow, Unreachable
from smarts.edge.problems import NOT_FOUND
from smarts.gateway.background import beside
from smarts.gateway.nodes.calls import Nodes
from smarts.gateway.nodes.model import LONGEST_DETAIL, NodeState, Question, Rhythm, Said
from smarts.gateway.nodes.registry import CHANNEL
from smarts.gateway.nodes.states import States
from smarts.gateway.storage.database import StorageUnavailableError
from smarts.gateway.storage.notices import Notices, Subscription
from smarts.wire.codec import encode
from smarts.wire.nodes import HealthStatus, NodeHealthResponse
from smarts.wire.operations import HEALTH, VERSION, Operation

# A node that hangs takes a place for the two seconds of a question, so this many ask 3,000 of them in a minute.
AT_ONCE = 128
LEASE = timedelta(seconds=HEALTH.deadline + VERSION.deadline + 5)
_SHORTEST_SLEEP_SECONDS = (
    0.2  # not so short that nodes which are due one after the other are claimed one by one
)
_LONGEST_SLEEP_SECONDS = 15.0
_TROUBLED_SLEEP_SECONDS = 1.0
_LARGEST_DOCUMENT = 16 * 1024
_STATES: dict[type[CallFailed], NodeState] = {
    Unreachable: NodeState.UNREACHABLE,
    TooSlow: NodeState.SLOW,
    Nonsense: NodeState.WRONG,
    Refused: NodeState.REFUSED,
}

log = structlog.get_logger(__name__)


class Watcher:
    """Asks nodes how they are, `at_once` of them at a time; any number of watchers share the nodes.

    A node's version is asked for now and then, and at once where the node is new or works again. A node whose watcher
    dies is asked by another one when the `lease` is over, which is longer than any question.
    """

    def __init__(
        self,
        states: States,
        nodes: Nodes,
        notices: Notices,
        rhythm: Rhythm,
        *,
        at_once: int = AT_ONCE,
        lease: timedelta = LEASE,
    ) -> None:
        self._states = states
        self._nodes = nodes
        self._notices = notices
        self._rhythm = rhythm
        self._at_once = at_once
        self._lease = lease
        self._under_way = 0

    async def ask(self, institution_id: str) -> None:
        """Asks a store's node now, for its health and its version, and keeps what it says.

        Raises:
            ProblemError: 404, the store has no node.
        """
        question = await self._states.claim(self._lease, institution_id)
        if question is None:
            raise NOT_FOUND.error("The store has no node")
        await self._carry_out(replace(question, version_too=True))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Asks whatever is due until the end of the block; questions under way are dropped then."""
        async with beside(self._watch()):
            yield

    async def _watch(self) -> None:
        with self._notices.subscribe(CHANNEL) as subscription:
            async with asyncio.TaskGroup() as questions:
                while True:
                    seconds = await self._begin(questions, subscription)
                    with suppress(TimeoutError):
                        async with asyncio.timeout(seconds):
                            await subscription.changed()

    async def _begin(self, questions: asyncio.TaskGroup, subscription: Subscription) -> float:
        """Begins to ask as many nodes as are due and as there are places; gives how long to sleep then."""
        try:
            while places := self._at_once - self._under_way:
                due = await self._states.claim_due(self._lease, places)
                if not due:
                    return self._sleep(await self._states.seconds_until_due())
                for question in due:
                    self._under_way += 1
                    questions.create_task(self._carry_out_surely(question, subscription))
        except StorageUnavailableError as error:
            log.warning("cannot look which nodes are due", error=str(error))
            return _TROUBLED_SLEEP_SECONDS
        except Exception:
            log.exception("cannot look which nodes are due")
            return _TROUBLED_SLEEP_SECONDS
        return _LONGEST_SLEEP_SECONDS

    def _sleep(self, seconds_until_due: float | None) -> float:
        longest = min(_LONGEST_SLEEP_SECONDS, self._rhythm.health.total_seconds())
        seconds = longest if seconds_until_due is None else min(seconds_until_due, longest)
        return max(seconds, _SHORTEST_SLEEP_SECONDS)

    async def _carry_out_surely(self, question: Question, subscription: Subscription) -> None:
        try:
            await self._carry_out(question)
        except StorageUnavailableError as error:
            log.warning("node's answer lost", institution=question.institution_id, error=str(error))
        except Exception:
            log.exception("node not asked", institution=question.institution_id)
        finally:
            if self._under_way == self._at_once:
                subscription.wake()
            self._under_way -= 1

    async def _carry_out(self, question: Question) -> None:
        said = await self._asked(question)
        detail = said.failure or _unwell(said.health)[:LONGEST_DETAIL]
        kept = await self._states.keep(question, said, detail, self._rhythm)
        if kept and said.state is not question.state:
            log.info(
                "node's state changed",
                institution=question.institution_id,
                before=question.state.value,
                now=said.state.value,
                detail=detail,
            )

    async def _asked(self, question: Question) -> Said:
        try:
            health: NodeHealthResponse = await self._document(question, HEALTH)
        except CallFailed as failure:
            said = Said(_STATES[type(failure)], failure=_words(HEALTH, failure))
        else:
            said = Said(NodeState(health.status), health)
        is_back = said.state.works and not question.state.works
        return await self._with_version(question, said) if question.version_too or is_back else said

    async def _with_version(self, question: Question, said: Said) -> Said:
        if said.state in (NodeState.UNREACHABLE, NodeState.SLOW):
            return said
        try:
            return replace(said, version=await self._document(question, VERSION))
        except CallFailed as failure:
            return replace(said, failure=said.failure or _words(VERSION, failure))

    async def _document(self, question: Question, operation: Operation) -> Any:
        document = await self._nodes.ask(question.institution_id, question.target, operation)
        if len(encode(document)) > _LARGEST_DOCUMENT:
            raise Nonsense(f"said more than {_LARGEST_DOCUMENT} bytes", retryable=False)
        return document


def _words(operation: Operation, failure: CallFailed) -> str:
    return f"{operation.name}: {failure.detail}"[:LONGEST_DETAIL]


def _unwell(health: NodeHealthResponse | None) -> str:
    """The parts that are not well, in words."""
    parts = health.checks.items() if health else ()
    return "; ".join(
        f"{name} {part.status}" + (f": {part.detail}" if part.detail else "")
        for name, part in parts
        if part.status is not HealthStatus.UP
    )
