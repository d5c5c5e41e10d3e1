"""Goods that are easily taken for cheaper ones. A store has some; nobody knows them before checks have shown them."""

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from smarts.control.simulation.goods import Basket, Good

_AT_LEAST_TIMES = 1.6  # as dear


def confusing_pairs(baskets: Sequence[Basket], count: int, chance: random.Random) -> Mapping[Good, Good]:
    """Dear goods, each with a cheaper one of its category; both are bought often."""
    often = Counter(good for basket in baskets for good in basket)
    shelves = _by_category(good for good, _ in often.most_common(20 * count))
    candidates = [
        (dear, cheap)
        for shelf in shelves.values()
        for dear in shelf
        for cheap in shelf
        if dear.cents >= _AT_LEAST_TIMES * cheap.cents
    ]
    chance.shuffle(candidates)
    pairs, used = dict[Good, Good](), set[Good]()
    for dear, cheap in candidates:
        if len(pairs) < count and dear not in used and cheap not in used:
            pairs[dear] = cheap
            used |= {dear, cheap}
    return pairs


def _by_category(goods: Iterable[Good]) -> Mapping[str, Sequence[Good]]:
    shelves = dict[str, list[Good]]()
    for good in goods:
        shelves.setdefault(good.category, []).append(good)
    return shelves
