"""What a node and a gateway are proven against, out of the conformance kit."""

from itertools import groupby

from made.contract import components, own_name
from made.markdown import anchor, link, paragraphs, table
from smarts.kit.requirement import Requirement, Side
from smarts.kit.requirements import REQUIREMENTS

_PAGES = {
    "1": "contract.md",
    "2": "contract.md",
    "3": "data-objects.md",
    "4": "data-objects.md",
    "5": "campaigns.md",
    "6": "../explanation/flows.md",
}


def markdown(side: str) -> str:
    """The requirements of a side, a table for each area."""
    rows = [each for each in REQUIREMENTS.values() if each.side is Side(side)]
    areas = groupby(sorted(rows, key=_area), _area)
    return paragraphs(paragraphs([f"### {area}", _table(list(found))]) for area, found in areas)


def _area(requirement: Requirement) -> str:
    return requirement.area


def _table(rows: list[Requirement]) -> str:
    return table(("requirement", "clause", "level", "what must be true"), map(_row, rows))


def _row(row: Requirement) -> tuple[str, ...]:
    return f"`{row.id}`", link(row.clause, _place(row.clause)), str(row.level), row.text


def _place(clause: str) -> str:
    """Where a clause is written out: its object, or else the page of its section."""
    name = clause.partition(" ")[2]
    if name in map(own_name, components()):
        return f"data-objects.md#{anchor(name)}"
    return "problems.md" if "errors" in clause else _PAGES.get(clause[0], "gateway-api.md")
