"""What every payment provider can do."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from smarts.wire.money import Currency


class Outcome(StrEnum):
    """What became of a charge; UNKNOWN when the provider did not tell in time."""

    APPROVED = "APPROVED"
    DECLINED = "DECLINED"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True)
class Charge:
    """Money to take; `id` is ours and the same for every try, so that a provider takes it once."""

    id: str
    amount: Decimal
    currency: Currency
    card: str | None


@dataclass(frozen=True)
class Charged:
    """The outcome, and a sentence about it for the shopper."""

    outcome: Outcome
    detail: str = ""


class PaymentProvider(Protocol):
    """A way to pay. Called outside of database transactions."""

    @property
    def method(self) -> str:
        """The method's name in the API."""
        ...

    async def charge(self, charge: Charge) -> Charged:
        """Takes the money, once however often it is called with the same id."""
        ...

    async def find(self, charge_id: str) -> Charged:
        """What became of a charge; one that never arrived is DECLINED, and will not be taken later either."""
        ...
