"""What commands print: words for people on a terminal, JSON for programs."""

import sys
from collections.abc import Mapping
from typing import Any

import msgspec
from rich.console import Console
from rich.markup import escape

from smarts.edge.failures import ExplainedError
from smarts.edge.scrubbing import hide_by_shape

console = Console(highlight=False, soft_wrap=True)
_errors = Console(stderr=True, highlight=False, soft_wrap=True)


class CommandFailedError(ExplainedError):
    """The command could not do what was asked."""


def complain(message: str) -> None:
    """Tells people what went wrong; an address of a database in it loses its password."""
    _errors.print(f"[bold red]smarts:[/] {escape(hide_by_shape(message))}")


def tell_people(message: str) -> None:
    """Tells people something that is no part of what programs read."""
    _errors.print(message, markup=False)


def print_json(document: Any) -> None:
    """Prints a document for programs."""
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n")


def print_document(document: Mapping[str, Any], *, json: bool, note: str = "") -> None:
    """Prints a document: a line a field for people, with a note below, or JSON for programs."""
    if json:
        print_json(document)
        return
    for name, value in document.items():
        console.print(f"{name}: {value}", markup=False)
    if note:
        console.print(note)
