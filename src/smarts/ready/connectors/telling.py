"""Tells the gateway what became of orders in the shop system."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import structlog

from smarts.caller import CallFailed, Refused
from smarts.node import Gateway
from smarts.ready.connectors.outbox import Outbox
from smarts.ready.connectors.sales import Books, Change, way_to
from smarts.wire.errors import ProblemError
from smarts.wire.nodes import HealthStatus, PartHealth

_log = structlog.get_logger(__name__)
_OVERLAP = timedelta(hours=1)  # by which the shop's clock may be wrong


class Telling:
    """Looks for orders that the shop's people have moved on, and moves them on at the gateway.

    What the gateway refuses is told in the log and not again: an order that the shopper has cancelled cannot be sent.
    """

    def __init__(self, name: str, books: Books, gateway: Gateway, outbox: Outbox, every: float) -> None:
        self._name = name
        self._books = books
        self._gateway = gateway
        self._outbox = outbox
        self._every = every
        self._failure = ""
        self._told: dict[str, Change] = {}

    async def run(self) -> None:
        """Tells until it is cancelled."""
        while True:
            try:
                await self.tell()
                self._failure = ""
            except CallFailed as failure:
                self._failure = failure.detail
            except ProblemError as problem:
                self._failure = problem.problem.title
            except Exception as error:  # noqa: BLE001 - whatever it is, the next look may go well
                _log.error("orders cannot be told", exc_info=error)
                self._failure = f"the look at orders failed: {type(error).__name__}"
            await asyncio.sleep(self._every)

    async def tell(self) -> None:
        """Looks once; what was not told is found again by the next look.

        Raises:
            CallFailed: the shop system or the gateway does not answer.
        """
        at = datetime.now(UTC)
        mark = f"{self._name} orders"
        since = await asyncio.to_thread(self._outbox.mark, mark) or at
        changes = await self._books.changes(since - _OVERLAP)
        for change in changes:
            if self._told.get(change.order_id) != change:
                await self._tell(change)
        self._told = {change.order_id: change for change in changes}
        await asyncio.to_thread(self._outbox.set_mark, mark, at)

    def health(self) -> Mapping[str, PartHealth]:
        """Whether the last look went well."""
        status = HealthStatus.DEGRADED if self._failure else HealthStatus.UP
        return {f"{self._name} orders": PartHealth(status, self._failure or None)}

    async def _tell(self, change: Change) -> None:
        try:
            order = await self._gateway.find_order(change.order_id)
            for status in way_to(change.status, order.shipment.status, order.shipment.method):
                await self._gateway.change_order_status(order.id, status, person_name=self._name)
        except Refused as refused:
            if refused.retryable:
                raise
            _log.warning(
                "the gateway refuses a change",
                order=change.order_id,
                status=change.status,
                why=refused.detail,
            )
