"""Links between operations: what an answer names, and the operations that can be asked about it."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, get_args, get_origin

import msgspec

from smarts.edge.routes import Route

_FIRST_PARAMETER = re.compile(r"(?P<place>[^{]*)/\{(?P<name>\w+)\}")
_PARAMETER = re.compile(r"\{(\w+)\}")
_IDS = ("id", "institutionId", "invoiceId", "imageId")
_WHOLE = "$response.body#"


def links_of(route: Route, routes: Sequence[Route]) -> Iterator[tuple[Route, dict[str, str]]]:
    """The routes that lead on from a route's answer, each with where in the answer its parameters are.

    Whoever makes or lists things at `/carts` can go on to all that is at `/carts/{id}`; and what an answer names by
    `orderId` is found at `/orders/{id}` beside it.
    """
    kind, place = _document(route.response)
    fields = _fields(kind)
    for target in routes:
        first = _FIRST_PARAMETER.match(target.path)
        if first is None or _PARAMETER.findall(target.path) != [first["name"]]:
            continue
        if first["place"] == route.path:
            named = next((each for each in (first["name"], *_IDS) if each in fields), None)
        else:
            named = _named_by(fields, first["place"], route.path)
        if named:
            yield target, {first["name"]: f"{place}/{named}"}


def _document(response: Any) -> tuple[Any, str]:
    """The kind of document that an answer is, or that it lists; and where the first of them stands."""
    if get_origin(response) is tuple:
        return get_args(response)[0], f"{_WHOLE}/0"
    return response, _WHOLE


def _fields(kind: Any) -> set[str]:
    if not (isinstance(kind, type) and issubclass(kind, msgspec.Struct)):
        return set()
    return {field.encode_name for field in msgspec.structs.fields(kind)}


def _named_by(fields: set[str], place: str, path: str) -> str | None:
    above, _, plural = place.rpartition("/")
    named = f"{plural.removesuffix('s')}Id"
    return named if named in fields and path.startswith(f"{above}/") else None
