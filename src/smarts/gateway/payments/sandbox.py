"""The built-in sandbox: a provider that takes no money and does as its test cards say.

| card | what happens |
|---|---|
| 4242 4242 4242 4242, or none | all goes well |
| 4000 0000 0000 0002, or one that is not listed | declined |
| 4000 0000 0000 0259 | goes well, but the answer is lost |
| 4000 0000 0000 0341 | the request is lost |
| 4000 0025 0000 3155 | to be confirmed by the shopper, who has done so when it is asked about the second time |
| 4000 0000 0000 1109 | taking the money that is held goes well, but the answer is lost |
| 4000 0000 0000 1208 | taking the money that is held is declined |
| 4000 0000 0000 1307 | giving money back goes well, but the answer is lost |
| 4000 0000 0000 1406 | giving money back is declined |
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from smarts.gateway.payments import store
from smarts.gateway.payments.providers import Answered, Hold, Outcome, Step
from smarts.gateway.payments.rules import StepKind
from smarts.gateway.payments.store import SandboxCharge
from smarts.gateway.storage.database import Database, Transaction

APPROVED_CARD = "4242424242424242"
DECLINED_CARD = "4000000000000002"
LOST_ANSWER_CARD = "4000000000000259"
LOST_REQUEST_CARD = "4000000000000341"
ACTION_NEEDED_CARD = "4000002500003155"
LOST_CAPTURE_ANSWER_CARD = "4000000000001109"
DECLINED_CAPTURE_CARD = "4000000000001208"
LOST_REFUND_ANSWER_CARD = "4000000000001307"
DECLINED_REFUND_CARD = "4000000000001406"

AUTHORISATION = timedelta(days=7)
"""How long the sandbox holds money, unless it is told otherwise."""

# The sandbox's own words for what became of a charge.
_APPROVED, _DECLINED, _ACTION_NEEDED = "APPROVED", "DECLINED", "ACTION_NEEDED"
_OUTCOMES = {
    APPROVED_CARD: _APPROVED,
    LOST_ANSWER_CARD: _APPROVED,
    ACTION_NEEDED_CARD: _ACTION_NEEDED,
    LOST_CAPTURE_ANSWER_CARD: _APPROVED,
    DECLINED_CAPTURE_CARD: _APPROVED,
    LOST_REFUND_ANSWER_CARD: _APPROVED,
    DECLINED_REFUND_CARD: _APPROVED,
}
_LOSE = (LOST_ANSWER_CARD, LOST_REQUEST_CARD)
_LOST_STEPS = {StepKind.CAPTURE: LOST_CAPTURE_ANSWER_CARD, StepKind.REFUND: LOST_REFUND_ANSWER_CARD}
_LOST = Answered(Outcome.UNKNOWN, "The provider did not answer in time")
_CONFIRM = Answered(Outcome.ACTION_NEEDED, "Confirm the payment", action="sandbox:confirm")
_CONFIRMING = "confirming"

_Deed = Callable[[Transaction, SandboxCharge], Awaitable[str]]
"""Does something with a charge that is locked, and tells why not; empty where it was done."""


class Sandbox:
    """Keeps its books in the database, as a real provider keeps them elsewhere."""

    method = "SANDBOX"

    def __init__(self, database: Database, authorisation: timedelta = AUTHORISATION) -> None:
        self._database = database
        self._authorisation = authorisation

    async def authorise(self, hold: Hold) -> Answered:
        """Does as the test card says."""
        card = (hold.card or APPROVED_CARD).replace(" ", "")
        answered = _told(await self._keep(hold, _OUTCOMES.get(card, _DECLINED), hold.amount, card))
        return _LOST if card in _LOSE else answered

    async def find(self, hold: Hold) -> Answered:
        """What became of a charge; a shopper who has to confirm it has done so the second time."""
        charge = await self._keep(hold, _DECLINED, Decimal(0), "")
        if charge.outcome == _ACTION_NEEDED:
            charge = await self._confirm(hold)
        return _told(charge)

    async def _keep(self, hold: Hold, outcome: str, amount: Decimal, card: str) -> SandboxCharge:
        taken = amount if hold.capture and outcome == _APPROVED else Decimal(0)
        conduct = card if card in _OUTCOMES else ""  # what is no test card might be somebody's own
        async with self._database.connection() as connection:
            return await store.sandbox_keep(
                connection, hold.id, outcome, amount, taken, hold.currency, conduct, self._authorisation
            )

    async def _confirm(self, hold: Hold) -> SandboxCharge:
        async with self._database.transaction() as tx:
            charge = await store.sandbox_lock(tx, hold.id)
            assert charge
            if charge.outcome != _ACTION_NEEDED:
                return charge
            if charge.conduct == _CONFIRMING:
                taken = charge.amount if hold.capture else Decimal(0)
                charge = replace(charge, outcome=_APPROVED, captured=taken)
            else:
                charge = replace(charge, conduct=_CONFIRMING)
            await store.sandbox_put(tx, charge)
            return charge

    async def capture(self, step: Step) -> Answered:
        """Takes money that is held, unless its time is over."""

        async def take(tx: Transaction, charge: SandboxCharge) -> str:
            if charge.captured or charge.released or step.amount > charge.amount:
                return "There is no such money held"
            if charge.expired:
                return "The authorisation has expired"
            if charge.conduct == DECLINED_CAPTURE_CARD:
                return "The card was declined"
            await store.sandbox_put(tx, replace(charge, captured=step.amount))
            return ""

        return await self._once(step, StepKind.CAPTURE, take)

    async def release(self, step: Step) -> Answered:
        """Lets go of money that is held."""

        async def let_go(tx: Transaction, charge: SandboxCharge) -> str:
            if charge.captured:
                return "The money was taken"
            await store.sandbox_put(tx, replace(charge, released=True))
            return ""

        return await self._once(step, StepKind.RELEASE, let_go)

    async def refund(self, step: Step) -> Answered:
        """Gives back money that was taken."""

        async def give_back(tx: Transaction, charge: SandboxCharge) -> str:
            if charge.conduct == DECLINED_REFUND_CARD:
                return "The card takes no money back"
            left = charge.captured - await store.sandbox_refunded(tx, charge.id)
            return "There is no such money left" if step.amount > left else ""

        return await self._once(step, StepKind.REFUND, give_back)

    async def _once(self, step: Step, kind: StepKind, carry_out: _Deed) -> Answered:
        async with self._database.transaction() as tx:
            charge = await store.sandbox_lock(tx, step.payment_id)
            if charge is None or charge.outcome != _APPROVED:
                return Answered(Outcome.DECLINED, "There is no such payment")
            refusal = await store.sandbox_step(tx, step.id)
            loses = refusal is None and charge.conduct == _LOST_STEPS.get(kind)
            if refusal is None:
                refusal = await carry_out(tx, charge)
                await store.sandbox_add_step(tx, step.id, charge.id, kind, step.amount, refusal)
        if loses:
            return _LOST
        return Answered(Outcome.DECLINED, refusal) if refusal else Answered(Outcome.DONE)


def _told(charge: SandboxCharge) -> Answered:
    if charge.outcome == _ACTION_NEEDED:
        return _CONFIRM
    if charge.outcome == _DECLINED:
        return Answered(Outcome.DECLINED, "The card was declined")
    return Answered(Outcome.DONE, expires_at=None if charge.captured else charge.expires_at)
