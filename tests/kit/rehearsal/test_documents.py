"""What a rehearsal sends, and how it is changed by hand."""

import json
from decimal import Decimal
from typing import Any

import pytest

from kit.rehearsal.parts import TOKEN
from smarts.kit.exchange import Exchange, Request
from smarts.kit.rehearsal.documents import change, document_for
from smarts.kit.rehearsal.showing import as_document
from smarts.kit.rehearsal.visit import Visit, moved
from smarts.wire.codec import decode, encode
from smarts.wire.examples import example
from smarts.wire.operations import TO_NODE, Operation
from smarts.wire.orders import Order
from smarts.wire.products import Product
from smarts.wire.shipments import ShipmentStatus


@pytest.mark.parametrize("operation", TO_NODE, ids=lambda operation: operation.name)
def test_every_document_can_be_read(operation: Operation) -> None:
    """What is sent with an operation is what the contract says, with a cart and without one."""
    visit = Visit(institution_id="here")
    for _ in range(2):
        document = document_for(operation, visit)
        if operation.request is None:
            assert document is None
        else:
            read = decode(json.dumps(document).encode(), operation.request)
            assert json.loads(encode(read)) == document
        visit.put(decode(example("Product"), Product), Decimal(2))


def test_an_orders_way() -> None:
    """An order that moves on keeps its log in order, and is closed on the day on which it ends."""
    visit = Visit()
    visit.put(decode(example("Product"), Product), Decimal(1))
    order: Order = visit.order()
    ended = moved(moved(order, ShipmentStatus.CONFIRMED), ShipmentStatus.COMPLETED)
    assert [log.new_status for log in ended.status_changelogs] == [
        "DRAFT", "WAITING_FOR_CONFIRMATION", "CONFIRMED", "COMPLETED",
    ]  # fmt: skip
    assert (order.closed, ended.closed) == (None, ended.status_changelogs[-1].created)


@pytest.mark.parametrize("assignment", ["", "=", "a", "a.b=1", "list[9]=1", "a[0]=1", "[0]"])
def test_changes_that_cannot_be_made(assignment: str) -> None:
    """A change that is none, or to what is not there, says so and changes nothing."""
    document = {"a": 1, "list": [1]}
    with pytest.raises(ValueError, match=r"Expected path=value|There is no"):
        change(document, assignment)
    assert document == {"a": 1, "list": [1]}


def test_changes() -> None:
    """Values are set by their paths: JSON where it is some, text otherwise."""
    document: dict[str, Any] = {"products": [{"amount": 1}]}
    for assignment in ("$.products[0].amount=2.5", "products[0].name=Bread", "note=null"):
        change(document, assignment)
    assert document == {"products": [{"amount": 2.5, "name": "Bread"}], "note": None}


def test_no_token_in_what_is_told() -> None:
    """An exchange that is told for programs leaves out the token."""
    request = Request("GET", "http://here", {"accessToken": TOKEN, "Accept": "x"}, secret=TOKEN)
    assert TOKEN not in json.dumps(as_document(Exchange(request, None, "nobody"), ""))
    assert TOKEN not in request.curl()
