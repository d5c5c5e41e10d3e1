"""`smarts policy`: tries check policies on shoppers and bags that are made up."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TypeVar

from cyclopts import Parameter
from cyclopts.validators import Number
from msgspec import Raw
from msgspec.structs import replace
from rich.box import SIMPLE
from rich.table import Table

from smarts.cli.basket_files import read_baskets
from smarts.cli.output import CommandFailedError, console, print_json, tell_people
from smarts.cli.parameters import ReadableFile
from smarts.control import Policy, unsound
from smarts.control.simulation import (
    AIM,
    MIXES,
    RECOMMENDED,
    Assumptions,
    Basket,
    Comparison,
    Interval,
    Row,
    Setting,
    compare,
    invented,
)
from smarts.wire.codec import decode, encode
from smarts.wire.errors import MalformedError

Document = TypeVar("Document", Policy, Assumptions)
_LARGEST_FILE = 1_000_000
_SEASONS_OF_ALL = 3
_NAMES = ", ".join(MIXES)


def _mix(_: object, name: str) -> None:
    if name not in MIXES:
        raise ValueError(f"There is no mix {name}; there are {_NAMES}")


def simulate(
    *,
    policy: ReadableFile | None = None,
    baskets: ReadableFile | None = None,
    items: ReadableFile | None = None,
    mix: Annotated[str, Parameter(validator=_mix)] = "usual",
    assumptions: ReadableFile | None = None,
    all_mixes: Annotated[bool, Parameter(negative="")] = False,
    seasons: Annotated[int | None, Parameter(validator=Number(gte=2, lte=100))] = None,
    shoppers: Annotated[int, Parameter(validator=Number(gte=1, lte=1000))] = 150,
    weeks: Annotated[int, Parameter(validator=Number(gte=1, lte=104))] = 26,
    seed: str = "1",
    json: bool = False,
) -> None:
    """Compare a check policy with published defaults and plain chance, at equal staff minutes.

    Shoppers, bags, what is forgotten and what is left out on purpose are made up, by assumptions that are printed. The
    same seed gives the same figures.

    Example: `smarts policy simulate --policy policy.json`.

    Parameters
    ----------
    policy:
        The policy as JSON; without it, the one that stores can begin with.
    baskets:
        Purchases as CSV, gzipped or not: source, basket_id, item, quantity and, if there is one, category. Without it,
        baskets are invented.
    items:
        Barcodes and prices of the baskets' items as CSV: source, item, demo_barcode, demo_price_eur.
    mix:
        Who shops and what goes wrong, by a name.
    assumptions:
        The same as JSON; fields that are not there are as usual.
    all_mixes:
        Simulate every named mix, so that it can be seen what hangs on the assumptions; takes some minutes.
    seasons:
        How many seasons are simulated: 8, or 3 of each of all mixes.
    shoppers:
        How many shoppers a store has; fewer are quicker, and tell less.
    weeks:
        How long a season is.
    seed:
        Any text.
    json:
        Print the figures and what was assumed as JSON.
    """
    tried, held = _policy(policy), _held(mix, assumptions, all_mixes=all_mixes)
    bought = _baskets(baskets, items)
    count = seasons or (_SEASONS_OF_ALL if all_mixes else Setting().seasons)
    setting = Setting(seasons=count, shoppers=shoppers, weeks=weeks, seed=seed)
    found = [compare(bought, tried, setting=setting, mix=name, assumed=each) for name, each in held.items()]
    if json:
        document = {"setting": setting, "policy": tried, "assumptions": held, "comparisons": found}
        print_json(Raw(encode(document)))
        return
    for each in found:
        _show(each)
    if len(found) > 1:
        _show_all(found)
    for name, assumed in held.items():
        tell_people(f"Assumed for {name}: {encode(assumed).decode()}")


def _policy(path: Path | None) -> Policy:
    if path is None:
        return RECOMMENDED
    policy = _read(path, Policy)
    if wrong := unsound(policy, datetime.now(UTC)):
        raise CommandFailedError("\n".join(f"{path}, {each.path}: {each.message}" for each in wrong))
    return policy


def _held(mix: str, path: Path | None, *, all_mixes: bool) -> dict[str, Assumptions]:
    if all_mixes:
        return MIXES
    return {str(path): _read(path, Assumptions)} if path else {mix: MIXES[mix]}


def _read(path: Path, kind: type[Document]) -> Document:
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise CommandFailedError(f"{path} is larger than {_LARGEST_FILE} bytes")
        return decode(path.read_bytes(), kind)
    except OSError as error:
        raise CommandFailedError(f"{path} cannot be read: {error}") from None
    except MalformedError as error:
        raise CommandFailedError(f"{path}: {error}") from None


def _baskets(baskets: Path | None, items: Path | None) -> Sequence[Basket]:
    if baskets is None and items is None:
        return invented(1)
    if baskets is None or items is None:
        raise CommandFailedError("--baskets and --items go together")
    return read_baskets(baskets, items)


def _show(found: Comparison) -> None:
    table = Table(title=f"{found.mix}: {found.carts} carts", title_justify="left", box=SIMPLE)
    table.add_column("per 100 carts")
    for heading in ("minutes", "caught", "caught, %", "honest, %", "found, %"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in (found.policy, *found.equal):
        table.add_row(*_cells(row))
    table.add_section()
    for row in found.published:
        table.add_row(*_cells(replace(row, method=f"{row.method}, published")))
    console.print(table)
    console.print(_verdict(found), markup=False)


def _cells(row: Row) -> Sequence[str]:
    share = "" if row.share is None else f" ({row.share:.1%})"
    parts = (row.of_missing, row.honest_stopped, row.found)
    return (f"{row.method}{share}", *map(_around, (row.minutes, row.caught)), *map(_percent, parts))


def _verdict(found: Comparison) -> str:
    return (
        f"Where nobody is checked, something is missing in {found.wrong:.1%} of the carts, {found.missing:.2f} in 100"
        " carts.\nIn % of what was missing, of the carts of honest shoppers, of looks; ± and brackets hold 95 %.\n"
        f"In a staff minute the policy catches {_between(found.times)} times what the best baseline does"
        f" ({found.best}): the aim of {AIM:.1f} is {_aim(found)}."
    )


def _aim(found: Comparison) -> str:
    if not found.aim_reached:
        return "missed"
    return "reached" if found.times.least >= AIM else "reached, which may be luck"


def _show_all(found: Sequence[Comparison]) -> None:
    table = Table(title="What hangs on the assumptions", title_justify="left", box=SIMPLE)
    for heading in ("mix", "times the best baseline", "with what was prevented", "aim", "best baseline"):
        table.add_column(heading)
    for each in found:
        table.add_row(each.mix, _between(each.times), _between(each.times_saved), _aim(each), each.best)
    console.print(table)


def _around(interval: Interval) -> str:
    return f"{interval.value:.2f} ±{interval.most - interval.value:.2f}"


def _percent(interval: Interval) -> str:
    return f"{interval.value * 100:.1f} ±{(interval.most - interval.value) * 100:.1f}"


def _between(interval: Interval) -> str:
    return f"{interval.value:.2f} ({interval.least:.2f} to {interval.most:.2f})"
