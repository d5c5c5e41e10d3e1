"""Persons' data: all that is kept of a shopper is told, and erased (docs/explanation/privacy.md)."""

from datetime import timedelta

from msgspec.structs import replace

from smarts.control import AgeSeen, CheckedCart, History, Inputs, Reason
from smarts.edge.problems import TOKEN_UNKNOWN
from smarts.gateway import errors
from smarts.gateway.carts.model import Cart, CartState
from smarts.gateway.carts.service import Carts
from smarts.gateway.carts.view import CartDocument, cart_document
from smarts.gateway.control.age_service import AgesSeen
from smarts.gateway.control.age_store import AgeRecord
from smarts.gateway.control.findings import Difference
from smarts.gateway.control.rescanned import Finding
from smarts.gateway.control.service import Control
from smarts.gateway.control.store import Check, CheckState
from smarts.gateway.invoices.service import INVOICE_PAID, Invoices
from smarts.gateway.journeys.order import Ordering
from smarts.gateway.journeys.purchases import DetailedPurchaseDocument, Purchases
from smarts.gateway.loyalty.service import Loyalty
from smarts.gateway.loyalty.view import LinkedCardDocument, linked_card_document
from smarts.gateway.orders.model import order_document
from smarts.gateway.orders.rules import without_recipient
from smarts.gateway.orders.service import ORDER_CHANGED, ORDER_PLACED, Orders
from smarts.gateway.outbox import Message, put, rewrite
from smarts.gateway.parties import Shopper
from smarts.gateway.payments.service import Payments
from smarts.gateway.payments.store import Payment
from smarts.gateway.people.service import People, Profile
from smarts.gateway.storage import answers
from smarts.gateway.storage.database import Database, Transaction
from smarts.wire.codec import decode, encode
from smarts.wire.control import Decision, PurchaseControlCheckRequest
from smarts.wire.invoices import Invoice
from smarts.wire.model import Model, none
from smarts.wire.money import Currency, Number
from smarts.wire.orders import Order
from smarts.wire.times import UtcMillis

PERSON_ERASED = "person.erased"
_ALL = 1_000_000  # an export has no pages
_SWEPT_AFTER = timedelta(minutes=1)


class CheckRecord(Model, frozen=True, kw_only=True):
    """A check of a cart: what the store's node was told for it, what it was decided on, and what it found.

    `cart` and `history` are all that entered the decision, but for the number that its chance was drawn from: whoever
    knows that knows which goods staff will look at.
    """

    invoice_id: str
    institution_id: str
    status: CheckState
    decision: Decision | None = None
    created_at: UtcMillis
    request: PurchaseControlCheckRequest | None = None
    cart: CheckedCart | None = None
    history: History | None = None
    reasons: tuple[Reason, ...] = none()
    differences: tuple[Difference, ...] = none()
    age_seen: AgeSeen | None = None
    findings: tuple[Finding, ...] = none()


class PaymentRecord(Model, frozen=True, kw_only=True):
    """A payment as Smarts knows it; what it was paid with is known to the payment provider alone."""

    id: str
    institution_id: str
    invoice_id: str
    method: str
    status: str
    amount: Number
    captured: Number
    refunded: Number
    currency: Currency
    detail: str | None = None


class PersonData(Model, frozen=True, kw_only=True, omit_defaults=False):
    """All that is kept of a shopper, apart from copies of it that are on their way or are thrown away within days."""

    profile: Profile
    carts: tuple[CartDocument, ...]
    checks: tuple[CheckRecord, ...]
    payments: tuple[PaymentRecord, ...]
    purchases: tuple[DetailedPurchaseDocument, ...]
    orders: tuple[Order, ...]
    loyalty_cards: tuple[LinkedCardDocument, ...]
    ages: tuple[AgeRecord, ...]


class ErasedPerson(Model, frozen=True):
    """Whom to erase again, and the messages to nodes in which the person was."""

    person_id: str
    message_ids: tuple[str, ...]


class Privacy:
    """What the law lets a shopper ask for."""

    def __init__(
        self,
        database: Database,
        people: People,
        carts: Carts,
        control: Control,
        ages: AgesSeen,
        ordering: Ordering,
        orders: Orders,
        payments: Payments,
        invoices: Invoices,
        loyalty: Loyalty,
    ) -> None:
        self._database = database
        self._people = people
        self._carts = carts
        self._control = control
        self._ages = ages
        self._ordering = ordering
        self._orders = orders
        self._payments = payments
        self._invoices = invoices
        self._loyalty = loyalty

    async def data(self, shopper: Shopper) -> PersonData:
        """All that is kept of a shopper, or a 401 where the shopper was erased meanwhile."""
        person_id = shopper.person_id
        carts = await self._carts.of_person(person_id)
        cart_ids = [cart.id for cart in carts]
        cards = await self._loyalty.linked(person_id, _ALL, None)
        orders = await self._orders.page(person_id, _ALL, None)
        checks = await self._control.of_carts(cart_ids)
        inputs = await self._control.inputs_of([check.invoice_id for check in checks])
        return PersonData(
            profile=await self._people.profile(person_id),
            carts=tuple(cart_document(cart) for cart in carts),
            checks=tuple(_check(check, inputs.get(check.invoice_id)) for check in checks),
            payments=tuple(_payment(payment) for payment in await self._payments.of_carts(cart_ids)),
            purchases=await Purchases(self._invoices, self._payments).of_person(person_id),
            orders=tuple(order_document(order) for order in orders),
            loyalty_cards=tuple(linked_card_document(card) for card in cards),
            ages=tuple(await self._ages.of_person(person_id, self._carts.clock())),
        )

    async def erase(self, shopper: Shopper) -> None:
        """Erases a shopper: the token is dead, and nothing tells any more who bought what.

        What bookkeeping needs stays: sums, VAT, times and stores of purchases, payments, the ledger. Requests of the
        shopper that are under way at the same moment may write something yet, so all is swept once more a little later.

        Raises:
            ProblemError: 401 the shopper was erased before, 409 a payment is under way or an order is not finished.
        """
        person_id = shopper.person_id
        async with self._database.transaction() as tx:
            message_ids = await self._forget(tx, person_id)
            token_hash = await self._people.erase(tx, person_id)
            if token_hash is None:
                raise TOKEN_UNKNOWN.error("No shopper has this token")
            await self._sweep_later(tx, ErasedPerson(person_id, tuple(message_ids)))
        self._people.forget_token(token_hash)

    async def sweep(self, payload: bytes) -> None:
        """Erases what requests wrote that were under way while their shopper was erased.

        Raises:
            ProblemError: 409, such a request has begun a payment.
        """
        erased = decode(payload, ErasedPerson)
        async with self._database.transaction() as tx:
            message_ids = await self._forget(tx, erased.person_id)
            await rewrite(tx, [*erased.message_ids, *message_ids], without_person)

    async def _forget(self, tx: Transaction, person_id: str) -> list[str]:
        """Forgets what is kept of a person, who may be there still; gives the messages to nodes about the person.

        The carts are locked first, as by everybody who changes one, so that nobody waits for each other.
        """
        carts = await self._carts.lock_of_person(tx, person_id)
        if any(cart.payment_under_way for cart in carts):
            raise errors.PAYMENT_UNDER_WAY.error("Wait for its outcome")
        for cart in carts:
            await self._give_up(tx, cart)
        orders = await self._orders.forget_person(tx, person_id)
        message_ids = [*orders, *await self._invoices.forget_person(tx, person_id)]
        await self._control.forget_shopper(tx, person_id, [cart.id for cart in carts])
        for cart in carts:
            await self._carts.forget(tx, cart)
        await self._loyalty.forget(tx, person_id)
        await self._ages.forget_person(tx, person_id)
        await answers.forget_person(tx, person_id)
        await rewrite(tx, message_ids, without_person)
        return message_ids

    async def _give_up(self, tx: Transaction, cart: Cart) -> None:
        now = self._carts.clock()
        if cart.state not in (CartState.PAID, CartState.CANCELLED):
            await self._control.give_up(tx, cart.id, now)
            await self._ordering.given_up(tx, cart, now)

    async def _sweep_later(self, tx: Transaction, erased: ErasedPerson) -> None:
        await put(
            tx,
            Message(
                id=f"{erased.person_id}:erased",
                lane="persons",
                kind=PERSON_ERASED,
                order_key=erased.person_id,
                payload=encode(erased),
                due=self._carts.clock() + _SWEPT_AFTER,
            ),
        )


def without_person(kind: str, payload: bytes) -> bytes:
    """A message to a node that is still to be delivered, without what tells who the shopper is."""
    if kind == INVOICE_PAID:
        invoice = decode(payload, Invoice)
        shipment = invoice.shipment and without_recipient(invoice.shipment)
        return encode(replace(invoice, buyer=replace(invoice.buyer, loyalty_cards=()), shipment=shipment))
    if kind in (ORDER_PLACED, ORDER_CHANGED):
        order = decode(payload, Order)
        return encode(replace(order, shipment=without_recipient(order.shipment)))
    return payload


def _check(check: Check, inputs: Inputs | None) -> CheckRecord:
    return CheckRecord(
        invoice_id=check.invoice_id,
        institution_id=check.institution_id,
        status=check.status,
        decision=check.decision,
        created_at=UtcMillis.of(check.created_at),
        request=decode(check.request, PurchaseControlCheckRequest) if check.request else None,
        cart=inputs.cart if inputs else None,
        history=inputs.history if inputs else None,
        reasons=check.reasons,
        differences=check.differences,
        age_seen=check.age_seen,
        findings=check.findings,
    )


def _payment(payment: Payment) -> PaymentRecord:
    return PaymentRecord(
        id=payment.id,
        institution_id=payment.institution_id,
        invoice_id=payment.invoice_id,
        method=payment.method,
        status=payment.status,
        amount=payment.amount,
        captured=payment.captured,
        refunded=payment.refunded,
        currency=Currency(payment.currency),
        detail=payment.detail,
    )
