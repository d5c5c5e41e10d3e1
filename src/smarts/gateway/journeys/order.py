"""Home delivery's orders: who changes them, and the money that moves with them (contract section 6.6).

The money is held from the order on and taken when the goods go out. That happens in three steps, like a payment: the
wanted change is written down together with the payment's step, the provider is asked, and what it answered is written
together with the change. Whoever stops in between, the outbox finishes it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec.structs import replace

from smarts.gateway import errors
from smarts.gateway.carts.model import Cart
from smarts.gateway.carts.service import Carts
from smarts.gateway.carts.view import amount_due
from smarts.gateway.ids import new_id
from smarts.gateway.journeys.invoicing import Billing, ordered_products
from smarts.gateway.orders import delivery, rules
from smarts.gateway.orders.model import (
    Actor,
    Capturing,
    Change,
    Details,
    OrderRecord,
    Request,
    order_document,
    shipment_of,
)
from smarts.gateway.orders.rules import Movement
from smarts.gateway.orders.service import Orders
from smarts.gateway.parties import Store
from smarts.gateway.payments.providers import Outcome
from smarts.gateway.payments.service import Payments
from smarts.gateway.storage.answers import Claim, keep, keep_if_unanswered
from smarts.gateway.storage.database import Database, Transaction
from smarts.gateway.stores.service import Stores
from smarts.wire.codec import encode
from smarts.wire.errors import ProblemError
from smarts.wire.orders import OrderProduct
from smarts.wire.receipts import Receipt
from smarts.wire.shipments import Shipment, ShipmentStatus
from smarts.wire.times import UtcMillis

LET_GO_EARLIER = timedelta(minutes=15)
"""How long before a hold would end by itself it is let go, so that no store sends goods out for nothing.

A tenth of its time where that is shorter.
"""
_CLOCKS_DIFFER = timedelta(minutes=1)
_GIVEN_UP = {
    Actor.CLIENT: ShipmentStatus.CANCELLED_BY_CLIENT,
    Actor.MERCHANT: ShipmentStatus.CANCELLED_BY_INSTITUTION,
}
_MISSED = Change(status=ShipmentStatus.MISSED, actor=Actor.SYSTEM)


@dataclass(frozen=True)
class _Purchase:
    """What an order is billed from; `method` is how it is paid."""

    cart: Cart
    store: Store
    method: str


class Ordering:
    """Orders from the draft to their end; whatever becomes of one, the money goes with it."""

    def __init__(
        self,
        database: Database,
        carts: Carts,
        stores: Stores,
        payments: Payments,
        orders: Orders,
        billing: Billing,
    ) -> None:
        self._database = database
        self._carts = carts
        self._stores = stores
        self._payments = payments
        self._orders = orders
        self._billing = billing

    async def draft(self, tx: Transaction, cart: Cart, payment_id: str, now: datetime) -> None:
        """The order of a cart that the shopper begins to pay for.

        Raises:
            ProblemError: 409, the store no longer delivers this way, or has cancelled the order.
        """
        order = _draft_of(cart, payment_id, now)
        method = await self._orders.method(tx, cart.institution_id, order.details.shipment.method)
        if not method.active:
            raise errors.DELIVERY_NOT_OFFERED.error("Choose the delivery anew")
        await self._orders.draft(tx, order, now)

    async def failed(self, tx: Transaction, cart: Cart, now: datetime) -> None:
        """The payment was declined; does nothing where the store has cancelled the order meanwhile."""
        assert cart.head.order_id
        order = await self._orders.lock(tx, cart.head.order_id)
        if order.status is ShipmentStatus.DRAFT:
            failed = Change(status=ShipmentStatus.PAYMENT_FAILED, actor=Actor.SYSTEM)
            await self._orders.change(tx, order, failed, now)

    async def authorised(
        self, tx: Transaction, cart: Cart, payment_id: str, expires_at: datetime | None, now: datetime
    ) -> bool:
        """The money is held, so the store is asked to confirm; False where it has cancelled the order meanwhile."""
        assert cart.head.order_id
        order = await self._orders.lock(tx, cart.head.order_id)
        if order.status is not ShipmentStatus.DRAFT or order.details.payment_id != payment_id:
            return False
        details = order.details
        method = await self._orders.method(tx, order.institution_id, details.shipment.method)
        zone = details.time_zone.zone
        expected = UtcMillis.of(delivery.expected_at(method, zone, now))
        details = replace(
            details,
            shipment=replace(details.shipment, expected_delivery_utc_time=expected),
            react_by=delivery.react_by(method, zone, now),
            lapses_at=expires_at - min(LET_GO_EARLIER, (expires_at - now) / 10) if expires_at else None,
        )
        waiting = Change(status=ShipmentStatus.WAITING_FOR_CONFIRMATION, actor=Actor.SYSTEM)
        await self._orders.change(tx, replace(order, details=details), waiting, now)
        return True

    async def given_up(self, tx: Transaction, cart: Cart, now: datetime, by: Actor = Actor.CLIENT) -> None:
        """Shopper or store do not want the cart brought any more: an order that was never paid for ends."""
        order = await self._orders.lock_unpaid(tx, cart.id)
        if order:
            await self._orders.change(tx, order, Change(status=_GIVEN_UP[by], actor=by), now)

    async def change(self, order_id: str, wanted: Change, claim: Claim | None) -> OrderRecord:
        """Makes a change, with the money; a change for which the money is being taken already is seen to its end first.

        Raises:
            ProblemError: 409 not allowed, or another change is under way, or the provider does not give the money (the
                order is MISSED then); 504 it does not answer (the change is made as soon as it does).
        """
        now = self._carts.clock()
        async with self._database.transaction() as tx:
            before = await self._orders.lock(tx, order_id)
            under_way = before.details.capturing
            if under_way:
                step_id = under_way.step_id
            else:
                rules.require_allowed(before, wanted)
                if rules.movement(before.status, wanted.status) is not Movement.CAPTURE:
                    return await self._make(tx, before, wanted, now, claim)
                step_id = await self._begin_capture(tx, before, wanted, now, claim)
        another = under_way is not None and under_way.change != wanted
        after = await self._end_capture(order_id, step_id, None if another else claim)
        if after is None:
            raise errors.ORDER_PAYMENT_UNKNOWN.error(
                "The change is made as soon as it does: nothing is taken twice", retry_after=2
            )
        if another:  # whose turn has come, now that the one before is made
            return await self.change(order_id, wanted, claim)
        if after.log[-1].actor is Actor.SYSTEM:
            raise _refused()
        return after

    async def _make(
        self, tx: Transaction, before: OrderRecord, wanted: Change, now: datetime, claim: Claim | None
    ) -> OrderRecord:
        match rules.movement(before.status, wanted.status):
            case Movement.RELEASE:
                await self._payments.release(tx, before.details.payment_id, now)
            case Movement.REFUND:
                await self._payments.refund(tx, before.details.payment_id, new_id(), None, now)
        after = await self._orders.change(tx, before, wanted, now)
        await keep(tx, claim, 200, encode(order_document(after)))
        return after

    async def _begin_capture(
        self, tx: Transaction, before: OrderRecord, wanted: Change, now: datetime, claim: Claim | None
    ) -> str:
        step_id = new_id()
        total = wanted.picking.total if wanted.picking else before.details.total
        await self._payments.begin_capture(tx, before.details.payment_id, step_id, total, now)
        request = Request(claim.scope, claim.key, claim.fingerprint) if claim else None
        await self._orders.capture(tx, before, Capturing(step_id, wanted, request))
        return step_id

    async def settle_capture(self, step_id: str) -> bool:
        """Finishes a change whose money is being taken and that nobody waits for; False while its end is not known."""
        order = await self._orders.by_capture(step_id)
        return order is None or await self._end_capture(order.id, step_id, None) is not None

    async def _end_capture(self, order_id: str, step_id: str, claim: Claim | None) -> OrderRecord | None:
        """Asks for the money and makes the change, or ends the order without it; None while that is not known."""
        answered = await self._payments.capture(step_id)
        purchase = await self._purchase(order_id)
        now = self._carts.clock()
        async with self._database.transaction() as tx:
            before = await self._orders.lock(tx, order_id)
            under_way = before.details.capturing
            if under_way is None or under_way.step_id != step_id:
                return before  # somebody else has finished it
            await self._payments.finish_capture(tx, step_id, answered, now)
            claims = _claims(under_way.request, claim)
            match answered.outcome:
                case Outcome.DONE:
                    after = await self._orders.change(tx, before, under_way.change, now)
                    await self._bill(tx, after, purchase, now)
                    await _answer(tx, claims, 200, order_document(after))
                    return after
                case Outcome.DECLINED:
                    await self._payments.release(tx, before.details.payment_id, now)
                    await _answer(tx, claims, 409, _refused().problem)
                    return await self._orders.change(tx, before, _MISSED, now)
        return None

    async def _purchase(self, order_id: str) -> _Purchase:
        order = await self._orders.get(order_id)
        payment = await self._payments.find(order.details.payment_id)
        assert payment
        cart = await self._carts.get(order.cart_id)
        return _Purchase(cart, await self._stores.get(order.institution_id), payment.method)

    async def _bill(self, tx: Transaction, order: OrderRecord, purchase: _Purchase, now: datetime) -> None:
        await self._billing.bill(
            tx,
            purchase.cart,
            purchase.store,
            now,
            purchase.method,
            picked=order.details.picked,
            replacements=order.details.replacements,
            shipment=shipment_of(order),
        )

    async def expire(self, order_id: str) -> bool:
        """Gives an order up whose time is over; False where it is too early to tell, as money is being taken."""
        now = self._carts.clock()
        async with self._database.transaction() as tx:
            order = await self._orders.lock(tx, order_id)
            due = rules.deadline(order)
            if due is None or due > now + _CLOCKS_DIFFER:
                return True
            if due > now or order.details.capturing:
                return False
            await self._make(tx, order, _MISSED, now, None)
        return True


def _draft_of(cart: Cart, payment_id: str, now: datetime) -> OrderRecord:
    head = cart.head
    assert head.order_id
    assert head.shipment
    rows = ordered_products(cart)
    return OrderRecord(
        id=head.order_id,
        institution_id=cart.institution_id,
        person_id=cart.person_id,
        cart_id=cart.id,
        invoice_id=head.invoice_id,
        institution_invoice_id=head.receipt.institution_invoice_id if head.receipt else None,
        status=ShipmentStatus.DRAFT,
        details=Details(
            shipment=_shipment(head.shipment.shipment, head.receipt, now),
            ordered=rows,
            products=tuple(map(OrderProduct.from_row, rows)),
            currency=head.currency,
            total=amount_due(cart),
            time_zone=head.time_zone,
            payment_id=payment_id,
            replacements_welcome=head.receipt is None and head.shipment.replacements_welcome,
        ),
        created_at=now,
    )


def _shipment(chosen: Shipment, receipt: Receipt | None, now: datetime) -> Shipment:
    """What the shopper chose, for the price that is on the receipt where the store made one."""
    price = receipt.shipment.price if receipt and receipt.shipment else None
    return replace(chosen, price=chosen.price if price is None else price, created_utc_time=UtcMillis.of(now))


def _refused() -> ProblemError:
    return errors.ORDER_PAYMENT_REFUSED.error("Do not send the goods out: the order has ended as MISSED")


def _claims(request: Request | None, claim: Claim | None) -> list[Claim | None]:
    """Whom a change that is made now answers: who asked for it first, and who is asking now."""
    if request is None or (claim and (claim.scope, claim.key) == (request.scope, request.key)):
        return [claim]
    return [Claim(request.scope, request.key, request.fingerprint), claim]


async def _answer(tx: Transaction, claims: Iterable[Claim | None], status: int, answer: object) -> None:
    for claim in claims:
        await keep_if_unanswered(tx, claim, status, encode(answer))
