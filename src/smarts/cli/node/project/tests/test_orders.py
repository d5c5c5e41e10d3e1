from conftest import Ask
from documents import document

from smarts.wire.codec import decode
from smarts.wire.orders import Order

from books import BOOKS


def kept(order_id: str) -> list[Order]:
    with BOOKS.transaction() as tx:
        rows = tx.execute("select document from orders where id = ?", (order_id,)).fetchall()
    return [decode(row[0].encode(), Order) for row in rows]


def test_an_order_that_comes_twice_is_kept_once(ask: Ask) -> None:
    order = document("Order", id="twice")
    assert [ask("/pickup/order", order).status for _ in range(2)] == [204, 204]
    assert len(kept("twice")) == 1


def test_the_newest_document_of_an_order_counts_whichever_comes_last(ask: Ask) -> None:
    new = document("Order", id="changed", statusChangelogs=[])
    changed = {**new, "statusChangelogs": [{"newStatus": "CONFIRMED"}]}
    for path, order in (("/pickup/order", new), ("/pickup/order/update", changed), ("/pickup/order", new)):
        assert ask(path, order).status == 204
    assert [len(order.status_changelogs) for order in kept("changed")] == [1]
