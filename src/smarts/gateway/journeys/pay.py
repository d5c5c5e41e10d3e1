"""Paying: the provider takes the money, the invoice is made and sent (contract section 6.4)."""

from uuid import uuid4

from smarts.gateway import errors
from smarts.gateway.carts import rules
from smarts.gateway.carts.model import Cart, CartState, PaymentStatus, PaymentView
from smarts.gateway.carts.service import Carts
from smarts.gateway.carts.view import priced
from smarts.gateway.invoices.service import Invoices
from smarts.gateway.journeys.invoicing import invoice_of
from smarts.gateway.journeys.shop import keep_cart
from smarts.gateway.parties import Shopper
from smarts.gateway.payments.providers import Charged, Outcome
from smarts.gateway.payments.service import Payments
from smarts.gateway.payments.store import Payment
from smarts.gateway.storage.answers import Claim, keep
from smarts.gateway.storage.database import Transaction
from smarts.gateway.stores.service import Stores
from smarts.wire.codec import encode
from smarts.wire.errors import ProblemError
from smarts.wire.money import Currency


class _SettledMeanwhileError(Exception):
    """Another process wrote the payment's end first; this transaction is given up."""


class Paying:
    """From a cart that is ready to one that is paid, never twice."""

    def __init__(self, carts: Carts, stores: Stores, payments: Payments, invoices: Invoices) -> None:
        self._carts = carts
        self._stores = stores
        self._payments = payments
        self._invoices = invoices

    async def pay(
        self, shopper: Shopper, cart_id: str, method: str, card: str | None, claim: Claim | None
    ) -> Cart:
        """Pays for a cart with what was on the screen when it became ready.

        A payment whose end is not known is asked about first: if it went through, the cart is paid by it.

        Raises:
            ProblemError: 402 declined, 409 not ready or another payment under way, 504 the end is not known yet.
        """
        provider = self._payments.provider(method)
        cart = await self._carts.of(shopper, cart_id)
        if cart.head.payment and cart.head.payment.status is PaymentStatus.UNKNOWN:
            cart = await self._ask_again(cart, claim)
            if cart.state is CartState.PAID:
                return cart
        rules.require_payable(cart)
        cart, payment = await self._begin(cart, provider.method)
        charged = await self._payments.charge(payment, card)
        return _or_problem(await self._conclude(cart, payment, charged, claim))

    async def _begin(self, cart: Cart, method: str) -> tuple[Cart, Payment]:
        now = self._carts.clock()
        amount = priced(cart).total.total_to_pay
        payment = Payment(
            str(uuid4()),
            cart.id,
            cart.head.invoice_id,
            method,
            PaymentStatus.PENDING,
            amount,
            cart.head.currency,
        )

        async def also(tx: Transaction, begun: Cart) -> None:
            await self._payments.begin(tx, begun.institution_id, payment, now)

        view = _view(payment, PaymentStatus.PENDING)
        if cart.payment_under_way:
            raise errors.PAYMENT_UNDER_WAY.error("Wait for its outcome")
        after = await self._carts.change_unless_changed(
            cart, lambda before: rules.paying(before, view, now), also
        )
        return after, payment

    async def _ask_again(self, cart: Cart, claim: Claim | None) -> Cart:
        assert cart.head.payment is not None
        payment = await self._payments.find(cart.head.payment.id)
        assert payment is not None
        cart = await self._conclude(cart, payment, await self._payments.ask_again(payment), claim)
        if cart.payment_under_way:
            return _or_problem(cart)
        return cart

    async def settle(self, payment_id: str) -> bool:
        """Finds out what became of a payment that nobody waits for any more; False where it is still not known."""
        payment = await self._payments.find(payment_id)
        if payment is None or payment.status not in (PaymentStatus.PENDING, PaymentStatus.UNKNOWN):
            return True
        charged = await self._payments.ask_again(payment)
        await self._conclude(await self._carts.get(payment.cart_id), payment, charged, None)
        return charged.outcome is not Outcome.UNKNOWN

    async def _conclude(self, cart: Cart, payment: Payment, charged: Charged, claim: Claim | None) -> Cart:
        conclude = self._approve if charged.outcome is Outcome.APPROVED else self._leave
        try:
            return await conclude(cart, payment, charged, claim)
        except _SettledMeanwhileError:
            return await self._carts.get(cart.id)

    async def _approve(self, cart: Cart, payment: Payment, charged: Charged, claim: Claim | None) -> Cart:
        store = await self._stores.get(cart.institution_id)
        now = self._carts.clock()

        async def also(tx: Transaction, after: Cart) -> None:
            await self._finish(tx, payment, charged)
            await self._invoices.keep_and_send(tx, invoice_of(after, store, now), now)
            await keep_cart(tx, claim, after)

        view = _view(payment, PaymentStatus.APPROVED)
        return await self._carts.change(cart, lambda before: rules.paid(before, view, now), also)

    async def _leave(self, cart: Cart, payment: Payment, charged: Charged, claim: Claim | None) -> Cart:
        now = self._carts.clock()
        view = _view(payment, PaymentStatus(charged.outcome), charged.detail)

        async def also(tx: Transaction, after: Cart) -> None:
            await self._finish(tx, payment, charged)
            if charged.outcome is Outcome.DECLINED:
                await keep(tx, claim, 402, encode(_declined(after).problem))

        return await self._carts.change(cart, lambda before: rules.paying(before, view, now), also)

    async def _finish(self, tx: Transaction, payment: Payment, charged: Charged) -> None:
        if not await self._payments.finish(tx, payment.id, charged):
            raise _SettledMeanwhileError


def _view(payment: Payment, status: PaymentStatus, detail: str = "") -> PaymentView:
    return PaymentView(
        id=payment.id,
        method=payment.method,
        status=status,
        amount=payment.amount,
        currency=Currency(payment.currency),
        detail=detail or None,
    )


def _declined(cart: Cart) -> ProblemError:
    detail = cart.head.payment.detail if cart.head.payment else None
    return errors.PAYMENT_DECLINED.error(detail or "")


def _or_problem(cart: Cart) -> Cart:
    if cart.state is CartState.PAID:
        return cart
    if cart.payment_under_way:
        raise errors.PAYMENT_UNKNOWN.error("Ask again in a moment: nothing is taken twice", retry_after=2)
    raise _declined(cart)
