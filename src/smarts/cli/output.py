"""What commands print: words for people on a terminal, JSON for programs."""

import logging
import sys
from collections.abc import Mapping
from typing import Any

import msgspec
import structlog
from rich.console import Console
from rich.markup import escape

from smarts.edge.failures import ExplainedError

console = Console(highlight=False, soft_wrap=True)
_errors = Console(stderr=True, highlight=False, soft_wrap=True)


class CommandFailedError(ExplainedError):
    """The command could not do what was asked."""


def complain(message: str) -> None:
    """Tells people what went wrong."""
    _errors.print(f"[bold red]smarts:[/] {escape(message)}")


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


def log_to_standard_error(level: int = logging.INFO) -> None:
    """Sends the log to standard error: readable on a terminal, a JSON line an event elsewhere."""
    terminal = sys.stderr.isatty()
    # Other formatters show the values at hand where an exception was raised: tokens, telephone numbers.
    readable = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    renderer: Any = readable if terminal else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *([] if terminal else [structlog.processors.format_exc_info]),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
