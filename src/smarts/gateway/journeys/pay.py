"""Paying: the provider takes the money and the purchase is billed, or holds it for an order (contract section 6).

The money of a cart that is carried out of the store is taken at once. With home delivery it is held until the store
has sent the goods out.
"""

from typing import Annotated

from msgspec import Meta

from smarts.gateway import errors
from smarts.gateway.carts import rules
from smarts.gateway.carts.model import Cart, CartState, PaymentStatus, PaymentView
from smarts.gateway.carts.service import Carts
from smarts.gateway.carts.view import amount_due, cart_document
from smarts.gateway.ids import new_id
from smarts.gateway.journeys.cards import Cards
from smarts.gateway.journeys.invoicing import Billing
from smarts.gateway.journeys.order import Ordering
from smarts.gateway.journeys.receipts import Receipting
from smarts.gateway.parties import Shopper
from smarts.gateway.payments.providers import Answered, Outcome
from smarts.gateway.payments.service import Payments
from smarts.gateway.payments.store import Payment
from smarts.gateway.storage.answers import Claim, keep_if_unanswered
from smarts.gateway.storage.database import Transaction
from smarts.gateway.stores.service import Stores
from smarts.wire.codec import encode
from smarts.wire.errors import ProblemError
from smarts.wire.model import Model
from smarts.wire.money import Currency, LooseNumber


class PaymentRequest(Model, frozen=True):
    """How to pay; the sandbox's `card` is one of its test cards, Stripe's the id of a payment method.

    `total` is what the shopper was shown, in the cart's currency: where it is there, nothing else is paid.
    """

    method: Annotated[str, Meta(min_length=1, max_length=40)]
    card: Annotated[str, Meta(max_length=200)] | None = None
    total: LooseNumber | None = None


class _SettledMeanwhileError(Exception):
    """Another process wrote the payment's end first; this transaction is given up."""


class _OrderCancelledError(Exception):
    """The store cancelled the order while the shopper paid; this transaction is given up."""


class Paying:
    """From a cart that is ready to one that is paid, never twice."""

    def __init__(
        self,
        carts: Carts,
        stores: Stores,
        payments: Payments,
        receipting: Receipting,
        ordering: Ordering,
        billing: Billing,
        cards: Cards,
    ) -> None:
        self._carts = carts
        self._stores = stores
        self._payments = payments
        self._receipting = receipting
        self._ordering = ordering
        self._billing = billing
        self._cards = cards

    async def pay(self, shopper: Shopper, cart_id: str, request: PaymentRequest, claim: Claim | None) -> Cart:
        """Pays for a cart with what was on the screen when it became ready.

        A payment whose end is not known is asked about first: if it went through, the cart is paid by it.

        Raises:
            ProblemError: 402 declined, 409 not ready, another payment under way, to be confirmed by the shopper first,
                a sum that the shopper has not seen, or an order that the store cancelled meanwhile; 504 the end is not
                known yet.
        """
        self._payments.provider(request.method)
        cart = await self._carts.of(shopper, cart_id)
        if _worth_asking(cart.head.payment):
            cart = await self._ask_again(cart, claim)
            if cart.state is CartState.PAID:
                return cart
        rules.require_payable(cart, self._carts.clock())
        await self._cards.require_linked(shopper, cart)
        cart = await self._receipting.require(cart)
        if request.total is not None and request.total != amount_due(cart):
            raise errors.CART_CHANGED.error(
                f"It costs {amount_due(cart)} {cart.head.currency}: look at it again"
            )
        cart, payment = await self._begin(cart, request.method)
        answered = await self._payments.authorise(payment, request.card)
        return _or_problem(await self._conclude(cart, payment, answered, claim))

    async def _begin(self, cart: Cart, method: str) -> tuple[Cart, Payment]:
        now = self._carts.clock()
        payment = Payment(
            id=new_id(),
            institution_id=cart.institution_id,
            cart_id=cart.id,
            invoice_id=cart.head.invoice_id,
            method=method,
            status=PaymentStatus.PENDING,
            amount=amount_due(cart),
            currency=cart.head.currency,
            capture=cart.head.shipment is None,
        )
        order_id = None if payment.capture else cart.head.order_id or new_id()

        async def also(tx: Transaction, begun: Cart) -> None:
            await self._payments.begin(tx, payment, now)
            if order_id:
                await self._ordering.draft(tx, begun, payment.id, now)

        view = _view(payment, PaymentStatus.PENDING)
        if cart.payment_under_way:
            raise errors.PAYMENT_UNDER_WAY.error("Wait for its outcome")
        after = await self._carts.change_unless_changed(
            cart, lambda before: rules.paying(before, view, now, order_id), also
        )
        return after, payment

    async def _ask_again(self, cart: Cart, claim: Claim | None) -> Cart:
        assert cart.head.payment is not None
        payment = await self._payments.find(cart.head.payment.id)
        assert payment is not None
        answered = await self._payments.ask_again(payment)
        # That the payment before was declined is not what this request is answered: it goes on to pay anew.
        claim = claim if answered.outcome is Outcome.DONE else None
        cart = await self._conclude(cart, payment, answered, claim)
        if cart.payment_under_way or cart.state is CartState.CANCELLED:
            return _or_problem(cart)
        return cart

    async def settle(self, payment_id: str) -> bool:
        """Finds out what became of a payment that nobody waits for any more; False where it is still not known."""
        payment = await self._payments.find(payment_id)
        if payment is None or payment.status not in (PaymentStatus.PENDING, PaymentStatus.UNKNOWN):
            return True
        answered = await self._payments.ask_again(payment)
        await self._conclude(await self._carts.get(payment.cart_id), payment, answered, None)
        return answered.outcome in (Outcome.DONE, Outcome.DECLINED)

    async def _conclude(self, cart: Cart, payment: Payment, answered: Answered, claim: Claim | None) -> Cart:
        try:
            if answered.outcome is not Outcome.DONE:
                return await self._leave(cart, payment, answered, claim)
            return await self._take(cart, payment, answered, claim)
        except _SettledMeanwhileError:
            return await self._carts.get(cart.id)

    async def _take(self, cart: Cart, payment: Payment, answered: Answered, claim: Claim | None) -> Cart:
        try:
            return await self._approve(cart, payment, answered, claim)
        except _OrderCancelledError:
            return await self._give_back(cart, payment, answered, claim)

    async def _approve(self, cart: Cart, payment: Payment, answered: Answered, claim: Claim | None) -> Cart:
        store = await self._stores.get(cart.institution_id)
        now = self._carts.clock()

        async def also(tx: Transaction, after: Cart) -> None:
            await self._finish(tx, payment, answered)
            if payment.capture:
                await self._billing.bill(tx, after, store, now, payment.method)
            elif not await self._ordering.authorised(tx, after, payment.id, answered.expires_at, now):
                raise _OrderCancelledError
            await keep_if_unanswered(tx, claim, 200, encode(cart_document(after)))

        view = _view(payment, PaymentStatus.CAPTURED if payment.capture else PaymentStatus.AUTHORISED)
        return await self._carts.change(cart, lambda before: rules.paid(before, view, now), also)

    async def _give_back(self, cart: Cart, payment: Payment, answered: Answered, claim: Claim | None) -> Cart:
        """The money is held for an order that the store has cancelled: it is released, and the cart ends."""
        now = self._carts.clock()

        async def also(tx: Transaction, _: Cart) -> None:
            await self._finish(tx, payment, answered)
            await self._payments.release(tx, payment.id, now)
            await keep_if_unanswered(tx, claim, 409, encode(_cancelled().problem))

        view = _view(payment, PaymentStatus.RELEASED)
        return await self._carts.change(
            cart, lambda before: rules.cancelled_by_store(before, view, now), also
        )

    async def _leave(self, cart: Cart, payment: Payment, answered: Answered, claim: Claim | None) -> Cart:
        now = self._carts.clock()
        status = _STATUS_AFTER[answered.outcome]
        view = _view(payment, status, answered)

        async def also(tx: Transaction, after: Cart) -> None:
            await self._finish(tx, payment, answered)
            if status is PaymentStatus.DECLINED:
                if not payment.capture:
                    await self._ordering.failed(tx, after, now)
                await keep_if_unanswered(tx, claim, 402, encode(_declined(after).problem))

        return await self._carts.change(cart, lambda before: rules.paying(before, view, now), also)

    async def _finish(self, tx: Transaction, payment: Payment, answered: Answered) -> None:
        if not await self._payments.finish(tx, payment, answered, self._carts.clock()):
            raise _SettledMeanwhileError


_STATUS_AFTER = {
    Outcome.DECLINED: PaymentStatus.DECLINED,
    Outcome.UNKNOWN: PaymentStatus.UNKNOWN,
    Outcome.ACTION_NEEDED: PaymentStatus.PENDING,
}


def _worth_asking(payment: PaymentView | None) -> bool:
    """Whether the provider may know more of a payment by now, and nobody is asking it."""
    return payment is not None and (
        payment.status is PaymentStatus.UNKNOWN
        or (payment.status is PaymentStatus.PENDING and payment.action is not None)
    )


def _view(payment: Payment, status: PaymentStatus, answered: Answered | None = None) -> PaymentView:
    return PaymentView(
        id=payment.id,
        method=payment.method,
        status=status,
        amount=payment.amount,
        currency=Currency(payment.currency),
        detail=(answered.detail or None) if answered else None,
        action=answered.action if answered else None,
    )


def _declined(cart: Cart) -> ProblemError:
    detail = cart.head.payment.detail if cart.head.payment else None
    return errors.PAYMENT_DECLINED.error(detail or "")


def _cancelled() -> ProblemError:
    return errors.ORDER_CANCELLED.error("The store has cancelled the order; the money is given back")


def _or_problem(cart: Cart) -> Cart:
    if cart.state is CartState.PAID:
        return cart
    if cart.state is CartState.CANCELLED:
        raise _cancelled()
    payment = cart.head.payment
    if payment and payment.action and payment.status is PaymentStatus.PENDING:
        raise errors.PAYMENT_ACTION_NEEDED.error(
            "Confirm the payment as `payment.action` of the cart says, then ask again", retry_after=2
        )
    if cart.payment_under_way:
        raise errors.PAYMENT_UNKNOWN.error("Ask again in a moment: nothing is taken twice", retry_after=2)
    raise _declined(cart)
