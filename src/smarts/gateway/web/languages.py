"""Which language a page speaks: Babel's catalogues, and what is written differently in each language."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from io import BytesIO

from babel.dates import format_date, format_datetime, format_skeleton, format_time, format_timedelta
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal, format_percent
from babel.support import Translations
from starlette.requests import Request

from smarts.wire.times import TimeZone

LANGUAGES: Mapping[str, str] = {"et": "Eesti", "en": "English", "ru": "Русский"}
COOKIE = "lang"
_DEFAULT = "en"
_LOCALES = {
    "en": "en_IE"
}  # English as it is written where Smarts is used: days before months, hours up to 24
_LONGEST_WISHES = 200  # characters of Accept-Language that are read


@cache
def translations(language: str) -> Translations:
    """The texts of a language: all its `.po` files, one for each part of the site, compiled when first asked for.

    English is what the texts are written in: its file has only those that read otherwise to people.
    """
    folder = files("smarts.gateway.web") / "locales" / language / "LC_MESSAGES"
    found = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".po")), key=lambda file: file.name
    )
    parts = [_compiled(file, language) for file in found]
    texts = parts[0]  # and its rule of plurals, which is that of the language
    for part in parts[1:]:
        texts.merge(part)
    return texts


def _compiled(file: Traversable, language: str) -> Translations:
    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(file.read_bytes()), locale=language))
    compiled.seek(0)
    return Translations(compiled)


def chosen(request: Request) -> str | None:
    """The language that this very request chooses by `?lang=`."""
    asked = request.query_params.get("lang")
    return asked if asked in LANGUAGES else None


def language_of(request: Request) -> str:
    """The language to answer in: chosen now, chosen before, or the first that the browser wishes and we speak."""
    before = request.cookies.get(COOKIE, "")
    return chosen(request) or (before if before in LANGUAGES else _wished(request))


def _wished(request: Request) -> str:
    wishes = []
    for wish in request.headers.get("accept-language", "")[:_LONGEST_WISHES].split(","):
        name, _, weight = wish.partition(";q=")
        language = name.strip().lower().partition("-")[0]
        if language in LANGUAGES:
            wishes.append((_weight(weight), language))
    return max(wishes, key=lambda wish: wish[0], default=(0, _DEFAULT))[1]


def _weight(text: str) -> float:
    try:
        return float(text or 1)
    except ValueError:
        return 0


def locale_of(language: str) -> str:
    """In which way a language is written."""
    return _LOCALES.get(language, language)


def money(amount: Decimal, currency: str, language: str) -> str:
    """An amount as people of a language write it."""
    return format_currency(amount, currency, locale=locale_of(language))


def number(value: Decimal | float, language: str) -> str:
    """A number as people of a language write it."""
    return format_decimal(value, locale=locale_of(language))


def typed(value: Decimal | int, language: str) -> str:
    """A number as people of a language type it, without marks between the thousands."""
    return format_decimal(value, "0.###", locale=locale_of(language))


def percent(part: Decimal | float, language: str) -> str:
    """A part of one in percent."""
    return format_percent(part, locale=locale_of(language))


def day(at: datetime, language: str, zone: TimeZone) -> str:
    """The day of a moment by a store's clocks."""
    return format_date(at.astimezone(zone.zone), "medium", locale=locale_of(language))


def moment(at: datetime, language: str, zone: TimeZone | None = None) -> str:
    """A moment by a store's clocks; else in UTC, and then it says so, since nobody's watch shows that."""
    shown = format_datetime(at, "medium", tzinfo=zone.zone if zone else UTC, locale=locale_of(language))
    return shown if zone else f"{shown} UTC"


def birthday(day: date) -> str:
    """A day of birth as it stands on identity cards, to be compared digit by digit: the same in all languages."""
    return f"{day:%d.%m}.{day.year:04}"


def when(at: datetime, now: datetime, language: str, zone: TimeZone) -> str:
    """A moment that is near, by a store's clocks: the day is told where it is not today."""
    clock = format_time(at, "short", tzinfo=zone.zone, locale=locale_of(language))
    if at.astimezone(zone.zone).date() == now.astimezone(zone.zone).date():
        return clock
    return f"{format_skeleton('MMMd', at, tzinfo=zone.zone, locale=locale_of(language))} {clock}"


def ago(at: datetime, now: datetime, language: str) -> str:
    """How long ago something was, in words."""
    return format_timedelta(at - now, add_direction=True, locale=locale_of(language))
