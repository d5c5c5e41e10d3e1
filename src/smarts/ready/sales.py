"""Where sales go beside the node's own database: a shop system takes them too."""

from typing import Protocol

from smarts.wire.invoices import Invoice
from smarts.wire.orders import Order
from smarts.wire.receipts import Receipt, ReceiptPaymentConfirmationRequest


class Sales(Protocol):
    """Takes what was sold, when the node has kept it already.

    Each of the methods may be called again with the same document: it then changes nothing. One that raises a
    `ProblemError` which says that a retry may help (`smarts.edge.problems.NODE_DOWN`) is called again later, since the
    gateway delivers until the node has said that all is well. They run in threads.
    """

    def invoice_paid(self, invoice: Invoice, /) -> None:
        """Takes a paid invoice."""
        ...

    def receipt_paid(self, receipt: Receipt, confirmation: ReceiptPaymentConfirmationRequest, /) -> None:
        """Takes a receipt of the node's that is paid; the confirmation's total is what was paid in the end."""
        ...

    def order_changed(self, order: Order, /) -> None:
        """Takes an order, new or changed; never an older document after a newer one."""
        ...
