"""What is billed for a purchase, of which not everything may have gone out."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from gateway.carts.goods import APPLES, BREAD, CAKE, MILK, NOON, a_delivery, a_receipt, new_cart
from smarts.gateway.carts.model import Cart, Line
from smarts.gateway.carts.view import amount_due
from smarts.gateway.journeys.invoicing import amount_of, invoice_of, ordered_products, receipt_of, went_out
from smarts.gateway.orders.model import Replacement
from smarts.gateway.parties import Store, Switches
from smarts.gateway.receipts.rules import faults
from smarts.wire.invoices import SellerParty
from smarts.wire.loyalty import ClientCard
from smarts.wire.money import Currency
from smarts.wire.products import Product, Quantity, Unit
from smarts.wire.receipts import CreateReceiptRequest, Receipt, ReceiptLoyaltyCard, ReceiptProduct
from smarts.wire.shipments import Shipment, ShipmentMethod
from smarts.wire.times import TimeZone

CENT = Decimal("0.01")
PAID_AT = NOON + timedelta(hours=1)
STORE = Store(
    institution_id="store",
    merchant_id="merchant",
    name="Nurgapood",
    seller=SellerParty(unique_code="store", seller_name="Nurgapood"),
    currency=Currency.EUR,
    time_zone=TimeZone("Europe/Tallinn"),
    switches=Switches(),
    campaigns=(),
)

pieces = st.integers(1, 12).map(Decimal)
weights = st.integers(1, 5000).map(lambda grams: Decimal(grams) / 1000)


def cart_of(amounts: Mapping[Product, Decimal], delivery: Decimal | None) -> Cart:
    cart = new_cart(*(Line(f"line-{each.barcode}", each, amount) for each, amount in amounts.items()))
    chosen = None if delivery is None else a_delivery(delivery)
    return replace(cart, head=replace(cart.head, shipment=chosen))


@st.composite
def carts(draw: st.DrawFn) -> Cart:
    amounts = {BREAD: draw(pieces), MILK: draw(pieces), APPLES: draw(weights)}
    return cart_of(amounts, draw(st.sampled_from([None, Decimal(0), Decimal("2.99")])))


@st.composite
def carts_and_picked(draw: st.DrawFn) -> tuple[Cart, dict[str, Decimal]]:
    """A cart, and some, all or nothing of each of its goods."""
    cart = draw(carts())
    picked = {}
    for line in cart.lines:
        smallest = Decimal("0.001") if line.product.weight_item else Decimal(1)
        most = int(line.quantity / smallest)
        picked[line.product.barcode] = draw(st.integers(0, most)) * smallest
    return cart, picked


@given(carts())
def test_all_that_is_due_is_taken_where_everything_went_out(cart: Cart) -> None:
    """Nothing missing: the amount due, told by absence and by amounts alike; with no row changed."""
    everything = {line.product.barcode: line.quantity for line in cart.lines}
    assert amount_of(cart) == amount_of(cart, everything) == amount_due(cart)
    rows = ordered_products(cart)
    assert went_out(rows, everything, Currency.EUR) == rows


@given(carts_and_picked())
def test_each_row_is_paid_for_by_the_share_of_it_that_went_out(both: tuple[Cart, dict[str, Decimal]]) -> None:
    """To the nearest cent, and a half to the shopper's good; what did not go out at all is not on the bill."""
    cart, picked = both
    left = {row.barcode: row for row in went_out(ordered_products(cart), picked, Currency.EUR)}
    assert left.keys() == {barcode for barcode, amount in picked.items() if amount}
    for row in ordered_products(cart):
        if row.barcode in left:
            share = left[row.barcode].row_price
            missing = row.row_price * (row.amount - picked[row.barcode]) / row.amount
            assert row.row_price - share == missing.quantize(CENT, ROUND_HALF_UP)
            assert left[row.barcode].amount == picked[row.barcode]


@given(carts_and_picked(), st.sampled_from([BREAD, MILK]))
def test_the_less_goes_out_the_less_is_taken(both: tuple[Cart, dict[str, Decimal]], product: Product) -> None:
    """One piece fewer never costs more, and nobody ever pays more than was due."""
    cart, picked = both
    fewer = picked | {product.barcode: max(picked[product.barcode] - 1, Decimal(0))}
    assert amount_of(cart, fewer) <= amount_of(cart, picked) <= amount_due(cart)


@given(carts_and_picked())
def test_the_invoice_is_about_the_money_that_was_taken(both: tuple[Cart, dict[str, Decimal]]) -> None:
    """Rows and delivery add up to the total, and so do the sums by VAT rate, with their VAT."""
    cart, picked = both
    invoice, rates = invoice_of(cart, STORE, PAID_AT, picked)
    assert invoice.total.total_to_pay == amount_of(cart, picked)
    chosen = cart.head.shipment
    delivery = chosen.price if chosen else Decimal(0)
    rows = sum((row.price.total for row in invoice.products), Decimal(0))
    assert rows + delivery == invoice.total.total_to_pay == sum(rate.sum_with_vat for rate in rates)
    total = invoice.total.vat
    assert total.vat_sum == sum(rate.vat_sum for rate in rates)
    assert total.sum_without_vat + total.vat_sum == total.sum_with_vat == invoice.total.total_to_pay
    assert invoice.shipment == (chosen.shipment if chosen else None)
    amounts = {row.barcode: row.quantity.value for row in invoice.products if row.quantity}
    assert amounts == {barcode: amount for barcode, amount in picked.items() if amount}


@given(carts_and_picked(), st.data())
def test_the_invoice_adds_up_with_replacements(
    both: tuple[Cart, dict[str, Decimal]], data: st.DataObject
) -> None:
    """Whatever goes out in place of what is missing, for up to its worth: all sums agree, by each one's own rate."""
    cart, picked = both
    rows, left = ordered_products(cart), went_out(ordered_products(cart), picked, Currency.EUR)
    kept = {row.barcode: row.row_price for row in left}
    replacements = [
        Replacement(row.barcode, CAKE, Decimal(2), data.draw(st.integers(0, int(worth / CENT))) * CENT)
        for row in rows
        if (worth := row.row_price - kept.get(row.barcode, Decimal(0))) > 0
    ]
    invoice, rates = invoice_of(cart, STORE, PAID_AT, picked, None, replacements)
    taken = amount_of(cart, picked, replacements)
    assert invoice.total.total_to_pay == taken <= amount_due(cart)
    chosen = cart.head.shipment
    delivery = chosen.price if chosen else Decimal(0)
    assert sum((row.price.total for row in invoice.products), delivery) == taken
    assert sum(rate.sum_with_vat for rate in rates) == taken
    assert invoice.total.vat.vat_sum == sum(rate.vat_sum for rate in rates)
    told = [row for row in invoice.products if row.barcode == CAKE.barcode]
    for row, each in zip(told, replacements, strict=True):
        assert row.price.vat.vat_sum + row.price.vat.sum_without_vat == row.price.total == each.price
        assert (row.price.vat.vat_rate, row.quantity) == (24, Quantity(Unit.PIECE, Decimal(2)))


def test_nobody_pays_more_for_a_piece_because_another_one_was_missing() -> None:
    """Four pieces with every second one free cost two; where three went out, three quarters of that is taken."""
    cart = cart_of({MILK: Decimal(4)}, None)
    assert amount_due(cart) == Decimal("2.48")
    assert amount_of(cart, {MILK.barcode: Decimal(3)}) == Decimal("1.86")


def receipt_row(barcode: str, amount: str, price: str) -> ReceiptProduct:
    return ReceiptProduct(barcode, barcode, "Kaup", Decimal(amount), Decimal(price))


def paid_with(*bonuses: str | None) -> tuple[ReceiptLoyaltyCard, ...]:
    """A card for each bonus that paid a part."""
    return tuple(
        ReceiptLoyaltyCard("card", str(number), None if bonus is None else Decimal(bonus))
        for number, bonus in enumerate(bonuses)
    )


def test_the_stores_receipt_is_what_is_taken_also_in_part() -> None:
    """A receipt of 10.00 for rows of 12.00, two of it paid by bonus: what is missing comes off by its rows."""
    rows = receipt_row("1", "2", "8"), receipt_row("1", "1", "1"), receipt_row("2", "3", "3")
    receipt = replace(
        a_receipt(Decimal(10), *rows),
        total_without_vat=Decimal("9.68"),
        vat_sum=Decimal("2.32"),
        loyalty_cards=paid_with("2"),
    )
    cart = cart_of({BREAD: Decimal(3), MILK: Decimal(3)}, None)
    cart = replace(cart, head=replace(cart.head, receipt=receipt))
    picked = {"1": Decimal(2), "2": Decimal(1)}
    assert amount_of(cart) == Decimal(10)
    assert amount_of(cart, picked) == Decimal(7)
    left = receipt_of(receipt, picked)
    assert left.total == Decimal(7)
    assert [(row.barcode, row.amount, row.row_price) for row in left.products] == [("1", 2, 8), ("2", 1, 1)]
    assert left.total_without_vat + left.vat_sum == left.total + 2
    assert left.vat_sum == (Decimal("2.32") * 9 / 12).quantize(CENT)
    assert left.loyalty_cards == receipt.loyalty_cards


def test_a_bonus_that_paid_nearly_all_leaves_nothing_to_take() -> None:
    """Where more is missing than money was to pay for, no money is taken and the rest of it is not paid with bonus."""
    cart = cart_of({BREAD: Decimal(2)}, None)
    receipt = replace(
        a_receipt(Decimal("0.50"), receipt_row("1", "2", "2.98")), loyalty_cards=paid_with("2.48")
    )
    cart = replace(cart, head=replace(cart.head, receipt=receipt))
    left = receipt_of(receipt, {"1": Decimal(1)})
    assert amount_of(cart, {"1": Decimal(1)}) == left.total == 0
    assert left.loyalty_cards == paid_with("1.49")


def test_cards_pay_in_their_order() -> None:
    """Of several cards that pay, the last gets its bonus back first; one that pays nothing is as it was."""
    receipt = replace(
        a_receipt(Decimal(1), receipt_row("1", "10", "10")), loyalty_cards=paid_with("4", None, "3", "2")
    )
    left = receipt_of(receipt, {"1": Decimal(6)})
    assert (left.total, left.loyalty_cards) == (0, paid_with("4", None, "2", "0"))


cents = st.integers(0, 3000).map(lambda number: number * CENT)
shelves = st.dictionaries(st.sampled_from("123"), st.tuples(pieces, cents), min_size=1)


@st.composite
def receipts(draw: st.DrawFn) -> Receipt:
    """A store's receipt, as stores reckon it: bonus as money or as a discount, additions to whichever sum."""
    goods = draw(shelves)
    rows = tuple(receipt_row(barcode, str(each), str(price)) for barcode, (each, price) in goods.items())
    delivery = draw(st.none() | cents)
    due = sum((row.row_price for row in rows), delivery or Decimal(0))
    bonus = draw(st.integers(0, int(due / CENT))) * CENT
    gross = draw(st.sampled_from([due, due - bonus]))
    vat = (gross / 5).quantize(CENT)
    end, change = draw(st.sampled_from([gross, gross - vat])), draw(cents)
    sign = draw(st.sampled_from([1, -1]))
    return replace(
        a_receipt(due - bonus, *rows),
        shipment=None if delivery is None else Shipment(method=ShipmentMethod.COURIER, price=delivery),
        loyalty_cards=paid_with(str(bonus)),
        total_without_vat=gross - vat,
        vat_sum=vat,
        total_without_addition=end + change,
        addition_sum=change * sign,
    )


@given(receipts(), st.data())
def test_a_receipt_for_less_makes_as_much_sense_as_the_stores_own(
    receipt: Receipt, data: st.DataObject
) -> None:
    """It adds up in whole cents by the rules that stores' receipts are believed by, and nothing on it has grown."""
    picked = {
        row.barcode: Decimal(data.draw(st.integers(0, int(row.amount)), row.barcode))
        for row in receipt.products
    }
    left = receipt_of(receipt, picked)
    request = CreateReceiptRequest(
        invoice_id=receipt.invoice_id,
        products=left.products,
        shipment=receipt.shipment,
        loyalty_cards=(ClientCard("card", "0", use_bonus_on_payment=True),),
        lang_code="ET",
        person_id=receipt.customer_id,
        institution_id=receipt.institution_id,
    )
    assert faults(receipt, replace(request, products=receipt.products), Currency.EUR) == ()
    assert faults(left, request, Currency.EUR) == ()
    (before,), (after,) = receipt.loyalty_cards, left.loyalty_cards
    assert before.bonus_used is not None
    assert after.bonus_used is not None
    delivery = receipt.shipment.price if receipt.shipment and receipt.shipment.price else Decimal(0)
    assert sum(row.row_price for row in left.products) + delivery == left.total + after.bonus_used
    assert after.bonus_used <= before.bonus_used
    assert left.total <= receipt.total
    assert after.bonus_used == before.bonus_used or left.total == 0
    assert all(each % CENT == 0 for each in (left.vat_sum, left.total_without_vat, left.addition_sum))


@given(st.decimals(0, 100, places=4), pieces, st.data())
def test_whatever_a_receipt_says_what_is_taken_can_be_paid(
    price: Decimal, ordered: Decimal, data: st.DataObject
) -> None:
    """Also parts of a cent on a receipt that was believed once make whole cents, no more than was due."""
    receipt = a_receipt(price.quantize(CENT), receipt_row("1", str(ordered), str(price)))
    cart = cart_of({BREAD: ordered}, None)
    cart = replace(cart, head=replace(cart.head, receipt=receipt))
    picked = {"1": Decimal(data.draw(st.integers(0, int(ordered))))}
    taken = amount_of(cart, picked)
    assert taken % CENT == 0
    assert taken == receipt_of(receipt, picked).total <= receipt.total


def test_half_a_cent_on_a_receipt_is_never_taken_on_top() -> None:
    """A row of half a cent more than its receipt's total is paid by that total, also when all of it went out."""
    receipt = a_receipt(Decimal("1.46"), receipt_row("1", "1", "1.4650"))
    cart = cart_of({BREAD: Decimal(1)}, None)
    cart = replace(cart, head=replace(cart.head, receipt=receipt))
    assert amount_of(cart, {"1": Decimal(1)}) == Decimal("1.46")
