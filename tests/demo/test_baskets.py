from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smarts.demo.replay.baskets import Basket, choose, read_baskets


@pytest.fixture
def files(tmp_path):
    baskets, item_map = tmp_path / "baskets.csv", tmp_path / "map.csv"
    baskets.write_text(
        "basket_id,line,item,quantity,source\n"
        "b1,1,milk,1,north\nb1,2,tea,2,north\nb1,3,milk,3,north\nb1,4,car,1,north\nb1,1,milk,1,south\n"
    )
    item_map.write_text("source,item,demo_barcode\nnorth,milk,1\nnorth,tea,2\nsouth,milk,3\n")
    return baskets, item_map


def test_baskets_of_files(files):
    """Items become the barcodes of their own source, in their order; those that are not mapped are left out."""
    north, south = read_baskets(*files)
    assert north.scans == (("1", Decimal(1)), ("2", Decimal(2)), ("1", Decimal(3)))
    assert north.contents == {"1": Decimal(4), "2": Decimal(2)}
    assert (south.id, south.source, south.scans) == ("b1", "south", (("3", Decimal(1)),))


BASKETS = [
    Basket(str(number), f"source {number % 4}", (("1", Decimal(1)),) * (60 if number % 50 == 0 else 3))
    for number in range(2000)
]


def is_struck(basket):
    return int(basket.id) % 30 == 7


@given(st.integers(0, 1000))
def test_choice(seed):
    """A choice has its size, no basket twice, a quarter that campaigns strike, large ones, and all sources."""
    chosen = choose(BASKETS, 200, seed, is_struck)
    assert len(set(chosen)) == len(chosen) == 200
    assert len([basket for basket in chosen if is_struck(basket)]) >= 50
    assert len([basket for basket in chosen if len(basket.scans) >= 50]) >= 5
    assert {basket.source for basket in chosen} == {"source 0", "source 1", "source 2", "source 3"}
    assert choose(BASKETS, 200, seed, is_struck) == chosen


def test_another_seed():
    """Another seed chooses other baskets."""
    assert choose(BASKETS, 200, 1, is_struck) != choose(BASKETS, 200, 2, is_struck)


def test_fewer_than_asked_for():
    """Where there are fewer baskets, all are chosen."""
    assert set(choose(BASKETS[:10], 200, 1, is_struck)) == set(BASKETS[:10])
