"""Near misses: what a little more would save, promised at the price that is then paid."""

from decimal import Decimal

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from campaigns.carts import (
    CLIENT,
    HALF_OFF_FROM_FIVE,
    PASSER_BY,
    SECOND_FREE,
    TWO_PERCENT_OFF,
    campaign,
    line,
    priced,
    product,
    weighed,
)
from campaigns.test_index import LISTS
from campaigns.test_pricing_rules import BUYERS, CARTS
from smarts.campaigns import CartLine, nearest_hints, price_cart
from smarts.campaigns.hints import LEAST_WORTH, MOST_HINTS, MOST_MORE
from smarts.wire.money import Currency


def anything(_: CartLine) -> bool:
    return True


def hints(*lines, store=(), buyer=PASSER_BY, may_have=anything):
    return nearest_hints(priced(*lines, store=store, buyer=buyer), store, buyer, may_have)


STEPS = [
    campaign(HALF_OFF_FROM_FIVE),
    campaign(SECOND_FREE, "B00000000001"),
    campaign("amount >= 3 ? unitPrice * 0.7 : unitPrice"),
    campaign("amount - Math.floor(amount / 3)", "B00000000001"),
    campaign("total >= 10 ? total * 0.8 : total", "B00000000501"),
    campaign("amount >= 4 ? total - 2 : total", "B00000000502"),
]
STORE_STEPS = [
    campaign(TWO_PERCENT_OFF, "B00000000501"),
    campaign("total >= 30 ? total - 5 : total", "C00000000501"),
    campaign("amount >= 10 ? total * 0.9 : total", "B00000000502"),
    campaign("total * 0.9", "B00000000501"),
    campaign("total > 25 && amount < 12 ? total * 0.85 : total", "B00000000502"),
]
PRICES = st.integers(20, 1500).map(lambda cents: str(Decimal(cents) / 100))
NEAR = st.lists(
    st.builds(
        lambda price, struck_by, rate, pieces: (product(price, *struck_by, rate=rate), str(pieces)),
        PRICES,
        st.lists(st.sampled_from(STEPS), max_size=2),
        st.sampled_from(["24", "9", "0"]),
        st.integers(1, 8),
    ),
    min_size=1,
    max_size=8,
).map(lambda goods: [line(sold, pieces, str(place)) for place, (sold, pieces) in enumerate(goods)])


@settings(max_examples=200, deadline=None)
@given(CARTS | NEAR, LISTS | st.lists(st.sampled_from(STORE_STEPS), max_size=4), BUYERS)
def test_a_hint_followed_costs_what_it_promised(cart, store, buyer):
    """Whatever the campaigns, the cart with so many more pieces costs exactly what the hint says, row and all."""
    now = price_cart(cart, store, buyer, Currency.EUR)
    found = nearest_hints(now, store, buyer, anything)
    event(f"{len(found)} hints")
    assert len(found) <= MOST_HINTS
    assert len({hint.line for hint in found}) == len(found)
    for hint in found:
        followed = [
            CartLine(one.key, one.product, hint.quantity) if one.key == hint.line else one for one in cart
        ]
        then = price_cart(followed, store, buyer, Currency.EUR)
        [row] = [row for row in then.lines if row.key == hint.line]
        [before] = [row for row in now.lines if row.key == hint.line]
        assert (then.total.total_to_pay, row.row_total) == (hint.total, hint.row_total)
        assert hint.quantity - before.line.quantity == hint.more
        assert 1 <= hint.more <= MOST_MORE
        usual = (row.line.product.price.total * hint.more).quantize(Decimal("0.01"))
        assert usual - (then.total.total_to_pay - now.total.total_to_pay) == hint.saving
        assert hint.saving >= LEAST_WORTH * usual > 0
        assert hint.words


@pytest.mark.parametrize(
    ("operation", "code", "quantity", "words"),
    [
        (
            "amount >= 5 ? unitPrice - 0.5 : unitPrice",
            "B00000000002",
            "2",
            "3 more and each costs 0.62 EUR less.",
        ),
        (SECOND_FREE, "B00000000001", "3", "1 more and you pay for 2 of 4."),
        (SECOND_FREE, "B00000000001", "1", "1 more and you pay for 1 of 2."),
        (
            "total >= 10 ? total * 0.5 : total",
            "B00000000501",
            "4",
            "1 more and all 5 cost 7.45 EUR: 7.45 EUR saved.",
        ),
    ],
)
def test_what_a_little_more_of_a_product_brings(operation, code, quantity, words):
    """The fewest pieces that make each cheaper, in words with what it brings."""
    [hint] = hints(line(product("2.98", campaign(operation, code)), quantity))
    assert hint.words == words


@pytest.mark.parametrize(
    ("operation", "code", "quantity"),
    [
        ("unitPrice * 0.7", "B00000000002", "1"),
        (SECOND_FREE, "B00000000001", "2"),
        (HALF_OFF_FROM_FIVE, "B00000000002", "5"),
        ("amount >= 50 ? unitPrice * 0.5 : unitPrice", "B00000000002", "2"),
        ("amount >= 5 ? unitPrice * 0.99 : unitPrice", "B00000000002", "2"),
        (HALF_OFF_FROM_FIVE, "C00000000002", "4"),
        ("amount >= 5 ? unitPrice - 0.5 :", "B00000000002", "4"),
        ("amount >= 5 ? -1 : unitPrice", "B00000000002", "4"),
        ("amount >= 5 ? unitPrice + 1 : unitPrice", "B00000000002", "4"),
    ],
)
def test_nothing_is_said_where_nothing_is_near(operation, code, quantity):
    """What is cheap already, far away, hardly worth it, for others, or does not work is no reason to take more."""
    assert hints(line(product("2.98", campaign(operation, code)), quantity)) == ()


def test_a_little_more_for_the_whole_purchase():
    """The goods that bring the purchase over a store's limit for the least money are named."""
    dear, cheap = line(product("60.00"), key="dear"), line(product("1.50"), key="cheap")
    [hint] = hints(dear, cheap, store=(campaign(TWO_PERCENT_OFF, "B00000000501"),))
    assert (hint.line, hint.more, str(hint.total)) == ("cheap", 1, "61.74")  # 63.00 less 2 %
    assert hint.words == "1 more and the purchase costs 61.74 EUR: 1.26 EUR saved."


def test_only_what_the_shopper_may_have():
    """What anybody would have to look at, and what is weighed, is never hinted at."""
    off = campaign(HALF_OFF_FROM_FIVE)
    goods = line(product("2.98", off), "4", key="a"), line(product("2.98", off), "4", key="b")
    assert {hint.line for hint in hints(*goods, may_have=lambda grown: grown.key == "b")} == {"b"}
    assert {hint.quantity for hint in hints(*goods, may_have=lambda grown: grown.quantity <= 5)} == {5}
    assert hints(*goods, may_have=lambda grown: grown.quantity < 5) == ()
    assert hints(line(weighed("2.98", off), "4")) == ()


def test_the_best_two_and_no_more():
    """Of many near misses the shopper is told two, the ones that save most."""
    prices = ("1.00", "2.00", "3.00", "8.00", "4.00", "9.00")
    half = campaign("amount >= 2 ? unitPrice / 2 : unitPrice")
    told = hints(*(line(product(price, half), key=price) for price in prices), buyer=CLIENT)
    assert [hint.line for hint in told] == ["9.00", "8.00"]
