"""What a request costs as stores and stored purchases grow: `python -m benchmarks.growth`, or `make growth`.

One gateway, one worker, one node. Past purchases are cloned from one that was really made; then the hot requests are
made, one kind after another, and counted: processor time of the gateway, time and pages of PostgreSQL, write-ahead
log. Pages do not depend on how busy the machine is. A statement that looks at more and more pages is named, and so is
a long table that is read from end to end. `--max-gigabytes` keeps it from filling the disk.
"""

import argparse
import asyncio
import logging
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import structlog
from benchmarks.growth import fill, statements
from benchmarks.growth.statements import Statement
from benchmarks.growth.visits import Phones, Shopper
from benchmarks.load.goods import Goods, read_goods
from benchmarks.load.processes import Process
from benchmarks.load.world import Size, World, opened
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from smarts.gateway.parties import Role
from smarts.gateway.people.service import People

_FIRST_STORES = 10
_SCANS = 5
_BYTES_A_PURCHASE = 4_300  # on the disk with all its indexes, most of them older than two months
_LOG_GIGABYTES = 8
_MORE_PAGES, _TIMES_MORE = (
    6,
    1.5,
)  # from then on a statement's cost is not flat: a tree of pages may grow by a level
_SHOWN = 300  # letters of a statement
_console = Console(width=170)


@dataclass
class Cost:
    """One kind of request at one size: what all its requests together cost."""

    requests: int
    cpu: float
    seconds: float
    statements: Sequence[Statement]

    def a_request(self, total: float) -> float:
        return total / self.requests


@dataclass
class Point:
    """One size, and what each kind of request cost there."""

    stores: int
    purchases: int
    costs: dict[str, Cost] = field(default_factory=dict)
    reads: dict[str, statements.Reads] = field(default_factory=dict)


def main() -> None:
    options = _parser().parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with TemporaryDirectory(prefix="smarts-growth-", dir=options.folder) as name:
        folder = Path(name)
        folder.chmod(0o711)
        goods = read_goods(Path("/nowhere"), folder, 200, 1)
        sys.exit(asyncio.run(_grow(options, goods, folder)))


async def _grow(options: argparse.Namespace, goods: Goods, folder: Path) -> int:
    size = Size(stores=_FIRST_STORES, gateways=1, workers=0, nodes=1, full_share=1.0, connections=10)
    points: list[Point] = []
    async with opened(
        folder, goods, size, statements.SETTINGS | {"shared_buffers": options.buffers}
    ) as world:
        await statements.prepare(world.database)
        phones = await _phones(world, goods, options.visits)
        template = await _template(world, phones)
        present = Point(_FIRST_STORES, 0)
        for stores, purchases in _sizes(options):
            if not _has_room(options, folder, present.purchases, purchases):
                break
            began = time.monotonic()
            await fill.add_stores(world.database, present.stores, stores)
            await fill.add_purchases(
                world.database, template, stores, present.purchases, purchases, ordered=not options.random_ids
            )
            size_now = await fill.megabytes(world.database)
            took = time.monotonic() - began
            _console.print(
                f"{stores:,} stores, {purchases:,} purchases: {size_now:,.0f} MB, made in {took:.0f} s"
            )
            present = await _measured(world, phones, Point(stores, purchases))
            points.append(present)
        _show(points)
        _show_suspects(points)
        _show_updates(await statements.updated(world.database))
    return 0


def _sizes(options: argparse.Namespace) -> list[tuple[int, int]]:
    """Stores grow first, with few purchases; then purchases, with all stores."""
    fewest = options.purchases[0]
    more_stores = [(stores, fewest) for stores in options.stores]
    return more_stores + [(options.stores[-1], purchases) for purchases in options.purchases[1:]]


def _has_room(options: argparse.Namespace, folder: Path, present: int, wanted: int) -> bool:
    """Whether the disk takes it, and the log beside it."""
    needed = (wanted - present) * _BYTES_A_PURCHASE / 1e9 + _LOG_GIGABYTES
    free = shutil.disk_usage(folder).free / 1e9
    if needed > free or wanted * _BYTES_A_PURCHASE / 1e9 > options.max_gigabytes:
        _console.print(f"{wanted:,} purchases need {needed:.0f} GB more, of {free:.0f} GB: left out")
        return False
    return True


async def _phones(world: World, goods: Goods, visits: int) -> Phones:
    people = People(world.database, 1_000_000)
    async with world.database.transaction() as tx:
        merchant_id = await tx.fetchval("SELECT merchant_id FROM institutions WHERE id = 'store-0'")
        worker = await people.add_staff(tx, "Worker", Role.WORKER, merchant_id, frozenset({"store-0"}))
        manager = await people.add_staff(tx, "Manager", Role.MANAGER, merchant_id, frozenset())
    barcodes = list(goods.reckoning.prices)
    shoppers = []
    for number in range(visits):
        scans = [(barcodes[(number * _SCANS + each) % len(barcodes)], Decimal(1)) for each in range(_SCANS)]
        shoppers.append(Shopper(f"sm_shopper_{number}", "store-0", scans))
    store, access_token = world.shop.stores[0]
    assert store == "store-0"
    return Phones(world.session, world.shop.gateways[0], shoppers, access_token, worker, manager)


async def _template(world: World, phones: Phones) -> fill.Template:
    """One purchase, really made and delivered."""
    joined = await phones.ask("POST", "/shop/v1/shoppers", "", {"langCode": "ET"})
    shopper = Shopper(_field(joined, "token"), "store-0", phones.shoppers[0].scans)
    alone = Phones(
        phones.session, phones.url, [shopper], phones.access_token, phones.staff_token, phones.manager_token
    )
    kinds = alone.kinds()
    for kind in ("begin", "scan", "checkout", "result", "pay"):
        await kinds[kind]()
    with world.worker(0):
        await _until_delivered(world)
    return await fill.template_of(world.database, shopper.cart["id"])


def _field(answer: bytes, name: str) -> str:
    return str(msgspec.json.decode(answer)[name])


async def _until_delivered(world: World) -> None:
    waiting = "SELECT EXISTS (SELECT FROM outbox_messages WHERE state = 'waiting' AND waiting_since <= now())"
    async with asyncio.timeout(300), world.database.connection() as connection:
        while await connection.fetchval(waiting):  # noqa: ASYNC110 - another process delivers
            await asyncio.sleep(0.2)


async def _measured(world: World, phones: Phones, point: Point) -> Point:
    tokens = await fill.known_shoppers(world.database, len(phones.shoppers), point.purchases)
    for shopper, token in zip(phones.shoppers, tokens, strict=True):
        shopper.token = token
    before = await statements.read_in_order(world.database)
    gateway = world.processes[0]
    for kind, make in phones.kinds().items():
        phones.requests = 0
        await statements.begin(world.database)
        cpu, began = gateway.seconds(), time.monotonic()
        await make()
        took, used = time.monotonic() - began, gateway.seconds() - cpu
        point.costs[kind] = Cost(phones.requests, used, took, await statements.counted(world.database))
    await statements.begin(world.database)
    began = time.monotonic()
    with ExitStack() as stack:
        worker: Process = stack.enter_context(world.worker(0))
        await _until_delivered(world)
        used = worker.seconds()
        point.costs["delivery"] = Cost(
            len(phones.shoppers), used, time.monotonic() - began, await statements.counted(world.database)
        )
    nothing = statements.Reads(0, 0)
    for table, after in (await statements.read_in_order(world.database)).items():
        then = before.get(table, nothing)
        point.reads[table] = statements.Reads(after.times - then.times, after.rows - then.rows)
    return point


def _show(points: Sequence[Point]) -> None:
    for kind in points[0].costs:
        table = Table(
            "stores", "purchases", "requests", "gateway CPU ms", "SQL ms", "statements", "pages", "pages read",
            "log bytes", "page images", title=kind,
        )  # fmt: skip
        for point in points:
            cost = point.costs[kind]
            each = [cost.a_request(total) for total in (
                1000 * cost.cpu,
                *(sum(getattr(one, name) for one in cost.statements) for name in (
                    "milliseconds", "calls", "pages", "pages_read", "wal_bytes", "wal_fpi")))]  # fmt: skip
            table.add_row(
                f"{point.stores:,}",
                f"{point.purchases:,}",
                str(cost.requests),
                *(f"{one:,.2f}" for one in each),
            )
        _console.print(table)


def _show_suspects(points: Sequence[Point]) -> None:
    """Statements that look at more pages at the largest size than at the smallest, and long tables that were read."""
    sizes = (f"pages at {point.stores:,}/{point.purchases:,}" for point in points)
    table = Table("request", "calls", *sizes, "statement", title="Statements that look at more pages")
    for kind, last in points[-1].costs.items():
        for one in last.statements:
            pages = [_pages(point.costs[kind], one) for point in points]
            known = [each for each in pages if each is not None]
            if known[-1] > known[0] * _TIMES_MORE + _MORE_PAGES:
                shown = ["" if each is None else f"{each:.0f}" for each in pages]
                text = " ".join(one.query.split())[:_SHOWN]
                table.add_row(kind, str(one.calls), *shown, escape(f"[{one.role}] {text}"))
    _console.print(table if table.rows else "No statement looks at more pages.")
    reads = Table("long table", "times", "rows a time", title="Read from end to end at the largest size")
    for name, read in points[-1].reads.items():
        if read.times and read.rows:
            reads.add_row(name, str(read.times), f"{read.rows / read.times:,.0f}")
    _console.print(reads if reads.rows else "No long table is read from end to end.")


def _show_updates(updated: Mapping[str, tuple[int, int]]) -> None:
    table = Table("table", "rows changed", "in place", title="Changed in place, so that no index was written")
    for name, (all_of_them, in_place) in sorted(updated.items()):
        table.add_row(name, str(all_of_them), f"{in_place / all_of_them:.0%}")
    _console.print(table)


def _pages(cost: Cost, statement: Statement) -> float | None:
    same = [one for one in cost.statements if one.key == statement.key]
    return sum(one.pages for one in same) / sum(one.calls for one in same) if same else None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m benchmarks.growth", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    add = parser.add_argument
    add("--stores", type=_numbers, default=[10, 1_000, 10_000], help="with commas between")
    add("--purchases", type=_numbers, default=[1_000, 100_000, 1_000_000], help="stored, the fewest first")
    add(
        "--visits",
        type=int,
        default=200,
        help="of each kind of request at each size; a visit scans 5 products",
    )
    add("--buffers", default="512MB", help="PostgreSQL's shared_buffers")
    add("--random-ids", action="store_true", help="stored purchases have ids that are not ordered by time")
    add("--max-gigabytes", type=float, default=50.0, help="that the database may take")
    add("--folder", type=Path, default=None, help="where the database is, for the time of the run")
    return parser


def _numbers(text: str) -> list[int]:
    return [int(part.replace("_", "")) for part in text.split(",")]


if __name__ == "__main__":
    main()
