"""An application asked without a network: one request, the whole answer, and never longer than it may take."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import unquote

SECONDS = 20  # an answer that takes longer hangs
_LOOKING = 0.05  # seconds that an event stream may go on
_addresses = count()


@dataclass(frozen=True)
class Asked:
    """An answer as it left the application."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def whole(self) -> str:
        """All that the answer tells: its headers and its body."""
        told = "\n".join(f"{name}: {value}" for name, value in self.headers.items())
        return f"{told}\n\n{self.body.decode('utf-8', 'replace')}"


class Visit:
    """One connection: hands over the request, collects the answer, and hangs up on what does not end by itself."""

    def __init__(self, body: bytes) -> None:
        self._body: bytes | None = body
        self.status = 0
        self.headers: dict[str, str] = {}
        self.chunks: list[bytes] = []

    async def receive(self) -> dict[str, Any]:
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        await asyncio.sleep(_LOOKING)
        return {"type": "http.disconnect"}

    async def send(self, message: Mapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode("latin-1") for name, value in message["headers"]}
        else:
            self.chunks.append(message.get("body", b""))


async def ask(app: Any, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> Asked:
    """Asks once, from an address of its own, so that nobody is held up for what others did."""
    number = next(_addresses)
    visit = Visit(body)
    async with asyncio.timeout(SECONDS):
        await app(_scope(method, path, headers, f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"),
                  visit.receive, visit.send)  # fmt: skip
    return Asked(visit.status, visit.headers, b"".join(visit.chunks))


def _scope(method: str, path: str, headers: Mapping[str, str], address: str) -> dict[str, Any]:
    raw_path, _, query = path.partition("?")
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(raw_path),
        "raw_path": raw_path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()],
        "client": (address, 50000),
        "server": ("gateway.test", 80),
    }
