"""What the order of a store's campaigns makes of a purchase: the same campaign at other places of the list."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from smarts.campaigns.pricing import price_cart
from smarts.campaigns.trying import Basket, Candidate

MOST_PLACES = 24
"""At so many places a campaign is tried; of more, at those beside a campaign that changes something here."""


@dataclass(frozen=True)
class Stretch:
    """Places of the list, counted from 0 and both included, at all of which a cart costs as much, with VAT."""

    first: int
    last: int
    total: Decimal


def totals_by_place(candidate: Candidate, basket: Basket) -> tuple[Stretch, ...]:
    """What the cart costs, by where the campaign has its turn among the others; one stretch where that is the same."""
    stretches: list[Stretch] = []
    for place in _places(candidate, basket):
        total = _total(candidate, place, basket)
        if stretches and (stretches[-1].last, stretches[-1].total) == (place - 1, total):
            stretches[-1] = Stretch(stretches[-1].first, place, total)
        else:
            stretches.append(Stretch(place, place, total))
    return tuple(stretches)


def _places(candidate: Candidate, basket: Basket) -> Iterable[int]:
    last = len(candidate.others)
    if last < MOST_PLACES:
        return range(last + 1)
    alone = price_cart(basket.lines, candidate.others, basket.buyer, basket.currency)
    changing = [effect.campaign for effect in alone.effects if effect.changed]
    beside = [
        place for place, campaign in enumerate(candidate.others) if any(campaign is each for each in changing)
    ]
    near = sorted({side for place in beside for side in (place, place + 1)})
    return sorted({0, candidate.place, last, *near[: MOST_PLACES - 3]})


def _total(candidate: Candidate, place: int, basket: Basket) -> Decimal:
    listed = (*candidate.others[:place], candidate.campaign, *candidate.others[place:])
    return price_cart(basket.lines, listed, basket.buyer, basket.currency).total.total_to_pay
