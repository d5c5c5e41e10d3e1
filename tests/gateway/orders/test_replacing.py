"""What goods cost in place of others that are out."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from gateway.carts.goods import APPLES, BREAD, MILK
from smarts.gateway.orders.replacing import Gap, price_in_place_of
from smarts.wire.money import Currency

CENT = Decimal("0.01")
cents = st.integers(0, 5000).map(lambda number: number * CENT)
pieces = st.integers(1, 20).map(Decimal)


def price(gap: Gap, amount: Decimal, own: Decimal, left: Decimal | None = None) -> Decimal:
    return price_in_place_of(gap, MILK, amount, own, gap.worth if left is None else left, Currency.EUR)


@given(cents, pieces, pieces, cents, cents)
def test_a_replacement_never_costs_more(
    worth: Decimal, missing: Decimal, amount: Decimal, own: Decimal, left: Decimal
) -> None:
    """Not than it costs itself, not than as much of the missing goods, not than is left of these; in whole cents."""
    paid = price(Gap(BREAD, missing, worth), amount, own, min(left, worth))
    assert 0 <= paid <= min(own, left, worth)
    assert paid - worth * min(amount, missing) / missing <= CENT / 2
    assert paid % CENT == 0


@given(cents, pieces, st.integers(0, 200).map(lambda number: number * CENT))
def test_what_is_cheaper_costs_what_it_costs(worth: Decimal, missing: Decimal, own: Decimal) -> None:
    """As many pieces for as many, each for less: the shopper pays the lower price."""
    assert price(Gap(BREAD, missing, worth), missing, min(own, worth)) == min(own, worth)


def test_a_piece_in_place_of_a_piece() -> None:
    """Two of 1.50 are out: one dearer one costs as one of them, two as both, and two cheaper ones as they do."""
    gap = Gap(BREAD, Decimal(2), Decimal(3))
    assert price(gap, Decimal(1), Decimal("2.40")) == Decimal("1.50")
    assert price(gap, Decimal(2), Decimal("4.80")) == Decimal(3)
    assert price(gap, Decimal(2), Decimal("2.20")) == Decimal("2.20")
    assert price(gap, Decimal(5), Decimal(9)) == Decimal(3)


def test_pieces_in_place_of_what_is_weighed() -> None:
    """They cannot be compared: a bag costs its own price, up to what all of the missing weight would have cost."""
    gap = Gap(APPLES, Decimal("1.200"), Decimal("3.59"))
    assert price(gap, Decimal(1), Decimal("2.99")) == Decimal("2.99")
    assert price(gap, Decimal(1), Decimal("4.99")) == Decimal("3.59")
