"""What payments may do, and what each step writes into the ledger: pure functions."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class PaymentStatus(StrEnum):
    """How a payment stands: AUTHORISED is money held, CAPTURED money taken, REFUNDED all of it given back."""

    PENDING = "PENDING"
    UNKNOWN = "UNKNOWN"
    DECLINED = "DECLINED"
    AUTHORISED = "AUTHORISED"
    CAPTURED = "CAPTURED"
    RELEASED = "RELEASED"
    REFUNDED = "REFUNDED"


class StepKind(StrEnum):
    """What a provider is asked to do; SALE holds and takes at once."""

    AUTHORISE = "AUTHORISE"
    SALE = "SALE"
    CAPTURE = "CAPTURE"
    RELEASE = "RELEASE"
    REFUND = "REFUND"


class StepStatus(StrEnum):
    """How a step stands: PENDING before the provider has answered, UNKNOWN where it did not in time."""

    PENDING = "PENDING"
    UNKNOWN = "UNKNOWN"
    DONE = "DONE"
    DECLINED = "DECLINED"


class Account(StrEnum):
    """The ledger's accounts: two for money that is only held, two for money that has moved."""

    SHOPPER_HOLDS = "shopper-holds"
    HELD = "held"
    PROVIDER = "provider"
    SALES = "sales"


@dataclass(frozen=True)
class Entry:
    """A signed amount on an account; the entries of a step sum to nothing."""

    account: Account
    amount: Decimal


def entries_of(kind: StepKind, amount: Decimal, held: Decimal) -> tuple[Entry, ...]:
    """What a step that is done writes into the ledger; `held` is what was held before it.

    A capture takes its amount and lets go of all that was held.
    """
    match kind:
        case StepKind.AUTHORISE:
            return _entries(Account.SHOPPER_HOLDS, Account.HELD, amount)
        case StepKind.SALE:
            return _entries(Account.PROVIDER, Account.SALES, amount)
        case StepKind.CAPTURE:
            return (
                *_entries(Account.HELD, Account.SHOPPER_HOLDS, held),
                *_entries(Account.PROVIDER, Account.SALES, amount),
            )
        case StepKind.RELEASE:
            return _entries(Account.HELD, Account.SHOPPER_HOLDS, held)
        case StepKind.REFUND:
            return _entries(Account.SALES, Account.PROVIDER, amount)


def _entries(more: Account, less: Account, amount: Decimal) -> tuple[Entry, ...]:
    return (Entry(more, amount), Entry(less, -amount)) if amount else ()


def charged(entries: Iterable[Entry]) -> Decimal:
    """What these entries say a shopper was charged in all, refunds taken off."""
    return -sum((entry.amount for entry in entries if entry.account is Account.SALES), Decimal(0))
