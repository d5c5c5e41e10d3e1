import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smarts.campaigns.code import Buyer
from smarts.campaigns.pricing import price_cart
from smarts.campaigns.rows import CartLine
from smarts.demo.catalogue import institution_campaigns
from smarts.demo.catalogue.goods import price
from smarts.demo.replay.reckoning import Reckoning, read_offers, read_prices, total_shares
from smarts.wire.money import Currency
from smarts.wire.products import Campaign, Product
from smarts.wire.text import Translatable

OFF_ALL = "amount >= 1 ? unitPrice - Math.min(unitPrice, 0.8065 / amount) : unitPrice"
AT_MOST = "amount >= 2 ? Math.min(unitPrice, 1.6048) : unitPrice"
BUNDLE = (
    "amount >= 3 ? (Math.floor(amount / 3) * 4.0323 + (amount - Math.floor(amount / 3) * 3) * unitPrice) "
    "/ amount : unitPrice"
)


def offers(tmp_path, *operations, code="B00000000002"):
    path = tmp_path / "campaigns.jsonl"
    lines = [{"barcode": "1", "name": "", "code": code, "operation": operation} for operation in operations]
    path.write_text("\n".join(map(json.dumps, lines)))
    return read_offers(path)


@pytest.mark.parametrize(
    ("operation", "amount", "total"),
    [
        (OFF_ALL, 1, "1.49"),  # 2.49 less 1.00 with VAT
        (OFF_ALL, 3, "6.47"),
        (AT_MOST, 1, "2.49"),
        (AT_MOST, 2, "3.98"),  # 1.99 each with VAT
        (BUNDLE, 2, "4.98"),
        (BUNDLE, 3, "5.00"),  # three for 5.00 with VAT
        (BUNDLE, 7, "12.49"),
    ],
)
def test_shapes(tmp_path, operation, amount, total):
    """Each shape of campaign changes the price of the row as its words say, from its number of pieces on."""
    reckoning = Reckoning({"1": Decimal("2.49")}, offers(tmp_path, operation), ())
    assert reckoning.total({"1": Decimal(amount)}) == Decimal(total)
    assert reckoning.is_struck({"1": Decimal(amount)}) == (Decimal(total) != Decimal("2.49") * amount)


@pytest.mark.parametrize(
    ("code", "strikes"),
    [("B00000000002", True), ("U00000000002", True), ("C00000000002", False), ("B00000077002", False)],
)
def test_for_whom(tmp_path, code, strikes):
    """Campaigns strike that are for everybody or for shoppers without an account, but none for clients or cards."""
    assert bool(offers(tmp_path, AT_MOST, code=code)) == strikes


def test_unknown_shapes(tmp_path):
    """A campaign that cannot be reckoned stops the replay, since its totals could not be proved."""
    with pytest.raises(ValueError, match="unknown shape"):
        offers(tmp_path, "unitPrice / 2")
    with pytest.raises(ValueError, match="unknown shape"):
        total_shares([Campaign("", "B00000000501", "total - 1")])


@pytest.mark.parametrize(("amount", "total"), [(6, "59.40"), (7, "67.91")])
def test_large_totals(amount, total):
    """From 50 euros without VAT, which are 62 with it, 2 % is taken off."""
    reckoning = Reckoning({"1": Decimal("9.90")}, {}, total_shares(institution_campaigns()))
    assert reckoning.total({"1": Decimal(amount)}) == Decimal(total)
    assert reckoning.is_large({"1": Decimal(amount)}) == (amount == 7)


def test_prices_of_one_market(tmp_path):
    """Prices are those in euros of Estonian rows; of several for a barcode the first one."""
    path = tmp_path / "prices.csv"
    rows = ["1,1.00,EUR,EE", "1,2.00,EUR,EE", "2,,EUR,EE", "3,3.00,USD,EE", "4,4.00,EUR,FI"]
    path.write_text("\n".join(["barcode,price,currency,country", *rows]))
    assert read_prices(path) == {"1": Decimal("1.00")}


CENTS = st.integers(1, 10_000).map(lambda cents: Decimal(cents) / 100)
AMOUNTS = st.integers(1, 200).map(Decimal)
OPERATIONS = st.sampled_from([OFF_ALL, AT_MOST, BUNDLE])


@given(st.lists(st.tuples(CENTS, AMOUNTS, st.lists(OPERATIONS, max_size=2)), min_size=1, max_size=8))
def test_agrees_with_the_campaign_standard(tmp_path_factory, rows):
    """What is reckoned here and what carts are priced with, which share no code, give the same total."""
    path = tmp_path_factory.mktemp("offers") / "campaigns.jsonl"
    lines = [
        {"barcode": str(number), "code": "B00000000002", "operation": operation}
        for number, (_, _, operations) in enumerate(rows)
        for operation in operations
    ]
    path.write_text("\n".join(map(json.dumps, lines)))
    prices = {str(number): total for number, (total, _, _) in enumerate(rows)}
    basket = {str(number): amount for number, (_, amount, _) in enumerate(rows)}
    cart = [
        CartLine(str(number), product(str(number), total, operations), amount)
        for number, (total, amount, operations) in enumerate(rows)
    ]
    priced = price_cart(cart, institution_campaigns(), Buyer(client=False), Currency.EUR)
    reckoning = Reckoning(prices, read_offers(path), total_shares(institution_campaigns()))
    assert reckoning.total(basket) == priced.total.total_to_pay


def product(barcode, total, operations):
    campaigns = tuple(Campaign("", "B00000000002", operation) for operation in operations)
    cost = price(total, Decimal(24))
    return Product(barcode, barcode, Translatable("Kaup"), cost, campaigns=campaigns)
