"""Shoppers by the thousand: `python -m benchmarks.load`, or `make load`.

Starts PostgreSQL, gateways, workers and nodes as processes, and plays shoppers who come at moments that are fixed
before the first request (open loop). How long a step took counts from when it was due, so that whoever waits behind a
slow answer counts, too (coordinated omission). With `--think 0` a shopper goes on as soon as the answer is there.
In the end every purchase is looked for at its node and in the ledger: a speed with a wrong total counts as zero.
"""

import argparse
import asyncio
import logging
import multiprocessing
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog
from benchmarks.load.goods import Goods, read_goods
from benchmarks.load.plan import Load, visits
from benchmarks.load.processes import Process, watched
from benchmarks.load.proof import prove
from benchmarks.load.records import together
from benchmarks.load.report import Run, show, show_proof, show_scaling
from benchmarks.load.shoppers import play
from benchmarks.load.world import Size, World, opened
from rich.console import Console

_BASKETS = 2_000
_WARM_UP = 5.0  # seconds at least
_VISIT = 2.0  # visits of twice the lines on average are under way before the time that is measured
_START = 3.0  # seconds until all generators have read their plans
_console = Console(width=140)


def main() -> None:
    options = _parser().parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with TemporaryDirectory(prefix="smarts-load-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        goods = read_goods(options.data, folder, _BASKETS, options.seed)
        _console.print(f"{len(goods.baskets)} {goods.source}, {goods.lines:.1f} lines each on average")
        sys.exit(asyncio.run(_all(options, goods, folder)))


async def _all(options: argparse.Namespace, goods: Goods, folder: Path) -> int:
    """Each number of gateways in an installation of its own."""
    runs: list[tuple[int, Run]] = []
    good = True
    for gateways in options.gateways:
        place = folder / f"{gateways} gateways"
        await asyncio.to_thread(place.mkdir)
        place.chmod(0o711)
        size = Size(
            options.stores, gateways, options.workers, options.nodes, options.full_share, options.connections
        )
        async with opened(place, goods, size) as world:
            found, is_right = await _rates(options, world, goods, size)
        runs += [(gateways, run) for run in found]
        good = good and is_right
    if len(runs) > 1:
        show_scaling(runs, _console)
    return 0 if good else 1


async def _rates(
    options: argparse.Namespace, world: World, goods: Goods, size: Size
) -> tuple[list[Run], bool]:
    """One rate after another; then the proof of all of them."""
    runs = []
    for number, rate in enumerate(options.rates):
        warm_up = options.warm_up or _WARM_UP + _VISIT * goods.lines * options.think
        load = Load(
            rate, options.seconds, warm_up, options.think, options.search_share, size.stores,
            size.gateways,
        )  # fmt: skip
        run = await _run(options, world, goods, load, options.seed + number)
        show(run, _console)
        runs.append(run)
    proof = await prove(world, goods, [each for run in runs for each in run.records.bought])
    show_proof(proof, _console)
    return runs, bool(proof.purchases) and not proof.faults


async def _run(options: argparse.Namespace, world: World, goods: Goods, load: Load, seed: int) -> Run:
    planned = visits(load, goods.baskets, goods.names, seed)
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(options.generators, mp_context=spawn) as pool:
        loop = asyncio.get_running_loop()
        warm = [loop.run_in_executor(pool, time.sleep, _START / 2) for _ in range(options.generators)]
        await asyncio.gather(*warm)
        began = time.monotonic() + _START
        parts = [
            loop.run_in_executor(pool, play, world.shop, load, planned[part :: options.generators], began)
            for part in range(options.generators)
        ]
        generators = [
            Process.of(f"generator {part}", child.pid or 0)
            for part, child in enumerate(multiprocessing.active_children()[: options.generators])
        ]
        uses = await watched(
            [*world.processes, *generators], began + load.warm_up, began + load.ends, options.sample
        )
        records = together(await asyncio.gather(*parts))
    return Run(load, records, uses)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m benchmarks.load", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    add = parser.add_argument
    add("--rates", type=_numbers(float), default=[100.0], help="scans a second, one run each: 100,200,400")
    add("--seconds", type=float, default=30.0, help="that are measured; 3600 shows whether memory is flat")
    add("--warm-up", type=float, help="seconds before, which do not count; else as long as many visits take")
    add("--think", type=float, default=2.0, help="seconds between two steps on average; 0 is flat out")
    add("--search-share", type=float, default=0.1, help="scans before which the shopper searches")
    add("--full-share", type=float, default=0.2, help="carts that are checked in full")
    add("--stores", type=int, default=100)
    add("--gateways", type=_numbers(int), default=[2], help="gateway processes; 1,2,4: one after another")
    add("--workers", type=int, default=1, help="worker processes")
    add("--nodes", type=int, default=2, help="node processes, which the stores share")
    add("--connections", type=int, default=10, help="database connections of each process")
    add("--generators", type=int, default=1, help="processes that play shoppers")
    add("--sample", type=float, default=5.0, help="seconds between two looks at the memory")
    add("--data", type=Path, default=Path("../shared/data"), help="real baskets; invented ones without")
    add("--seed", type=int, default=1)
    return parser


def _numbers(kind: Callable[[str], float]) -> Callable[[str], list[float]]:
    return lambda text: [kind(part) for part in text.split(",")]


if __name__ == "__main__":
    main()
