import pytest

from campaigns.carts import CLIENT, campaign, line, priced, product, weighed
from smarts.campaigns import Reason


def words(operation, code, sold=product, price="2.48", quantity="3"):
    [row] = priced(line(sold(price, campaign(operation, code)), quantity), buyer=CLIENT).lines
    return [effect.words for effect in row.effects]


@pytest.mark.parametrize(
    ("operation", "code", "sentence"),
    [
        ("amount - 1", "B00000000001", "You pay for 2 of 3 pieces: 2.48 EUR less."),
        ("amount + 0.50", "B00000000001", "You pay for 3.5 of 3 pieces: 1.24 EUR more."),
        ("amount / 1", "B00000000001", "It changes nothing this time."),
        ("unitPrice - 0.5", "B00000000002", "One piece costs 1.86 instead of 2.48 EUR: 1.86 EUR less."),
        ("unitPrice - 0.0001", "B00000000002", "It changes nothing this time."),
        ("total / 2", "B00000000501", "This costs 3.72 instead of 7.44 EUR: 3.72 EUR less."),
        ("total / amount", "B00000000502", "This costs 2.48 instead of 7.44 EUR: 4.96 EUR less."),
        ("unitPrice", "U00000000002", "It is only for shoppers who are not clients."),
        ("unitPrice", "B00000SKP002", "It is only for holders of a card with the code 00000SKP."),
        (
            "unitPrice",
            "B00000000009",
            "It was left out: There is no campaign kind 009: the kinds are 001, 002, 501, 502.",
        ),
        (
            "price",
            "B00000000002",
            "It was left out: `price` is unknown: there is amount and unitPrice. (At character 1.)",
        ),
        (
            "0 / 0",
            "B00000000002",
            "It was left out: The operation gave NaN for amount 3, unitPrice 2; it must give a number of at least 0.",
        ),
    ],
)
def test_words(operation, code, sentence):
    """What a campaign did to a row, or why it did nothing, is one sentence with amounts."""
    assert words(operation, code) == [sentence]


def test_words_of_weighed_goods():
    """Weighed goods are told in what they are weighed in."""
    assert words("amount > 1 ? 1 : amount", "B00000000001", weighed, "3.99", "1.2340") == [
        "You pay for 1 of 1.234 kilograms: 0.93 EUR less."
    ]
    assert words("unitPrice / 2", "B00000000002", weighed, "3.98", "1.5") == [
        "One kilogram costs 1.99 instead of 3.98 EUR: 2.98 EUR less."
    ]


def test_words_of_the_purchase():
    """What the store's campaign did is told of the purchase, which is no line."""
    cart = priced(line(product("62.00")), store=(campaign("total * 0.98", "B00000000501"),))
    [effect] = cart.effects
    assert effect.line is None
    assert effect.words == "The purchase costs 60.76 instead of 62.00 EUR: 1.24 EUR less."


def test_misplaced():
    """A product's kind of campaign on the store's list says that it is misplaced."""
    cart = priced(line(product("62.00")), store=(campaign("amount", "B00000000001"),))
    assert [effect.words for effect in cart.effects] == [
        "It was left out: its kind changes a product's row, and it came with the store."
    ]


def test_parameters():
    """A sentence in another language can be made from the reason and its parameters alone."""
    [row] = priced(line(product("2.48", campaign("amount - 1", "B00000000001")), "3")).lines
    [effect] = row.effects
    assert effect.reason is Reason.CHANGED_AMOUNT
    assert effect.parameters == {
        "amount": "3",
        "newAmount": "2",
        "unit": "pieces",
        "before": "7.44",
        "after": "4.96",
        "change": "2.48",
        "direction": "less",
        "currency": "EUR",
        "card": "",
        "problem": "",
    }


def test_words_for_others():
    """What is for clients says so, and what comes too late says that nothing was left for it."""
    for_clients = campaign("unitPrice", "C00000000002")
    free = campaign("0", "B00000000001")
    [row] = priced(line(product("2.48", for_clients, free, campaign("unitPrice")))).lines
    assert [effect.words for effect in row.effects] == [
        "You pay for 0 of 1 piece: 2.48 EUR less.",
        "It is for clients only.",
        "Nothing is left to pay that it could change.",
    ]
