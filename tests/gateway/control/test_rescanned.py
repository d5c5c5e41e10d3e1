"""What a rescan found: which goods were exchanged for which, and what is learnt of them."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from smarts.gateway.control.rescanned import Looked, RescanKind, exchanged, findings


def looked(barcode: str, scanned: str, found: str, price: str = "1.00", *, weighed: bool = False) -> Looked:
    return Looked(
        barcode=barcode,
        product_name=barcode,
        unit_price=Decimal(price),
        weighed=weighed,
        scanned=Decimal(scanned),
        found=Decimal(found),
    )


def test_what_is_missing_stood_for_what_was_there_in_its_stead() -> None:
    """One cheap piece is not there, one dear piece is that nobody scanned: these were exchanged."""
    rows = [looked("onion", "1", "0", "0.30"), looked("fig", "0", "1", "4.00"), looked("bread", "2", "2")]
    assert exchanged(rows) == (("onion", "fig"),)
    kept = {each.barcode: each.exchanged_for for each in findings(rows, RescanKind.FULL)}
    assert kept == {"onion": "fig", "fig": "onion", "bread": None}


def test_several_exchanges_are_told_apart_by_how_many_pieces_they_are_of() -> None:
    """Three of one thing for three of another, and one for one, whatever they cost."""
    rows = [
        looked("a", "3", "0", "1.00"),
        looked("b", "1", "0", "9.00"),
        looked("c", "0", "1", "1.00"),
        looked("d", "0", "3", "2.00"),
    ]
    assert set(exchanged(rows)) == {("a", "d"), ("b", "c")}


def test_a_piece_too_many_or_too_few_alone_is_no_exchange() -> None:
    """A count that is wrong, or something forgotten, has nothing that it stood for."""
    assert exchanged([looked("a", "2", "3"), looked("b", "1", "1")]) == ()
    assert exchanged([looked("a", "2", "1")]) == ()


def test_what_is_weighed_is_a_piece_and_more_of_it_is_one_more() -> None:
    """Half a kilogram that was a whole one counts as a piece that was not paid for; less than scanned as none."""
    more, less, gone = (
        looked("x", scanned, found, weighed=True)
        for scanned, found in (("0.5", "1"), ("1", "0.5"), ("1", "0"))
    )
    assert [(each.in_cart, each.in_bag) for each in (more, less, gone)] == [(1, 2), (1, 1), (1, 0)]


amounts = st.integers(0, 4).map(Decimal)
rows = st.lists(st.tuples(amounts, amounts, st.integers(1, 900)), max_size=8).map(
    lambda found: [
        Looked(str(place), "", Decimal(price), False, scanned, there)
        for place, (scanned, there, price) in enumerate(found)
    ]
)


@given(rows)
def test_each_product_is_in_one_exchange_at_most(found: list[Looked]) -> None:
    """Pairs hold what was short and what was over, and as many as there can be."""
    pairs = exchanged(found)
    short = {each.barcode for each in found if each.found < each.scanned}
    over = {each.barcode for each in found if each.found > each.scanned}
    named = [barcode for pair in pairs for barcode in pair]
    assert len(set(named)) == len(named)
    assert {pair[0] for pair in pairs} <= short
    assert {pair[1] for pair in pairs} <= over
    assert len(pairs) == min(len(short), len(over))
