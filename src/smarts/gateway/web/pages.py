"""Pages: templates rendered in the reader's language, and the headers under which browsers show them."""

from collections.abc import Mapping, MutableMapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from smarts.gateway.web import languages
from smarts.gateway.web.languages import LANGUAGES
from smarts.gateway.web.static import STATIC_PATH, static_url
from smarts.wire.text import Translatable
from smarts.wire.times import TimeZone

_YEAR = 365 * 24 * 3600

# 'self' may frame, for the demo's page that shows two apps side by side.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "media-src 'self' blob:",
        "manifest-src 'self'",
        "worker-src 'self'",
        "frame-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'self'",
        "base-uri 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(self)",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


# Whoever came over https once comes so for a year, whatever a link says.
_HEADERS_OVER_TLS = {"Strict-Transport-Security": "max-age=31536000"}
# What a page loads obeys the page's policies, so these are told once, and not again with each of dozens of files.
_HEADERS_OF_FILES = {
    name: _HEADERS[name]
    for name in ("X-Content-Type-Options", "Cross-Origin-Resource-Policy", "Cache-Control")
}


class SecurityHeaders:
    """Gives every answer of an application the headers above, where it has not set its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves."""
        of_files = scope.get("path", "").startswith(STATIC_PATH)

        async def send_with_headers(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                wanted = _HEADERS_OF_FILES if of_files and message["status"] == 200 else _HEADERS
                if scope.get("scheme") == "https":
                    wanted = wanted | _HEADERS_OVER_TLS
                for name, value in wanted.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)


@pass_context
def _money(context: Context, amount: Decimal, currency: str) -> str:
    return languages.money(amount, currency, context["language"])


@pass_context
def _number(context: Context, value: Decimal | float) -> str:
    return languages.number(value, context["language"])


@pass_context
def _percent(context: Context, part: Decimal | float) -> str:
    return languages.percent(part, context["language"])


@pass_context
def _day(context: Context, at: datetime, zone: TimeZone) -> str:
    return languages.day(at, context["language"], zone)


@pass_context
def _moment(context: Context, at: datetime, zone: TimeZone | None = None) -> str:
    return languages.moment(at, context["language"], zone)


@pass_context
def _when(context: Context, at: datetime, zone: TimeZone) -> str:
    return languages.when(at, datetime.now(UTC), context["language"], zone)


@pass_context
def _ago(context: Context, at: datetime) -> str:
    return languages.ago(at, datetime.now(UTC), context["language"])


@pass_context
def _words(context: Context, text: Translatable) -> str:
    return text.in_language(context["language"].upper())


@cache
def _environment(language: str) -> Environment:
    environment = Environment(
        loader=PackageLoader("smarts.gateway.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(languages.translations(language), newstyle=True)  # type: ignore[attr-defined]
    environment.filters |= {
        "money": _money,
        "number": _number,
        "percent": _percent,
        "day": _day,
        "moment": _moment,
        "when": _when,
        "ago": _ago,
        "words": _words,
        "birthday": languages.birthday,
    }
    environment.globals |= {"static": static_url, "languages": LANGUAGES, "language": language}
    return environment


def part(language: str, template: str, **values: Any) -> Markup:
    """A part of a page in a language, whichever language the page is in."""
    return Markup(_environment(language).get_template(template).render(**values))  # noqa: S704 - templates escape


def render(
    request: Request,
    template: str,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **values: Any,
) -> HTMLResponse:
    """A page in the reader's language, which is remembered where the request chose it.

    Pages are not compressed here: they hold the session's CSRF token beside what strangers may have written.
    """
    language, session = languages.language_of(request), getattr(request.state, "session", None)
    text = _environment(language).get_template(template).render(request=request, session=session, **values)
    response = HTMLResponse(text, status, headers)
    if languages.chosen(request):
        secure = request.url.scheme == "https"
        response.set_cookie(languages.COOKIE, language, _YEAR, secure=secure, samesite="lax", httponly=True)
    return response
