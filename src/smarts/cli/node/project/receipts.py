"""Receipts: the store says what a cart costs, and is told when it is paid."""

from smarts.node import Bill, NotFound
from smarts.wire.receipts import CreateReceiptRequest, Receipt, ReceiptPaymentConfirmationRequest

from goods import VAT_RATE, goods

# Replace by your books: these are forgotten when the node stops.
RECEIPTS: dict[str, Receipt] = {}
PAID: set[str] = set()


def create_receipt(request: CreateReceiptRequest) -> Receipt:
    """The receipt of a cart; the same cart may come again, and has the same number then."""
    bill = Bill.of(request, goods.find, shipment_vat_rate=VAT_RATE)
    receipt = bill.receipt(request, f"R-{request.invoice_id}")
    RECEIPTS[receipt.institution_invoice_id] = receipt
    return receipt


def confirm_receipt(confirmation: ReceiptPaymentConfirmationRequest) -> None:
    """Notes that a receipt is paid; the same confirmation may come again."""
    if confirmation.institution_invoice_id not in RECEIPTS:
        raise NotFound("We made no such receipt.")
    PAID.add(confirmation.institution_invoice_id)
