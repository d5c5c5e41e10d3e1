"""What is required of offers (sections 3, 4 and 6.7)."""

from smarts.kit.requirement import must, should
from smarts.wire.nodes import Feature

_OFFERS = Feature.OFFERS

REQUIREMENTS = (
    must("offers.answer.list", "2", _OFFERS, "A search for offers is answered with 200 and a JSON list."),
    must("offers.answer.shape", "3 Offer", _OFFERS, "Each offer is as the schema of its type has it."),
    must("offers.answer.ids", "3 Offer", _OFFERS, "No two offers of an answer have the same id."),
    should("offers.offer.title", "3 Offer", _OFFERS, "Each offer has a title that is not empty."),
    should("offers.offer.days", "3 Offer", _OFFERS, "No offer ends before it starts."),
    must(
        "offers.offer.image",
        "3 Offer",
        _OFFERS,
        "The picture of an offer is at an address with http or https, or at a relative one.",
    ),
    must(
        "offers.discount.percentage", "3 DiscountOffer", _OFFERS, "A discount is a percentage from 0 to 100."
    ),
    must("offers.discount.prices", "3 DiscountOffer", _OFFERS, "No price of an offer is below zero."),
    should(
        "offers.discount.sense",
        "3 DiscountOffer",
        _OFFERS,
        "A discount's percentage leads from `defaultPrice` to `offerPrice`, by at most a cent and a percent.",
    ),
    must(
        "offers.search.general",
        "4 OfferSearchRequest",
        _OFFERS,
        "A search for GENERAL offers is answered with a list.",
    ),
    must(
        "offers.search.personal",
        "4 OfferSearchRequest",
        _OFFERS,
        "A search for PERSONAL offers is answered with a list.",
    ),
    should(
        "offers.search.both",
        "4 OfferSearchRequest",
        _OFFERS,
        "A search without a classification finds also what is found as GENERAL and as PERSONAL.",
    ),
    must(
        "offers.search.cards",
        "4 OfferSearchRequest",
        _OFFERS,
        "A search by a shopper with loyalty cards is answered with a list, also where a card is unknown.",
    ),
    should(
        "offers.search.nobody",
        "4 OfferSearchRequest",
        _OFFERS,
        "A search that names the store alone is answered with a list.",
    ),
    must(
        "offers.fields.wrong-type",
        "2 errors",
        _OFFERS,
        "A search for offers with a field of the wrong type is refused with 422, and the problem's "
        "`errors` have the field's path.",
    ),
    should(
        "offers.fields.unknown",
        "3",
        _OFFERS,
        "A search for offers with fields that the node does not know is answered like one without: the "
        "contract may grow.",
    ),
)
