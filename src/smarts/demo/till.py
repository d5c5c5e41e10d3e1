"""What a cart costs at the demo store, by its own price lists and campaigns."""

from collections.abc import Sequence
from decimal import Decimal

from smarts.demo.bonus import CURRENCY
from smarts.demo.members import HeldCard
from smarts.demo.products import Products
from smarts.node import Bill
from smarts.wire.products import Campaign
from smarts.wire.receipts import CreateReceiptRequest

_SHIPMENT_VAT_RATE = Decimal(24)


class Till:
    """Prices carts; `campaigns` are those of the whole store."""

    def __init__(self, products: Products, campaigns: Sequence[Campaign]) -> None:
        self._products = products
        self._campaigns = campaigns

    def bill(self, request: CreateReceiptRequest, held: Sequence[HeldCard]) -> Bill:
        """The bill of a cart, for a shopper with these cards; raises `Refused` where the store does not sell it."""
        return Bill.of(
            request,
            self._products.list_for(request.person_id, request.loyalty_cards).find,
            campaigns=self._campaigns,
            card_codes=frozenset(card.member.code for card in held),
            currency=CURRENCY,
            shipment_vat_rate=_SHIPMENT_VAT_RATE,
        )
