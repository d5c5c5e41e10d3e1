"""The store's offers, as the settings have them."""

from collections.abc import Callable, Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from smarts.ready.checks import Find
from smarts.ready.settings import OfferSettings
from smarts.wire.loyalty import ClientCard
from smarts.wire.offers import (
    DefaultOffer,
    DiscountOffer,
    Offer,
    OfferClassification,
    OfferSearchRequest,
    ProductRelatedOffer,
)

CardCodes = Callable[[str | None, Sequence[ClientCard]], frozenset[str]]


class Offers:
    """The feature offers; what is out of date is sent too, since not to show it is the gateway's part.

    An offer of a product that the store does not sell just now is not made.
    """

    def __init__(self, settings: Sequence[OfferSettings], find: Find, card_codes: CardCodes) -> None:
        self._settings = settings
        self._find = find
        self._card_codes = card_codes

    def find_offers(self, request: OfferSearchRequest) -> tuple[Offer, ...]:
        """The offers to everybody, and those to holders of cards that this shopper has; or one of the two sorts."""
        wanted = []
        if request.classification is not OfferClassification.PERSONAL:
            wanted += [each for each in self._settings if not each.cards]
        if request.classification is not OfferClassification.GENERAL:
            codes = self._card_codes(request.person_id, request.loyalty_cards)
            wanted += [each for each in self._settings if not codes.isdisjoint(each.cards)]
        return tuple(offer for each in wanted for offer in self._offer(each))

    def _offer(self, settings: OfferSettings) -> Iterator[Offer]:
        common: dict[str, Any] = {
            "id": settings.id,
            "title": settings.title.text,
            "start_date": settings.starts,
            "end_date": settings.ends,
        }
        if settings.barcode:
            product = self._find(settings.barcode)
            if product:
                yield ProductRelatedOffer(**common, related_product=product)
        elif settings.price is not None and settings.usual_price is not None and settings.image:
            yield DiscountOffer(
                **common,
                image_uri=settings.image,
                discount_percentage=_percentage(settings.price, settings.usual_price),
                offer_price=Decimal(settings.price),
                default_price=Decimal(settings.usual_price),
            )
        else:
            description = settings.description.text if settings.description else None
            yield DefaultOffer(**common, image_uri=settings.image, description=description)


def _percentage(price: Decimal, usual: Decimal) -> int:
    return int(((usual - price) * 100 / usual).quantize(Decimal(1), rounding=ROUND_HALF_UP))
