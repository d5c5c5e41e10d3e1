"""Requests at doors, in whose name and about whose things, and what must not come of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any
from urllib.parse import quote, unquote_plus, urlencode

import msgspec

from isolation.asgi import Asked, ask
from isolation.books import Rows, ids_about, naming, rows_of
from isolation.callers import Caller
from isolation.estates import Estate
from isolation.lines import Door, Id
from isolation.street import Street


@dataclass(frozen=True)
class Request:
    """A request at a door, with the ids that it names of others."""

    door: Door
    path: str
    headers: Mapping[str, str]
    body: bytes
    foreign: frozenset[str]

    @property
    def said(self) -> str:
        """All that the caller says, and may therefore read in an answer."""
        return unquote_plus(f"{self.path}\n{self.headers}\n{self.body.decode()}")


def request_at(
    door: Door, caller: Caller, own: Mapping[str, str], others: Mapping[str, str], foreign: frozenset[str]
) -> Request:
    """A request at a door: the ids of kinds in `foreign` are others', the rest are the caller's own.

    Whatever a query names is others', for a list may be asked for anything and must answer its own.
    """

    def filled(value: Any) -> Any:
        if isinstance(value, Id):
            return (others if value.of in foreign else own)[value.of]
        if isinstance(value, Mapping):
            return {name: filled(each) for name, each in value.items()}
        return [filled(each) for each in value] if isinstance(value, list) else value

    path = "".join(quote(filled(part), safe="") if isinstance(part, Id) else part for part in door.parts)
    if door.query:
        path += "?" + urlencode({name: others[place.of] for name, place in door.query.items()})
    headers, body = {"Accept": "application/json", **caller.headers}, b""
    if door.is_page and door.method == "POST":
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        body = urlencode({"csrf": caller.csrf, **filled(door.body)}).encode()
    elif door.body is not None:
        headers["Content-Type"] = door.media_type
        body = door.body if isinstance(door.body, bytes) else msgspec.json.encode(filled(door.body))
    return Request(door, path, headers, body, foreign)


async def sent(street: Street, request: Request) -> Asked:
    return await ask(street.app, request.door.method, request.path, request.headers, request.body)


def choices(door: Door, known: set[str]) -> Iterator[frozenset[str]]:
    """Every way to name others' ids in the places of a door that are anybody's at all."""
    places = [place for place in door.places() if place not in known]
    for count in range(1, len(places) + 1):
        for chosen in combinations(places, count):
            yield frozenset(chosen)


def is_for_looking(door: Door, known: set[str]) -> bool:
    """Whether a door can be asked without naming anything of others and without changing anything of one's own."""
    return door.method == "GET" or not set(door.places()) - known


@dataclass
class Secrets:
    """What nobody else may read of an estate: its marker and the ids of everything in it."""

    marker: str
    ids: set[str]

    @classmethod
    def of(cls, estate: Estate, rows: Rows, known: set[str], others: list[Estate]) -> "Secrets":
        own = {value for kind, value in estate.ids.items() if kind not in known | {"campaign", "number"}}
        public = {value for kind, value in estate.ids.items() if kind in known}
        shared = {value for each in others for value in each.ids.values()} | {estate.store.merchant_id}
        about = ids_about(rows, own - shared)
        about -= {found for each in others for found in ids_about(rows, _private(each, estate))}
        return cls(estate.marker, (own | about) - shared - public)

    def told_in(self, answer: Asked, said: str) -> list[str]:
        """What of it an answer tells, beside what the caller said."""
        whole = answer.whole
        return [each for each in (self.marker, *self.ids) if each in whole and each not in said]


def _private(each: Estate, beside: Estate) -> set[str]:
    return {value for kind, value in each.ids.items() if beside.ids.get(kind) != value}


class Watch:
    """Looks, door by door, whether all that was there is there as it was, and nothing new is said of somebody else."""

    def __init__(self, street: Street, rows: Rows) -> None:
        self._database = street.world.gateway.database
        self.first = self._last = rows

    @classmethod
    async def of(cls, street: Street) -> "Watch":
        return cls(street, await rows_of(street.world.gateway.database))

    async def nothing_changed(self, door: Door, secrets: Secrets | None = None) -> None:
        before, self._last = self._last, await rows_of(self._database)
        assert not self.first - self._last, f"{door.name} changed {dict(self.first - self._last)}"
        if secrets:
            said = naming(self._last - before, secrets.ids)
            assert not said, f"{door.name} wrote of somebody else: {said}"
