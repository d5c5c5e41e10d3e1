"""The loyalty cards of my-store; replace them by your register of clients."""

from decimal import Decimal

BONUS = {"9200000770018": Decimal("3.40"), "9200000770025": Decimal(0)}
HOLDERS: dict[str, str] = {}  # the shoppers who have linked their cards, by the card's number
