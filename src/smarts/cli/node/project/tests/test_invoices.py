from conftest import Ask
from documents import document

from invoices import INVOICES


def test_an_invoice_that_comes_twice_is_kept_once(ask: Ask) -> None:
    invoice = document("Invoice", id="paid-once")
    before = len(INVOICES)
    assert [ask("/invoice", invoice).status for _ in range(2)] == [204, 204]
    assert len(INVOICES) == before + 1
    assert INVOICES["paid-once"].total.total_to_pay > 0
