"""Real baskets, and a choice of them."""

import csv
import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import chain, islice, zip_longest
from pathlib import Path

from smarts.demo.catalogue.price_list import open_text

_LARGE = 50  # lines


@dataclass(frozen=True)
class Basket:
    """One purchase as it was: barcodes and quantities in the order of its lines."""

    id: str
    source: str
    scans: tuple[tuple[str, Decimal], ...]

    @cached_property
    def contents(self) -> dict[str, Decimal]:
        """How much of each product it holds."""
        amounts: defaultdict[str, Decimal] = defaultdict(Decimal)
        for barcode, quantity in self.scans:
            amounts[barcode] += quantity
        return dict(amounts)


def read_baskets(baskets: Path, item_map: Path) -> list[Basket]:
    """All baskets, with the items' barcodes of the map; items that are not on the map are left out."""
    barcodes = _barcodes(item_map)
    scans: defaultdict[tuple[str, str], list[tuple[str, Decimal]]] = defaultdict(list)
    with open_text(baskets) as file:
        for row in csv.DictReader(file):
            barcode = barcodes.get((row["source"], row["item"]))
            if barcode:
                scans[row["source"], row["basket_id"]].append((barcode, Decimal(row["quantity"])))
    return [Basket(basket_id, source, tuple(lines)) for (source, basket_id), lines in scans.items()]


def _barcodes(item_map: Path) -> dict[tuple[str, str], str]:
    with open_text(item_map) as file:
        return {(row["source"], row["item"]): row["demo_barcode"] for row in csv.DictReader(file)}


def choose(
    baskets: Sequence[Basket], count: int, seed: int, is_struck: Callable[[Basket], bool]
) -> list[Basket]:
    """A choice that is always the same for the same seed.

    A quarter holds something that a campaign makes cheaper, one in forty is large; the others come from all sources
    alike, as they are.
    """
    chance = random.Random(seed)  # noqa: S311 - no secret
    shuffled = chance.sample(baskets, len(baskets))
    struck = islice(filter(is_struck, shuffled), count // 4)
    large = islice((basket for basket in shuffled if len(basket.scans) >= _LARGE), count // 40)
    sources = [[basket for basket in shuffled if basket.source == source] for source in _sources(baskets)]
    in_turn = (basket for turn in zip_longest(*sources) for basket in turn if basket)
    chosen = dict.fromkeys(chain(struck, large, in_turn))
    return list(islice(chosen, count))


def _sources(baskets: Sequence[Basket]) -> list[str]:
    return sorted({basket.source for basket in baskets})
