"""The verbs of payments: each step is written down, asked of the provider, and ended exactly once.

A step is written before the provider is asked, together with the message that will ask again. Its end is written with
its ledger entries. Where the provider did not tell, asking again repeats the step with the same id.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

import structlog

from smarts.edge.problems import invalid
from smarts.gateway import errors
from smarts.gateway.ids import new_id
from smarts.gateway.outbox import Message, cancel, put
from smarts.gateway.payments import rules, store
from smarts.gateway.payments.providers import Answered, Hold, Outcome, PaymentProvider, Step
from smarts.gateway.payments.rules import PaymentStatus, StepKind, StepStatus
from smarts.gateway.payments.store import LedgerEntry, Payment, PaymentStep
from smarts.gateway.storage.database import Database, Transaction
from smarts.wire.money import Currency

SETTLE_PAYMENT = "payment.settle"
CAPTURE_PAYMENT = "payment.capture"
RELEASE_PAYMENT = "payment.release"
REFUND_PAYMENT = "payment.refund"

_ASKED_AGAIN_AFTER = timedelta(seconds=30)
_PROVIDER_PATIENCE_SECONDS = 10.0
_UNDER_WAY = (StepStatus.PENDING, StepStatus.UNKNOWN)
_DONE = Answered(Outcome.DONE)

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Books:
    """All that was written of a purchase's payments, newest payment first, oldest step and entry first."""

    payments: list[Payment]
    steps: list[PaymentStep]
    entries: list[LedgerEntry]

    def left(self, payment: Payment) -> Decimal:
        """What can still be given back of a payment, refunds that are under way taken off."""
        return payment.captured - _promised(step for step in self.steps if step.payment_id == payment.id)


class Payments:
    """Payments in the database, and the providers by their methods."""

    def __init__(
        self,
        database: Database,
        providers: Iterable[PaymentProvider],
        clock: Callable[[], datetime],
        *,
        patience_seconds: float = _PROVIDER_PATIENCE_SECONDS,
    ) -> None:
        self._database = database
        self._providers = {provider.method: provider for provider in providers}
        self._clock = clock
        self._patience_seconds = patience_seconds

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods there are."""
        return tuple(self._providers)

    def provider(self, method: str) -> PaymentProvider:
        """The provider of a method, or a 422 that names those there are."""
        if method not in self._providers:
            raise invalid("$.method", f"Expected one of: {', '.join(self._providers)}")
        return self._providers[method]

    async def begin(self, tx: Transaction, payment: Payment, now: datetime) -> None:
        """Writes a payment down before the provider is asked, and sees to it that its end becomes known.

        Raises:
            ProblemError: 409, another payment of the cart is under way, or holds or has taken money.
        """
        if not await store.add(tx, payment):
            raise errors.PAYMENT_UNDER_WAY.error("Wait for its outcome")
        kind = StepKind.SALE if payment.capture else StepKind.AUTHORISE
        step = PaymentStep(
            id=payment.id, payment_id=payment.id, kind=kind, amount=payment.amount, begun_at=now
        )
        await _begin_step(tx, payment, step, due=now + _ASKED_AGAIN_AFTER)

    async def find(self, payment_id: str) -> Payment | None:
        """A payment by its id."""
        async with self._database.connection() as connection:
            return await store.find(connection, payment_id)

    async def of_carts(self, cart_ids: Sequence[str]) -> list[Payment]:
        """The payments of some carts, the newest first."""
        async with self._database.connection() as connection:
            return await store.of_carts(connection, cart_ids)

    async def books(self, institution_id: str, invoice_id: str) -> Books:
        """All that was written of a purchase's payments in a store."""
        async with self._database.connection() as connection:
            payments = await store.of_invoice(connection, institution_id, invoice_id)
            steps = await store.steps_of(connection, [payment.id for payment in payments])
            return Books(payments, steps, await store.entries_of(connection, [step.id for step in steps]))

    async def charged(self, invoice_ids: Iterable[str]) -> dict[str, Decimal]:
        """What the ledger says that purchases were charged, refunds taken off; those that cost nothing are left out."""
        async with self._database.connection() as connection:
            return await store.charged(connection, invoice_ids)

    async def authorise(self, payment: Payment, card: str | None) -> Answered:
        """Asks the provider for the money; what it does not answer in time is UNKNOWN."""
        return await self._ask(payment, lambda provider: provider.authorise(_hold(payment, card)))

    async def ask_again(self, payment: Payment) -> Answered:
        """Asks the provider what became of a payment."""
        return await self._ask(payment, lambda provider: provider.find(_hold(payment, None)))

    async def finish(self, tx: Transaction, payment: Payment, answered: Answered, now: datetime) -> bool:
        """Writes how a payment stands; False where its end was written before."""
        return await _finish_request(tx, payment.id, answered, now)

    async def begin_capture(
        self, tx: Transaction, payment_id: str, step_id: str, amount: Decimal, now: datetime
    ) -> None:
        """Writes down that money which is held shall be taken, as much of it as `amount`; the rest is let go.

        Raises:
            ProblemError: 409, no money is held, or not so much, or something else is being done with it.
        """
        payment, under_way = await _held(tx, payment_id)
        if payment.status != PaymentStatus.AUTHORISED:
            raise errors.PAYMENT_NOT_HELD.error()
        if under_way:
            raise errors.PAYMENT_STEP_UNDER_WAY.error("Wait for its outcome")
        if amount > payment.amount:
            raise errors.AMOUNT_TOO_LARGE.error(f"At most {payment.amount} {payment.currency} can be taken")
        step = PaymentStep(
            id=step_id, payment_id=payment_id, kind=StepKind.CAPTURE, amount=amount, begun_at=now
        )
        await _begin_step(tx, payment, step, due=now + _ASKED_AGAIN_AFTER)

    async def capture(self, step_id: str) -> Answered:
        """Asks the provider to take the money, or what became of that; UNKNOWN where it does not answer in time."""
        return await self._repeat(*await self._load(step_id))

    async def finish_capture(self, tx: Transaction, step_id: str, answered: Answered, now: datetime) -> bool:
        """Writes how a capture stands; the money of a declined one is still held. False where it had ended before."""
        return await _finish_request(tx, step_id, answered, now)

    async def release(self, tx: Transaction, payment_id: str, now: datetime) -> None:
        """Sees to it that held money is let go; does nothing where that was done before, or no money was held.

        Raises:
            ProblemError: 409, the money was taken or is being taken, or it is not known yet whether it is held.
        """
        payment, under_way = await _held(tx, payment_id)
        if payment.status in (PaymentStatus.RELEASED, PaymentStatus.DECLINED):
            return
        if under_way and under_way.kind is StepKind.RELEASE:
            return
        if under_way:
            raise errors.PAYMENT_STEP_UNDER_WAY.error("Wait for its outcome")
        if payment.status != PaymentStatus.AUTHORISED:
            raise errors.PAYMENT_NOT_HELD.error()
        step = PaymentStep(
            id=new_id(), payment_id=payment_id, kind=StepKind.RELEASE, amount=payment.amount, begun_at=now
        )
        await _begin_step(tx, payment, step)

    async def refund(
        self, tx: Transaction, payment_id: str, step_id: str, amount: Decimal | None, now: datetime
    ) -> PaymentStep | None:
        """Sees to it that money which was taken is given back; asking twice with the same step's id is asking once.

        An `amount` of None is all that was not given back before; the step is None where that is nothing.

        Raises:
            ProblemError: 409, no money was taken, or less than all refunds together, those under way included.
        """
        payment = await store.lock(tx, payment_id)
        assert payment
        steps = await store.steps_of(tx, [payment_id])
        for step in steps:
            if step.id == step_id:
                return step
        if payment.status not in (PaymentStatus.CAPTURED, PaymentStatus.REFUNDED):
            raise errors.PAYMENT_NOT_TAKEN.error()
        left = payment.captured - _promised(steps)
        amount = left if amount is None else amount
        if not amount:
            return None
        if amount > left:
            raise errors.AMOUNT_TOO_LARGE.error(f"At most {left} {payment.currency} can be given back")
        step = PaymentStep(
            id=step_id, payment_id=payment_id, kind=StepKind.REFUND, amount=amount, begun_at=now
        )
        await _begin_step(tx, payment, step)
        return step

    async def carry_out(self, step_id: str) -> Answered:
        """Asks the provider to let money go or to give it back, and writes what it answered.

        Where it refuses, the money stays where it is, and people have to look: its message is not taken back, and when
        that is delivered again, the provider is asked again.
        """
        payment, step = await self._load(step_id)
        if step.status is StepStatus.DECLINED:
            step = replace(step, status=StepStatus.PENDING)
        answered = await self._repeat(payment, step)
        if answered.outcome is Outcome.DECLINED:
            log.error("payment provider refused", step=step_id, kind=step.kind, detail=answered.detail)
        async with self._database.transaction() as tx:
            await _finish_step(tx, step_id, answered, self._clock())
        return answered

    async def ask_soon(self, payment_id: str, reason: str) -> None:
        """Has the worker ask what became of a payment, at once; several times for the same reason is once."""
        payment = await self.find(payment_id)
        if payment is None:
            return
        async with self._database.transaction() as tx:
            await put(tx, _message(payment, SETTLE_PAYMENT, reason, payment_id, order_key=reason))

    async def _load(self, step_id: str) -> tuple[Payment, PaymentStep]:
        async with self._database.connection() as connection:
            step = await store.find_step(connection, step_id)
            assert step
            payment = await store.find(connection, step.payment_id)
            assert payment
        return payment, step

    async def _repeat(self, payment: Payment, step: PaymentStep) -> Answered:
        if step.status not in _UNDER_WAY:
            return Answered(Outcome(step.status), step.detail or "")
        asked = Step(step.id, payment.id, step.amount, Currency(payment.currency))
        return await self._ask(payment, lambda provider: _asking(provider, step.kind, asked))

    async def _ask(
        self, payment: Payment, question: Callable[[PaymentProvider], Awaitable[Answered]]
    ) -> Answered:
        if not payment.amount:
            return _DONE
        try:
            async with asyncio.timeout(self._patience_seconds):
                return await question(self._providers[payment.method])
        except Exception as error:  # noqa: BLE001 - whatever went wrong, money may have moved
            log.warning("payment provider did not answer", payment=payment.id, error=repr(error))
            return Answered(Outcome.UNKNOWN, "The provider did not answer in time")


def _hold(payment: Payment, card: str | None) -> Hold:
    return Hold(payment.id, payment.amount, Currency(payment.currency), card, payment.capture)


def _asking(provider: PaymentProvider, kind: StepKind, step: Step) -> Awaitable[Answered]:
    if kind is StepKind.REFUND:
        return provider.refund(step)
    # No provider takes nothing: where nothing is left to be taken, all of the money is let go.
    if kind is StepKind.CAPTURE and step.amount:
        return provider.capture(step)
    return provider.release(step)


def _promised(steps: Iterable[PaymentStep]) -> Decimal:
    """What was given back or will be."""
    refunds = (step for step in steps if step.kind is StepKind.REFUND)
    return sum((step.amount for step in refunds if step.status is not StepStatus.DECLINED), Decimal(0))


async def _held(tx: Transaction, payment_id: str) -> tuple[Payment, PaymentStep | None]:
    """A payment, locked, and what is being done with the money it holds."""
    payment = await store.lock(tx, payment_id)
    assert payment
    steps = await store.steps_of(tx, [payment_id])
    under_way = [step for step in steps if step.status in _UNDER_WAY and step.kind is not StepKind.REFUND]
    return payment, under_way[0] if under_way else None


_KINDS = {
    StepKind.AUTHORISE: SETTLE_PAYMENT,
    StepKind.SALE: SETTLE_PAYMENT,
    StepKind.CAPTURE: CAPTURE_PAYMENT,
    StepKind.RELEASE: RELEASE_PAYMENT,
    StepKind.REFUND: REFUND_PAYMENT,
}


async def _begin_step(
    tx: Transaction, payment: Payment, step: PaymentStep, due: datetime | None = None
) -> None:
    await store.add_step(tx, step)
    await put(tx, _message(payment, _KINDS[step.kind], step.id, step.id, order_key=payment.id, due=due))


def _message(
    payment: Payment, kind: str, message_id: str, about: str, *, order_key: str, due: datetime | None = None
) -> Message:
    return Message(
        id=message_id,
        lane=f"payments:{payment.institution_id}",
        kind=kind,
        order_key=order_key,
        payload=about.encode(),
        due=due,
    )


async def _finish_request(tx: Transaction, step_id: str, answered: Answered, now: datetime) -> bool:
    """The same for a step that somebody waits for: the message that would ask again is taken back."""
    if not await _finish_step(tx, step_id, answered, now):
        return False
    if answered.outcome in (Outcome.DONE, Outcome.DECLINED):
        await cancel(tx, step_id)
    return True


async def _finish_step(tx: Transaction, step_id: str, answered: Answered, now: datetime) -> bool:
    """Writes how a step stands, what that makes of its payment, and the ledger; False where it had ended before."""
    known = await store.find_step(tx, step_id)
    assert known
    payment = await store.lock(tx, known.payment_id)
    step = await store.find_step(tx, step_id)  # again, now that nobody else ends it
    assert payment
    assert step
    refused = step.status is StepStatus.DECLINED and step.kind in (StepKind.RELEASE, StepKind.REFUND)
    if step.status not in _UNDER_WAY and not refused:
        return False
    ended = answered.outcome in (Outcome.DONE, Outcome.DECLINED)
    await store.put_step(
        tx,
        replace(
            step,
            status=_STEP_STATUS[answered.outcome],
            detail=answered.detail or None,
            ended_at=now if ended else None,
        ),
    )
    await store.put(tx, _after(payment, step, answered))
    if answered.outcome is Outcome.DONE:
        entries = rules.entries_of(step.kind, step.amount, payment.amount)
        await store.enter(tx, payment, step_id, entries, now)
    return True


_STEP_STATUS = {
    Outcome.DONE: StepStatus.DONE,
    Outcome.DECLINED: StepStatus.DECLINED,
    Outcome.UNKNOWN: StepStatus.UNKNOWN,
    Outcome.ACTION_NEEDED: StepStatus.PENDING,
}


def _after(payment: Payment, step: PaymentStep, answered: Answered) -> Payment:
    """The payment as it stands after a step was answered."""
    detail = answered.detail or None
    match step.kind, answered.outcome:
        case StepKind.AUTHORISE, Outcome.DONE:
            expires_at = answered.expires_at
            return replace(payment, status=PaymentStatus.AUTHORISED, detail=detail, expires_at=expires_at)
        case ((StepKind.SALE | StepKind.CAPTURE), Outcome.DONE):
            return replace(payment, status=PaymentStatus.CAPTURED, detail=detail, captured=step.amount)
        case StepKind.RELEASE, Outcome.DONE:
            return replace(payment, status=PaymentStatus.RELEASED, detail=detail)
        case StepKind.REFUND, Outcome.DONE:
            refunded = payment.refunded + step.amount
            all_of_it = refunded == payment.captured
            status = PaymentStatus.REFUNDED if all_of_it else PaymentStatus.CAPTURED
            return replace(payment, status=status, refunded=refunded)
        case ((StepKind.AUTHORISE | StepKind.SALE), _):
            return replace(payment, status=_STEP_STATUS[answered.outcome], detail=detail)
        case _:
            return payment
