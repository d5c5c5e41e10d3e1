"""Offers: what shoppers see before they buy."""

from smarts.wire.offers import Offer, OfferClassification, OfferSearchRequest, ProductRelatedOffer
from smarts.wire.text import Translatable

from goods import goods


# Replace by your own; `DiscountOffer` and `DefaultOffer` are the other two kinds.
def find_offers(request: OfferSearchRequest) -> list[Offer]:
    """One offer to everybody, and none to this shopper alone."""
    if request.classification is OfferClassification.PERSONAL or not goods.products:
        return []
    title = Translatable.of("Nädala kaup", EN="Product of the week")
    return [ProductRelatedOffer(id="week", title=title, related_product=goods.products[0])]
