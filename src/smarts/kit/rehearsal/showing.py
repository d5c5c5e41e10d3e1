"""Exchanges as people read them on a terminal, and as lines of JSON for programs."""

import json
from typing import Any

from rich.console import Console
from rich.json import JSON
from rich.text import Text

from smarts.kit.exchange import Exchange
from smarts.kit.rehearsal.listening import Heard
from smarts.kit.rehearsal.stage import Played
from smarts.wire.operations import TOKEN_HEADER

_SHOWN = 6_000  # characters of a document that are shown


class Shower:
    """Shows what was sent and what came back; `as_json` prints a line of JSON an exchange instead."""

    def __init__(self, console: Console, *, as_json: bool = False) -> None:
        self._console = console
        self._as_json = as_json

    def say(self, text: str) -> None:
        """A sentence for people; left out where programs read."""
        if not self._as_json:
            self._console.print(text, markup=False, highlight=False)

    def played(self, played: Played) -> None:
        """What was sent to a node, and what it answered."""
        self._exchange(f"{played.number} ", played.exchange, played.complaint)

    def heard(self, heard: Heard) -> None:
        """What a gateway sent, and what it was answered."""
        self._exchange("", heard.exchange, heard.remark)

    def _exchange(self, number: str, exchange: Exchange, complaint: str) -> None:
        if self._as_json:
            self._console.print(
                json.dumps(as_document(exchange, complaint), ensure_ascii=False), markup=False
            )
            return
        request, answer = exchange.request, exchange.answer
        self._console.print(Text(f"{number}→ {request.method} {request.url}", style="bold cyan"))
        self._document(request.body)
        if answer:
            style = "bold green" if answer.status < 300 and not complaint else "bold yellow"
            took = f" in {answer.seconds * 1000:.0f} ms" if answer.seconds else ""
            self._console.print(Text(f"{number}← {answer.status}{took}", style=style))
            self._document(answer.body)
        if complaint:
            self._console.print(Text(f"{number}! {complaint}", style="bold red"))

    def _document(self, body: bytes | None) -> None:
        if not body:
            return
        text = body.decode(errors="replace")
        if len(text) > _SHOWN:
            self.say(f"  {text[:_SHOWN]} … ({len(body)} bytes in all)")
            return
        try:
            self._console.print(JSON(text, indent=2))
        except ValueError:
            self.say(f"  {text}")


def as_document(exchange: Exchange, complaint: str) -> dict[str, Any]:
    """An exchange as plain values; the token is left out."""
    request, answer = exchange.request, exchange.answer
    return {
        "method": request.method,
        "url": request.url,
        "request": _readable(request.body),
        "headers": {
            name: value for name, value in request.headers.items() if name.lower() != TOKEN_HEADER.lower()
        },
        "status": answer.status if answer else None,
        "answer": _readable(answer.body) if answer else None,
        "milliseconds": round(answer.seconds * 1000, 1) if answer else None,
        "complaint": complaint,
    }


def _readable(body: bytes | None) -> Any:
    if not body:
        return None
    try:
        return json.loads(body)
    except ValueError:
        return body.decode(errors="replace")
