"""`smarts node new`: a small project with a node, its tests, a Makefile and a container file."""

import re
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

from cyclopts import Parameter
from rich.prompt import Prompt

from smarts.cli.node.source import smarts_source
from smarts.cli.node.template import OPTIONAL, PRIVATE, project
from smarts.cli.output import CommandFailedError, console
from smarts.wire.nodes import Feature

_LONGEST_NAME = 60
_NAMED = ", ".join(OPTIONAL)


def _chosen(words: str) -> frozenset[Feature]:
    """The features that people name, with commas between; raises ValueError where there is no such one."""
    names = {word.strip().lower() for word in words.split(",")} - {"", "none", Feature.PRODUCT_SEARCH}
    if unknown := sorted(names - {*OPTIONAL, "all"}):
        raise ValueError(f"There is no feature {unknown[0]!r}: choose among {_NAMED}, or say all, or none")
    return frozenset(feature for feature in OPTIONAL if {feature, "all"} & names)


def _converted(_: object, tokens: Any) -> frozenset[Feature]:
    return _chosen(",".join(token.value for token in tokens))


def _name(_: object, value: str) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9-]*", value) or len(value) > _LONGEST_NAME:
        raise ValueError(
            f"Expected a name of letters a-z, digits and hyphens, at most {_LONGEST_NAME}, a letter first"
        )


Name = Annotated[str, Parameter(validator=_name)]
Features = Annotated[
    frozenset[Feature], Parameter(converter=_converted, n_tokens=1, negative="", show_choices=False)
]
Folder = Annotated[Path, Parameter(name="--directory")]


def new(name: Name, *, features: Features | None = None, directory: Folder = Path()) -> None:
    """Make a project with a connection node: its functions, tests, a Makefile and a container file.

    It has product search, which every node needs, and the features that are chosen; on a terminal it asks for them.
    Nothing that is there already is written over. Example: `smarts node new my-store --features invoices,receipts`.

    Parameters
    ----------
    name:
        The project's name, and its folder's: letters a-z, digits and hyphens.
    features:
        What the node does beside product search, with commas between: purchase-control, invoices, receipts,
        loyalty-cards, loyalty-bonus, orders, offers; or all.
    directory:
        The folder in which the project's folder is made.
    """
    folder = directory / name
    _require_free(folder)
    chosen = _asked() if features is None else features
    _write(folder, project(name, chosen, smarts_source()))
    console.print(
        f"{folder} has {', '.join([Feature.PRODUCT_SEARCH, *sorted(chosen)])}. Next:\n", markup=False
    )
    console.print(f"  cd {shlex.quote(str(folder))}", markup=False)
    console.print("  make check    # proves the node\n  make run      # serves it")


def _require_free(folder: Path) -> None:
    """Says that a folder is in use, before anything is asked."""
    if folder.is_symlink() or (folder.exists() and not (folder.is_dir() and not any(folder.iterdir()))):
        raise CommandFailedError(f"{folder} is there already: choose another name or --directory")


def _asked() -> frozenset[Feature]:
    """The features that whoever sits at the terminal chooses; none where nobody does."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return frozenset()
    console.print(f"Beside product search a node may have: {_NAMED}")
    while True:
        try:
            return _chosen(
                Prompt.ask("Which of them, with commas between, or all", default="none", console=console)
            )
        except ValueError as error:
            console.print(str(error), markup=False)
        except EOFError:
            raise CommandFailedError("no features were chosen, and nothing was made") from None


def _write(folder: Path, texts: Mapping[str, str]) -> None:
    """All of the files or none: they are written elsewhere and moved there when they are whole."""
    try:
        with TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as place:
            unfinished = Path(place) / folder.name
            for path, text in texts.items():
                file = unfinished / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.touch(mode=0o600 if path in PRIVATE else 0o666)
                file.write_text(text, "utf-8")
            unfinished.rename(folder)
    except OSError as error:
        raise CommandFailedError(f"cannot make {folder}: {error.strerror or error}") from None
