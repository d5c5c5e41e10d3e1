from conftest import Ask
from documents import document

from books import BOOKS


def test_an_invoice_that_comes_twice_is_kept_once(ask: Ask) -> None:
    invoice = document("Invoice", id="paid-once")
    message = {"webhook-id": "the-same-at-every-try"}
    assert [ask("/invoice", invoice, **message).status for _ in range(2)] == [204, 204]
    with BOOKS.transaction() as tx:
        assert tx.execute("select count(*) from invoices where id = 'paid-once'").fetchone() == (1,)
