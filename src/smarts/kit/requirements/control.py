"""What is required of purchase control (sections 4 and 6.2)."""

from smarts.kit.requirement import must, should
from smarts.wire.nodes import Feature

_CONTROL = Feature.PURCHASE_CONTROL

REQUIREMENTS = (
    must(
        "control.answer.shape",
        "4 PurchaseControlCheckResponse",
        _CONTROL,
        "A purchase check is answered with 200 and a JSON object that has a decision.",
    ),
    must(
        "control.answer.decision",
        "4 PurchaseControlCheckResponse",
        _CONTROL,
        "The decision on a purchase check is NO, AGE or FULL, and nothing else.",
    ),
    should(
        "control.answer.soon",
        "6.2",
        _CONTROL,
        "A purchase check is answered within a second: the shopper stands at the exit.",
    ),
    must(
        "control.again.answered",
        "6.2",
        _CONTROL,
        "The same purchase check is answered again when it comes again, as it does after a lost answer.",
    ),
    should(
        "control.again.same",
        "6.2",
        _CONTROL,
        "The same purchase check gets the same decision, so that nobody is let go for asking twice.",
    ),
    must(
        "control.cart.strings",
        "3 ReceiptProduct",
        _CONTROL,
        "A cart whose amounts and row prices are strings is answered with a decision.",
    ),
    must(
        "control.cart.shipment",
        "4 PurchaseControlCheckRequest",
        _CONTROL,
        "A cart that will be delivered, with its shipment, is answered with a decision.",
    ),
    must(
        "control.cart.cards",
        "4 PurchaseControlCheckRequest",
        _CONTROL,
        "A cart of a shopper with loyalty cards is answered with a decision, also where a card is unknown.",
    ),
    must(
        "control.cart.unknown-product",
        "6.2",
        _CONTROL,
        "A cart with a product that the node does not know is answered or refused; the node does not fail.",
    ),
    should("control.cart.big", "6.2", _CONTROL, "A cart of 500 rows is answered with a decision in time."),
    should(
        "control.cart.empty",
        "6.2",
        _CONTROL,
        "A cart without rows is answered or refused; the node does not fail.",
    ),
    must(
        "control.fields.wrong-type",
        "2 errors",
        _CONTROL,
        "A purchase check with a field of the wrong type is refused with 422, and the problem's `errors` "
        "have the field's path.",
    ),
    should(
        "control.fields.unknown",
        "3",
        _CONTROL,
        "A purchase check with fields that the node does not know is answered like one without: the "
        "contract may grow.",
    ),
)
