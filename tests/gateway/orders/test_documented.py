"""The rules that people read are those of the code."""

from itertools import product
from pathlib import Path

from smarts.gateway.orders.model import Actor
from smarts.gateway.orders.rules import MONEY, TABLE
from smarts.wire.shipments import ShipmentMethod, ShipmentStatus

PAGE = Path(__file__).parents[3] / "docs" / "explanation" / "delivery-rules.md"


def rows(header: str) -> list[list[str]]:
    """The cells of the table under a header."""
    lines = PAGE.read_text("utf-8").split("\n\n")
    (table,) = [part for part in lines if part.startswith(header)]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]


def statuses(cell: str) -> list[ShipmentStatus]:
    return [ShipmentStatus(name) for name in cell.split(", ")]


def test_the_page_has_the_table_of_the_code() -> None:
    """The same changes, by the same people, with the same ways of delivery; none is missing and none is more."""
    told = {}
    for befores, afters, actor, methods, *_ in rows("| from | to |"):
        ways = frozenset(map(ShipmentMethod, ShipmentMethod if methods == "all" else methods.split(", ")))
        for pair in product(statuses(befores), statuses(afters)):
            assert pair not in told
            told[pair] = (Actor(actor), ways)
    assert told == {pair: (each.actor, each.methods) for pair, each in TABLE.items()}


def test_the_page_says_of_every_status_where_the_money_is() -> None:
    """One row a kind of place, each status in one of them."""
    groups = [statuses(cells[0]) for cells in rows("| statuses |")]
    assert sorted(status for group in groups for status in group) == sorted(ShipmentStatus)
    assert [len({MONEY[status] for status in group}) for group in groups] == [1, 1, 1, 1]
