"""Loyalty cards: shoppers link the cards that they have."""

from smarts.node import Refused
from smarts.wire.loyalty import LoyaltyCardRegistrationRequest, LoyaltyCardRegistrationResponse

from club import BONUS, HOLDERS


# Replace by your register, which also knows cards by telephone number, email address or ID code: what
# `request.loyalty_card.validation_types` allows.
def register_card(request: LoyaltyCardRegistrationRequest) -> LoyaltyCardRegistrationResponse:
    """Links a card to whoever shows its number first; the words of a refusal are for the shopper."""
    number = request.value.strip()
    if number not in BONUS:
        raise Refused("Sellist kaarti ei ole. There is no such card.")
    if HOLDERS.setdefault(number, request.person_id) != request.person_id:
        raise Refused("See kaart on juba seotud. This card is already linked.")
    return LoyaltyCardRegistrationResponse(card_number=number, bonus=BONUS[number])
