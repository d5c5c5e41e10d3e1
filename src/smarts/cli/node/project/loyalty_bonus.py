"""Loyalty bonus: how much has been collected on a card."""

from smarts.node import NotFound
from smarts.wire.loyalty import LoyaltyCardBonusRequest, LoyaltyCardBonusResponse
from smarts.wire.money import Currency

from club import BONUS, HOLDERS


def card_bonus(request: LoyaltyCardBonusRequest) -> LoyaltyCardBonusResponse:
    """The bonus on a card, which is told to nobody but its holder."""
    number = request.card.card_number
    if HOLDERS.get(number) != request.person_id:
        raise NotFound("This shopper has no such card.")
    return LoyaltyCardBonusResponse(bonus=BONUS[number], currency=Currency.EUR)
