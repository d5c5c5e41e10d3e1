"""The verbs of orders: keep one, change it with all that follows from a change, look it up, watch it."""

from collections.abc import AsyncIterator
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

import structlog
from msgspec.structs import replace

from smarts.edge.problems import NOT_FOUND
from smarts.gateway import errors
from smarts.gateway.orders import rules, store
from smarts.gateway.orders.delivery import DeliveryMethod
from smarts.gateway.orders.model import Actor, Capturing, Change, OrderRecord, OrderSearch, order_document
from smarts.gateway.orders.rules import Money
from smarts.gateway.outbox import Message, cancel, put
from smarts.gateway.parties import NOBODY, WORK
from smarts.gateway.storage.database import Database, Transaction
from smarts.gateway.storage.notices import Notices
from smarts.gateway.storage.telling import tell
from smarts.wire.codec import encode
from smarts.wire.shipments import ShipmentMethod, ShipmentStatus

CHANNEL = "order"
ORDER_PLACED = "order.placed"
ORDER_CHANGED = "order.changed"
ORDER_DUE = "order.due"
_FORGET_AT_A_TIME = 500
_IN_THE_STORES_HANDS = tuple(
    status
    for status in ShipmentStatus
    if status not in rules.FINAL and rules.MONEY[status] in (Money.HELD, Money.TAKEN)
)

log = structlog.get_logger(__name__)


class Orders:
    """Orders and ways of delivery in the database."""

    def __init__(self, database: Database, notices: Notices) -> None:
        self._database = database
        self._notices = notices

    async def draft(self, tx: Transaction, order: OrderRecord, now: datetime) -> None:
        """Keeps a new order that is being paid for, or one that is being paid for anew, as its cart stands now.

        Raises:
            ProblemError: 409, the order was cancelled meanwhile.
        """
        known = await store.lock(tx, order.id)
        if known is None:
            await store.put(tx, order)
        elif known.status in rules.FINAL:
            raise errors.ORDER_CANCELLED.error("Choose the delivery anew, or begin another cart")
        else:
            again = Change(status=order.status, actor=Actor.SYSTEM)
            rules.require_allowed(known, again)
            before = replace(order, status=known.status, log=known.log, created_at=known.created_at)
            await self.change(tx, before, again, now)

    async def lock(self, tx: Transaction, order_id: str) -> OrderRecord:
        """The order as it stands, which nobody else changes until the end of the transaction; or a 404."""
        return _required(await store.lock(tx, order_id))

    async def lock_unpaid(self, tx: Transaction, cart_id: str) -> OrderRecord | None:
        """The order of a cart that nobody has paid for, and nobody is paying for; locked, too."""
        order_id = await store.unpaid_of(tx, cart_id)
        order = await store.lock(tx, order_id) if order_id else None
        return order if order and order.status is ShipmentStatus.PAYMENT_FAILED else None

    async def capture(self, tx: Transaction, before: OrderRecord, step: Capturing) -> None:
        """Keeps that money is being taken for a change, which is made when that is done."""
        await store.put(tx, rules.capturing(before, step))

    async def change(
        self, tx: Transaction, before: OrderRecord, change: Change, now: datetime
    ) -> OrderRecord:
        """Makes a change of a locked order: its log, its timers, and the word to the shopper and the store's node.

        Messages to the node are put last: from then on the store's other messages wait for the transaction.
        """
        after = rules.changed(before, change, now)
        await store.put(tx, after)
        await store.log(tx, after)
        await self._set_timer(tx, before, after)
        tell(tx, CHANNEL, after.id)
        tell(tx, WORK, after.institution_id)
        await self._tell_node(tx, before, after)
        log.info("order", order=after.id, invoice=after.invoice_id, status=after.status.value)
        return after

    async def _set_timer(self, tx: Transaction, before: OrderRecord, after: OrderRecord) -> None:
        old, due = rules.deadline(before), rules.deadline(after)
        if old and old != due:
            await cancel(tx, _timer_id(after.id, old))
        if due and old != due:
            await put(
                tx,
                Message(
                    id=_timer_id(after.id, due),
                    lane=f"timers:{after.institution_id}",
                    kind=ORDER_DUE,
                    order_key=after.id,
                    payload=after.id.encode(),
                    due=due,
                ),
            )

    async def _tell_node(self, tx: Transaction, before: OrderRecord, after: OrderRecord) -> None:
        placed = after.status is ShipmentStatus.WAITING_FOR_CONFIRMATION
        if not placed and rules.MONEY[before.status] is Money.NONE:
            return  # it was never placed, so the node does not know it
        await put(
            tx,
            Message(
                id=_message_id(after.id, len(after.log)),
                lane=after.institution_id,
                kind=ORDER_PLACED if placed else ORDER_CHANGED,
                order_key=after.id,
                payload=encode(order_document(after)),
            ),
        )

    async def get(self, order_id: str) -> OrderRecord:
        """Any order, or a 404."""
        async with self._database.connection() as connection:
            return _required(await store.find(connection, order_id))

    async def of_person(self, person_id: str, order_id: str) -> OrderRecord:
        """The shopper's own order; another's is not found."""
        order = await self.get(order_id)
        return _required(order if order.person_id == person_id else None)

    async def of_institution(self, institution_id: str, order_id: str) -> OrderRecord:
        """The store's own order; another's is not found."""
        order = await self.get(order_id)
        return _required(order if order.institution_id == institution_id else None)

    async def of_invoice(self, institution_id: str, invoice_id: str) -> OrderRecord | None:
        """The store's order by the gateway's invoice id, where the purchase is one that is brought."""
        async with self._database.connection() as connection:
            return await store.by_invoice(connection, institution_id, invoice_id)

    async def by_invoice(self, institution_id: str, invoice_id: str) -> OrderRecord:
        """The same, or a 404."""
        return _required(await self.of_invoice(institution_id, invoice_id))

    async def by_institution_invoice(self, institution_id: str, invoice_id: str) -> OrderRecord:
        """The store's own order by the store's invoice id."""
        async with self._database.connection() as connection:
            return _required(await store.by_institution_invoice(connection, institution_id, invoice_id))

    async def by_capture(self, step_id: str) -> OrderRecord | None:
        """The order for which a payment's step is taking the money, as long as it does."""
        async with self._database.connection() as connection:
            return await store.by_capture(connection, step_id)

    async def page(self, person_id: str, limit: int, after: str | None) -> list[OrderRecord]:
        """A person's orders, newest first, at most `limit`, those after the order `after`."""
        async with self._database.connection() as connection:
            return await store.page(connection, person_id, limit, after)

    async def search(
        self, institution_id: str, sought: OrderSearch, limit: int, after: str | None
    ) -> list[OrderRecord]:
        """A store's orders, newest first, at most `limit`, those after the order `after`."""
        async with self._database.connection() as connection:
            return await store.search(connection, institution_id, sought, limit, after)

    async def to_do(
        self,
        institution_ids: frozenset[str],
        limit: int,
        after: str | None = None,
        status: ShipmentStatus | None = None,
    ) -> list[OrderRecord]:
        """What some stores have to confirm, pack or hand over, in one status or all.

        What waits for an answer comes first, the soonest due first, then the rest, oldest first; at most `limit`, those
        after the order `after`. An order moves in that list when it is answered, but not among those of a status.
        """
        statuses = [each for each in _IN_THE_STORES_HANDS if status in (None, each)]
        async with self._database.connection() as connection:
            return await store.to_do(connection, sorted(institution_ids), statuses, limit, after)

    async def watch(self, order_id: str) -> AsyncIterator[OrderRecord]:
        """The order now, and again after every change; changes that come quickly may be seen as one."""
        seen = -1
        with self._notices.subscribe(CHANNEL, order_id) as changes:
            async for _ in changes:
                order = await self.get(order_id)
                if len(order.log) > seen:
                    seen = len(order.log)
                    yield order

    async def methods(self, institution_id: str) -> tuple[DeliveryMethod, ...]:
        """A store's ways of delivery, those included that it does not offer now."""
        async with self._database.connection() as connection:
            return await store.methods(connection, institution_id)

    async def method(self, tx: Transaction, institution_id: str, wanted: ShipmentMethod) -> DeliveryMethod:
        """A store's way of delivery, whether it offers it now or not.

        Raises:
            ProblemError: 409, it never has.
        """
        for each in await store.methods(tx, institution_id):
            if each.method is wanted:
                return each
        raise errors.DELIVERY_NOT_OFFERED.error("Choose the delivery anew")

    async def put_method(self, tx: Transaction, institution_id: str, method: DeliveryMethod) -> None:
        """Writes one of a store's ways of delivery, new or changed; orders that are placed stay as they are."""
        await store.put_method(tx, institution_id, method)

    async def forget_person(self, tx: Transaction, person_id: str) -> list[str]:
        """Leaves of a person's orders what bookkeeping needs, and not whose they were.

        Returns:
            The ids of the messages to nodes about them.

        Raises:
            ProblemError: 409, one of them is not finished.
        """
        found = await store.lock_of_person(tx, person_id)
        if any(order.closed_at is None for order in found):
            raise errors.ORDER_OPEN.error("Wait until it is there, or cancel it")
        for order in found:
            await store.forget(tx, replace(rules.forgotten(order), person_id=NOBODY))
        return [_message_id(order.id, number) for order in found for number in range(1, len(order.log) + 1)]

    async def forget_details(self, before: datetime) -> None:
        """Forgets the details of orders that were finished before a moment."""
        while True:
            async with self._database.transaction() as tx:
                found = await store.closed(tx, before, _FORGET_AT_A_TIME)
                for order in found:
                    await store.forget(tx, rules.forgotten(order))
            if len(found) < _FORGET_AT_A_TIME:
                return


def _message_id(order_id: str, change: int) -> str:
    return f"{order_id}:{change}"


def _timer_id(order_id: str, due: datetime) -> str:
    return str(uuid5(NAMESPACE_URL, f"order-due:{order_id}:{due.isoformat()}"))


def _required(order: OrderRecord | None) -> OrderRecord:
    if order is None:
        raise NOT_FOUND.error("There is no such order")
    return order
