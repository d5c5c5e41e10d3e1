"""Runs the demo store's node in a process of its own: `python -m smarts.demo --port 8100 --data DIR`.

Tokens come by the environment: SMARTS_NODE_TOKEN is what the gateway shows to the node, SMARTS_INSTITUTION_TOKEN what
the store shows to the gateway when it sends the results of checks.
"""

import argparse
import contextlib
import os
import socket
import sqlite3
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from smarts.demo.catalogue import (
    Catalogue,
    Promotions,
    invented_catalogue,
    members_catalogue,
    read_price_list,
    read_promotions,
)
from smarts.demo.database import Database
from smarts.demo.office import with_office
from smarts.demo.store import DemoStore
from smarts.node import Gateway

_NODE_TOKEN = "SMARTS_NODE_TOKEN"  # noqa: S105 - the variable's name
_INSTITUTION_TOKEN = "SMARTS_INSTITUTION_TOKEN"  # noqa: S105 - the variable's name


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs until it is told to stop; exits with 1 where it cannot start and with 2 where it was called wrongly."""
    parser = _parser()
    options = parser.parse_args(arguments)
    options.token = os.environ.get(_NODE_TOKEN)
    if not options.token:
        parser.error(f"the variable {_NODE_TOKEN} is not set")
    try:
        options.data.mkdir(parents=True, exist_ok=True)
        with (
            socket.create_server((options.host, options.port)) as listener,
            contextlib.closing(Database(options.data / "store.sqlite3")) as database,
        ):
            _serve(_app(options, database), listener)
    except (OSError, EOFError, ValueError, sqlite3.Error) as error:
        parser.exit(1, f"The demo store cannot start: {error}\n")


def _serve(app: Starlette, listener: socket.socket) -> None:
    host, port = listener.getsockname()[:2]
    _say(f"The demo store listens on http://{host}:{port}")
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, server_header=False))
    with contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=[listener])


def _app(options: argparse.Namespace, database: Database) -> Starlette:
    store = DemoStore.on(database, *_price_lists(options), options.full_check_share)
    return with_office(store, options.token, _gateway(options))


def _price_lists(options: argparse.Namespace) -> tuple[Catalogue, Catalogue]:
    """What everybody pays, and what members pay, which is the same for goods from a file."""
    if not options.catalog:
        return invented_catalogue(), members_catalogue()
    day = None if options.ignore_campaign_dates else datetime.now(UTC).date()
    promotions = read_promotions(options.campaigns, day) if options.campaigns else Promotions({}, {})
    prices = read_price_list(options.catalog, promotions.campaigns)
    _say(f"{len(prices.catalogue.products)} products from {options.catalog}; {_told(prices.left_out)}")
    if options.campaigns:
        _say(f"{len(promotions.campaigns)} barcodes in {options.campaigns}; {_told(promotions.left_out)}")
    return prices.catalogue, prices.catalogue


def _gateway(options: argparse.Namespace) -> Gateway | None:
    token = os.environ.get(_INSTITUTION_TOKEN)
    if options.gateway_url and options.institution_id and token:
        return Gateway(options.gateway_url, token, options.institution_id)
    return None


def _share(text: str) -> Decimal:
    try:
        share = Decimal(text)
    except InvalidOperation:
        raise argparse.ArgumentTypeError(f"{text} is no number") from None
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 1")
    return share


def _told(left_out: Mapping[str, int]) -> str:
    reasons = ", ".join(f"{reason}: {count}" for reason, count in left_out.items())
    return f"left out: {reasons or 'none'}"


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m smarts.demo", description="The demo store's connection node.")
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    add("--port", type=int, default=8100, help="port to listen on (default: %(default)s)")
    add("--data", type=Path, required=True, help="folder for what the gateway sends")
    add(
        "--catalog",
        type=Path,
        help="price list to sell from, CSV or gzipped CSV (default: the demo store's own goods)",
    )
    add("--campaigns", type=Path, help="campaigns on the price list's products, JSON lines")
    add("--ignore-campaign-dates", action="store_true", help="campaigns run whatever their start and end")
    add(
        "--full-check-share",
        type=_share,
        default=Decimal("0.1"),
        help="carts to check fully (default: %(default)s)",
    )
    add("--gateway-url", help="where results of checks are sent")
    add("--institution-id", help="the store's id at the gateway")
    return parser


if __name__ == "__main__":
    main()
