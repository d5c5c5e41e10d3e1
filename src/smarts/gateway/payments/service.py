"""The verbs of payments: begin, ask the provider, end each exactly once."""

import asyncio
from collections.abc import Awaitable, Iterable
from datetime import datetime, timedelta

import structlog

from smarts.edge.problems import invalid
from smarts.gateway import errors
from smarts.gateway.outbox import Message, cancel, put
from smarts.gateway.payments import store
from smarts.gateway.payments.providers import Charge, Charged, Outcome, PaymentProvider
from smarts.gateway.payments.store import Payment
from smarts.gateway.storage.database import Database, Transaction
from smarts.wire.money import Currency

SETTLE_PAYMENT = "payment.settle"
_SETTLED_AFTER = timedelta(seconds=30)
_PROVIDER_PATIENCE_SECONDS = 10

log = structlog.get_logger(__name__)


class Payments:
    """Payments in the database, and the providers by their methods."""

    def __init__(self, database: Database, providers: Iterable[PaymentProvider]) -> None:
        self._database = database
        self._providers = {provider.method: provider for provider in providers}

    def provider(self, method: str) -> PaymentProvider:
        """The provider of a method, or a 422 that names those there are."""
        if method not in self._providers:
            raise invalid("$.method", f"Expected one of: {', '.join(self._providers)}")
        return self._providers[method]

    async def begin(self, tx: Transaction, institution_id: str, payment: Payment, now: datetime) -> None:
        """Writes a payment down before the provider is asked, and sees to it that its end becomes known.

        Raises:
            ProblemError: 409, another payment of the cart is under way or approved.
        """
        if not await store.add(tx, payment):
            raise errors.PAYMENT_UNDER_WAY.error("Wait for its outcome")
        await put(
            tx,
            Message(
                id=payment.id,
                lane=f"payments:{institution_id}",
                kind=SETTLE_PAYMENT,
                order_key=payment.cart_id,
                payload=payment.id.encode(),
                due=now + _SETTLED_AFTER,
            ),
        )

    async def find(self, payment_id: str) -> Payment | None:
        """A payment by its id."""
        async with self._database.connection() as connection:
            return await store.find(connection, payment_id)

    async def charge(self, payment: Payment, card: str | None) -> Charged:
        """Asks the provider for the money; what it does not answer in time is UNKNOWN."""
        charge = Charge(payment.id, payment.amount, Currency(payment.currency), card)
        return await _in_time(self.provider(payment.method).charge(charge))

    async def ask_again(self, payment: Payment) -> Charged:
        """Asks the provider what became of a payment."""
        return await _in_time(self.provider(payment.method).find(payment.id))

    async def finish(self, tx: Transaction, payment_id: str, charged: Charged) -> bool:
        """Writes how a payment stands; False where its end was written before."""
        if not await store.finish(tx, payment_id, charged.outcome, charged.detail or None):
            return False
        if charged.outcome is not Outcome.UNKNOWN:
            await cancel(tx, payment_id)
        return True


async def _in_time(answer: Awaitable[Charged]) -> Charged:
    try:
        async with asyncio.timeout(_PROVIDER_PATIENCE_SECONDS):
            return await answer
    except Exception as error:  # noqa: BLE001 - whatever went wrong, money may have moved
        log.warning("payment provider did not answer", error=repr(error))
        return Charged(Outcome.UNKNOWN, "The provider did not answer in time")
