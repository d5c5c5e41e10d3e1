"""What every payment provider can do."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from smarts.wire.money import Currency


class Outcome(StrEnum):
    """What became of what a provider was asked.

    UNKNOWN: it did not tell in time, money may have moved. ACTION_NEEDED: the shopper must confirm the payment first.
    """

    DONE = "DONE"
    DECLINED = "DECLINED"
    UNKNOWN = "UNKNOWN"
    ACTION_NEEDED = "ACTION_NEEDED"


@dataclass(frozen=True)
class Hold:
    """Money to hold, or to take at once where `capture` is set; `id` is the payment's, the same for every try."""

    id: str
    amount: Decimal
    currency: Currency
    card: str | None
    capture: bool


@dataclass(frozen=True)
class Step:
    """Something to do with money that is held or was taken; `id` is the same for every try."""

    id: str
    payment_id: str
    amount: Decimal
    currency: Currency


@dataclass(frozen=True)
class Answered:
    """An outcome, a sentence about it for people, until when the money is held, what the shopper's app needs."""

    outcome: Outcome
    detail: str = ""
    expires_at: datetime | None = None
    action: str | None = None


class PaymentProvider(Protocol):
    """A way to pay. Called outside of database transactions.

    Whatever is asked twice with the same id is done once, however much later. So asking again is how one learns what
    became of something UNKNOWN.
    """

    @property
    def method(self) -> str:
        """The method's name in the API."""
        ...

    async def authorise(self, hold: Hold) -> Answered:
        """Holds the money, or takes it."""
        ...

    async def find(self, hold: Hold) -> Answered:
        """What became of `authorise`; one that never arrived is DECLINED, and will not be taken later either."""
        ...

    async def capture(self, step: Step) -> Answered:
        """Takes the step's amount of the money that is held and lets go of the rest."""
        ...

    async def release(self, step: Step) -> Answered:
        """Lets go of all the money that is held."""
        ...

    async def refund(self, step: Step) -> Answered:
        """Gives back the step's amount of the money that was taken."""
        ...
