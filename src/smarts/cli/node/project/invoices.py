"""Invoices: what shoppers have bought and paid."""

from smarts.wire.invoices import Invoice

# Replace by your books: these are forgotten when the node stops.
INVOICES: dict[str, Invoice] = {}


def receive_invoice(invoice: Invoice) -> None:
    """Keeps a paid invoice; the same one may come again, and is kept once."""
    INVOICES[invoice.id] = invoice
