"""`smarts node run`: a ready node, from a file of products to a store."""

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number
from msgspec.structs import replace

from smarts.cli.output import CommandFailedError, console
from smarts.cli.parameters import ReadableFile
from smarts.cli.running import leave_alone_what_is_loaded, require_free_port, run, stop_signals
from smarts.edge.logs import log_to_standard_error
from smarts.edge.tracing import traced
from smarts.node import Node
from smarts.ready.catalogue import Complaint
from smarts.ready.opening import Opened, opened
from smarts.ready.promotions import counts
from smarts.ready.settings import Settings
from smarts.ready.tokens import Tokens, node_tokens, signing_secrets
from smarts.wire.nodes import HealthStatus

_MOST_TOLD = 20
AnyPort = Annotated[int, Parameter(validator=Number(gte=0, lte=65535))]


def run_node(
    *,
    settings: ReadableFile | None = None,
    catalog: ReadableFile | None = None,
    host: str | None = None,
    port: AnyPort | None = None,
    check: bool = False,
    example: bool = False,
) -> None:
    """Run a connection node from a list of products: CSV, Excel, a database, or a shop system.

    Example: `smarts node run --catalog products.csv`.

    Parameters
    ----------
    settings:
        A file of settings; `--example` shows one. Without it the node sells what is in `--catalog`, and keeps invoices.
    catalog:
        The list of products, instead of the one in the settings.
    host:
        The address to listen at, instead of the one in the settings (127.0.0.1).
    port:
        The port to listen at, instead of the one in the settings (8000); 0 takes any free one.
    check:
        Read settings, catalogue and lists, tell what is wrong in them, and serve nothing.

    Example:
        Print a file of settings in which every setting stands, and is explained.
    """
    if example:
        console.print((files("smarts.ready") / "example.toml").read_text("utf-8"), markup=False, end="")
        return
    log_to_standard_error("node")
    read = _with_options(Settings.read(settings) if settings else Settings(), catalog, host, port)
    folder = settings.absolute().parent if settings else Path.cwd()
    if check:
        _check(read, folder)
    else:
        _serve(read, folder)


def _with_options(settings: Settings, catalog: Path | None, host: str | None, port: int | None) -> Settings:
    node = settings.node
    node = replace(node, host=host or node.host, port=node.port if port is None else port)
    if catalog:
        rows = replace(settings.catalogue, file=str(catalog.absolute()), database="")
        settings = replace(settings, catalogue=rows)
    if not settings.catalogue.file and not settings.catalogue.database and not settings.shop_system:
        raise CommandFailedError(
            "which products? Name a file with --catalog products.csv, or in the settings under [catalogue]"
        )
    return replace(settings, node=node)


def _serve(settings: Settings, folder: Path) -> None:
    node = settings.node
    if node.port:
        require_free_port(node.host, node.port, "--port or --host")
    tokens, signers = node_tokens(node), signing_secrets(node)
    log_to_standard_error("node", secrets=(*tokens.accepted, *signers))
    with opened(settings, folder) as ready:
        for line in _told(ready, _MOST_TOLD):
            console.print(line, markup=False)
        console.print(f"Sales are kept in {ready.store.database.name}.", markup=False)
        for line in _told_token(tokens):
            console.print(line, markup=False)
        with traced("smarts-node"):
            run(_until_stopped(ready, ready.node(tokens.accepted, signers)))
    console.print("Stopped.")


async def _until_stopped(ready: Opened, node: Node) -> None:
    settings = ready.store.settings.node
    stop_signals()  # or else the signal that stops uvicorn ends this process at once, with all the rest open
    server = node.server(settings.host, settings.port)
    serving = asyncio.create_task(server.serve())
    await asyncio.wait(
        [serving, listening := asyncio.create_task(server.ready())], return_when="FIRST_COMPLETED"
    )
    if not serving.done():
        await listening
        leave_alone_what_is_loaded()
        features = ", ".join(feature.value for feature in node.features)
        console.print(f"Serving {features}.", markup=False)
        console.print(f"The node is at http://{settings.host}:{server.port} (Ctrl-C stops it).", markup=False)
    await serving


def _check(settings: Settings, folder: Path) -> None:
    with _elsewhere(settings) as apart, opened(apart, folder) as ready:
        for line in _told(ready, None):
            console.print(line, markup=False)
        left_out = ready.about.left_out + sum(len(each.listed.complaints) for each in ready.store.lists)
        is_away = (
            settings.database.url is not None and ready.store.database.health().status is not HealthStatus.UP
        )
        name = ready.store.database.name
        ready.store.database.close()
    if is_away:
        raise CommandFailedError(f"the database {name} cannot be used")
    if left_out:
        raise CommandFailedError(_left_out(left_out))
    console.print("Settings and lists are fine.")


@contextmanager
def _elsewhere(settings: Settings) -> Iterator[Settings]:
    """The settings with data of their own, so that a node which is running is left alone."""
    with TemporaryDirectory(prefix="smarts-check-") as folder:
        yield replace(settings, node=replace(settings.node, data=Path(folder)))


def _told(ready: Opened, most: int | None) -> Iterator[str]:
    """What the node sells and keeps, and what is wrong in its lists, the first `most` of each."""
    store, about = ready.store, ready.about
    yield f"{store.settings.node.name}: {about.count:,} products from {about.source}."
    if about.not_sold_now:
        yield f"Not sold now, by the days in their rows: {about.not_sold_now:,}."
    yield from _told_rows(about.complaints, about.left_out, most)
    promotions = counts(store.promotions.all, store.calendar.today())
    if any(promotions.values()):
        yield "Campaigns: " + ", ".join(f"{count} {state}" for state, count in promotions.items()) + "."
    for each in store.lists:
        yield f"{len(each.listed.items):,} rows from {each.file}."
        yield from _told_rows(each.listed.complaints, len(each.listed.complaints), most)


def _told_rows(complaints: Iterable[Complaint], left_out: int, most: int | None) -> Iterator[str]:
    every = list(complaints)
    if left_out:
        yield f"{_left_out(left_out)}:"
    for complaint in every[:most]:
        yield f"  {complaint}"
    if most is not None and len(every) > most:
        yield f"  and {len(every) - most:,} more; --check tells them"


def _left_out(count: int) -> str:
    return "One row was left out" if count == 1 else f"{count:,} rows were left out"


def _told_token(tokens: Tokens) -> Iterator[str]:
    if tokens.made:
        yield f"The gateway shows this token to the node: {tokens.made}"
        yield f"It is shown this once, and kept in {tokens.file}."
