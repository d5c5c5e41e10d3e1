"""The errors that either side answers, out of their tables."""

from made.markdown import table
from smarts.edge import problems
from smarts.edge.problems import ErrorKind
from smarts.gateway import errors

_TABLES = {"both": problems, "gateway": errors}


def markdown(side: str) -> str:
    """The table of both sides, or what the gateway has beside it, by status."""
    kinds = [kind for kind in vars(_TABLES[side]).values() if isinstance(kind, ErrorKind)]
    rows = sorted(kinds, key=lambda kind: (kind.status, kind.type))
    return table(
        ("status", "`type`", "`title`", "`retryable`"),
        ((str(kind.status), f"`{kind.type}`", kind.title, "yes" if kind.retryable else "") for kind in rows),
    )
