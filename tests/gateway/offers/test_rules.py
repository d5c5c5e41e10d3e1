"""Which offers make sense enough to be shown."""

from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from gateway.journeys.world import product
from smarts.gateway.offers.rules import require_sense
from smarts.wire.errors import MalformedError
from smarts.wire.offers import DefaultOffer, DiscountOffer, Offer, ProductRelatedOffer
from smarts.wire.text import Translatable

TITLE = Translatable.of("Leib")
BREAD = product("1", "Leib", "1.49")
DISCOUNT = DiscountOffer(
    id="discount",
    title=TITLE,
    image_uri="https://example.com/bread.webp",
    discount_percentage=20,
    offer_price=Decimal("1.19"),
    default_price=Decimal("1.49"),
)
WORDS = DefaultOffer(id="words", title=TITLE)
RELATED = ProductRelatedOffer(id="related", title=TITLE, related_product=BREAD)
LESS = replace(BREAD, price=replace(BREAD.price, total=Decimal("-0.01")))


@pytest.mark.parametrize(
    "offer",
    [
        DISCOUNT,
        WORDS,
        RELATED,
        replace(DISCOUNT, offer_price=Decimal(0), discount_percentage=100),
        replace(DISCOUNT, default_price=Decimal(0), offer_price=Decimal(0), discount_percentage=0),
        replace(WORDS, image_uri="bread and butter.png"),
        replace(WORDS, image_uri="/pictures/bread.png?size=2#top"),
        replace(WORDS, image_uri="//images.example.com/bread.png"),
        replace(WORDS, image_uri="HTTP://images.example.com/leib-või.png"),
        replace(WORDS, image_uri=""),
    ],
)
def test_sense_is_shown(offer: Offer) -> None:
    """Free goods, no discount at all, and pictures at web addresses or beside something else."""
    require_sense(offer)


@pytest.mark.parametrize(
    ("offer", "path"),
    [
        (replace(DISCOUNT, offer_price=Decimal("-0.01")), "$.offerPrice"),
        (replace(DISCOUNT, default_price=Decimal(-5)), "$.defaultPrice"),
        (replace(DISCOUNT, discount_percentage=101), "$.discountPercentage"),
        (replace(RELATED, related_product=LESS), "$.relatedProduct.price.total"),
    ],
)
def test_sums_that_cannot_be_are_named(offer: Offer, path: str) -> None:
    """Nothing costs less than nothing, and no discount takes off more than all."""
    with pytest.raises(MalformedError) as refused:
        require_sense(offer)
    assert refused.value.error.path == path


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "  JavaScript:alert(1)",
        "java\tscript:alert(1)",
        "\x01javascript:alert(1)",
        "data:image/png;base64,AAAA",
        "file:///etc/passwd",
        "http:",
        "http://[",
    ],
)
@pytest.mark.parametrize("offer", [DISCOUNT, WORDS])
def test_a_picture_is_on_the_web(offer: Any, address: str) -> None:
    """Shoppers' browsers are given no other address, however it is written."""
    with pytest.raises(MalformedError, match="https") as refused:
        require_sense(replace(offer, image_uri=address))
    assert refused.value.error.path == "$.imageUri"
