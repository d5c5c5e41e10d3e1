"""A merchant with loyalty cards, for tests: what its node is asked, what it confirms, what members pay."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

from gateway.journeys.world import Client, Merchant, Reply, Shopper, World, small_world
from smarts.gateway.parties import Role
from smarts.node import NotFound, Refused
from smarts.wire.control import PurchaseControlCheckRequest
from smarts.wire.loyalty import (
    ClientCard,
    LoyaltyCardBonusRequest,
    LoyaltyCardBonusResponse,
    LoyaltyCardRegistrationRequest,
    LoyaltyCardRegistrationResponse,
)
from smarts.wire.money import Currency, rounded
from smarts.wire.offers import Offer, OfferSearchRequest
from smarts.wire.products import Category, Pageable, PageRequest, Product, ProductSearchRequest
from smarts.wire.receipts import (
    CreateReceiptRequest,
    Receipt,
    ReceiptLoyaltyCard,
    ReceiptPaymentConfirmationRequest,
)

NUMBER, CODE, BONUS = "9200000770018", "77", Decimal("3.40")
BONUS_USED, BONUS_EARNED = Decimal("1.00"), Decimal("0.05")
OTHER_NUMBER = "9200000880017"
WORDS = "Seda kaarti me ei tunne"
BONUS_CARD = {
    "type": "BONUS",
    "name": {"originalText": "Kliendikaart", "translations": [{"EN": "Club card"}]},
    "validationTypes": ["CARD_NUMER", "IDCODE"],
    "colors": ["#0B3D2E"],
    "colorTheme": "DARK",
    "primary": True,
    "canUseBonusPointsForPayment": True,
}
FRIEND_CARD = {"type": "DEFAULT", "name": {"originalText": "Sõber"}, "validationTypes": ["EMAIL"]}


def confirmed(number: str = NUMBER, code: str | None = CODE) -> LoyaltyCardRegistrationResponse:
    """What a node says of a card that it knows."""
    return LoyaltyCardRegistrationResponse(card_number=number, machine_readable_code=code, bonus=BONUS)


class Club(Merchant):
    """A node with cards: `known` are those it confirms, by what is typed; `member_prices` are for who has one."""

    def __init__(self) -> None:
        super().__init__()
        self.known = {"77": confirmed(), "49001010001": confirmed(), "88": confirmed(OTHER_NUMBER, "88")}
        self.member_prices: dict[str, Product] = {}
        self.registrations: list[LoyaltyCardRegistrationRequest] = []
        self.bonus_requests: list[LoyaltyCardBonusRequest] = []
        self.confirmations: list[ReceiptPaymentConfirmationRequest] = []
        self.asked_with: dict[str, tuple[ClientCard, ...]] = {}
        self.before_registering: Callable[[], Awaitable[Any]] | None = None
        self.before_selling: Callable[[], Awaitable[Any]] | None = None

    async def register_card(self, request: LoyaltyCardRegistrationRequest) -> LoyaltyCardRegistrationResponse:
        self.registrations.append(request)
        if self.before_registering:
            await self.before_registering()
        if request.value not in self.known:
            raise Refused(WORDS)
        return self.known[request.value]

    async def card_bonus(self, request: LoyaltyCardBonusRequest) -> LoyaltyCardBonusResponse:
        self.bonus_requests.append(request)
        return LoyaltyCardBonusResponse(bonus=BONUS, currency=Currency.EUR)

    async def by_barcode(self, request: ProductSearchRequest) -> Product:
        self.asked_with["barcode"] = request.loyalty_cards
        if self.before_selling:
            await self.before_selling()
        if request.barcode not in self.products:
            raise NotFound("Not sold here")
        prices = self.products | (self.member_prices if request.loyalty_cards else {})
        return prices[request.barcode]

    async def search(self, page: PageRequest[ProductSearchRequest]) -> Pageable[Product]:
        self.asked_with["page"] = page.loyalty_cards
        self.asked_with["page's request"] = page.request.loyalty_cards
        return await super().search(page)

    async def categories(self, request: ProductSearchRequest) -> list[Category]:
        self.asked_with["categories"] = request.loyalty_cards
        return await super().categories(request)

    async def find_offers(self, request: OfferSearchRequest) -> list[Offer]:
        self.asked_with["offers"] = request.loyalty_cards
        return []

    async def create_receipt(self, request: CreateReceiptRequest) -> Receipt:
        self.asked_with["receipt"] = request.loyalty_cards
        gross = sum((row.row_price for row in request.products), Decimal(0))
        vat = rounded(gross * 24 / 124, Currency.EUR)
        used = {
            card.id: BONUS_USED if card.use_bonus_on_payment else Decimal(0) for card in request.loyalty_cards
        }
        return Receipt(
            institution_invoice_id=f"K-{request.invoice_id}",
            invoice_id=request.invoice_id,
            institution_id=request.institution_id,
            customer_id=request.person_id,
            products=request.products,
            loyalty_cards=tuple(
                ReceiptLoyaltyCard(card.id, card.card_number, used[card.id], BONUS_EARNED)
                for card in request.loyalty_cards
            ),
            currency=Currency.EUR,
            total_without_addition=gross,
            addition_sum=Decimal(0),
            total_without_vat=gross - vat,
            vat_sum=vat,
            total=gross - sum(used.values(), Decimal(0)),
        )

    async def confirm_receipt(self, confirmation: ReceiptPaymentConfirmationRequest) -> None:
        self.confirmations.append(confirmation)

    async def check_purchase(self, request: PurchaseControlCheckRequest) -> Any:
        self.asked_with["check"] = request.loyalty_cards
        return await super().check_purchase(request)


class ClubWorld:
    """A world whose merchant has a club."""

    def __init__(self, world: World, merchant: Club, manager: Client) -> None:
        self.world = world
        self.merchant = merchant
        self.manager = manager
        self.store_id = world.institution_id

    async def define(self, **changes: Any) -> str:
        """Another kind of card; its id."""
        reply = await self.manager.post("/manage/v1/loyalty-kinds", BONUS_CARD | changes)
        assert reply.status == 201, reply.text
        kind_id: str = reply.body["id"]
        return kind_id

    async def link(self, shopper: Shopper, card_id: str, value: str = "77", **headers: str) -> Reply:
        """Types what verifies a card."""
        body = {"cardId": card_id, "institutionId": self.store_id, "value": value}
        return await shopper.post("/shop/v1/loyalty-cards", body, **headers)

    async def member(self, card_id: str, value: str = "77", **about: Any) -> Shopper:
        """A shopper with a linked card."""
        shopper = await self.world.shopper(**about)
        reply = await self.link(shopper, card_id, value)
        assert reply.status == 201, reply.text
        return shopper

    async def use(self, shopper: Shopper, cart: dict[str, Any], *cards: Any) -> Reply:
        """Says which cards a cart uses: ids, or whole entries."""
        entries = [{"id": card} if isinstance(card, str) else card for card in cards]
        return await shopper.call("PUT", f"/shop/v1/carts/{cart['id']}/loyalty-cards", {"cards": entries})


async def numbers(shopper: Shopper) -> list[str]:
    """The numbers of the shopper's linked cards."""
    reply = await shopper.get("/shop/v1/loyalty-cards")
    assert reply.status == 200, reply.text
    return [card["cardNumber"] for card in reply.body]


@asynccontextmanager
async def club_world(database_url: str, *, node: Any = None) -> AsyncIterator[ClubWorld]:
    """A gateway, and the node of a merchant with a club (or any application as one)."""
    merchant = Club()
    async with small_world(database_url, merchant=merchant, node=node) as world:
        yield ClubWorld(world, merchant, await world.staff(Role.MANAGER))


class Gate:
    """Lets somebody wait inside a call until the test has done something else."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.open = asyncio.Event()

    async def __call__(self) -> None:
        self.reached.set()
        await self.open.wait()
