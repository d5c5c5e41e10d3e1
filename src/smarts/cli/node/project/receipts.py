"""Receipts: the store says what a cart costs, and is told when it is paid."""

import sqlite3

from smarts.node import Bill, NotFound
from smarts.wire.codec import encode
from smarts.wire.receipts import CreateReceiptRequest, Receipt, ReceiptPaymentConfirmationRequest

from books import BOOKS
from goods import VAT_RATE, goods

KEEP = """
insert into receipts (id, document) values (?, ?) on conflict (id) do update set document = excluded.document
"""


def create_receipt(request: CreateReceiptRequest) -> Receipt:
    """The receipt of a cart; the same cart may come again, and has the same number then."""
    bill = Bill.of(request, goods.find, shipment_vat_rate=VAT_RATE)
    receipt = bill.receipt(request, f"R-{request.invoice_id}")
    with BOOKS.transaction() as tx:
        tx.execute(KEEP, (receipt.institution_invoice_id, encode(receipt).decode()))
    return receipt


def confirm_receipt(confirmation: ReceiptPaymentConfirmationRequest, tx: sqlite3.Connection) -> None:
    """Notes that a receipt is paid, and how much that was in the end."""
    paid = (str(confirmation.total), confirmation.institution_invoice_id)
    if not tx.execute("update receipts set paid = ? where id = ?", paid).rowcount:
        raise NotFound("We made no such receipt.")
