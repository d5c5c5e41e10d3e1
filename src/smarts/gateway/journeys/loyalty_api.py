"""Loyalty cards over HTTP: kinds and images for managers, linking and using for shoppers."""

from collections.abc import Sequence
from typing import Any

from smarts.edge.problems import NODE_DOWN, NODE_NONSENSE, NODE_SLOW, NOT_FOUND, TOO_MANY
from smarts.edge.routes import Answer, Call, Route
from smarts.edge.security import Authenticate
from smarts.gateway import errors
from smarts.gateway.carts.view import CartDocument, cart_document
from smarts.gateway.journeys.card_kinds import CardKinds, KeptImage, KindDescription, NewImage
from smarts.gateway.journeys.cards import Cards, UsedCards
from smarts.gateway.journeys.linking import Linking, NewLink
from smarts.gateway.journeys.paging import Page
from smarts.gateway.loyalty.view import (
    KindDocument,
    LinkedCardDocument,
    StoreCardDocument,
    kind_document,
)
from smarts.gateway.parties import Shopper, Staff
from smarts.gateway.storage.answers import claim_of, once
from smarts.gateway.storage.database import Database

_FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}
_NODE_FAILS = (NODE_NONSENSE, NODE_DOWN, NODE_SLOW)
_CART_FAILS = (NOT_FOUND, errors.CART_LOCKED, errors.CART_CLOSED, errors.CART_CHANGED, errors.PRODUCT_REFUSED)

StaffCall = Call[Any, Staff]
ShopperCall = Call[Any, Shopper]


class LoyaltyKindsApi:
    """What managers define; a kind of another merchant is hidden from them."""

    def __init__(self, database: Database, kinds: CardKinds) -> None:
        self._database = database
        self._kinds = kinds

    async def loyalty_kinds(self, call: StaffCall) -> Any:
        """GET /manage/v1/loyalty-kinds."""
        found = await self._kinds.page(call.who, call.query.limit, call.query.after)
        return tuple(kind_document(kind) for kind in found)

    async def define_loyalty_kind(self, call: Call[KindDescription, Staff]) -> Any:
        """POST /manage/v1/loyalty-kinds."""
        claim = claim_of(call, call.who.person_id, "define card")
        return await once(
            self._database, claim, lambda: self._kinds.define(call.who, call.body, claim), 201, kind_document
        )

    async def change_loyalty_kind(self, call: Call[KindDescription, Staff]) -> Any:
        """PUT /manage/v1/loyalty-kinds/{id}."""
        return kind_document(await self._kinds.change(call.who, call.path["id"], call.body))

    async def retire_loyalty_kind(self, call: StaffCall) -> None:
        """DELETE /manage/v1/loyalty-kinds/{id}."""
        await self._kinds.retire(call.who, call.path["id"])

    async def add_image(self, call: Call[NewImage, Staff]) -> Any:
        """POST /manage/v1/images."""
        claim = claim_of(call, call.who.person_id, "add image")
        return await once(self._database, claim, lambda: self._kinds.add_image(call.body, claim), 201)

    async def image(self, call: Call[None, None]) -> Answer:
        """GET /shop/v1/images/{id}."""
        media_type, data = await self._kinds.image(call.path["id"])
        return Answer(200, data, media_type, _FOREVER)


class LoyaltyCardsApi:
    """What shoppers do with their cards."""

    def __init__(self, database: Database, linking: Linking, cards: Cards) -> None:
        self._database = database
        self._linking = linking
        self._cards = cards

    async def loyalty_cards_in_store(self, call: ShopperCall) -> Any:
        """GET /stores/{id}/loyalty-cards."""
        return await self._linking.cards_in(call.who, call.path["id"])

    async def link_loyalty_card(self, call: Call[NewLink, Shopper]) -> Any:
        """POST /loyalty-cards."""
        claim = claim_of(call, call.who.person_id, "link card")
        return await once(self._database, claim, lambda: self._linking.link(call.who, call.body, claim), 201)

    async def loyalty_cards(self, call: ShopperCall) -> Any:
        """GET /loyalty-cards."""
        return await self._linking.linked(call.who, call.query.limit, call.query.after)

    async def unlink_loyalty_card(self, call: ShopperCall) -> None:
        """DELETE /loyalty-cards/{id}."""
        await self._linking.unlink(call.who, call.path["id"])

    async def use_loyalty_cards(self, call: Call[UsedCards, Shopper]) -> Any:
        """PUT /carts/{id}/loyalty-cards."""
        return cart_document(await self._cards.use(call.who, call.path["id"], call.body.cards))


def kind_routes(api: LoyaltyKindsApi, manager: Authenticate[Staff]) -> Sequence[Route]:
    """The managers' rows; the images that they add can be seen by anybody who knows their ids."""

    def row(line: str, handler: Any, request: Any, response: Any, summary: str, *problems: Any,
            **more: Any) -> Route:  # fmt: skip
        method, path = line.split()
        return Route(method, f"/manage/v1{path}", handler, request, response, summary, "manage", manager,
                     problems=problems, **more)  # fmt: skip

    # fmt: off
    return (
        row("GET /loyalty-kinds", api.loyalty_kinds, None, tuple[KindDocument, ...],
            "Kinds of loyalty cards, newest first", query=Page),
        row("POST /loyalty-kinds", api.define_loyalty_kind, KindDescription, KindDocument,
            "Define a kind of loyalty card", errors.PRIMARY_TAKEN, errors.KEY_REUSED, status=201,
            takes_idempotency_key=True),
        row("PUT /loyalty-kinds/{id}", api.change_loyalty_kind, KindDescription, KindDocument,
            "Change a kind of loyalty card", NOT_FOUND, errors.PRIMARY_TAKEN, errors.CARD_RETIRED),
        row("DELETE /loyalty-kinds/{id}", api.retire_loyalty_kind, None, None,
            "Retire a kind of loyalty card: nobody can link one any more, linked ones go on", NOT_FOUND),
        row("POST /images", api.add_image, NewImage, KeptImage, "Add an image", errors.KEY_REUSED,
            status=201, takes_idempotency_key=True),
        Route("GET", "/shop/v1/images/{id}", api.image, None, bytes, "An image", "shopper", None,
              problems=(NOT_FOUND,)),
    )
    # fmt: on


def card_routes(api: LoyaltyCardsApi, shopper: Authenticate[Shopper]) -> Sequence[Route]:
    """The shopper's rows."""

    def row(line: str, handler: Any, request: Any, response: Any, summary: str, *problems: Any,
            **more: Any) -> Route:  # fmt: skip
        method, path = line.split()
        return Route(method, f"/shop/v1{path}", handler, request, response, summary, "shopper", shopper,
                     problems=problems, **more)  # fmt: skip

    # fmt: off
    return (
        row("GET /stores/{id}/loyalty-cards", api.loyalty_cards_in_store, None, tuple[StoreCardDocument, ...],
            "Loyalty cards that can be linked in a store, the primary one first", NOT_FOUND),
        row("POST /loyalty-cards", api.link_loyalty_card, NewLink, LinkedCardDocument, "Link a loyalty card",
            NOT_FOUND, errors.CARD_REFUSED, errors.CARD_TAKEN, errors.CARD_ANOTHER, errors.CARDS_ABSENT, TOO_MANY,
            errors.KEY_REUSED, *_NODE_FAILS, status=201, takes_idempotency_key=True),
        row("GET /loyalty-cards", api.loyalty_cards, None, tuple[LinkedCardDocument, ...],
            "Own loyalty cards with their bonus, the one linked last first", query=Page),
        row("DELETE /loyalty-cards/{id}", api.unlink_loyalty_card, None, None,
            "Unlink a loyalty card; the id is that of its kind", NOT_FOUND),
        row("PUT /carts/{id}/loyalty-cards", api.use_loyalty_cards, UsedCards, CartDocument,
            "Which linked cards a cart uses, and whether their bonus pays", *_CART_FAILS, errors.PAYMENT_UNDER_WAY,
            errors.BONUS_NEEDS_RECEIPT, *_NODE_FAILS),
    )
    # fmt: on
