"""The shopper's app: the page that carries it, and what makes it installable. All else it asks of `/shop/v1`."""

import gzip
import io
import json
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

import segno
from babel.messages.extract import extract
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from smarts.edge.problems import invalid
from smarts.gateway.web.languages import language_of, translations
from smarts.gateway.web.pages import render
from smarts.gateway.web.static import static_url

_LONGEST_CODE = 200
_WORKER = "service-worker.js"
_FOLDER = files("smarts.gateway.web") / "static" / "shop"


def _scripts(folder: Traversable, prefix: str = "shop/") -> Iterator[tuple[str, bytes]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _scripts(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith(".js") and entry.name != _WORKER:
            yield prefix + entry.name, entry.read_bytes()


@cache
def modules() -> tuple[str, ...]:
    """The app's modules, as static files."""
    return tuple(name for name, _ in _scripts(_FOLDER))


@cache
def sentences() -> tuple[str, ...]:
    """All that the app's modules say, in English: the texts in their calls of `_`."""
    found = (
        message
        for _, script in _scripts(_FOLDER)
        for _, message, _, _ in extract("javascript", io.BytesIO(script), keywords={"_": None})
    )
    return tuple(sorted({message for message in found if isinstance(message, str)}))


@cache
def texts(language: str) -> dict[str, str]:
    """What the app says in a language, by the English sentence."""
    catalogue = translations(language)
    return {sentence: catalogue.gettext(sentence) for sentence in sentences()}


class Shop:
    """The handlers; `methods` are the ways of payment that this installation has, the first is offered."""

    def __init__(self, methods: Sequence[str]) -> None:
        self._methods = tuple(methods)

    async def page(self, request: Request) -> Response:
        """GET /shop: the app, whose screens are told apart by what stands behind the # of the address."""
        page = render(
            request,
            "shop/app.html",
            modules=modules(),
            texts=texts(language_of(request)),
            settings={"methods": self._methods},
        )
        return _compressed(page) if "gzip" in request.headers.get("accept-encoding", "") else page


def _compressed(page: Response) -> Response:
    """This page may be compressed: it has no secret in it, and nothing that a stranger could choose."""
    page.body = gzip.compress(bytes(page.body), mtime=0)
    page.headers["Content-Length"] = str(len(page.body))
    page.headers["Content-Encoding"] = "gzip"
    page.headers["Vary"] = "Accept-Encoding"
    return page


def _icon(name: str, sizes: str, purpose: str = "any") -> dict[str, str]:
    """An icon; phones want pictures of dots beside those of lines."""
    kind = "image/png" if name.endswith(".png") else "image/svg+xml"
    return {"src": static_url(name), "sizes": sizes, "type": kind, "purpose": purpose}


async def _manifest(request: Request) -> Response:
    """GET /shop/manifest.webmanifest."""
    name = translations(language_of(request)).gettext("Smarts: scan, pay, go")
    manifest = {
        "name": name,
        "short_name": "Smarts",
        "lang": language_of(request),
        "id": "/shop",
        "start_url": "/shop",
        "scope": "/shop",
        "display": "standalone",
        "background_color": "#f5f7f7",
        "theme_color": "#0b6b4f",
        "icons": [
            _icon("icon.svg", "any"),
            _icon("shop/icon-192.png", "192x192"),
            _icon("shop/icon-512.png", "512x512"),
            _icon("shop/icon-maskable.svg", "any", "maskable"),
            _icon("shop/icon-maskable-512.png", "512x512", "maskable"),
        ],
    }
    return JSONResponse(manifest, media_type="application/manifest+json")


async def _service_worker(request: Request) -> Response:
    """GET /shop/sw.js: what the phone keeps of the app, and the worker that gives it out without a connection."""
    own = ("base.css", "card-face.css", "icon.svg", "icons.svg", "shop/shop.css", *modules())
    shell = json.dumps(["/shop", *(static_url(name) for name in own)])
    script = (_FOLDER / _WORKER).read_text(encoding="utf-8")
    headers = {"Service-Worker-Allowed": "/shop", "Cache-Control": "no-cache"}
    return Response(f"const SHELL = {shell};\n{script}", 200, headers, "text/javascript")


async def _code(request: Request) -> Response:
    """GET /shop/code.svg?text=…: a text as a QR code, always black on white, with the quiet zone that cameras need."""
    text = request.query_params.get("text", "")
    if not 0 < len(text) <= _LONGEST_CODE:
        raise invalid("query.text", f"Expected 1 to {_LONGEST_CODE} characters")
    picture = io.BytesIO()
    code = segno.make(text, error="m", micro=False)
    code.save(picture, kind="svg", border=4, dark="#000", light="#fff", omitsize=True, xmldecl=False)
    return Response(picture.getvalue(), 200, {"Cache-Control": "private, max-age=86400"}, "image/svg+xml")


def routes(shop: Shop) -> Sequence[Route]:
    """The rows."""
    return (
        Route("/shop", shop.page, methods=["GET"]),
        Route("/shop/manifest.webmanifest", _manifest, methods=["GET"]),
        Route("/shop/sw.js", _service_worker, methods=["GET"]),
        Route("/shop/code.svg", _code, methods=["GET"]),
    )
