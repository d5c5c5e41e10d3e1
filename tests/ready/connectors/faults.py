"""What goes wrong with shop systems: asked for by a test, and done to the next requests that fit."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

PLUGIN_PAGE = (
    "<!DOCTYPE html><html><body><h1>There has been a critical error on this website.</h1></body></html>"
)


class LostAnswer:
    """Breaks the connection off in the middle of an answer."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})
        await send({"type": "http.response.body", "body": b"{", "more_body": False})


@dataclass
class Fault:
    """`kind` is one of down, limited, page, hang, lost (it was done, and nobody is told) and answer."""

    kind: str
    path: str = ""
    method: str = ""
    times: int = 1
    answer: Any = None
    skip: int = 0

    def fits(self, request: Request) -> bool:
        fits = self.path in request.url.path and self.method in ("", request.method) and self.times > 0
        if fits and self.skip:
            self.skip -= 1
            return False
        return fits


@dataclass
class Faults:
    planned: list[Fault] = field(default_factory=list)
    released: asyncio.Event = field(default_factory=asyncio.Event)

    def plan(self, kind: str, **more: Any) -> Fault:
        fault = Fault(kind, **more)
        self.planned.append(fault)
        return fault

    def clear(self) -> None:
        self.planned.clear()
        self.released.set()
        self.released = asyncio.Event()

    def next(self, request: Request) -> Fault | None:
        found = next((fault for fault in self.planned if fault.fits(request)), None)
        if found:
            found.times -= 1
        return found

    async def answer(self, fault: Fault) -> Response:
        """What is answered instead of doing anything."""
        if fault.kind == "hang":
            await self.released.wait()
        if fault.kind == "limited":
            return JSONResponse({"code": "too_many", "message": "Slow down"}, 429, {"Retry-After": "0"})
        if fault.kind == "page":
            return HTMLResponse(PLUGIN_PAGE, 200)
        if fault.kind == "answer":
            return fault.answer
        return HTMLResponse("<html>Service Unavailable</html>", 503, {"Retry-After": "0"})
