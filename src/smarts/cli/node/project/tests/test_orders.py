from conftest import Ask
from documents import document

from orders import ORDERS


def test_an_order_that_comes_twice_is_kept_once(ask: Ask) -> None:
    order = document("Order", id="twice")
    before = len(ORDERS)
    assert [ask("/pickup/order", order).status for _ in range(2)] == [204, 204]
    assert len(ORDERS) == before + 1


def test_the_newest_document_of_an_order_counts_whichever_comes_last(ask: Ask) -> None:
    new = document("Order", id="changed", statusChangelogs=[])
    changed = {**new, "statusChangelogs": [{"newStatus": "CONFIRMED"}]}
    for path, order in (("/pickup/order", new), ("/pickup/order/update", changed), ("/pickup/order", new)):
        assert ask(path, order).status == 204
    assert len(ORDERS["changed"].status_changelogs) == 1
