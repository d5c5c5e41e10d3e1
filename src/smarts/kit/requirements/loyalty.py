"""What is required of loyalty cards and their bonus (sections 3, 4 and 6.5)."""

from smarts.kit.requirement import must, should
from smarts.wire.nodes import Feature

_CARDS = Feature.LOYALTY_CARDS
_BONUS = Feature.LOYALTY_BONUS

REQUIREMENTS = (
    must(
        "cards.refused.status",
        "4 LoyaltyCardRegistrationResponse",
        _CARDS,
        "What was typed and proves no card is refused with 422.",
    ),
    must(
        "cards.refused.words",
        "4 LoyaltyCardRegistrationResponse",
        _CARDS,
        "The refusal of a card is a problem document whose `detail` the shopper may read.",
    ),
    must(
        "cards.refused.odd",
        "4 LoyaltyCardRegistrationResponse",
        _CARDS,
        "Nothing, very much or odd characters typed for a card are refused with 422; the node does not fail.",
    ),
    should(
        "cards.refused.plain",
        "4 LoyaltyCardRegistrationResponse",
        _CARDS,
        "The refusal of a card is short and tells nothing of the node's inside.",
    ),
    must(
        "cards.spelling.card-number",
        "3 LoyaltyCard",
        _CARDS,
        "A card's way to be proven is read as `CARD_NUMER` and as `CARD_NUMBER`.",
    ),
    must(
        "cards.spelling.validation-type",
        "3 LoyaltyCard",
        _CARDS,
        "A card's ways to be proven are read under `validationTypes` and under `validationType`.",
    ),
    should(
        "cards.person.unnamed",
        "4 LoyaltyCardRegistrationRequest",
        _CARDS,
        "A shopper without a name and an email address is answered like one with them.",
    ),
    must(
        "cards.linked.shape",
        "4 LoyaltyCardRegistrationResponse",
        _CARDS,
        "A card that is proven is linked: the answer is 200 and a JSON object that has its `cardNumber`.",
    ),
    must("cards.linked.again", "6.5", _CARDS, "A shopper who links the same card again gets the same card."),
    should(
        "cards.linked.by-another",
        "6.5",
        _CARDS,
        "A card that is one shopper's is refused to another with 422.",
    ),
    must(
        "cards.fields.wrong-type",
        "2 errors",
        _CARDS,
        "A card's registration with a field of the wrong type is refused with 422, and the problem's "
        "`errors` have the field's path.",
    ),
    should(
        "cards.fields.unknown",
        "3",
        _CARDS,
        "A card's registration with fields that the node does not know is answered like one without: the "
        "contract may grow.",
    ),
    must(
        "bonus.answer.shape",
        "4 LoyaltyCardBonusResponse",
        _BONUS,
        "The bonus on a shopper's card is answered with 200 and a JSON object as the schema has it.",
    ),
    must(
        "bonus.answer.sense", "4 LoyaltyCardBonusResponse", _BONUS, "The bonus on a card is not below zero."
    ),
    must(
        "bonus.unknown.clean",
        "4 LoyaltyCardBonusRequest",
        _BONUS,
        "The bonus on a card that is nobody's is nothing, or is refused; the node does not fail.",
    ),
    should(
        "bonus.unknown.status",
        "2 errors",
        _BONUS,
        "The bonus on a card that is nobody's is refused with 404.",
    ),
    should(
        "bonus.anothers", "6.5", _BONUS, "The bonus on a card is not told to a shopper whose card it is not."
    ),
    must(
        "bonus.fields.wrong-type",
        "2 errors",
        _BONUS,
        "A question for a bonus with a field of the wrong type is refused with 422, and the problem's "
        "`errors` have the field's path.",
    ),
    should(
        "bonus.fields.unknown",
        "3",
        _BONUS,
        "A question for a bonus with fields that the node does not know is answered like one without: the"
        " contract may grow.",
    ),
)
