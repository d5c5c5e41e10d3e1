"""Which receipts make sense, and what is said of those that do not."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from smarts.gateway.receipts.rules import faults
from smarts.wire.loyalty import ClientCard
from smarts.wire.money import Currency
from smarts.wire.receipts import CreateReceiptRequest, Receipt, ReceiptLoyaltyCard, ReceiptProduct
from smarts.wire.shipments import Shipment, ShipmentMethod

CENT = Decimal("0.01")
PAYS = ClientCard("card", "920001", use_bonus_on_payment=True)
ONLY_COLLECTS = ClientCard("card", "920002")

cents = st.integers(0, 1_000_000).map(lambda number: number * CENT)


def row(barcode: str, amount: str | int | Decimal, price: str | Decimal) -> ReceiptProduct:
    return ReceiptProduct(barcode, barcode, "Something", Decimal(amount), Decimal(price))


def request(*rows: ReceiptProduct, **more: Any) -> CreateReceiptRequest:
    about: dict[str, Any] = {"lang_code": "ET", "person_id": "person", "institution_id": "store", **more}
    return CreateReceiptRequest(invoice_id="invoice", products=rows, **about)


def receipt(*rows: ReceiptProduct, bonus: Decimal = Decimal(0), shipping: Decimal | None = None) -> Receipt:
    """A receipt of which everything fits; the bonus is paid with the card `PAYS`."""
    goods = sum((each.row_price for each in rows), Decimal(0)) + (shipping or 0)
    vat = (goods / 5).quantize(CENT)
    return Receipt(
        institution_invoice_id="R-1",
        invoice_id="invoice",
        institution_id="store",
        customer_id="person",
        products=rows,
        loyalty_cards=(ReceiptLoyaltyCard(PAYS.id, PAYS.card_number, bonus_used=bonus),) if bonus else (),
        shipment=None if shipping is None else Shipment(method=ShipmentMethod.COURIER, price=shipping),
        currency=Currency.EUR,
        total_without_addition=goods,
        addition_sum=Decimal(0),
        total_without_vat=goods - vat,
        vat_sum=vat,
        total=goods - bonus,
    )


ASKED = request(row("1", 2, "2.98"), row("2", "0.804", "1.20"), loyalty_cards=(PAYS, ONLY_COLLECTS))
SENSE = receipt(row("1", 2, "2.98"), row("2", "0.804", "1.20"))
SHIPPED = replace(ASKED, shipment=Shipment(method=ShipmentMethod.COURIER, price=Decimal("4.90")))


def told(made: Receipt, asked: CreateReceiptRequest = ASKED) -> tuple[str, ...]:
    return faults(made, asked, Currency.EUR)


@st.composite
def carts_and_receipts(draw: st.DrawFn) -> tuple[CreateReceiptRequest, Receipt]:
    """A cart and a receipt for it: rows split and shuffled, prices of the merchant's own, a bonus, a delivery."""
    thousandths = st.integers(1, 20_000).map(lambda number: Decimal(number) / 1000)
    goods = draw(st.dictionaries(st.text("0123456789", min_size=1, max_size=4), thousandths, min_size=1))
    rows = []
    for barcode, amount in goods.items():
        part = draw(st.none() | st.integers(1, 9).map(lambda tenths, whole=amount: whole * tenths / 10))
        rows += [row(barcode, each, draw(cents)) for each in ([part, amount - part] if part else [amount])]
    shipping = draw(st.none() | cents)
    due = sum((each.row_price for each in rows), Decimal(0)) + (shipping or 0)
    bonus = min(draw(cents), due)
    shipment = None if shipping is None else Shipment(method=ShipmentMethod.COURIER, price=draw(cents))
    asked = request(
        *(row(barcode, amount, draw(cents)) for barcode, amount in goods.items()),
        loyalty_cards=(PAYS,),
        shipment=shipment,
    )
    return asked, receipt(*draw(st.permutations(rows)), bonus=bonus, shipping=shipping)


@given(carts_and_receipts())
def test_a_receipt_that_adds_up_for_the_same_goods_makes_sense(
    pair: tuple[CreateReceiptRequest, Receipt],
) -> None:
    """Whatever its prices are, and however the merchant splits the rows."""
    asked, made = pair
    assert told(made, asked) == ()


@given(carts_and_receipts(), st.data())
def test_merchants_may_round_in_different_places(
    pair: tuple[CreateReceiptRequest, Receipt], data: st.DataObject
) -> None:
    """Each sum may be off by a cent a row and one more, and by no more than that."""
    asked, made = pair
    near = len(made.products) + 1
    off = data.draw(st.integers(-near, near)) * CENT
    assert told(replace(made, total_without_vat=max(made.total_without_vat + off, Decimal(0))), asked) == ()
    assert told(replace(made, addition_sum=off), asked) == ()
    (fault,) = told(replace(made, vat_sum=made.vat_sum + (near + 1) * CENT), asked)
    assert "vatSum" in fault


@given(carts_and_receipts())
def test_a_bonus_may_be_money_or_a_discount(pair: tuple[CreateReceiptRequest, Receipt]) -> None:
    """VAT and additions may be reckoned before the bonus or after it."""
    asked, made = pair
    vat = (made.total / 5).quantize(CENT)
    before = made.total_without_vat + made.vat_sum
    discount = replace(
        made,
        total_without_vat=made.total - vat,
        vat_sum=vat,
        total_without_addition=before,
        addition_sum=made.total - before,
    )
    assert told(discount, asked) == ()


@given(carts_and_receipts(), st.sampled_from([1, -1]))
def test_an_addition_may_be_told_with_or_without_vat_and_sign(
    pair: tuple[CreateReceiptRequest, Receipt], sign: int
) -> None:
    """A discount of three euros is written as 3 or -3, and leads to the sum with VAT or to the one without."""
    asked, made = pair
    for end in (made.total_without_vat, made.total_without_vat + made.vat_sum):
        changed = replace(made, total_without_addition=end + 3, addition_sum=Decimal(3 * sign))
        assert told(changed, asked) == ()


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"invoice_id": "another"}, "invoiceId is not that of the request"),
        ({"institution_id": "another"}, "institutionId"),
        ({"customer_id": "somebody"}, "customerId"),
        ({"currency": Currency.USD}, "currency is 'USD', expected 'EUR'"),
        ({"institution_invoice_id": ""}, "institutionInvoiceId"),
        ({"products": (*SENSE.products, row("3", 1, "0"))}, "products has 1 of '3', the cart has 0"),
        ({"products": (row("1", 2, "4.18"),)}, "products has 0 of '2', the cart has 0.804"),
        ({"products": (row("1", 3, "2.98"), SENSE.products[1])}, "products has 3 of '1', the cart has 2"),
        (
            {"products": (*SENSE.products, row("1", 1, "0"), row("1", -1, "0"))},
            "products[3].amount is -1, expected more than 0",
        ),
        (
            {"products": (row("1", 2, "-2.98"), row("2", "0.804", "7.16"))},
            "products[0].rowPrice is -2.98, expected 0 or more",
        ),
        (
            {name: Decimal("4.28") for name in ("total", "total_without_addition")}
            | {"total_without_vat": Decimal("3.44")},
            "the rows and the shipment cost 4.18, total and bonus are 4.28",
        ),
        ({"total": Decimal("4.185")}, "total is 4.185, which cannot be paid in EUR"),
        (
            {"products": (row("1", 2, "2.9849"), SENSE.products[1])},
            "products[0].rowPrice is 2.9849, which cannot be paid in EUR",
        ),
        (
            {"loyalty_cards": (ReceiptLoyaltyCard(PAYS.id, PAYS.card_number, bonus_used=Decimal("0.001")),)},
            "loyaltyCards[0].bonusUsed is 0.001, which cannot be paid in EUR",
        ),
        ({"vat_sum": Decimal("9.99")}, "totalWithoutVAT and vatSum are"),
        (
            {"vat_sum": Decimal(-1), "total_without_vat": Decimal("5.18")},
            "vatSum is -1, expected 0 or more",
        ),
        ({"addition_sum": Decimal(2)}, "additionSum is 2"),
        (
            {"total_without_addition": Decimal(-1), "addition_sum": Decimal("5.18")},
            "totalWithoutAddition is -1",
        ),
        (
            {"loyalty_cards": (ReceiptLoyaltyCard("card", "920002", bonus_used=CENT),)},
            "loyaltyCards[0].bonusUsed is 0.01, but the shopper does not pay with this card",
        ),
        (
            {"loyalty_cards": (ReceiptLoyaltyCard("card", "somebody's", bonus_used=CENT),)},
            "loyaltyCards[0].bonusUsed",
        ),
        (
            {"loyalty_cards": (ReceiptLoyaltyCard(PAYS.id, PAYS.card_number, bonus_used=-CENT),)},
            "loyaltyCards[0].bonusUsed is -0.01, expected 0 or more",
        ),
        (
            {"loyalty_cards": (ReceiptLoyaltyCard(PAYS.id, PAYS.card_number, bonus_earned=-CENT),)},
            "loyaltyCards[0].bonusEarned",
        ),
        (
            {"shipment": Shipment(method=ShipmentMethod.PARCEL)},
            "shipment is PARCEL, the cart has none",
        ),
    ],
)
def test_each_nonsense_is_named(change: dict[str, Any], names: str) -> None:
    """One thing is wrong with an otherwise sensible receipt, and exactly that is told, with what was expected."""
    (fault,) = told(replace(SENSE, **change))
    assert names in fault


@pytest.mark.parametrize(
    ("change", "names"),
    [
        (lambda made: replace(made, shipment=None), "shipment is missing, the cart has COURIER"),
        (
            lambda made: replace(made, shipment=replace(made.shipment, method=ShipmentMethod.PICKUP)),
            "shipment is PICKUP, the cart has COURIER",
        ),
        (
            lambda made: replace(made, shipment=replace(made.shipment, currency=Currency.USD)),
            "shipment.currency is 'USD', expected 'EUR'",
        ),
        (
            lambda made: replace(made, shipment=replace(made.shipment, price=Decimal("-4.90"))),
            "shipment.price is -4.90, expected 0 or more",
        ),
        (
            lambda made: replace(made, shipment=replace(made.shipment, price=Decimal("4.904"))),
            "shipment.price is 4.904, which cannot be paid in EUR",
        ),
        (
            lambda made: replace(made, shipment=replace(made.shipment, price=Decimal(9))),
            "the rows and the shipment cost 13.18, total and bonus are 9.08",
        ),
    ],
)
def test_the_delivery_is_the_one_that_the_shopper_chose(
    change: Callable[[Receipt], Receipt], names: str
) -> None:
    """It is on the receipt in the same way and currency; its price belongs to the total."""
    made = receipt(*SENSE.products, shipping=Decimal("4.90"))
    assert told(made, SHIPPED) == ()
    assert any(names in fault for fault in told(change(made), SHIPPED))


@pytest.mark.parametrize("name", ["invoice_id", "institution_id", "customer_id"])
def test_what_is_told_names_nobody(name: str) -> None:
    """Reports are kept also when a shopper is forgotten, so no id stands in one: neither ours nor the merchant's."""
    (fault,) = told(replace(SENSE, **{name: "somebody"}))
    assert all(secret not in fault for secret in ("person", "'invoice'", "'store'", "somebody"))


def test_residues_of_doubles_in_amounts_are_no_other_goods() -> None:
    """A merchant who adds 0.1 and 0.2 of a kilogram in doubles has sold the same as the cart's 0.3."""
    asked = request(row("1", "0.3", "1"))
    assert told(receipt(row("1", repr(0.1 + 0.2), "1")), asked) == ()
    assert told(receipt(row("1", "0.301", "1")), asked)


def test_everything_that_is_wrong_is_told_at_once() -> None:
    """The merchant need not find the faults one by one."""
    wrong = " ".join(told(replace(SENSE, invoice_id="x", currency=Currency.USD, total=Decimal(99))))
    assert all(name in wrong for name in ("invoiceId", "currency", "the rows", "vatSum", "additionSum"))
