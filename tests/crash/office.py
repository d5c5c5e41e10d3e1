"""The merchant's office: tells the gateway what checks found, and moves orders on; it remembers both over a kill."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any

import structlog

from smarts.caller import CallFailed, Refused
from smarts.node import Gateway
from smarts.wire.control import CheckStatus
from smarts.wire.shipments import ShipmentStatus

from .node_books import NodeBooks
from .stores import Kind, Surroundings, share

DONE = "done"
_PAUSE = 0.1
_DEADLINE = 4.0
_CONFIRMED, _ASSEMBLED = ShipmentStatus.CONFIRMED, ShipmentStatus.ASSEMBLE_READY
_COMPLETED, _CANCELLED = ShipmentStatus.COMPLETED, ShipmentStatus.CANCELLED_BY_INSTITUTION
_REFUSED = "order-change-refused"
_LAST_WORDS_ON_CHECKS = (DONE, "check-closed", "not-found")
_CHECKS_TO_TELL = """
select invoice_id, institution_id from checks where decision <> 'NO' and told is null and tries < 100
order by tries, rowid limit 8
"""
_ORDERS_TO_MOVE = (
    "select id, institution_id, moves from orders where ended is null order by tries, rowid limit 8"
)

log = structlog.get_logger(__name__)


def verdict(invoice_id: str, *, of_staff: bool = False) -> CheckStatus:
    """What a check finds; the same eyes see the same, other eyes something else."""
    if of_staff:
        return CheckStatus.FAILED_ALLOW_PAYMENT if share(invoice_id) % 2 else CheckStatus.PASSED
    return CheckStatus.FAILED if share(invoice_id[::-1] + "!") < 15 else CheckStatus.PASSED


def moves(order_id: str, kind: Kind) -> Sequence[ShipmentStatus]:
    """How an order goes on, if its shopper lets it."""
    out = ShipmentStatus.READY_TO_PICKUP if kind is Kind.PICKUP else ShipmentStatus.SHIPPING
    match share(order_id) // 10:
        case 0 | 1:
            return (_CANCELLED,)
        case 2:
            return (_CONFIRMED, _CANCELLED)
        case 3 | 4:
            return (_CONFIRMED, _ASSEMBLED, out, _CANCELLED)
        case 5:
            return ()
    return (_CONFIRMED, out, _COMPLETED)


class Office:
    """Works through what is in the books."""

    def __init__(self, books: NodeBooks, around: Surroundings) -> None:
        self._books = books
        self._stores = {store.institution_id: store for store in around.stores}
        self._gateways = {
            store.institution_id: Gateway(
                around.gateway_url, store.token, store.institution_id, deadline=_DEADLINE
            )
            for store in around.stores
        }

    async def work(self) -> None:
        """For as long as the node runs."""
        while True:
            try:
                await asyncio.gather(self._checks(), self._orders())
            except Exception:
                log.exception("the office stumbles")
            await asyncio.sleep(_PAUSE)

    async def _checks(self) -> None:
        await asyncio.gather(*(self._tell(*row) for row in self._books.rows(_CHECKS_TO_TELL)))

    async def _tell(self, invoice_id: Any, institution_id: Any) -> None:
        status = verdict(invoice_id)
        call = self._gateways[institution_id].send_check_result(invoice_id, status)
        said = await self._say("check", invoice_id, status, call)
        if said in _LAST_WORDS_ON_CHECKS:
            self._books.write("update checks set told = ? where invoice_id = ?", said, invoice_id)
        self._books.write("update checks set tries = tries + 1 where invoice_id = ?", invoice_id)

    async def _orders(self) -> None:
        await asyncio.gather(*(self._move(*row) for row in self._books.rows(_ORDERS_TO_MOVE)))

    async def _move(self, order_id: Any, institution_id: Any, done: Any) -> None:
        kind = self._stores[institution_id].kind
        plan = moves(order_id, kind)
        if kind is Kind.PICKUP or done == len(plan):
            self._end(order_id, "moved")
            return
        gateway, wanted = self._gateways[institution_id], plan[done]
        said = await self._say("order", order_id, wanted, gateway.change_order_status(order_id, wanted))
        if said == DONE or (said == _REFUSED and await _has_been(gateway, order_id, wanted)):
            self._books.write("update orders set moves = moves + 1 where id = ?", order_id)
        elif said in (_REFUSED, "order-payment-refused"):
            self._end(order_id, said)
        self._books.write("update orders set tries = tries + 1 where id = ?", order_id)

    def _end(self, order_id: str, why: str) -> None:
        self._books.write("update orders set ended = ? where id = ?", why, order_id)

    async def _say(self, what: str, about: str, wanted: str, call: Coroutine[Any, Any, Any]) -> str:
        try:
            await call
            said = DONE
        except Refused as refused:
            said = refused.problem.type
        except CallFailed:
            said = "unknown"
        self._books.write(
            "insert into answers (what, id, wanted, said) values (?, ?, ?, ?)", what, about, wanted, said
        )
        return said


async def _has_been(gateway: Gateway, order_id: str, wanted: ShipmentStatus) -> bool:
    try:
        order = await gateway.find_order(order_id)
    except CallFailed:
        return False
    return any(change.new_status == wanted for change in order.status_changelogs)
