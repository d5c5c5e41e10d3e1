"""Calls to nodes; a node's failure becomes the gateway's answer here, and nowhere else."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from smarts.caller import Caller, CallFailed, Nonsense, Refused, Target, TooSlow
from smarts.edge.problems import FEATURE_ABSENT, NODE_DOWN, NODE_NONSENSE, NODE_SLOW
from smarts.gateway.nodes.bulkhead import MESSAGE, QUESTION, NotAsked, Patience, Reason
from smarts.gateway.nodes.bulkheads import Bulkheads, MayRetry
from smarts.gateway.nodes.fallbacks import still_works
from smarts.gateway.nodes.registry import Registry
from smarts.gateway.nodes.states import States
from smarts.wire.errors import ProblemError
from smarts.wire.nodes import Feature
from smarts.wire.operations import HEALTH, Operation

_TRY_AGAIN_AFTER = 5.0
_IN_EVERY_NODE = (Feature.NODE, Feature.PRODUCT_SEARCH)
FeaturesOff = Callable[[str], Awaitable[frozenset[str]]]
MakesReceipts = Callable[[str], Awaitable[bool]]


async def _none_off(_institution_id: str) -> frozenset[str]:
    return frozenset()


async def _makes_none(_institution_id: str) -> bool:
    return False


class Observe(Protocol):
    """Is told of each call: which store's, which operation, how it ended, and how many seconds that took."""

    def __call__(self, institution_id: str, operation: str, outcome: str, seconds: float) -> None:
        """A node was called."""


ANSWERED = "answered"
GIVEN_UP = "given up"


class Nodes:
    """Calls the stores' nodes by the rows of the contract's table; `observe` is told of each.

    A node is asked only for features that it names and that the store has not switched off (`features_off` tells which
    ones are, by the store's id); for another one the answer is the same as if it had been asked, a refusal that says
    `feature-absent`. Answers that make no sense are reported to the store's manager. All calls pass the store's
    bulkhead but for the questions how a node is and what it can do, from which the bulkheads learn.
    """

    def __init__(
        self,
        registry: Registry,
        states: States,
        caller: Caller,
        bulkheads: Bulkheads,
        observe: Observe = lambda institution_id, operation, outcome, seconds: None,
        features_off: FeaturesOff = _none_off,
        makes_receipts: MakesReceipts = _makes_none,
    ) -> None:
        self._registry = registry
        self._states = states
        self._caller = caller
        self._bulkheads = bulkheads
        self._observe = observe
        self._features_off = features_off
        self._makes_receipts = makes_receipts

    async def offers_feature(self, institution_id: str, feature: Feature) -> bool:
        """Whether the store uses a feature that its node names; one that has not told yet may have them all."""
        if feature in _IN_EVERY_NODE:
            return True
        if feature.value in await self._features_off(institution_id):
            return False
        named = await self._states.features(institution_id)
        return named is None or feature in named

    async def has_lost_feature(self, institution_id: str, feature: Feature) -> bool:
        """Whether the store's node named a feature until lately: what was meant for it should wait."""
        return await self._states.has_lost(institution_id, feature)

    async def report(self, institution_id: str, operation_name: str, detail: str) -> None:
        """Tells the store's manager of something that does not work; what is known already is counted."""
        await self._states.report(institution_id, operation_name, detail)

    async def call(self, institution_id: str, operation: Operation, body: Any = None) -> Any:
        """What the store's node answers, decoded.

        Raises:
            ProblemError: 502 nonsense, 503 down, 504 too slow; each without what the node really said, and with words
                for what works all the same.
            Refused: the node refused with a problem of its own (4xx), which the caller has to make sense of.
        """
        try:
            return await self._attempt(institution_id, operation, body, QUESTION)
        except Refused:
            raise
        except CallFailed as failure:
            makes_receipts = await self._makes_receipts(institution_id)
            words = still_works(operation.feature, makes_receipts=makes_receipts)
            raise _answer(failure, words) from failure

    async def attempt(
        self, institution_id: str, operation: Operation, body: Any = None, *, message_id: str | None = None
    ) -> Any:
        """The same for messages that are tried again by themselves: failures are raised as they are."""
        return await self._attempt(institution_id, operation, body, MESSAGE, message_id=message_id)

    async def _attempt(
        self, institution_id: str, operation: Operation, body: Any, patience: Patience, **more: Any
    ) -> Any:
        target = await self._registry.target(institution_id)
        if target is None:
            raise NODE_DOWN.error("The store has no node")
        if not await self.offers_feature(institution_id, operation.feature):
            raise Refused(FEATURE_ABSENT.error().problem)

        async def work(seconds: float, may_retry: MayRetry) -> Any:
            return await self._ask(
                institution_id, target, operation, body, deadline=seconds, may_retry=may_retry, **more
            )

        return await self._bulkheads.through(institution_id, target, operation, patience, work)

    async def ask(self, institution_id: str, target: Target, operation: Operation) -> Any:
        """What a node says of itself at an address that is known, whatever its bulkhead says, which learns from it."""
        try:
            answer = await self._ask(institution_id, target, operation, None)
        except CallFailed as failure:
            if operation is HEALTH:
                self._bulkheads.watched(institution_id, target, failure)
            raise
        if operation is HEALTH:
            self._bulkheads.watched(institution_id, target, answer)
        return answer

    async def _ask(
        self, institution_id: str, target: Target, operation: Operation, body: Any, **more: Any
    ) -> Any:
        began = time.perf_counter()

        def ended(outcome: str) -> None:
            self._observe(institution_id, operation.name, outcome, time.perf_counter() - began)

        try:
            answer = await self._caller.call(target, operation, body, **more)
        except CallFailed as failure:
            ended(type(failure).__name__)
            if isinstance(failure, Nonsense):
                await self.report(institution_id, operation.name, failure.detail)
            raise
        except asyncio.CancelledError:
            ended(GIVEN_UP)
            raise
        ended(ANSWERED)
        return answer


def _answer(failure: CallFailed, words: tuple[str, ...]) -> ProblemError:
    if isinstance(failure, Nonsense):
        return NODE_NONSENSE.error(
            "The store's system gave an answer that makes no sense; the store has been told",
            still_works=words,
        )
    after = failure.retry_after or _TRY_AGAIN_AFTER
    reason = failure.reason if isinstance(failure, NotAsked) else None
    if isinstance(failure, TooSlow) or reason is Reason.BUDGET:
        return NODE_SLOW.error("The store's system takes too long", retry_after=after, still_works=words)
    busy = reason in (Reason.BUSY, Reason.RATE)
    told = "The store's system has too much to do" if busy else "The store's system does not answer"
    return NODE_DOWN.error(told, retry_after=after, still_works=words)
