"""A cart of twenty lines with promotions, each line added and totalled by a request of its own, as scans come.

The goods are the same for all: twenty products of 6.20 to 124.00 with 24 % VAT in it, every other one 20 % cheaper,
and 2 % off from 50.00 without VAT. What each cart comes to is compared with a sum made by hand. A shopper is a new one
for each cart, so that beginning it counts as well, with whatever a shop makes of a new shopper.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles

import aiohttp
from benchmarks.against.ratios import times
from benchmarks.against.shops import (
    CONNECTIONS,
    LINE_BY_LINE,
    Shop,
    expected_total,
    goods,
    medusa_shop,
    smarts_shop,
    vendure_shop,
)
from benchmarks.load.processes import Process
from benchmarks.load.world import Size, opened
from rich.console import Console
from rich.table import Table

AIM = 10
_console = Console(width=140)


@dataclass
class Figures:
    """What rounds came to: carts a second, seconds of each added line, and processor's seconds for a cart."""

    rates: list[float] = field(default_factory=list)
    lines: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    of_postgres: list[float] = field(default_factory=list)


Key = tuple[str, str, int]
"""A shop's name, a way to fill its carts, and how many shoppers there are at once."""


@dataclass
class Comparison:
    """Rounds of all shops, with PostgreSQL's processor time."""

    postgres: Process
    figures: dict[Key, Figures] = field(default_factory=dict)

    async def play(self, shop: Shop, way: str, crowd: int) -> None:
        """A round: so many shoppers at once fill their carts."""
        carts = max(shop.carts, crowd)
        figures = self.figures.setdefault((shop.name, way, crowd), Figures())
        left = iter(range(carts))
        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(None)
        ) as session:

            async def fill() -> None:
                for _ in left:
                    filled = await shop.ways[way](session)
                    figures.lines += filled.lines
                    if filled.total != expected_total():
                        raise RuntimeError(f"{shop.name}: {filled.total}, not {expected_total()}")

            used, used_by_postgres, began = shop.seconds(), self.postgres.seconds(), time.perf_counter()
            await asyncio.gather(*(fill() for _ in range(crowd)))
            took = time.perf_counter() - began
        figures.rates.append(carts / took)
        figures.seconds.append((shop.seconds() - used) / carts)
        figures.of_postgres.append((self.postgres.seconds() - used_by_postgres) / carts)

    async def all_rounds(self, shops: Sequence[Shop], rounds: int) -> None:
        """The first one, which warms up, does not count."""
        crowds = sorted({crowd for shop in shops for crowd in shop.crowds})
        plan = [(shop, LINE_BY_LINE, crowd) for crowd in crowds for shop in shops if crowd in shop.crowds]
        plan += [(shop, way, shop.crowds[0]) for shop in shops for way in shop.ways if way != LINE_BY_LINE]
        for number in range(rounds + 1):
            for shop, way, crowd in plan:
                await self.play(shop, way, crowd)
            if not number:
                self.figures.clear()


async def compare(folder: Path, rounds: int) -> None:
    """Interleaved rounds on one PostgreSQL with durable settings."""
    size = Size(stores=1, gateways=1, workers=1, nodes=1, full_share=0.0, connections=CONNECTIONS)
    async with (
        opened(folder, await asyncio.to_thread(goods, folder), size) as world,
        vendure_shop(world) as vendure,
        medusa_shop(world) as medusa,
    ):
        comparison = Comparison(world.processes[-1])
        await comparison.all_rounds([smarts_shop(world), vendure, medusa], rounds)
    _show(comparison.figures, rounds)


def _show(all_figures: dict[Key, Figures], rounds: int) -> None:
    table = Table(
        "", "", "shoppers", "carts a second", "Smarts' is", "a line, median", "p95", "CPU a cart", "PostgreSQL's",
        title=f"Carts of 20 lines; medians of {rounds} rounds, ratios of the same round",
    )  # fmt: skip
    for (shop, way, crowd), figures in sorted(all_figures.items(), key=_in_the_table):
        ours = all_figures["Smarts", LINE_BY_LINE, crowd]
        table.add_row(
            shop,
            way,
            str(crowd),
            f"{median(figures.rates):,.2f}",
            "" if figures is ours else times(ours.rates, figures.rates),
            *_latencies(figures),
            f"{median(figures.seconds) * 1e3:,.0f} ms",
            f"{median(figures.of_postgres) * 1e3:,.0f} ms",
        )
    _console.print(table)
    _console.print(
        f"Every cart came to {expected_total()}. The aim is {AIM} × line by line. CPU is that of all of a shop's"
        " processes; load, shops and PostgreSQL share this machine's cores."
    )


def _in_the_table(item: tuple[Key, Figures]) -> tuple[bool, int, bool]:
    (shop, way, crowd), _ = item
    return way != LINE_BY_LINE, crowd, shop != "Smarts"


def _latencies(figures: Figures) -> tuple[str, str]:
    if not figures.lines:
        return "–", "–"
    return f"{median(figures.lines) * 1e3:.1f} ms", f"{quantiles(figures.lines, n=20)[-1] * 1e3:.1f} ms"
