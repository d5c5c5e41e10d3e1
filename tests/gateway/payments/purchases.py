"""Purchases to be paid for, without the goods: what the tests of payments begin with."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from uuid import uuid4

from smarts.gateway.payments import rules
from smarts.gateway.payments.providers import Answered, Hold, Outcome, PaymentProvider, Step
from smarts.gateway.payments.service import (
    CAPTURE_PAYMENT,
    REFUND_PAYMENT,
    RELEASE_PAYMENT,
    SETTLE_PAYMENT,
    Payments,
)
from smarts.gateway.payments.store import Payment
from smarts.gateway.storage.database import Database
from smarts.wire.errors import ProblemError
from smarts.wire.money import Currency

TEN = Decimal("10.00")

_STORE = """
WITH merchant AS (INSERT INTO merchants (id, name) VALUES ($1, 'Merchant')),
     shopper AS (INSERT INTO shoppers (id, token_hash, lang_code, fingerprint) VALUES ($1, $1::bytea, 'ET', ''))
INSERT INTO institutions (id, merchant_id, name, seller, currency, time_zone, switches)
VALUES ($1, $1, 'Store', '{}', 'EUR', 'Europe/Tallinn', '{}')
"""
_CART = """
INSERT INTO carts (id, institution_id, person_id, state, version, head, created_at, updated_at)
VALUES ($1, $2, $2, 'READY', 1, '{}', now(), now())
"""


def now() -> datetime:
    return datetime.now(UTC)


def hold(*, amount: Decimal = TEN, card: str | None = None, capture: bool = False) -> Hold:
    """Money to hold for a new payment, or to take at once."""
    return Hold(str(uuid4()), amount, Currency.EUR, card, capture)


def step(of: Hold, amount: str = "10.00") -> Step:
    """Something new to do with the money of a payment."""
    return Step(str(uuid4()), of.id, Decimal(amount), of.currency)


@dataclass
class Till:
    """Payments of a store of its own, and whoever carries messages out."""

    database: Database
    payments: Payments
    provider: PaymentProvider
    store_id: str = field(default_factory=lambda: str(uuid4()))

    async def open(self) -> None:
        async with self.database.connection() as connection:
            await connection.execute(_STORE, self.store_id)

    async def cart(self) -> str:
        """A new cart that can be paid for."""
        cart_id = str(uuid4())
        async with self.database.connection() as connection:
            await connection.execute(_CART, cart_id, self.store_id)
        return cart_id

    def payment_of(self, cart_id: str, *, amount: Decimal = TEN, capture: bool = False) -> Payment:
        return Payment(
            id=str(uuid4()),
            institution_id=self.store_id,
            cart_id=cart_id,
            invoice_id=f"invoice of {cart_id}",
            method=self.provider.method,
            amount=amount,
            currency=Currency.EUR,
            capture=capture,
        )

    async def begun(self, *, amount: Decimal = TEN, capture: bool = False) -> Payment:
        """A payment that is written down; the provider was not asked yet."""
        payment = self.payment_of(await self.cart(), amount=amount, capture=capture)
        await self.begin(payment)
        return payment

    async def begin(self, payment: Payment) -> None:
        async with self.database.transaction() as tx:
            await self.payments.begin(tx, payment, now())

    async def finish(self, payment: Payment, answered: Answered) -> bool:
        async with self.database.transaction() as tx:
            return await self.payments.finish(tx, payment, answered, now())

    async def paid(self, card: str | None = None, *, amount: Decimal = TEN, capture: bool = False) -> Payment:
        """A payment as it stands after the provider was asked for the money."""
        payment = await self.begun(amount=amount, capture=capture)
        await self.finish(payment, await self.payments.authorise(payment, card))
        return await self.look(payment)

    async def look(self, payment: Payment) -> Payment:
        found = await self.payments.find(payment.id)
        assert found
        return found

    async def begin_capture(self, payment: Payment, amount: str = "10.00") -> str:
        step_id = str(uuid4())
        async with self.database.transaction() as tx:
            await self.payments.begin_capture(tx, payment.id, step_id, Decimal(amount), now())
        return step_id

    async def finish_capture(self, step_id: str) -> Answered:
        """Asks the provider to take the money, and writes what it answers."""
        answered = await self.payments.capture(step_id)
        async with self.database.transaction() as tx:
            await self.payments.finish_capture(tx, step_id, answered, now())
        return answered

    async def capture(self, payment: Payment, amount: str = "10.00") -> Answered:
        return await self.finish_capture(await self.begin_capture(payment, amount))

    async def release(self, payment: Payment) -> None:
        async with self.database.transaction() as tx:
            await self.payments.release(tx, payment.id, now())

    async def refund(self, payment: Payment, amount: str | None, step_id: str | None = None) -> None:
        wanted = None if amount is None else Decimal(amount)
        async with self.database.transaction() as tx:
            await self.payments.refund(tx, payment.id, step_id or str(uuid4()), wanted, now())

    async def messages(self) -> list[tuple[str, str]]:
        """The kinds and payloads of the messages that wait to be carried out, however late they are due."""
        async with self.database.connection() as connection:
            rows = await connection.fetch(
                "SELECT kind, payload FROM outbox_messages WHERE lane = $1 AND state = 'waiting' ORDER BY sequence",
                f"payments:{self.store_id}",
            )
        return [(row["kind"], row["payload"].decode()) for row in rows]

    async def work(self) -> None:
        """Carries out each waiting message once, as the worker would."""
        for kind, payload in await self.messages():
            if await self._handlers[kind](payload):
                async with self.database.connection() as connection:
                    await connection.execute(
                        "UPDATE outbox_messages SET state = 'delivered', finished_at = now()"
                        " WHERE payload = $1 AND state = 'waiting'",
                        payload.encode(),
                    )

    @property
    def _handlers(self) -> dict[str, Callable[[str], Awaitable[bool]]]:
        return {
            SETTLE_PAYMENT: self._settle,
            CAPTURE_PAYMENT: self._settle_capture,
            RELEASE_PAYMENT: self._carry_out,
            REFUND_PAYMENT: self._carry_out,
        }

    async def _carry_out(self, step_id: str) -> bool:
        answered = await self.payments.carry_out(step_id)
        return answered.outcome in (Outcome.DONE, Outcome.DECLINED)

    async def _settle(self, payment_id: str) -> bool:
        payment = await self.payments.find(payment_id)
        assert payment
        answered = await self.payments.ask_again(payment)
        await self.finish(payment, answered)
        return answered.outcome in (Outcome.DONE, Outcome.DECLINED)

    async def _settle_capture(self, step_id: str) -> bool:
        return (await self.finish_capture(step_id)).outcome is not Outcome.UNKNOWN

    async def charged(self, payment: Payment) -> Decimal:
        """What the ledger says that the purchase was charged."""
        return rules.charged((await self.payments.books(self.store_id, payment.invoice_id)).entries)


async def outcome_of(answer: Awaitable[Answered]) -> Outcome:
    """The outcome as whoever asks a provider takes it: what goes wrong on the way is UNKNOWN."""
    try:
        return (await answer).outcome
    except Exception:  # noqa: BLE001 - as in the service
        return Outcome.UNKNOWN


async def refusal(doing: Awaitable[object]) -> str:
    """The type of the problem with which something was refused, empty where it was not."""
    try:
        await doing
    except ProblemError as error:
        return error.problem.type
    return ""
