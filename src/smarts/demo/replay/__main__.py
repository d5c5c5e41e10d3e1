"""Replays real baskets: `python -m smarts.demo.replay --data DIR`, or `make demo-real DATA=DIR`.

Starts a demo of its own on the folder's products, or uses one that runs (`--demo FILE`, what `smarts demo --json FILE`
wrote). Exits with 1 where any purchase failed or any total was not what it must be.
"""

import argparse
import asyncio
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

import aiohttp
from rich.console import Console
from rich.progress import Progress

from smarts.caller import CallFailed
from smarts.demo.catalogue import institution_campaigns
from smarts.demo.replay.baskets import Basket, choose, read_baskets
from smarts.demo.replay.purchases import Demo, Purchase, PurchaseFailedError, Purchases, differences
from smarts.demo.replay.reckoning import Reckoning, read_offers, read_prices, total_shares
from smarts.demo.replay.running import DemoFailedError, own_demo, read_demo
from smarts.node import Gateway
from smarts.wire.control import Decision

_console = Console()
_SECONDS = 120  # that one purchase may take


def main(arguments: Sequence[str] | None = None) -> None:
    """Replays and reports."""
    options = _parser().parse_args(arguments)
    for name in ("products", "baskets", "item_map", "campaigns"):
        setattr(options, name, options.data / getattr(options, name))
    try:
        sys.exit(asyncio.run(_replay(options)))
    except (DemoFailedError, OSError, EOFError, ValueError) as error:
        _console.print(str(error), markup=False)
        sys.exit(1)


async def _replay(options: argparse.Namespace) -> int:
    _console.print(f"Reading {options.data}")
    prices = read_prices(options.products)
    reckoning = Reckoning(prices, read_offers(options.campaigns), total_shares(institution_campaigns()))
    sold = [
        basket
        for basket in read_baskets(options.baskets, options.item_map)
        if basket.contents.keys() <= prices.keys()
    ]
    chosen = choose(sold, options.count, options.seed, lambda basket: reckoning.is_struck(basket.contents))
    if options.demo:
        return await _buy_all(read_demo(options.demo), chosen, reckoning, options.at_once)
    _console.print("Starting a demo")
    catalogue = ("--catalog", str(options.products), "--campaigns", str(options.campaigns))
    async with own_demo((*catalogue, "--full-share", str(options.full_share))) as demo:
        return await _buy_all(demo, chosen, reckoning, options.at_once)


async def _buy_all(demo: Demo, baskets: Sequence[Basket], reckoning: Reckoning, at_once: int) -> int:
    started = time.monotonic()
    gate = asyncio.Semaphore(at_once)
    async with (
        aiohttp.ClientSession() as session,
        Gateway(demo.gateway_url, demo.institution_access_token, demo.institution_id) as merchant,
    ):
        purchases = Purchases(demo, session, merchant)
        with Progress(console=_console, transient=True) as progress:
            task = progress.add_task("Buying", total=len(baskets))

            async def buy(basket: Basket) -> Purchase | str:
                async with gate:
                    outcome = await _buy(purchases, basket)
                progress.advance(task)
                return outcome

            outcomes = await asyncio.gather(*map(buy, baskets))
    return _report(outcomes, reckoning, time.monotonic() - started)


async def _buy(purchases: Purchases, basket: Basket) -> Purchase | str:
    try:
        async with asyncio.timeout(_SECONDS):
            return await purchases.make(basket)
    except (PurchaseFailedError, CallFailed, aiohttp.ClientError, TimeoutError) as error:
        return f"{basket.source} {basket.id}: {str(error) or type(error).__name__}"


def _report(outcomes: Sequence[Purchase | str], reckoning: Reckoning, seconds: float) -> int:
    purchases = [outcome for outcome in outcomes if isinstance(outcome, Purchase)]
    faults = [outcome for outcome in outcomes if isinstance(outcome, str)]
    faults += [fault for purchase in purchases for fault in differences(purchase, reckoning)]
    for line in _summary(purchases, reckoning, seconds):
        _console.print(line)
    _console.print(f"{len(faults)} differences")
    for fault in faults:
        _console.print(f"  {fault}", style="red", markup=False)
    return 1 if faults or not purchases else 0


def _summary(purchases: Sequence[Purchase], reckoning: Reckoning, seconds: float) -> Iterator[str]:
    baskets = [purchase.basket for purchase in purchases]
    sources = Counter(basket.source for basket in baskets)
    decisions = Counter(purchase.decision for purchase in purchases)
    scans = sum(len(basket.scans) for basket in baskets)
    struck = sum(reckoning.is_struck(basket.contents) for basket in baskets)
    large = sum(reckoning.is_large(basket.contents) for basket in baskets)
    paid = sum((purchase.paid for purchase in purchases), Decimal(0))
    yield f"{len(purchases)} purchases in {seconds:.1f} s, {scans} scans ({scans / seconds:.0f} a second)"
    yield "from " + ", ".join(f"{source}: {count}" for source, count in sorted(sources.items()))
    yield f"{struck} with a product campaign that struck, {large} with one on the whole invoice"
    yield "checks: " + ", ".join(f"{decision.value}: {decisions[decision]}" for decision in Decision)
    yield f"{paid} € paid, as reckoned independently; {len(purchases)} invoices at the node"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m smarts.demo.replay", description="Replays real baskets as purchases."
    )
    add = parser.add_argument
    add("--data", type=Path, required=True, help="folder with the files named below")
    add("--products", type=Path, default=Path("products.csv.gz"), help="price list (default: %(default)s)")
    add(
        "--baskets", type=Path, default=Path("baskets.csv.gz"), help="lines of baskets (default: %(default)s)"
    )
    add(
        "--item-map",
        type=Path,
        default=Path("item_map.csv.gz"),
        help="barcodes of items (default: %(default)s)",
    )
    add(
        "--campaigns",
        type=Path,
        default=Path("promotions_ee_demo.jsonl.gz"),
        help="campaigns (default: %(default)s)",
    )
    add("--count", type=int, default=200, help="how many baskets (default: %(default)s)")
    add("--seed", type=int, default=1, help="another seed, other baskets (default: %(default)s)")
    add("--at-once", type=int, default=8, help="purchases at the same time (default: %(default)s)")
    add("--full-share", type=float, default=0.2, help="carts that the store checks (default: %(default)s)")
    add(
        "--demo",
        type=Path,
        help="what `smarts demo --json FILE` wrote, to use a demo that runs with these files",
    )
    return parser


if __name__ == "__main__":
    main()
