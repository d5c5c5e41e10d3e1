"""Which offers make sense enough to be shown. Pure functions."""

from collections.abc import Iterator
from decimal import Decimal
from urllib.parse import urlsplit

from smarts.wire.errors import MalformedError
from smarts.wire.offers import DefaultOffer, DiscountOffer, Offer, ProductRelatedOffer

_WHOLE = 100  # percent


def require_sense(offer: Offer) -> None:
    """Lets pass what a shopper may be shown.

    Raises:
        MalformedError: a price is below zero, a discount more than all of it, or a picture is at no web address; tells
            the path.
    """
    for path, price in _prices(offer):
        if price < 0:
            raise _wrong(path, "Expected a price of 0 or more")
    if isinstance(offer, DiscountOffer) and offer.discount_percentage > _WHOLE:
        raise _wrong("discountPercentage", f"Expected a percentage from 0 to {_WHOLE}")
    if isinstance(offer, DiscountOffer | DefaultOffer) and not _is_on_the_web(offer.image_uri or ""):
        raise _wrong("imageUri", "Expected an address with http or https, or a relative one")


def _prices(offer: Offer) -> Iterator[tuple[str, Decimal]]:
    match offer:
        case DiscountOffer():
            yield "offerPrice", offer.offer_price
            yield "defaultPrice", offer.default_price
        case ProductRelatedOffer():
            price = offer.related_product.price
            yield "relatedProduct.price.total", price.total
            yield "relatedProduct.price.vat.sumWithVAT", price.vat.sum_with_vat


def _is_on_the_web(address: str) -> bool:
    if not address.isprintable():
        return False  # browsers overlook line breaks and the like, also in the middle of a scheme
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return False
    return not parts.scheme or (parts.scheme in {"http", "https"} and bool(parts.hostname))


def _wrong(path: str, message: str) -> MalformedError:
    return MalformedError(message, f"$.{path}", is_json=True)
