"""What a node and a gateway are proven against, out of the conformance kit."""

from itertools import groupby

from made.markdown import paragraphs, table
from smarts.kit.requirement import Requirement, Side
from smarts.kit.requirements import REQUIREMENTS


def markdown(side: str) -> str:
    """The requirements of a side, a table for each area."""
    rows = [each for each in REQUIREMENTS.values() if each.side is Side(side)]
    areas = groupby(sorted(rows, key=_area), _area)
    return paragraphs(paragraphs([f"### {area}", _table(list(found))]) for area, found in areas)


def _area(requirement: Requirement) -> str:
    return requirement.id.partition(".")[0]


def _table(rows: list[Requirement]) -> str:
    return table(("requirement", "clause", "level", "what must be true"), map(_row, rows))


def _row(row: Requirement) -> tuple[str, ...]:
    return f"`{row.id}`", row.clause, str(row.level), row.text
