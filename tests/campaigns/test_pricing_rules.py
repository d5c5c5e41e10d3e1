"""Rules that hold for every cart."""

from decimal import ROUND_HALF_UP, Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.carts import HALF_OFF_FROM_FIVE, SECOND_FREE, TWO_PERCENT_OFF, campaign, line, product, weighed
from smarts.campaigns import Buyer, price_cart
from smarts.wire.money import Currency

OPERATIONS = {
    "001": [SECOND_FREE, "amount", "amount * 0.9", "0", "amount + 1", "amount - 2", "amount <", "1 / 0"],
    "002": [
        HALF_OFF_FROM_FIVE,
        "unitPrice",
        "unitPrice / 3",
        "0",
        "Math.min(unitPrice, 3 / amount)",
        "-1",
        "foo",
    ],
    "501": [
        TWO_PERCENT_OFF,
        "total",
        "total / 3",
        "0",
        "total + 0.01",
        "Math.floor(total)",
        "total - 5",
        "1e300",
    ],
    "502": [
        "amount > 3 ? total * 0.9 : total",
        "total / amount",
        "Math.max(0, total - amount)",
        "amount",
        "NaN",
    ],
}
CODES = ["B00000000", "C00000000", "U00000000", "B00000SKP"]
NONSENSE = campaign("0", "nonsense")


def campaigns(*kinds):
    every = [
        campaign(operation, code + kind) for kind in kinds for operation in OPERATIONS[kind] for code in CODES
    ]
    return st.lists(st.sampled_from([*every, NONSENSE]), max_size=3)


def of_weight(cents, grams, _, struck_by):
    return weighed(str(Decimal(cents) / 100), *struck_by), str(Decimal(grams) / 1000)


def of_pieces(cents, pieces, rate, struck_by):
    return product(str(Decimal(cents) / 100), *struck_by, rate=rate), str(pieces)


CENTS = st.integers(0, 30_000)
RATES = st.sampled_from(["0", "5", "9", "13", "20", "24", "25.5"])
GOODS = st.one_of(
    st.builds(of_pieces, CENTS, st.integers(1, 12), RATES, campaigns(*OPERATIONS)),
    st.builds(of_weight, CENTS, st.integers(1, 5000), RATES, campaigns(*OPERATIONS)),
)
CARTS = st.lists(GOODS, max_size=6).map(
    lambda goods: [line(sold, quantity, f"line {number}") for number, (sold, quantity) in enumerate(goods)]
)
STORE = campaigns("501", "502", "001")
BUYERS = st.builds(Buyer, st.booleans(), st.sampled_from([frozenset(), frozenset({"SKP"})]))


def added(documents):
    documents = list(documents)
    return tuple(
        sum((getattr(document, name) for document in documents), Decimal(0))
        for name in ("sum_without_vat", "vat_sum", "sum_with_vat")
    )


@settings(max_examples=200, deadline=None)
@given(CARTS, STORE, BUYERS)
def test_sums(cart, store, buyer):
    """Rows and the institution campaigns' change add up to the total, and VAT adds up: rows, rates, total."""
    prices = price_cart(cart, store, buyer, Currency.EUR)
    total = prices.total.total_to_pay
    assert sum(row.row_total for row in prices.lines) + prices.institution_change == total
    assert added(row.vat for row in prices.lines) == added(prices.vat) == added([prices.total.vat])
    assert prices.total.vat.sum_with_vat == total
    for of_rate in prices.vat:
        assert added(row.vat for row in prices.lines if row.vat.vat_rate == of_rate.vat_rate) == added(
            [of_rate]
        )
    for document in (*prices.vat, prices.total.vat, *(row.vat for row in prices.lines)):
        assert document.sum_without_vat + document.vat_sum == document.sum_with_vat


@settings(max_examples=200, deadline=None)
@given(CARTS, STORE, BUYERS)
def test_vat_of_each_rate(cart, store, buyer):
    """The VAT of a rate is its part of the rate's sum, rounded half up, once."""
    for vat in price_cart(cart, store, buyer, Currency.EUR).vat:
        exact = vat.sum_with_vat * vat.vat_rate / (100 + vat.vat_rate)
        assert vat.vat_sum == exact.quantize(Decimal("0.01"), ROUND_HALF_UP)


@settings(max_examples=200, deadline=None)
@given(CARTS, STORE, BUYERS)
def test_nothing_negative(cart, store, buyer):
    """Nobody is ever paid for shopping, and every sum is in whole cents."""
    prices = price_cart(cart, store, buyer, Currency.EUR)
    documents = (*prices.vat, prices.total.vat, *(row.vat for row in prices.lines))
    amounts = [amount for document in documents for amount in added([document])]
    amounts += [row.row_total for row in prices.lines] + [row.price_before for row in prices.lines]
    assert all(amount >= 0 and amount == amount.quantize(Decimal("0.01")) for amount in amounts)


@settings(max_examples=200, deadline=None)
@given(CARTS, STORE, BUYERS, st.randoms())
def test_order_does_not_matter(cart, store, buyer, random):
    """In whatever order the lines come, each costs the same, and so does the whole."""
    shuffled = list(cart)
    random.shuffle(shuffled)
    straight, other = (price_cart(each, store, buyer, Currency.EUR) for each in (cart, shuffled))
    assert {row.key: row for row in other.lines} == {row.key: row for row in straight.lines}
    assert (other.total, other.vat, other.effects) == (straight.total, straight.vat, straight.effects)


@settings(max_examples=200, deadline=None)
@given(CARTS, STORE, BUYERS)
def test_effects_tell_everything(cart, store, buyer):
    """The effects lead without a gap from the price before to the price after; every one has words."""
    prices = price_cart(cart, store, buyer, Currency.EUR)
    rows = sum((row.row_total for row in prices.lines), Decimal(0))
    told = [(row.effects, row.price_before, row.row_total) for row in prices.lines]
    told.append((prices.effects, rows, prices.total.total_to_pay))
    for effects, amount, end in told:
        for effect in effects:
            assert effect.before == amount
            assert effect.words
            amount = effect.after
        assert amount == end


@settings(max_examples=200, deadline=None)
@given(CARTS, STORE, BUYERS)
def test_only_what_strikes_counts(cart, store, buyer):
    """Campaigns that are for others or do not work might as well not be there."""
    prices = price_cart(cart, store, buyer, Currency.EUR)
    struck = [
        line_without_idle(row.line, [effect.campaign for effect in row.effects if effect.struck])
        for row in prices.lines
    ]
    struck_store = [effect.campaign for effect in prices.effects if effect.struck]
    assert price_cart(struck, struck_store, buyer, Currency.EUR).total == prices.total


def line_without_idle(cart_line, struck_by):
    sold = cart_line.product
    make = weighed if sold.weight_item else product
    how = {} if sold.weight_item else {"rate": str(sold.price.vat.vat_rate)}
    return line(make(str(sold.price.total), *struck_by, **how), str(cart_line.quantity), cart_line.key)
