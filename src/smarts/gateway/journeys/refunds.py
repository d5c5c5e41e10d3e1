"""A purchase's payments as the store's managers see them, and giving money back."""

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from smarts.edge.problems import NOT_FOUND, invalid
from smarts.gateway.ids import new_id
from smarts.gateway.payments.rules import Account, PaymentStatus, StepKind, StepStatus, charged
from smarts.gateway.payments.service import Books, Payments
from smarts.gateway.payments.store import LedgerEntry, Payment, PaymentStep
from smarts.gateway.storage.answers import Claim, keep, once
from smarts.gateway.storage.database import Database
from smarts.wire.codec import encode
from smarts.wire.model import Model
from smarts.wire.money import Currency, Number, rounded
from smarts.wire.times import UtcMillis


class StepDocument(Model, frozen=True, kw_only=True):
    """One thing that the provider was asked to do, and how it answered."""

    id: str
    kind: StepKind
    amount: Number
    status: StepStatus
    detail: str | None = None
    begun_at: UtcMillis
    ended_at: UtcMillis | None = None


class EntryDocument(Model, frozen=True, kw_only=True):
    """An entry of the ledger; those of one step sum to nothing."""

    step_id: str
    account: Account
    amount: Number
    currency: Currency
    written_at: UtcMillis


class PaymentDocument(Model, frozen=True, kw_only=True):
    """A payment: what was agreed to (`amount`), taken of it and given back; `expires_at` is that of held money."""

    id: str
    method: str
    status: PaymentStatus
    amount: Number
    captured: Number
    refunded: Number
    currency: Currency
    detail: str | None = None
    expires_at: UtcMillis | None = None
    steps: tuple[StepDocument, ...]


class PaymentsDocument(Model, frozen=True, kw_only=True):
    """A purchase's payments, newest first; what the shopper was `charged` in all is what the ledger says."""

    invoice_id: str
    charged: Number
    payments: tuple[PaymentDocument, ...]
    ledger: tuple[EntryDocument, ...]


class Refunding:
    """The verbs; whoever calls them has looked whether the store is within reach."""

    def __init__(self, database: Database, payments: Payments, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._payments = payments
        self._clock = clock

    async def books(self, institution_id: str, invoice_id: str) -> Books:
        """All that was written of a purchase's payments in a store, or a 404 where nobody has tried to pay for it."""
        books = await self._payments.books(institution_id, invoice_id)
        if not books.payments:
            raise NOT_FOUND.error("There is no payment of such a purchase")
        return books

    async def refund(self, books: Books, amount: Decimal, claim: Claim | None) -> Any:
        """Sees to it that money is given back: the step, or what was answered before to the same claim.

        Raises:
            ProblemError: 409 no money was taken, or not so much is left; 422 the amount is none.
        """
        payment = taken(books)
        if amount <= 0 or amount != rounded(amount, Currency(payment.currency)):
            raise invalid("$.amount", "Expected a sum above nothing, with at most two decimals")
        return await once(self._database, claim, lambda: self._give_back(payment, amount, claim), 201)

    async def _give_back(self, payment: Payment, amount: Decimal, claim: Claim | None) -> StepDocument:
        now, step_id = self._clock(), new_id()
        async with self._database.transaction() as tx:
            step = await self._payments.refund(tx, payment.id, step_id, amount, now)
            assert step  # there is an amount
            document = _step(step)
            await keep(tx, claim, 201, encode(document))
        return document


def taken(books: Books) -> Payment:
    """The payment by which money was taken, or else the latest one."""
    return next((each for each in books.payments if each.captured), books.payments[0])


def payments_document(invoice_id: str, books: Books) -> PaymentsDocument:
    """What was written of a purchase's payments, as it is answered."""
    return PaymentsDocument(
        invoice_id=invoice_id,
        charged=charged(books.entries),
        payments=tuple(_payment(payment, books.steps) for payment in books.payments),
        ledger=tuple(_entry(entry) for entry in books.entries),
    )


def _payment(payment: Payment, steps: Sequence[PaymentStep]) -> PaymentDocument:
    return PaymentDocument(
        id=payment.id,
        method=payment.method,
        status=PaymentStatus(payment.status),
        amount=payment.amount,
        captured=payment.captured,
        refunded=payment.refunded,
        currency=Currency(payment.currency),
        detail=payment.detail,
        expires_at=UtcMillis.of(payment.expires_at) if payment.expires_at else None,
        steps=tuple(_step(step) for step in steps if step.payment_id == payment.id),
    )


def _step(step: PaymentStep) -> StepDocument:
    return StepDocument(
        id=step.id,
        kind=step.kind,
        amount=step.amount,
        status=step.status,
        detail=step.detail,
        begun_at=UtcMillis.of(step.begun_at),
        ended_at=UtcMillis.of(step.ended_at) if step.ended_at else None,
    )


def _entry(entry: LedgerEntry) -> EntryDocument:
    return EntryDocument(
        step_id=entry.step_id,
        account=entry.account,
        amount=entry.amount,
        currency=Currency(entry.currency),
        written_at=UtcMillis.of(entry.written_at),
    )
