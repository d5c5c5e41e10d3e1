"""The operations of the contract, out of their table."""

from collections.abc import Iterable, Sequence

from made.contract import examples_of, objects_in, shown
from made.markdown import anchor, link, paragraphs, table
from made.schemas import below
from smarts.node.features import METHODS
from smarts.wire.operations import TO_GATEWAY, TO_NODE, Operation

_OBJECTS = below("data-objects.md")
_METHODS = {operation.name: name for name, operation in METHODS.items()}
_DIRECTIONS = {"to-node": TO_NODE, "to-gateway": TO_GATEWAY}


def markdown(direction: str) -> str:
    """A table of the operations of a direction, and each of them."""
    rows = _DIRECTIONS[direction]
    return paragraphs([_overview(rows), *map(_operation, rows)])


def _overview(rows: Sequence[Operation]) -> str:
    heads = ("operation", "method and path", "feature", "needed")
    return table(heads, (_row(row) for row in rows))


def _row(row: Operation) -> tuple[str, ...]:
    here = link(f"`{row.name}`", f"#{anchor(row.name)}")
    return here, f"`{row.method} {row.path}`", f"`{row.feature}`", "yes" if row.required else ""


def _operation(row: Operation) -> str:
    return paragraphs([f"### {row.name}", f"`{row.method} {row.path}`: {row.summary}.", *_facts(row)])


def _facts(row: Operation) -> Iterable[str]:
    yield table(("", ""), _properties(row))
    for title, kind in (("Request", row.request), ("Answer", row.response)):
        for name in objects_in(kind) if kind is not None else ():
            yield from shown(examples_of(name)[0][:2], f"{title}:")


def _properties(row: Operation) -> Iterable[tuple[str, str]]:
    yield "request", _kind(row.request)
    yield "answer", _kind(row.response)
    yield "all tries together take at most", f"{row.deadline:g} s"
    yield "asked again after a lost answer", "yes" if row.repeatable else "no"
    if row.name in _METHODS:
        yield "method of the starter", f"`{_METHODS[row.name]}`"


def _kind(kind: object) -> str:
    if kind is None:
        return "none"
    named = [link(name, _OBJECTS(name)) for name in objects_in(kind)]
    if len(named) == 2 and "Page" in named[0]:
        return " of ".join(named)
    return ("list of " if str(kind).startswith("tuple") else "") + " or ".join(named)
