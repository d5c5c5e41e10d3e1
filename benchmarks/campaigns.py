"""How fast campaigns are: `python benchmarks/campaigns.py`.

Evaluations a second on one core of the documentation's operations as Smarts compiles them, beside the same written by
hand in Python and the same in V8, called from Python; then the pricing of a 20-line cart, and of one in stores with
long lists of campaigns. All contenders take turns in one run, and of each the best round counts, since other programs
on the machine can only slow it. Long lists are timed by the processor's time, as a gateway meets them: each cart is
another one, and its list was just read from the database.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from time import process_time
from timeit import Timer
from typing import Any

from py_mini_racer import MiniRacer
from rich.console import Console
from rich.table import Table

from smarts.campaigns import (
    Buyer,
    CampaignCode,
    CartLine,
    compile_operation,
    nearest_hints,
    price_cart,
)
from smarts.wire.money import Currency
from smarts.wire.products import VAT, Campaign, Price, Product, net_and_vat
from smarts.wire.text import Translatable

ROUNDS = 60
AIMED_EVALUATIONS = 1_000_000
AIMED_PRICING = 150e-6
AIMED_LONG_LIST = 1e-3
LISTS = (0, 20, 200, 1000)
CARTS = 12  # more than there are lists that are known by being the very same


@dataclass(frozen=True)
class Contest:
    """An operation, the same by hand in Python, and inputs."""

    name: str
    code: str
    source: str
    by_hand: str
    inputs: tuple[float, ...]

    @property
    def campaign(self) -> Campaign:
        return Campaign(self.name, self.code, self.source)


CONTESTS = [
    Contest(
        "every second piece free",
        "B00000000001",
        "amount >= 2 ? amount - (Math.floor(amount / 2) * 1) : amount",
        "amount - amount // 2 if amount >= 2 else amount",
        (7.0,),
    ),
    Contest(
        "half a euro off from five",
        "B00000000002",
        "amount >= 5 ? unitPrice - 0.5 : unitPrice",
        "unitPrice - 0.5 if amount >= 5 else unitPrice",
        (7.0, 2.4),
    ),
    Contest(
        "a euro off the row",
        "C00000000002",
        "amount >= 1 ? unitPrice - Math.min(unitPrice, 0.8065 / amount) : unitPrice",
        "unitPrice - min(unitPrice, 0.8065 / amount) if amount >= 1 else unitPrice",
        (7.0, 2.4),
    ),
    Contest(
        "2 % off from 50 euros",
        "B00000000501",
        "total >= 50 ? total * 0.98 : total",
        "total * 0.98 if total >= 50 else total",
        (61.25,),
    ),
]


def best_times(statements: Mapping[str, tuple[Timer, int]]) -> dict[str, float]:
    """Seconds a run of each, by its best round."""
    best = dict.fromkeys(statements, float("inf"))
    for _ in range(ROUNDS):
        for name, (timer, times) in statements.items():
            best[name] = min(best[name], timer.timeit(times) / times)
    return best


def calling(function: Any, inputs: Sequence[float]) -> Timer:
    """Times calls with the inputs."""
    names = "abc"[: len(inputs)]
    return Timer(f"f({', '.join(names)})", globals={"f": function, **dict(zip(names, inputs, strict=True))})


def evaluations(contest: Contest, engine: MiniRacer) -> dict[str, float]:
    """Seconds an evaluation takes each contender."""
    operation = compile_operation(contest.source, CampaignCode.parse(contest.code).kind)
    names = ", ".join(operation.kind.inputs)
    return best_times(
        {
            "Smarts": (calling(operation.evaluate, contest.inputs), 5000),
            "Smarts, result checked": (calling(operation, contest.inputs), 5000),
            "Python by hand": (calling(eval(f"lambda {names}: {contest.by_hand}"), contest.inputs), 5000),
            "V8, called": (calling(engine.eval(f"({names}) => {contest.source}"), contest.inputs), 20),
        }
    )


def lines(*, with_campaigns: bool) -> list[CartLine]:
    """Twenty lines of three VAT rates; where asked, campaigns of each kind on every second one."""
    cart = []
    for number in range(20):
        total, rate = Decimal(199 + 37 * number) / 100, Decimal((24, 13, 9)[number % 3])
        net, vat = net_and_vat(total, rate)
        struck_by = (CONTESTS[number // 2 % 4].campaign,) if with_campaigns and number % 2 else ()
        name = Translatable(f"Kaup {number}")
        sold = Product(
            str(number), str(number), name, Price(VAT(net, vat, total, rate), total), campaigns=struck_by
        )
        cart.append(CartLine(f"line {number}", sold, Decimal((1, 2, 6)[number % 3])))
    return cart


def pricing() -> dict[str, float]:
    """Seconds that pricing a cart takes."""
    store = [CONTESTS[3].campaign]
    carts = {
        "20 lines, no campaign": (lines(with_campaigns=False), []),
        "20 lines, campaigns on 10": (lines(with_campaigns=True), []),
        "the same with a store campaign": (lines(with_campaigns=True), store),
    }
    buyer = Buyer(client=True)
    return best_times(
        {
            name: (Timer(partial(price_cart, cart, on, buyer, Currency.EUR)), 10)
            for name, (cart, on) in carts.items()
        }
    )


def long_list(count: int) -> tuple[Campaign, ...]:
    """So many campaigns of a store, of which five strike the cart; the others want more of it, or other cards."""
    struck = tuple(
        Campaign(f"struck {n}", "B00000000501", f"total >= {n} ? total * 0.99 : total") for n in range(5)
    )
    others = (
        Campaign("more money", "B00000000501", f"total >= {300 + 5 * n} ? total * 0.98 : total")
        if n % 3 == 0
        else Campaign("more pieces", "B00000000502", f"amount >= {80 + n} ? Math.max(total - 1, 0) : total")
        if n % 3 == 1
        else Campaign("another card", f"B{n:08}501", "total * 0.9")
        for n in range(max(0, count - len(struck)))
    )
    return (*struck[:count], *others)


def growing(count: int) -> list[list[CartLine]]:
    """So many carts of 20 lines, each with another number of pieces."""
    first, *others = lines(with_campaigns=True)
    return [[CartLine(first.key, first.product, Decimal(1 + more)), *others] for more in range(count)]


def long_lists() -> dict[int, dict[str, float]]:
    """Seconds of processor time that a cart takes in stores with so many campaigns."""
    buyer, carts = Buyer(client=True), growing(CARTS)
    found = {}
    for count in LISTS:
        stores = [long_list(count) for _ in carts]  # as they come from the database: equal, never the same

        def priced(each: list[CartLine], store: tuple[Campaign, ...]) -> None:
            price_cart(each, store, buyer, Currency.EUR)

        def with_hints(each: list[CartLine], store: tuple[Campaign, ...]) -> None:
            cart = price_cart(each, store, buyer, Currency.EUR)
            nearest_hints(cart, store, buyer, lambda line: True)

        def without_the_index(each: list[CartLine], store: tuple[Campaign, ...]) -> None:
            price_cart(each, store, buyer, Currency.EUR, thorough=True)

        def each_cart(
            pricing: Callable[[list[CartLine], tuple[Campaign, ...]], None],
            met: Sequence[tuple[list[CartLine], tuple[Campaign, ...]]] = tuple(
                zip(carts, stores, strict=True)
            ),
        ) -> None:
            for cart, store in met:
                pricing(cart, store)

        times = best_times(
            {
                "priced": (Timer(partial(each_cart, priced), timer=process_time), 1),
                "with hints": (Timer(partial(each_cart, with_hints), timer=process_time), 1),
                "without the index": (Timer(partial(each_cart, without_the_index), timer=process_time), 1),
            }
        )
        found[count] = {name: time / CARTS for name, time in times.items()}
    return found


def show_long_lists(console: Console) -> None:
    """The table, and how the longest list compares with none."""
    found = long_lists()
    names = ("priced", "with hints", "without the index")
    table = Table("campaigns", *names, title="Long lists: µs of the processor")
    for count, times in found.items():
        table.add_row(f"{count:,}", *(f"{times[name] * 1e6:.0f}" for name in names))
    console.print(table)
    none, longest = found[LISTS[0]], found[LISTS[-1]]
    console.print(
        f"With {LISTS[-1]:,} campaigns a cart is priced in {longest['priced'] / none['priced']:.1f} times what it takes"
        f" without any; with hints {longest['with hints'] * 1e6:.0f} µs (aim under {AIMED_LONG_LIST * 1e6:,.0f}). The"
        " limit is what each campaign that strikes costs: the total is split anew over the VAT rates."
    )


def main() -> None:
    console = Console()
    engine = MiniRacer()
    timed = {contest.name: evaluations(contest, engine) for contest in CONTESTS}
    engine.close()
    table = Table(
        "operation", *timed[CONTESTS[0].name], title="Evaluations a second on one core, in thousands"
    )
    for name, times in timed.items():
        table.add_row(name, *(f"{1e-3 / each:,.0f}" for each in times.values()))
    console.print(table)

    carts = pricing()
    table = Table("cart", "µs", title="Pricing a cart")
    for name, each in carts.items():
        table.add_row(name, f"{each * 1e6:.0f}")
    console.print(table)

    show_long_lists(console)
    slowest = max(times["Smarts, result checked"] for times in timed.values())
    priced = carts["20 lines, campaigns on 10"]
    console.print(
        f"Slowest operation, result checked: {1 / slowest:,.0f} a second (aim {AIMED_EVALUATIONS:,}). "
        f"A 20-line cart: {priced * 1e6:.0f} µs (aim under {AIMED_PRICING * 1e6:.0f})."
    )
    console.print(
        f"The operations are {10 * slowest / priced:.0%} of pricing at most; the limit is the exact decimal "
        "arithmetic around them: rows, VAT by rate, and VAT split over the rows."
    )


if __name__ == "__main__":
    main()
