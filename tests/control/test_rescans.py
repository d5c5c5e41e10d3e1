"""Which pieces staff rescan: within the seconds that there are, those of which a look finds most."""

from collections import Counter
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as some

from smarts.control import (
    CheckedCart,
    CheckedLine,
    GoodsFact,
    Knowledge,
    LookedAt,
    Pace,
    RescanRule,
    Seed,
    added,
    grows,
    lessons,
)
from smarts.control.rescans import choose
from smarts.wire.money import Currency
from smarts.wire.times import TimeOfDay, UtcMillis, Weekday

NOTHING = Knowledge()
PACE = Pace()
RULE = RescanRule(seconds=45)


def line(barcode: str, price: str, pieces: int = 1) -> CheckedLine:
    """A line of a cart."""
    unit_price = Decimal(price)
    return CheckedLine(
        barcode=barcode,
        quantity=Decimal(pieces),
        pieces=pieces,
        unit_price=unit_price,
        total=unit_price * pieces,
    )


def cart(*lines: CheckedLine) -> CheckedCart:
    """A cart of these lines."""
    return CheckedCart(
        at=UtcMillis.read("2026-11-23T08:30:00.000Z"),
        weekday=Weekday.MONDAY,
        time=TimeOfDay(8, 30),
        currency=Currency.EUR,
        lines=lines,
        total=sum((each.total for each in lines), Decimal(0)),
        pieces=sum(each.pieces for each in lines),
    )


TWELVE = cart(*(line(f"{number}", "2.00") for number in range(12)))


def chosen(times: int, knowledge: Knowledge = NOTHING, of: CheckedCart = TWELVE) -> Counter[str]:
    """How often each barcode is chosen in so many checks."""
    counted = Counter[str]()
    for number in range(times):
        pieces = choose(RULE, of, knowledge, Seed.of("secret", str(number)))
        counted.update(piece.barcode for piece in pieces or ())
    return counted


@given(
    some.lists(some.tuples(some.integers(0, 9), some.integers(1, 12)), min_size=1, max_size=30),
    some.integers(5, 400),
)
def test_what_is_chosen_fits_into_the_seconds(lines: list[tuple[int, int]], seconds: int) -> None:
    """A partial rescan takes no longer than its seconds, counting included; of a product it has all pieces or none."""
    shopped = cart(*(line(f"{barcode}", "1.50", pieces) for barcode, pieces in lines))
    pace = PACE
    pieces = choose(RescanRule(seconds=seconds), shopped, Knowledge(), Seed.of("s"))
    held = Counter[str]()
    for each in shopped.lines:
        held[each.barcode] += each.pieces
    if pieces is None:
        assert pace.start + pace.scan * shopped.pieces <= seconds
        return
    assert all(each.pieces == held.pop(each.barcode) for each in pieces)
    spent = sum(pace.find + pace.scan * each.pieces for each in pieces)
    assert not pieces or pace.start + pace.count * shopped.pieces + spent <= seconds


def test_no_seconds_are_everything() -> None:
    """A rule without seconds has everything rescanned; so has one whose seconds suffice for everything."""
    assert choose(RescanRule(), TWELVE, Knowledge(), Seed.of("s")) is None
    assert choose(RescanRule(seconds=20 + 3 * 12), TWELVE, Knowledge(), Seed.of("s")) is None
    assert choose(RescanRule(seconds=20 + 3 * 12 - 1), TWELVE, Knowledge(), Seed.of("s"))


def test_the_same_inputs_choose_the_same_pieces_and_another_seed_others() -> None:
    """Nobody can learn from one check what the next one looks at, and a decision can be made again exactly."""
    first, again, other = (choose(RULE, TWELVE, Knowledge(), Seed.of(name)) for name in ("a", "a", "b"))
    assert first == again
    assert first != other


def test_what_was_wrong_before_is_looked_at_more_often() -> None:
    """A product that staff found wrong in a fifth of the carts is chosen far more often than one never found wrong."""
    knowledge = Knowledge(
        goods=(
            GoodsFact(barcode="3", looked=50, wrong=10, missing=Decimal(60)),
            GoodsFact(barcode="7", looked=500),
        )
    )
    with_it, without = chosen(200, knowledge), chosen(200)
    assert with_it["3"] > 190
    assert with_it["3"] > 3 * without["3"] / 2
    assert with_it["7"] < without["7"] / 2


def test_several_dear_pieces_and_cheap_goods_come_before_others() -> None:
    """Where nothing is known, what may be miscounted or may stand for dear goods is chosen before what is neither."""
    others = (line(f"x{number}", "6.00") for number in range(8))
    counted = chosen(300, of=cart(line("several", "9.00", 2), line("cheap", "0.50"), *others))
    most = max(counts for barcode, counts in counted.items() if barcode.startswith("x"))
    assert counted["several"] > most
    assert counted["cheap"] > most


def test_one_difference_makes_it_a_rescan_of_everything() -> None:
    """A count that is wrong, a piece too few and a piece too many: each is enough; nothing wrong is not."""
    assert not grows(12, 12, [(1, 1), (3, 3)])
    assert not grows(None, 12, [(1, 1)])
    assert grows(13, 12, [])
    assert grows(12, 12, [(1, 1), (3, 2)])
    assert grows(12, 12, [(1, 2)])


def test_cheap_goods_learn_what_stood_behind_them() -> None:
    """Dear goods under a cheap barcode: what they cost more is what that barcode is remembered for."""
    found = lessons(
        [
            LookedAt(barcode="onions", unit_price=Decimal("0.90"), in_cart=1, in_bag=0),
            LookedAt(barcode="saffron", unit_price=Decimal("7.90"), in_cart=0, in_bag=1),
            LookedAt(barcode="beer", unit_price=Decimal("1.20"), in_cart=2, in_bag=5),
            LookedAt(barcode="milk", unit_price=Decimal("1.10"), in_cart=1, in_bag=1),
        ]
    )
    assert list(found) == [
        GoodsFact(barcode="onions", looked=1, wrong=1, missing=Decimal("7.00")),
        GoodsFact(barcode="beer", looked=1, wrong=1, missing=Decimal("3.60")),
        GoodsFact(barcode="milk", looked=1),
    ]


def test_facts_add_up() -> None:
    """Two checks of a product are one fact."""
    one = GoodsFact(barcode="milk", looked=3, wrong=1, missing=Decimal("1.10"))
    assert added(one, one) == GoodsFact(barcode="milk", looked=6, wrong=2, missing=Decimal("2.20"))
