"""How fast campaigns are: `python benchmarks/campaigns.py`.

Evaluations a second on one core of the documentation's operations as Smarts compiles them, beside the same written by
hand in Python and the same in V8, called from Python; then the pricing of a 20-line cart. All contenders take turns in
one run, and of each the best round counts, since other programs on the machine can only slow it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from timeit import Timer
from typing import Any

from py_mini_racer import MiniRacer
from rich.console import Console
from rich.table import Table

from smarts.campaigns import Buyer, CampaignCode, CartLine, compile_operation, price_cart
from smarts.wire.money import Currency
from smarts.wire.products import VAT, Campaign, Price, Product, net_and_vat
from smarts.wire.text import Translatable

ROUNDS = 60
AIMED_EVALUATIONS = 1_000_000
AIMED_PRICING = 150e-6


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
