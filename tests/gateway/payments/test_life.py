"""Whatever happens to a purchase's payments, in whatever order: money is neither lost nor taken twice."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from decimal import Decimal
from enum import Enum
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from gateway.payments.benches import NOTHING, Money, SandboxBench
from gateway.payments.purchases import Till, now, refusal
from smarts.gateway.payments import sandbox
from smarts.gateway.payments.providers import Answered, Hold, Step
from smarts.gateway.payments.rules import Account
from smarts.gateway.payments.service import Payments
from smarts.gateway.payments.store import Payment
from smarts.gateway.storage.database import Database
from smarts.gateway.storage.embedded import EmbeddedPostgres

LIVE = ("PENDING", "UNKNOWN", "AUTHORISED", "CAPTURED")
CARDS = (
    sandbox.APPROVED_CARD,
    sandbox.DECLINED_CARD,
    sandbox.LOST_ANSWER_CARD,
    sandbox.LOST_REQUEST_CARD,
    sandbox.ACTION_NEEDED_CARD,
    sandbox.LOST_CAPTURE_ANSWER_CARD,
    sandbox.DECLINED_CAPTURE_CARD,
    sandbox.LOST_REFUND_ANSWER_CARD,
)


class Fate(Enum):
    """What the network does to the next request."""

    ARRIVES = "arrives"
    REQUEST_LOST = "request lost"
    ANSWER_LOST = "answer lost"


class BadNetwork:
    """The sandbox behind a network that fate has its way with."""

    method = "SANDBOX"

    def __init__(self, provider: sandbox.Sandbox) -> None:
        self._provider = provider
        self.fate = Fate.ARRIVES

    async def authorise(self, hold: Hold) -> Answered:
        return await self._through(self._provider.authorise, hold)

    async def find(self, hold: Hold) -> Answered:
        return await self._through(self._provider.find, hold)

    async def capture(self, step: Step) -> Answered:
        return await self._through(self._provider.capture, step)

    async def release(self, step: Step) -> Answered:
        return await self._through(self._provider.release, step)

    async def refund(self, step: Step) -> Answered:
        return await self._through(self._provider.refund, step)

    async def _through(self, ask: Callable[[Any], Awaitable[Answered]], asked: Hold | Step) -> Answered:
        fate, self.fate = self.fate, Fate.ARRIVES
        if fate is Fate.REQUEST_LOST:
            raise ConnectionError
        answered = await ask(asked)
        if fate is Fate.ANSWER_LOST:
            raise ConnectionError
        return answered


fates = st.sampled_from(Fate)
amounts = st.integers(0, 1050).map(lambda cents: Decimal(cents) / 100)


class Life(RuleBasedStateMachine):
    """The payments of one cart, one after the other; each rule is one thing that a process does before it may die."""

    def __init__(self, runner: asyncio.Runner, database: Database) -> None:
        super().__init__()
        self._run = runner.run
        self._bench = SandboxBench(database)
        self._network = BadNetwork(sandbox.Sandbox(database))
        self._till = Till(database, Payments(database, [self._network], now), self._network)
        self._payments: list[Payment] = []

    @initialize(card=st.sampled_from(CARDS), capture=st.booleans(), fate=fates)
    def open(self, card: str, capture: bool, fate: Fate) -> None:
        """A cart whose shopper has tried to pay."""
        self._run(self._till.open())
        self._cart_id = self._run(self._till.cart())
        self.pay(card, capture, fate, dies=False)

    def _tries(self, doing: Awaitable[Any], fate: Fate = Fate.ARRIVES) -> bool:
        """Does something, and tells whether it was not refused."""
        self._network.fate = fate
        return self._run(refusal(doing)) == ""

    @property
    def _newest(self) -> Payment:
        return self._payments[-1]

    @rule(card=st.sampled_from(CARDS), capture=st.booleans(), fate=fates, dies=st.booleans())
    def pay(self, card: str, capture: bool, fate: Fate, dies: bool) -> None:
        payment = self._till.payment_of(self._cart_id, capture=capture)
        another = any(each.status in LIVE for each in self._look())
        assert self._tries(self._till.begin(payment)) is not another
        if another:
            return
        self._payments.append(payment)
        self._network.fate = fate
        answered = self._run(self._till.payments.authorise(payment, card))
        if not dies:
            self._run(self._till.finish(payment, answered))

    @rule(fate=fates)
    def ask_again(self, fate: Fate) -> None:
        if self._payments:
            self._network.fate = fate
            answered = self._run(self._till.payments.ask_again(self._newest))
            self._run(self._till.finish(self._newest, answered))

    @rule(amount=amounts, fate=fates)
    def capture(self, amount: Decimal, fate: Fate) -> None:
        if self._payments:
            self._tries(self._till.capture(self._newest, str(amount)), fate)

    @rule(amount=amounts)
    def begin_capture_and_die(self, amount: Decimal) -> None:
        if self._payments:
            self._tries(self._till.begin_capture(self._newest, str(amount)))

    @rule()
    def release(self) -> None:
        if self._payments:
            self._tries(self._till.release(self._newest))

    @rule(amount=st.none() | amounts.filter(bool))
    def refund(self, amount: Decimal | None) -> None:
        if self._payments:
            self._tries(self._till.refund(self._newest, amount and str(amount)))

    @rule()
    def authorisation_expires(self) -> None:
        self._run(self._expire())

    async def _expire(self) -> None:
        async with self._till.database.connection() as connection:
            await connection.execute(
                "UPDATE sandbox_charges SET expires_at = now() WHERE id = ANY($1)",
                [payment.id for payment in self._payments],
            )

    @rule(fate=fates)
    def work(self, fate: Fate) -> None:
        self._network.fate = fate
        self._run(self._till.work())

    def _look(self) -> list[Payment]:
        return [self._run(self._till.look(payment)) for payment in self._payments]

    @invariant()
    def at_most_one_payment_counts(self) -> None:
        """Neither we nor the provider ever have two that hold or have taken money."""
        assert sum(payment.status in LIVE for payment in self._look()) <= 1
        monies = [self._run(self._bench.books(payment.id)) for payment in self._payments]
        assert sum(money.held > 0 or money.taken > money.refunded for money in monies) <= 1

    @invariant()
    def what_is_known_agrees(self) -> None:
        """Where no step is under way, the payment, the ledger and the provider's books say the same of it."""
        for payment in self._look():
            books = self._run(self._till.payments.books(self._till.store_id, payment.invoice_id))
            own = {step.id: step for step in books.steps if step.payment_id == payment.id}
            entries = [entry for entry in books.entries if entry.step_id in own]
            assert sum(entry.amount for entry in entries) == 0
            if all(step.status in ("DONE", "DECLINED") for step in own.values()):
                held = sum((e.amount for e in entries if e.account is Account.SHOPPER_HOLDS), NOTHING)
                charged = sum((e.amount for e in entries if e.account is Account.PROVIDER), NOTHING)
                assert charged == payment.captured - payment.refunded
                theirs = self._run(self._bench.books(payment.id))
                assert theirs == Money(held, payment.captured, payment.refunded)

    def teardown(self) -> None:
        """In the end the worker has found out everything."""
        for _ in range(6):
            self._run(self._till.work())
        assert self._run(self._till.messages()) == []
        assert all(payment.status not in ("PENDING", "UNKNOWN") for payment in self._look())
        self.what_is_known_agrees()


@pytest.fixture
def new_life(postgres: EmbeddedPostgres, books: Database) -> Iterator[Callable[[], Life]]:
    """Makes machines, which drive an event loop of their own since they are not asynchronous themselves."""
    with asyncio.Runner() as runner:
        exits = AsyncExitStack()
        database = runner.run(exits.enter_async_context(Database.open(postgres.url("payments"))))
        yield lambda: Life(runner, database)
        runner.run(exits.aclose())


def test_money_is_neither_lost_nor_taken_twice(new_life: Callable[[], Life]) -> None:
    """In every order of paying, dying, losing, asking, taking, letting go, giving back and expiring."""
    run_state_machine_as_test(
        new_life,
        settings=settings(
            max_examples=40,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
