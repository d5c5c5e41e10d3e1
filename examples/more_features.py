"""The shop of a list with loyalty cards, receipts, home delivery and offers: `python examples/more_features.py`.

Everything is kept in memory, which is enough to try it; a store keeps it where it keeps its other things.
"""

from decimal import Decimal

from from_a_list import TOKEN, shop

from smarts.node import Gateway, Node, NotFound, Refused
from smarts.wire.loyalty import (
    LoyaltyCardBonusRequest,
    LoyaltyCardBonusResponse,
    LoyaltyCardRegistrationRequest,
    LoyaltyCardRegistrationResponse,
)
from smarts.wire.money import Currency, rounded
from smarts.wire.offers import Offer, OfferClassification, OfferSearchRequest, ProductRelatedOffer
from smarts.wire.orders import Order
from smarts.wire.receipts import (
    CreateReceiptRequest,
    Receipt,
    ReceiptPaymentConfirmationRequest,
    ReceiptProduct,
)
from smarts.wire.shipments import ShipmentStatus
from smarts.wire.text import Translatable


class Club:
    def __init__(self) -> None:
        self.bonus = {"9200000770018": Decimal("3.40")}
        self.holders: dict[str, str] = {}

    def register_card(self, request: LoyaltyCardRegistrationRequest) -> LoyaltyCardRegistrationResponse:
        number = request.value.strip()
        if number not in self.bonus:
            raise Refused("Sellist kaarti ei ole. There is no such card.")
        if self.holders.setdefault(number, request.person_id) != request.person_id:
            raise Refused("See kaart on juba seotud. This card is already linked.")
        return LoyaltyCardRegistrationResponse(
            card_number=number, machine_readable_code="77", bonus=self.bonus[number]
        )

    def card_bonus(self, request: LoyaltyCardBonusRequest) -> LoyaltyCardBonusResponse:
        number = request.card.card_number
        if self.holders.get(number) != request.person_id:
            raise NotFound("This shopper has no such card.")
        return LoyaltyCardBonusResponse(bonus=self.bonus[number], currency=Currency.EUR)


class Till:
    def __init__(self) -> None:
        self.receipts: dict[str, Receipt] = {}
        self.paid: set[str] = set()

    def create_receipt(self, request: CreateReceiptRequest) -> Receipt:
        rows = tuple(self._row(asked, request.lang_code) for asked in request.products)
        shipment = (request.shipment and request.shipment.price) or Decimal(0)
        total = sum((row.row_price for row in rows), shipment)
        vat = rounded(total * 24 / 124, Currency.EUR)
        receipt = Receipt(
            institution_invoice_id=f"R-{request.invoice_id}",
            invoice_id=request.invoice_id,
            institution_id=request.institution_id,
            customer_id=request.person_id,
            products=rows,
            shipment=request.shipment,
            currency=Currency.EUR,
            total_without_addition=total,
            addition_sum=Decimal(0),
            total_without_vat=total - vat,
            vat_sum=vat,
            total=total,
        )
        self.receipts[receipt.institution_invoice_id] = receipt
        return receipt

    def confirm_receipt(self, confirmation: ReceiptPaymentConfirmationRequest) -> None:
        if confirmation.institution_invoice_id not in self.receipts:
            raise NotFound("We made no such receipt.")
        self.paid.add(confirmation.institution_invoice_id)

    def _row(self, asked: ReceiptProduct, language: str) -> ReceiptProduct:
        product = shop.find(asked.barcode)
        if product is None or asked.amount <= 0:
            raise Refused(f"{asked.product_name} ei ole enam müügil.")
        price = rounded(product.price.total * asked.amount, Currency.EUR)
        return ReceiptProduct.of(product, asked.amount, price, language)


class Packing:
    def __init__(self) -> None:
        self.orders: dict[str, Order] = {}

    def receive_order(self, order: Order) -> None:
        self.orders.setdefault(order.id, order)

    def receive_order_update(self, order: Order) -> None:
        self.orders[order.id] = order

    async def picked(self, gateway: Gateway, order_id: str, missing: set[str]) -> None:
        """Tells the gateway that an order goes out without the goods that were not there."""
        picked = [row for row in self.orders[order_id].products if row.barcode not in missing]
        order = await gateway.change_order_status(
            order_id, ShipmentStatus.READY_TO_PICKUP, person_name="Jaan Tamm", products=picked
        )
        self.receive_order_update(order)


class Leaflet:
    def find_offers(self, request: OfferSearchRequest) -> list[Offer]:
        chocolate = shop.find("4740000000032")
        if chocolate is None or request.classification is OfferClassification.PERSONAL:
            return []
        title = Translatable.of("Magus nädal", EN="Sweet week", RU="Сладкая неделя")
        return [ProductRelatedOffer(id="sweet-week", title=title, related_product=chocolate)]


club, till, packing = Club(), Till(), Packing()
node = Node(shop, club, till, packing, Leaflet(), token=TOKEN, name="Corner shop", version="1.0")

if __name__ == "__main__":
    node.run(port=8000)
