"""Offers: what shoppers see before they buy."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from smarts.wire.money import Currency, rounded
from smarts.wire.offers import (
    DiscountOffer,
    Offer,
    OfferClassification,
    OfferSearchRequest,
    ProductRelatedOffer,
)
from smarts.wire.products import Product
from smarts.wire.text import Translatable

from goods import goods


# Replace by your own; `DefaultOffer`, a picture and words, is the third kind.
def find_offers(request: OfferSearchRequest) -> list[Offer]:
    """Two offers to everybody, and none to this shopper alone."""
    if request.classification is OfferClassification.PERSONAL or not goods.products:
        return []
    title = Translatable.of("Nädala kaup", EN="Product of the week", RU="Товар недели")
    first, last = goods.products[0], goods.products[-1]
    return [ProductRelatedOffer(id="week", title=title, related_product=last), discount(first)]


def discount(product: Product) -> DiscountOffer:
    """A tenth off, for a week; it is the product's campaign that takes it off."""
    today, price = datetime.now(UTC).date(), product.price.total
    return DiscountOffer(
        id="discount",
        title=product.translatable_name,
        start_date=today,
        end_date=today + timedelta(days=7),
        image_uri="https://shop.example/tenth-off.png",
        discount_percentage=10,
        offer_price=rounded(price * Decimal("0.9"), Currency.EUR),
        default_price=price,
    )
