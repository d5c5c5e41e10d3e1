"""The ledger's arithmetic."""

from decimal import Decimal
from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st

from smarts.gateway.payments.rules import Account, Entry, StepKind, charged, entries_of
from smarts.wire.money import Currency, rounded

sums = st.decimals(0, 10**12, places=2)
percents = st.integers(0, 100)


def balances(entries: tuple[Entry, ...]) -> dict[Account, Decimal]:
    """What the entries leave on each account, nothing left out."""
    by_account = sorted(entries, key=lambda entry: entry.account)
    return {
        account: total
        for account, group in groupby(by_account, lambda entry: entry.account)
        if (total := sum((entry.amount for entry in group), Decimal(0)))
    }


@given(st.sampled_from(StepKind), sums, sums)
def test_every_step_balances(kind: StepKind, amount: Decimal, held: Decimal) -> None:
    """The entries of a step sum to nothing, none is empty, and no account has two."""
    entries = entries_of(kind, amount, held)
    assert sum(entry.amount for entry in entries) == 0
    assert all(entry.amount for entry in entries)
    assert len({entry.account for entry in entries}) == len(entries)


@given(sums.filter(bool), percents, percents)
def test_a_life_of_a_payment_leaves_what_was_charged(held: Decimal, share: int, back: int) -> None:
    """After a hold, a capture and a refund nothing is held, and the provider owes what the shopper was charged."""
    taken = rounded(held * share / 100, Currency.EUR)
    refunded = rounded(taken * back / 100, Currency.EUR)
    entries = (
        *entries_of(StepKind.AUTHORISE, held, Decimal(0)),
        *entries_of(StepKind.CAPTURE, taken, held),
        *entries_of(StepKind.REFUND, refunded, held),
    )
    left = taken - refunded
    assert charged(entries) == left
    assert balances(entries) == ({Account.PROVIDER: left, Account.SALES: -left} if left else {})


@given(sums.filter(bool))
def test_a_sale_charges_at_once_and_a_hold_does_not(amount: Decimal) -> None:
    """Money that is only held is no sale, and letting it go leaves nothing."""
    assert charged(entries_of(StepKind.SALE, amount, Decimal(0))) == amount
    hold = entries_of(StepKind.AUTHORISE, amount, Decimal(0))
    assert (charged(hold), balances(hold)[Account.HELD]) == (0, -amount)
    assert balances((*hold, *entries_of(StepKind.RELEASE, amount, amount))) == {}
