"""The verb of offers: find those that a store has for a shopper today."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime

from smarts.caller import Refused
from smarts.edge.problems import FEATURE_ABSENT, NODE_NONSENSE
from smarts.gateway.nodes.calls import Nodes
from smarts.gateway.offers.rules import require_sense
from smarts.gateway.parties import Shopper, Store
from smarts.wire.codec import decode
from smarts.wire.errors import MalformedError
from smarts.wire.loyalty import ClientCard
from smarts.wire.offers import Offer, OfferClassification, OfferSearchRequest
from smarts.wire.operations import FIND_OFFERS
from smarts.wire.pieces import Pieces

MOST_SHOWN = 200
_MOST_REPORTED = 10  # of one answer; a node that has nothing but broken offers is told so often enough
_OFFERS_AS_THEY_CAME = replace(FIND_OFFERS, response=Pieces)


class Offers:
    """What the stores offer; `clock` tells the time in UTC."""

    def __init__(self, nodes: Nodes, clock: Callable[[], datetime]) -> None:
        self._nodes = nodes
        self._clock = clock

    async def of(
        self,
        store: Store,
        shopper: Shopper,
        cards: tuple[ClientCard, ...],
        classification: OfferClassification | None,
    ) -> tuple[Offer, ...]:
        """The offers of a store to a shopper that are on today, by the store's own calendar, at most 200.

        Both the first and the last day of an offer count. One that cannot be read or makes no sense is left out
        and reported to the store's manager. A store whose node has no offers has none.

        Raises:
            ProblemError: 502 to 504 where the node fails.
        """
        request = OfferSearchRequest(
            institution_id=store.institution_id,
            person_id=shopper.person_id,
            lang_code=shopper.lang_code,
            loyalty_cards=cards,
            classification=classification,
        )
        try:
            found = await self._nodes.call(store.institution_id, _OFFERS_AS_THEY_CAME, request)
        except Refused as refused:
            if refused.problem.type == FEATURE_ABSENT.type:
                return ()
            raise NODE_NONSENSE.error("The store's system refused to tell its offers") from refused
        broken: list[str] = []
        shown = tuple(_shown(found, self._clock().astimezone(store.time_zone.zone).date(), broken))
        for detail in broken[:_MOST_REPORTED]:
            await self._nodes.report(store.institution_id, FIND_OFFERS.name, detail)
        return shown


def _shown(found: Pieces, today: date, broken: list[str]) -> Iterator[Offer]:
    shown = 0
    for place, piece in enumerate(found):
        try:
            offer: Offer = decode(piece, Offer)  # type: ignore[arg-type] # a union is a type to msgspec
            require_sense(offer)
        except MalformedError as error:
            broken.append(f"answered wrongly at $[{place}]{error.error.path[1:]}: {error}")
            continue
        if _is_on(offer, today):
            yield offer
            shown += 1
        if shown == MOST_SHOWN:
            return


def _is_on(offer: Offer, today: date) -> bool:
    return (offer.start_date or today) <= today <= (offer.end_date or today)
