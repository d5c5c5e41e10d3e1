"""What is required of merchant side invoicing (sections 3, 4 and 6.3)."""

from smarts.kit.requirement import must, should
from smarts.wire.nodes import Feature

_RECEIPTS = Feature.RECEIPTS

REQUIREMENTS = (
    must(
        "receipts.answer.shape",
        "3 Receipt",
        _RECEIPTS,
        "A receipt is answered with 200 and a JSON object as the schema has it.",
    ),
    should(
        "receipts.answer.soon",
        "6.3",
        _RECEIPTS,
        "A receipt is answered within a second: the shopper waits to pay.",
    ),
    must(
        "receipts.answer.ids",
        "3 Receipt",
        _RECEIPTS,
        "A receipt has the `invoiceId` and `institutionId` of the request, and its `personId` as "
        "`customerId`.",
    ),
    must(
        "receipts.answer.number",
        "3 Receipt",
        _RECEIPTS,
        "A receipt has an `institutionInvoiceId` of 1 to 200 characters, by which the store knows it.",
    ),
    must(
        "receipts.rows.goods",
        "6.3",
        _RECEIPTS,
        "A receipt's rows are the cart's: the same barcodes, as much of each, nothing else.",
    ),
    must(
        "receipts.rows.weighed",
        "3 ReceiptProduct",
        _RECEIPTS,
        "A receipt's row of weighed goods has the amount of the cart's row.",
    ),
    should(
        "receipts.rows.names",
        "4 CreateReceiptRequest",
        _RECEIPTS,
        "A receipt's rows are named in the language of `langCode`.",
    ),
    should(
        "receipts.rows.strange-language",
        "4 CreateReceiptRequest",
        _RECEIPTS,
        "A receipt is made also for a shopper whose language the store does not speak.",
    ),
    must(
        "receipts.sums.rows",
        "3 Receipt",
        _RECEIPTS,
        "A receipt's rows and shipment, less the bonus used, are its `total`; they differ by no more than"
        " a cent a row and one more.",
    ),
    must(
        "receipts.sums.vat",
        "3 Receipt",
        _RECEIPTS,
        "`totalWithoutVAT` and `vatSum` are the `total`, before or after the bonus; they differ by no "
        "more than a cent a row and one more.",
    ),
    must(
        "receipts.sums.additions",
        "3 Receipt",
        _RECEIPTS,
        "`additionSum` leads from `totalWithoutAddition` to the `total`, with or without VAT, before or "
        "after the bonus; it differs by no more than a cent a row and one more.",
    ),
    should(
        "receipts.sums.exact",
        "3 Receipt",
        _RECEIPTS,
        "A receipt's sums are exact: rows and shipment less bonus are `total`; `totalWithoutVAT` and "
        "`vatSum`, and `totalWithoutAddition` and `additionSum`, are `total` and bonus.",
    ),
    must(
        "receipts.sums.cents",
        "3 Receipt",
        _RECEIPTS,
        "What is paid, and what for, is in whole cents: rows, shipment, bonus, total.",
    ),
    must(
        "receipts.sums.negative",
        "3 Receipt",
        _RECEIPTS,
        "No price of a row and no sum but `additionSum` is below zero.",
    ),
    must(
        "receipts.again.answered",
        "6.3",
        _RECEIPTS,
        "A cart that comes again, as it does after a lost answer, is answered again.",
    ),
    should(
        "receipts.again.same",
        "6.3",
        _RECEIPTS,
        "The same cart gets the same receipt: the same number, the same total.",
    ),
    must(
        "receipts.another.number",
        "6.3",
        _RECEIPTS,
        "Another purchase gets another receipt, with an `institutionInvoiceId` of its own.",
    ),
    must(
        "receipts.cart.strings",
        "3 ReceiptProduct",
        _RECEIPTS,
        "A cart whose amounts and row prices are strings gets the same total.",
    ),
    must(
        "receipts.cart.shipment",
        "6.3",
        _RECEIPTS,
        "The receipt of a cart with a shipment has one by the same way, and its price in `total`.",
    ),
    must(
        "receipts.cart.cards",
        "4 CreateReceiptRequest",
        _RECEIPTS,
        "A cart with a loyalty card that the node does not know gets a receipt or a refusal; the node "
        "does not fail.",
    ),
    must(
        "receipts.cart.bonus-unasked",
        "3 ReceiptLoyaltyCard",
        _RECEIPTS,
        "A receipt uses no bonus of a card with which the shopper does not pay.",
    ),
    must(
        "receipts.cart.unknown-product",
        "6.3",
        _RECEIPTS,
        "A cart with a product that the store does not sell is refused with a status from 400 to 499.",
    ),
    should(
        "receipts.cart.unknown-product-words",
        "2 errors",
        _RECEIPTS,
        "The refusal of a product that is not sold is a problem document with a sentence for the shopper.",
    ),
    should(
        "receipts.cart.odd-amount",
        "6.3",
        _RECEIPTS,
        "An amount of nothing, or below, is refused with a status from 400 to 499.",
    ),
    should("receipts.cart.big", "6.3", _RECEIPTS, "A cart of 300 rows gets a receipt in time."),
    must(
        "receipts.confirm.accepted",
        "6.3",
        _RECEIPTS,
        "The word that a receipt is paid is taken with a status from 200 to 299.",
    ),
    must(
        "receipts.confirm.again",
        "6.3",
        _RECEIPTS,
        "The word that a receipt is paid is taken when it comes again.",
    ),
    should(
        "receipts.confirm.unknown",
        "2 errors",
        _RECEIPTS,
        "The word that a receipt is paid which was never made is refused with 404.",
    ),
    should(
        "receipts.confirm.less",
        "6.3",
        _RECEIPTS,
        "The word that less was paid is taken: not all that was ordered could be sent.",
    ),
    must(
        "receipts.fields.wrong-type",
        "2 errors",
        _RECEIPTS,
        "A receipt request or a confirmation with a field of the wrong type is refused with 422, and the "
        "problem's `errors` have the field's path.",
    ),
    should(
        "receipts.fields.unknown",
        "3",
        _RECEIPTS,
        "A receipt request or a confirmation with fields that the node does not know is answered like one"
        " without: the contract may grow.",
    ),
)
