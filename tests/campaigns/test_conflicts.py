"""What is odd about a store's campaigns, told before anybody shops."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.carts import PASSER_BY, campaign, line, priced, product
from campaigns.test_index import LISTS
from smarts.campaigns import Basket, Candidate, Oddity, conflicts_in, conflicts_of, totals_by_place
from smarts.campaigns.turns import MOST_PLACES
from smarts.wire.money import Currency

EVERYBODY = "B00000000501"


def of_store(operation: str, code: str = EVERYBODY, name: str = "Autumn"):
    return campaign(operation, code, name)


@pytest.mark.parametrize(
    ("operation", "code", "oddity", "words"),
    [
        ("total", EVERYBODY, Oddity.NEVER_STRIKES, "It changes nothing, whatever a purchase costs."),
        ("total < 0 ? 1 : total", EVERYBODY, Oddity.NEVER_STRIKES, "none of the"),
        ("total * 1", EVERYBODY, Oddity.NEVER_STRIKES, "none of the"),
        ("total - 5", EVERYBODY, Oddity.NO_PRICE, "Of 0.01 without VAT it makes -4.99"),
        ("total >= 70 ? 0 : total", EVERYBODY, Oddity.FREE, "Of 70.00 without VAT it leaves nothing to pay."),
        ("total > 30 ? total + 1 : total", EVERYBODY, Oddity.DEARER, "It makes 31.01 of 30.01"),
        ("amount > 700 ? total * 2 : total", "B00000000502", Oddity.DEARER, "It makes 0.02 of 0.01"),
    ],
)
def test_what_is_odd_about_one(operation, code, oddity, words):
    """What never strikes, makes no price, gives everything away or makes it dearer is told with the field and a sum."""
    found = {each.oddity: each for each in conflicts_in([of_store(operation, code)])}
    conflict = found[oddity]
    assert (conflict.field, conflict.place) == ("operation", 0)
    assert words in str(conflict.sentence)


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        ("total >= 50 ? total * 0.98 : total", EVERYBODY),
        ("Math.max(total - 5, 1)", EVERYBODY),
        ("total * 0.3", EVERYBODY),  # of a cent nothing is left, which says nothing
        ("amount >= 10 ? total * 0.9 : total", "B00000000502"),
        ("nonsense", EVERYBODY),
        ("amount - 1", "B00000000001"),
    ],
)
def test_nothing_odd(operation, code):
    """Plain campaigns are not warned of, and what cannot work at all is told elsewhere."""
    odd = [each for each in conflicts_in([of_store(operation, code)]) if each.oddity is not Oddity.DEARER]
    assert odd == []


def test_two_that_strike_the_same_purchases():
    """Both are named, with what both leave in either order, which is what a cart costs."""
    first, second = of_store("total >= 50 ? total - 10 : total"), of_store("total * 0.5", name="Half")
    [conflict] = conflicts_in([first, second])
    assert (conflict.oddity, conflict.place, conflict.other) == (Oddity.TOGETHER, 0, 1)
    assert str(conflict.sentence) == (
        "“Half” strikes the same purchases: of 50.00 without VAT both leave 20.00, in the other order 25.00."
    )
    goods = line(product("50.00", rate="0"))
    assert priced(goods, store=(first, second)).total.total_to_pay == Decimal("20.00")
    assert priced(goods, store=(second, first)).total.total_to_pay == Decimal("25.00")
    [seen_from_the_other] = conflicts_of([first, second], 1)
    assert (seen_from_the_other.place, seen_from_the_other.other) == (1, 0)


def test_what_two_make_of_a_purchase_is_told_of_one_that_shows_it():
    """Never of a cent, of which both leave nothing in either order."""
    [conflict] = conflicts_in([of_store("total * 0.5"), of_store("total * 0.9", name="Tenth")])
    assert str(conflict.sentence) == (
        "“Tenth” strikes the same purchases: of 1.00 without VAT both leave 0.45, in the other order 0.45."
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (of_store("total * 0.9", "C00000000501"), of_store("total * 0.9", "U00000000501")),
        (of_store("total * 0.9", "C00000SKP501"), of_store("total * 0.8", "C00000XYZ501")),
        (of_store("total < 20 ? total * 0.9 : total"), of_store("total >= 20 ? total * 0.9 : total")),
        (of_store("amount < 5 ? total * 0.9 : total", "B00000000502"),
         of_store("amount >= 5 ? total * 0.8 : total", "B00000000502")),
    ],
)  # fmt: skip
def test_two_that_never_meet(one, other):
    """Campaigns for other shoppers, other totals or other numbers of pieces are no conflict."""
    assert conflicts_in([one, other]) == ()


def test_one_that_is_listed_twice():
    """What says the same for the same shoppers is told, whatever it is called."""
    [conflict] = conflicts_in([of_store("total * 0.9"), of_store("total * 0.9", name="Again")])
    assert (conflict.oddity, conflict.other) == (Oddity.TWICE, 1)


@settings(max_examples=60, deadline=None)
@given(LISTS)
def test_any_list_is_looked_at(store):
    """Whatever the campaigns, each conflict is about one of the list and has its sentence; few are told of each."""
    found = conflicts_in(store)
    assert all(0 <= each.place < len(store) and str(each.sentence) for each in found)
    assert len(found) <= 8 * len(store)


@settings(max_examples=40, deadline=None)
@given(LISTS, st.integers(0, 40), st.integers(1, 200))
def test_the_place_of_a_campaign(others, place, price):
    """At each place that is told the cart costs what it really costs with the list in that order."""
    ours, place = of_store("total >= 10 ? total - 3 : total", name="ours"), min(place, len(others))
    goods = [line(product(f"{price}.00"))]
    told = totals_by_place(Candidate(ours, others, place), Basket(goods, PASSER_BY, Currency.EUR))
    assert any(stretch.first <= place <= stretch.last for stretch in told)
    assert sum(stretch.last - stretch.first + 1 for stretch in told) <= max(MOST_PLACES, len(others) + 1)
    for stretch in told:
        for at in {stretch.first, stretch.last}:
            listed = (*others[:at], ours, *others[at:])
            assert priced(*goods, store=listed).total.total_to_pay == stretch.total
