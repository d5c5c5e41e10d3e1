from decimal import Decimal

from conftest import Ask
from documents import cart, document

from books import BOOKS
from goods import goods

SOLD = [product for product in goods.products if not product.campaigns][:2]
CART = cart("CreateReceiptRequest", *SOLD)


def test_a_receipt_has_the_prices_of_the_store(ask: Ask) -> None:
    receipt = ask("/receipt", CART).document
    assert Decimal(str(receipt["total"])) == sum(product.price.total for product in SOLD)


def test_the_same_cart_has_the_same_receipt(ask: Ask) -> None:
    assert ask("/receipt", CART) == ask("/receipt", CART)


def test_what_is_not_sold_is_refused_with_words_for_the_shopper(ask: Ask) -> None:
    row = {**CART["products"][0], "barcode": "0"}
    refused = ask("/receipt", {**CART, "products": [row]})
    assert refused.status == 422
    assert refused.document["detail"]


def test_a_receipt_is_paid_once_however_often_it_is_confirmed(ask: Ask) -> None:
    receipt = ask("/receipt", CART).document
    paid = document("ReceiptPaymentConfirmationRequest", institutionInvoiceId=receipt["institutionInvoiceId"])
    assert [ask("/receipt/confirm", paid).status for _ in range(2)] == [204, 204]
    with BOOKS.transaction() as tx:
        assert len(tx.execute("select id from receipts where paid is not null").fetchall()) == 1


def test_a_receipt_that_was_never_made_cannot_be_paid(ask: Ask) -> None:
    unknown = document("ReceiptPaymentConfirmationRequest", institutionInvoiceId="never made")
    assert ask("/receipt/confirm", unknown).status == 404
