"""What the commands `try`, `listen` and `trigger` share: whom they speak to, and how they show it."""

import asyncio
import logging
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar

import structlog
from cyclopts import Parameter
from rich.console import Console

from smarts.cli.parameters import NodeAddress
from smarts.kit.client import Client
from smarts.kit.rehearsal.showing import Shower
from smarts.kit.rehearsal.stage import Stage
from smarts.kit.rehearsal.visit import Visit
from smarts.wire.money import Currency

T = TypeVar("T")


@Parameter(name="*")
@dataclass(frozen=True)
class Shopper:
    """Who shops, and where: ids that the node is sent."""

    institution: Annotated[str, Parameter(help="The store's id.")] = "rehearsal-store"
    person: Annotated[str | None, Parameter(help="The shopper's id; a new one otherwise.")] = None
    language: Annotated[str, Parameter(help="The shopper's language.")] = "EN"
    currency: Annotated[Currency, Parameter(help="The store's currency.")] = Currency.EUR

    def visit(self) -> Visit:
        """A visit of this shopper."""
        made = Visit(institution_id=self.institution, language=self.language, currency=self.currency)
        if self.person:
            made.person_id = self.person
        return made


def shower(*, json: bool) -> Shower:
    """Shows exchanges on standard output: for people, or a line of JSON each."""
    return Shower(Console(highlight=False, soft_wrap=True), as_json=json)


@asynccontextmanager
async def stage(
    url: NodeAddress, token: str, showing: Shower, signing_secrets: Sequence[str] = ()
) -> AsyncIterator[Stage]:
    """Sends to an address and shows what comes."""
    async with Client() as client:
        yield Stage(client, url, token, signing_secrets, showing.played)


async def edited(text: bytes) -> bytes:
    """The text as it is after somebody has had it in the editor of $VISUAL or $EDITOR.

    Raises:
        ValueError: no editor is named, or it did not end well.
    """
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if not editor:
        raise ValueError("No editor is named: set $EDITOR, or change by path: edit 3 products[0].amount=5")
    return await asyncio.to_thread(_edited, editor, text)


def _edited(editor: str, text: bytes) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "request.json"
        file.write_bytes(text)
        ended = subprocess.run([*shlex.split(editor), str(file)], check=False)  # noqa: S603 - the user's own editor
        if ended.returncode:
            raise ValueError(f"The editor ended with {ended.returncode}; nothing was sent")
        return file.read_bytes()


def is_terminal() -> bool:
    """Whether somebody types."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def run_quietly(command: Coroutine[Any, Any, T]) -> T:
    """Runs a command that shows exchanges itself: the log tells only of trouble."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    return asyncio.run(command)
