"""What browsers keep: styles, scripts and pictures, under addresses that change with their content."""

import gzip
import mimetypes
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

STATIC_PATH = "/static/"
_IMMUTABLE = "public, max-age=31536000, immutable"
_COMPRESSED_FROM = 500  # bytes; less is not worth it
_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
    ".webmanifest": "application/manifest+json",
}


@dataclass(frozen=True)
class _File:
    content: bytes
    compressed: bytes | None
    media_type: str


@dataclass(frozen=True)
class _Folder:
    files: Mapping[str, _File]
    digest: str


def _walk(folder: Traversable, prefix: str = "") -> Iterator[tuple[str, bytes]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _walk(entry, f"{prefix}{entry.name}/")
        else:
            yield prefix + entry.name, entry.read_bytes()


def _file(name: str, content: bytes) -> _File:
    suffix = name[name.rfind(".") :]
    media_type = _TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    compresses = suffix in _TYPES and len(content) >= _COMPRESSED_FROM
    return _File(content, gzip.compress(content, mtime=0) if compresses else None, media_type)


@cache
def _folder() -> _Folder:
    contents = dict(_walk(files("smarts.gateway.web") / "static"))
    whole = b"".join(name.encode() + b"\0" + sha256(content).digest() for name, content in contents.items())
    digest = sha256(whole).hexdigest()[:16]
    return _Folder({name: _file(name, content) for name, content in contents.items()}, digest)


def static_url(name: str) -> str:
    """The address of a file, such as `shop/shop.js`.

    One digest stands for the whole folder, so that modules find each other by relative addresses.

    Raises:
        LookupError: there is no such file.
    """
    folder = _folder()
    if name not in folder.files:
        raise LookupError(f"there is no static file {name}")
    return f"{STATIC_PATH}{folder.digest}/{name}"


async def _serve(request: Request) -> Response:
    folder = _folder()
    file = folder.files.get(request.path_params["name"])
    if file is None:
        return Response(status_code=404)
    # A page from before an update may ask for the folder as it was then: it gets today's, and must not keep it.
    current = request.path_params["digest"] == folder.digest
    headers = {
        "Cache-Control": _IMMUTABLE if current else "no-cache",
        "Content-Type": file.media_type,
        "Vary": "Accept-Encoding",
    }
    if file.compressed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(file.compressed, headers=headers | {"Content-Encoding": "gzip"})
    return Response(file.content, headers=headers)


def routes() -> list[Route]:
    """The one row of all static files."""
    return [Route(STATIC_PATH + "{digest}/{name:path}", _serve)]
