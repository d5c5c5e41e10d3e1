"""A list of what happened in a store: searched by a form, paged, and taken away as a table."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

import msgspec
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from smarts.edge.problems import invalid
from smarts.gateway.journeys.reach import Reach
from smarts.gateway.journeys.searches import PeriodQuery
from smarts.gateway.parties import Store
from smarts.gateway.web.languages import language_of, number, translations
from smarts.gateway.web.manage.tabs import managed, page
from smarts.gateway.web.tables import Cell, download
from smarts.wire.errors import ProblemError

Row = TypeVar("Row")
Query = TypeVar("Query", bound=PeriodQuery)
Asked = TypeVar("Asked", bound=msgspec.Struct)

_ON_A_PAGE = 50
_AT_A_TIME = 1000
MOST_ROWS = 100_000


@dataclass(frozen=True)
class Column(Generic[Row]):
    """A column of the table: its heading is the name that the value has in the API."""

    name: str
    of: Callable[[Row], Cell]


@dataclass(frozen=True)
class Listing(Generic[Query, Row]):
    """One kind of list.

    `find` looks for what a query asks for, `key` names the row after which the next page begins.
    """

    reach: Reach
    name: str
    query: type[Query]
    find: Callable[[Store, Query], Awaitable[Sequence[Row]]]
    key: Callable[[Row], str]
    columns: Sequence[Column[Row]] = ()
    more: Mapping[str, Any] = field(default_factory=dict)

    async def page(self, request: Request) -> Response:
        """The list, with the form; what is wrong in that is marked, and nothing is found."""
        store, typed, problem = await managed(self.reach, request), typed_in(request), None
        rows: Sequence[Row] = ()
        try:
            rows = await self.find(store, replace(asked(typed, self.query), limit=_ON_A_PAGE + 1))
        except ProblemError as error:
            problem = error.problem
        shown, after = rows[:_ON_A_PAGE], typed.pop("after", None)
        return page(
            request,
            f"manage/{self.name}.html",
            store,
            problem,
            rows=shown,
            typed=typed,
            earlier=urlencode(typed | {"after": self.key(shown[-1])}) if len(rows) > len(shown) else None,
            is_first=after is None,
            **self.more,
        )

    async def table(self, request: Request) -> Response:
        """All that the form finds, as a table; a line at its end says so where that was too much."""
        store = await managed(self.reach, request)
        query = replace(asked(typed_in(request), self.query), limit=_AT_A_TIME, after=None)
        first = await self.find(store, query)  # before anything is answered: it may fail
        name = f"{self.name}-{datetime.now(UTC).astimezone(store.time_zone.zone):%Y-%m-%d}"
        header = [column.name for column in self.columns]
        return download(name, header, self._pages(store, query, first, language_of(request)))

    async def _pages(
        self, store: Store, query: Query, rows: Sequence[Row], language: str
    ) -> AsyncIterator[list[list[Cell]]]:
        written = 0
        while rows and written < MOST_ROWS:
            yield [[_local(column.of(row), store) for column in self.columns] for row in rows]
            written += len(rows)
            rows = (
                await self.find(store, replace(query, after=self.key(rows[-1])))
                if len(rows) == _AT_A_TIME
                else ()
            )
        if rows:
            yield [[_cut(language)]]


def asked(typed: Mapping[str, str], kind: type[Asked]) -> Asked:
    """What was typed, as a query.

    Raises:
        ProblemError: 422, naming the field that makes no sense.
    """
    try:
        return msgspec.convert(dict(typed), kind, strict=False)
    except msgspec.ValidationError as error:
        message, _, place = str(error).partition(" - at `$")
        raise invalid(f"query{place.rstrip('`')}", message) from None


def typed_in(request: Request) -> dict[str, str]:
    """What was typed into the form; a decimal comma is as good as a point, and NUL is in nothing that is kept."""
    fields = {name: value.strip().replace("\0", "") for name, value in request.query_params.items()}
    amounts = {name: value.replace(",", ".") for name, value in fields.items() if name.startswith("amount")}
    return {
        name: value for name, value in (fields | amounts).items() if value and name not in ("lang", "limit")
    }


def _local(cell: Cell, store: Store) -> Cell:
    return cell.astimezone(store.time_zone.zone) if isinstance(cell, datetime) else cell


def _cut(language: str) -> str:
    sentence = translations(language).ugettext(
        "Only the first %(rows)s rows are here. Choose a shorter period to see the others."
    )
    return sentence % {"rows": number(MOST_ROWS, language)}
