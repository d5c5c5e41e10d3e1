from decimal import ROUND_DOWN, Context, Decimal, localcontext

import pytest

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
from smarts.campaigns import Buyer, CartLine, Reason

second_free = campaign(SECOND_FREE, "B00000000001")
half_off = campaign(HALF_OFF_FROM_FIVE, "B00000000002")
two_percent_off = campaign(TWO_PERCENT_OFF, "B00000000501")


def row_total(sold, quantity="1", **how):
    return str(priced(line(sold, quantity), **how).lines[0].row_total)


def sums(vat):
    return [str(amount) for amount in (vat.sum_without_vat, vat.vat_sum, vat.sum_with_vat)]


@pytest.mark.parametrize(("quantity", "paid"), [("1", "2.40"), ("2", "2.40"), ("3", "4.80"), ("10", "12.00")])
def test_second_piece_free(quantity, paid):
    """Every second piece free: pieces at 2.40 are paid for but every second one."""
    assert row_total(product("2.40", second_free), quantity) == paid


@pytest.mark.parametrize(("quantity", "paid"), [("4", "9.92"), ("5", "9.30")])
def test_half_a_euro_off(quantity, paid):
    """Half a euro off from five pieces: 2.00 without VAT, 2.48 with 24 %, become 1.50 and 1.86."""
    assert row_total(product("2.48", half_off), quantity) == paid


def test_two_percent_off_over_two_rates():
    """2 % off from 50 euros: 50.00 without VAT become 49.00, and each rate bears its part.

    58.25 with VAT become 57.085, so 57.09: of 31.00 at 24 % there remain 30.38, of 27.25 at 9 % 26.71.
    """
    cart = priced(
        line(product("31.00"), key="a"), line(product("27.25", rate="9"), key="b"), store=(two_percent_off,)
    )
    assert [sums(vat) for vat in cart.vat] == [["24.50", "2.21", "26.71"], ["24.50", "5.88", "30.38"]]
    assert sums(cart.total.vat) == ["49.00", "8.09", "57.09"]
    assert cart.total.total_to_pay == Decimal("57.09")
    assert [str(row.institution_change) for row in cart.lines] == ["-0.62", "-0.54"]
    assert cart.institution_change == Decimal("-1.16")


def test_under_fifty():
    """Where a campaign's condition is not met, the total stays, and the campaign says that it changed nothing."""
    cart = priced(line(product("61.98")), store=(two_percent_off,))
    assert cart.total.total_to_pay == Decimal("61.98")
    assert [(effect.reason, effect.struck, effect.changed) for effect in cart.effects] == [
        (Reason.UNCHANGED, True, False)
    ]


def test_order_of_kinds():
    """On a row, amounts change first, then unit prices by the amount that is left to pay, then the row's total.

    Of ten pieces five are paid, at 1.86 instead of 2.48; of 7.50 without VAT there remain 6.50: 8.06 with VAT.
    """
    one_off = campaign("total >= 7 ? total - 1 : total", "B00000000501")
    [row] = priced(line(product("2.48", one_off, half_off, second_free), "10")).lines
    assert [effect.campaign for effect in row.effects] == [second_free, half_off, one_off]
    assert [str(effect.after) for effect in row.effects] == ["12.40", "9.30", "8.06"]
    assert (str(row.price_before), row.amount, str(row.row_total)) == ("24.80", Decimal(5), "8.06")


@pytest.mark.parametrize(("operations", "paid"), [(["-1", "/2"], "0.62"), (["/2", "-1"], "0.00")])
def test_order_within_a_kind(operations, paid):
    """Several campaigns of a kind strike as they are listed, each on what the one before left."""
    campaigns = [campaign(f"unitPrice {operation}") for operation in operations]
    assert row_total(product("2.48", *campaigns)) == paid


@pytest.mark.parametrize(("code", "paid"), [("B00000000501", "6.20"), ("B00000000502", "6.20")])
def test_totals_of_a_row(code, paid):
    """A campaign on totals that comes with a product changes its row alone: of 6.00 without VAT 5.00 remain."""
    off = campaign("total >= 6 ? total - 1 : total", code)
    cart = priced(line(product("2.48", off), "3", key="a"), line(product("2.48"), "3", key="b"))
    assert [str(row.row_total) for row in cart.lines] == [paid, "7.44"]


def test_amount_of_a_row():
    """Of a 502 campaign that comes with a product the amount is the row's quantity, also where less is paid for."""
    off = campaign("amount == 4 ? total - 1 : total", "B00000000502")
    assert row_total(product("2.48", off, second_free), "4") == "3.72"  # 4.00 without VAT, then 3.00


def test_pieces_of_a_purchase():
    """Of the store's 502 campaign the amount is the pieces in the cart; what is weighed is one piece."""
    off = campaign("amount == 3 ? 0 : total", "B00000000502")
    lines = line(product("2.40"), "2", key="a"), line(weighed("3.99"), "1.234", key="b")
    assert priced(*lines, store=(off,)).total.total_to_pay == 0


def test_several_campaigns_of_a_store():
    """The store's campaigns strike the whole purchase one after the other: 100, 90 and 80 euros without VAT."""
    ten_off = campaign("total - 10", "B00000000501")
    cart = priced(line(product("124.00")), store=(ten_off, ten_off))
    assert [(str(effect.before), str(effect.after)) for effect in cart.effects] == [
        ("124.00", "111.60"),
        ("111.60", "99.20"),
    ]


def test_weighed():
    """What is weighed is priced by its weight to the gram and rounded once."""
    assert row_total(weighed("3.99"), "1.234") == "4.92"  # 4.92366


def test_rounded_once():
    """A unit price is not rounded before it is multiplied: three at a third of a euro cost one euro."""
    assert row_total(product("1.00", campaign("unitPrice / 3"), rate="0"), "3") == "1.00"


def test_halves_go_up():
    """Half a cent is rounded up as people count, though the double next to 1.005 is a little smaller."""
    assert row_total(product("2.01", campaign("unitPrice / 2"), rate="0")) == "1.01"


@pytest.mark.parametrize("net", ["0.81", "0.806452", "0.806451612903226", "0.1"])
def test_price_that_the_node_rounded(net):
    """A campaign that leaves the unit price leaves the node's price, however the node rounded the one without VAT."""
    sold = product("1.00", campaign("unitPrice * 2"), campaign("unitPrice / 2"), net=net)
    assert row_total(sold, "1000") == "1000.00"


def test_unit_price_of_what_is_free():
    """Where the node's price is nothing, a new unit price gets its VAT by the rate."""
    assert row_total(product("0.00", campaign("amount > 3 ? 1 : unitPrice")), "4") == "4.96"


def test_campaigns_may_raise():
    """A campaign may take more as well; it says so."""
    [row] = priced(line(product("2.48", campaign("unitPrice + 1")))).lines
    assert str(row.row_total) == "3.72"
    assert row.effects[0].words.endswith("1.24 EUR more.")


@pytest.mark.parametrize(
    ("code", "buyer", "reason"),
    [
        ("C00000000002", CLIENT, Reason.CHANGED_UNIT_PRICE),
        ("C00000000002", PASSER_BY, Reason.CLIENTS_ONLY),
        ("U00000000002", CLIENT, Reason.UNAUTHENTICATED_ONLY),
        ("U00000000002", PASSER_BY, Reason.CHANGED_UNIT_PRICE),
        ("C00000SKP002", CLIENT, Reason.CARD_ONLY),
        ("C00000SKP002", PASSER_BY, Reason.CLIENTS_ONLY),
        ("C00000SKP002", Buyer(client=True, card_codes=frozenset({"SKP"})), Reason.CHANGED_UNIT_PRICE),
    ],
)
def test_buyers(code, buyer, reason):
    """A campaign for others changes nothing, is not shown to the shopper, and says whom it is for."""
    [row] = priced(line(product("2.48", campaign("unitPrice - 1", code))), buyer=buyer).lines
    [effect] = row.effects
    assert effect.reason is reason
    assert effect.struck == effect.changed == (row.row_total == Decimal("1.24"))


def test_errors():
    """Campaigns that do not work change nothing and are reported with their line and what is wrong."""
    bad_code = campaign("amount", "X00000000001", "bad code")
    bad_operation = campaign("amount -", "B00000000001", "bad operation")
    bad_result = campaign("amount - 9", "B00000000001", "bad result")
    misplaced = campaign("amount", "B00000000001", "misplaced")
    cart = priced(
        line(product("2.48", bad_code, bad_operation, bad_result, half_off), "5"), store=(misplaced,)
    )
    assert {(error.campaign.name, error.reason, error.line) for error in cart.errors} == {
        ("bad code", Reason.BAD_CODE, "line"),
        ("bad operation", Reason.BAD_OPERATION, "line"),
        ("bad result", Reason.BAD_RESULT, "line"),
        ("misplaced", Reason.PRODUCT_KIND, None),
    }
    assert not any(error.struck or error.changed for error in cart.errors)
    assert str(cart.total.total_to_pay) == "9.30"


def test_errors_for_others():
    """A campaign that does not work is reported even if it is not for this shopper."""
    cart = priced(line(product("2.48", campaign("nonsense", "C00000000002"))), buyer=PASSER_BY)
    assert [error.reason for error in cart.errors] == [Reason.BAD_OPERATION]


@pytest.mark.parametrize("operation", ["1e300", "1e12", "1e11", "unitPrice * 1e11"])
def test_sums_beyond_all_sense(operation):
    """A price that leads to a row of a million millions or more is an error of the campaign."""
    cart = priced(line(product("2.48", campaign(operation)), "10"))
    assert [error.reason for error in cart.errors] == [Reason.BAD_RESULT]
    assert str(cart.total.total_to_pay) == "24.80"


def test_sums_beyond_all_arithmetic():
    """Also where the node's own price is absurd a campaign's price is judged, not stumbled over."""
    absurd = product("900000000000", campaign("900000000000"), net="0.000000000000001")
    cart = priced(line(absurd))
    assert [error.reason for error in cart.errors] == [Reason.BAD_RESULT]


def test_own_arithmetic():
    """Sums do not depend on how exactly the rest of the program reckons with decimals."""
    many = line(product("31.00"), "10")
    with localcontext(Context(prec=3, rounding=ROUND_DOWN)):
        cart = priced(many, store=(two_percent_off,))
    assert cart.total.total_to_pay == Decimal("303.80")


def test_nothing_left():
    """Once everything is free, later campaigns are not run, so that dividing by the amount is no error."""
    free = campaign("0", "B00000000001")
    bundle = campaign("1 / amount")
    percent = campaign("50 / total", "B00000000501")
    cart = priced(line(product("2.48", free, bundle, percent), "3"), store=(percent,))
    reasons = [effect.reason for effect in (*cart.lines[0].effects, *cart.effects)]
    assert reasons == [Reason.CHANGED_AMOUNT, *[Reason.NOTHING_TO_PAY] * 3]
    assert not cart.errors


def test_empty_cart():
    """An empty cart costs nothing and no campaign strikes."""
    cart = priced(store=(two_percent_off,))
    assert cart.total.total_to_pay == 0
    assert (cart.lines, cart.vat, cart.errors) == ((), (), ())


@pytest.mark.parametrize(
    ("sold", "quantity", "complaint"),
    [
        (product("-0.01"), "1", "price"),
        (product("1.00", net="-1"), "1", "price"),
        (product("1.00", rate="-1", net="1.00"), "1", "price"),
        (product("1.00"), "-1", "quantity"),
        (product("1000000"), "1000000", "costs"),
    ],
)
def test_lines_that_make_no_sense(sold, quantity, complaint):
    """A negative price, rate or quantity, or a sum beyond all sense, is no line of a cart."""
    with pytest.raises(ValueError, match=complaint):
        CartLine("line", sold, Decimal(quantity))


def test_lines_have_their_own_keys():
    """Two lines with the same key are a mistake of the caller."""
    with pytest.raises(ValueError, match="same key"):
        priced(line(product("1.00")), line(product("2.00")))
