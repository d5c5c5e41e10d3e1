"""A store at a glance: what was sold, how long shopping took, what was checked, how quick the node was."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from babel import Locale
from babel.dates import format_skeleton, format_time
from babel.numbers import format_currency, format_percent
from babel.units import format_unit
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smarts.gateway.invoices.store import SalesTally
from smarts.gateway.journeys.figures import Day, Figures, StoreFigures
from smarts.gateway.journeys.reach import Reach
from smarts.gateway.nodes.model import SpanOfCalls
from smarts.gateway.parties import Store
from smarts.gateway.web import charts
from smarts.gateway.web.charts import Chart, Series, Write
from smarts.gateway.web.languages import language_of, locale_of, money, number, translations
from smarts.gateway.web.manage.tabs import managed, page, rows
from smarts.gateway.web.sessions import Sessions

PERIODS = (7, 30, 90)
_USUAL = 30


@dataclass(frozen=True)
class OverviewPages:
    """The handlers."""

    reach: Reach
    figures: StoreFigures

    async def overview(self, request: Request) -> Response:
        """GET /manage/stores/{id}/overview: the charts of some days."""
        store = await managed(self.reach, request)
        asked = request.query_params.get("days", "")
        days = int(asked) if asked in map(str, PERIODS) else _USUAL
        figures = await self.figures.of(store, days)
        drawn = _Drawing(store, figures, language_of(request))
        return page(
            request,
            "manage/overview.html",
            store,
            figures=figures,
            charts=drawn.all(),
            days=days,
            periods=PERIODS,
            average=average,
            share=drawn.share,
            minutes=drawn.minutes,
            milliseconds=drawn.milliseconds,
            change=drawn.change(),
        )


def average(sales: SalesTally) -> Decimal | None:
    """What a basket cost, about."""
    return sales.total / sales.purchases if sales.purchases else None


class _Drawing:
    """Figures as charts, in the reader's language."""

    def __init__(self, store: Store, figures: Figures, language: str) -> None:
        self._store = store
        self._figures = figures
        self._language = language
        self._locale = locale_of(language)
        self._words = translations(language).ugettext
        self._days = [format_skeleton("MMMd", each.day, locale=self._locale) for each in figures.days]

    def all(self) -> dict[str, Chart]:
        """All of them, by their names in the page."""
        return {
            "sales": self._bars(
                [Series(self._words("Sales"), "one", self._of(_total))], self._money, axis=self._coins
            ),
            "purchases": self._bars(
                [Series(self._words("Purchases"), "one", self._of(_purchases))], self._number, whole=True
            ),
            "baskets": charts.lines(
                self._days,
                [Series(self._words("Average basket"), "one", self._of(_basket))],
                self._money,
                axis=self._coins,
            ),
            "today": self._today(),
            "shopping": self._shopping(),
            "checked": self._checked(),
            "results": self._results(),
            "node": self._node(),
        }

    def _of(self, value: Callable[[Day], float | None]) -> list[float | None]:
        return [value(day) for day in self._figures.days]

    def _bars(
        self, series: Sequence[Series], write: Write, *, axis: Write | None = None, whole: bool = False
    ) -> Chart:
        return charts.bars(self._days, series, write, axis=axis, whole=whole)

    def _today(self) -> Chart:
        hours = self._figures.today
        labels = [
            format_time(hour.begins.replace(tzinfo=None), "short", locale=self._locale) for hour in hours
        ]
        values = [float(hour.sales.total) for hour in hours]
        series = [Series(self._words("Sales"), "one", values)]
        return charts.bars(labels, series, self._money, axis=self._coins)

    def _shopping(self) -> Chart:
        half, most = self._words("half of the shoppers"), self._words("nine in ten")
        series = [
            Series(half, "one", self._of(lambda day: _minutes(day.sales.median))),
            Series(most, "two", self._of(lambda day: _minutes(day.sales.ninth))),
        ]
        return charts.lines(self._days, series, self._in_minutes)

    def _checked(self) -> Chart:
        series = [
            Series(
                self._words("everything"),
                "one",
                self._of(lambda day: _share(day.checks.full, day.checks.carts)),
            ),
            Series(
                self._words("age only"),
                "three",
                self._of(lambda day: _share(day.checks.age, day.checks.carts)),
            ),
        ]
        return self._bars(series, self._percent)

    def _results(self) -> Chart:
        series = [
            Series(self._words("all right"), "one", self._of(lambda day: day.checks.fine)),
            Series(self._words("corrected"), "two", self._of(lambda day: day.checks.corrected)),
            Series(self._words("not all right"), "bad", self._of(lambda day: day.checks.failed)),
            Series(self._words("ended without staff"), "quiet", self._of(lambda day: day.checks.undone)),
        ]
        return self._bars(series, self._number, whole=True)

    def _node(self) -> Chart:
        half, most = self._words("half of the answers"), self._words("19 in 20")
        series = [
            Series(half, "one", self._of(lambda day: _milliseconds(day.calls.within(0.5)))),
            Series(most, "two", self._of(lambda day: _milliseconds(day.calls.within(0.95)))),
        ]
        return charts.lines(self._days, series, self._in_milliseconds)

    def change(self) -> str | None:
        """By how much more or less was sold than in as many days before."""
        now, before = self._figures.sales.total, self._figures.sales_before.total
        if not before:
            return None
        return format_percent(float(now / before) - 1, "+#,##0%;-#,##0%", locale=self._locale)

    def share(self, part: int, whole: int) -> str:
        """A share in percent."""
        return self._percent(_share(part, whole) or 0) if whole else "–"

    def minutes(self, seconds: float | None) -> str:
        """A time that shopping took."""
        return "–" if seconds is None else self._in_minutes(seconds / 60)

    def milliseconds(self, span: SpanOfCalls, share: float) -> str:
        """In which time a share of a node's answers came."""
        seconds = span.within(share)
        return "–" if seconds is None else self._in_milliseconds(round(seconds * 1000))

    def _money(self, value: float) -> str:
        return money(Decimal(value).quantize(Decimal("0.01")), self._store.currency, self._language)

    def _coins(self, value: float) -> str:
        """Money beside an axis, where whole sums need no cents."""
        if value != int(value):
            return self._money(value)
        pattern = Locale.parse(self._locale).currency_formats["standard"].pattern.replace(".00", "")
        return str(
            format_currency(value, self._store.currency, pattern, locale=self._locale, currency_digits=False)
        )

    def _number(self, value: float) -> str:
        return number(value, self._language)

    def _percent(self, value: float) -> str:
        return format_percent(value / 100, "#,##0.#%", locale=self._locale)

    def _in_minutes(self, value: float) -> str:
        if 0 < value < 1:
            seconds = float(f"{value * 60:.2g}")
            return str(format_unit(seconds, "duration-second", "short", locale=self._locale))
        return str(format_unit(round(value, 1), "duration-minute", "short", locale=self._locale))

    def _in_milliseconds(self, value: float) -> str:
        return str(format_unit(round(value), "duration-millisecond", "short", locale=self._locale))


def _total(day: Day) -> float:
    return float(day.sales.total)


def _purchases(day: Day) -> float:
    return day.sales.purchases


def _basket(day: Day) -> float | None:
    found = average(day.sales)
    return None if found is None else float(found)


def _minutes(seconds: float | None) -> float | None:
    return None if seconds is None else seconds / 60


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else seconds * 1000


def _share(part: int, whole: int) -> float | None:
    return part / whole * 100 if whole else None


def routes(pages: OverviewPages, sessions: Sessions) -> Sequence[Route]:
    """The rows."""
    return rows(sessions, ("GET /overview", pages.overview))
