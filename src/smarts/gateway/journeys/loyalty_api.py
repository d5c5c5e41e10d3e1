"""Loyalty cards over HTTP: kinds and images for managers, linking and using for shoppers."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any
from uuid import uuid4

from msgspec import Meta

from smarts.edge.problems import NODE_DOWN, NODE_NONSENSE, NODE_SLOW, NOT_FOUND, TOO_MANY, invalid
from smarts.edge.routes import Answer, Call, Route
from smarts.edge.security import Authenticate
from smarts.gateway import errors
from smarts.gateway.carts.view import CartDocument, cart_document
from smarts.gateway.journeys.cards import Cards, UsedCards
from smarts.gateway.journeys.linking import Linking, NewLink
from smarts.gateway.journeys.paging import Page
from smarts.gateway.journeys.reach import Reach
from smarts.gateway.loyalty.rules import LARGEST_IMAGE
from smarts.gateway.loyalty.service import Loyalty
from smarts.gateway.loyalty.store import Kind
from smarts.gateway.loyalty.view import (
    KindDocument,
    LinkedCardDocument,
    StoreCardDocument,
    kind_document,
)
from smarts.gateway.parties import Role, Shopper, Staff
from smarts.gateway.storage.answers import Claim, claim_of, keep, once
from smarts.gateway.storage.database import Database
from smarts.wire.codec import encode
from smarts.wire.errors import ProblemError
from smarts.wire.loyalty import ColorTheme, LoyaltyCard, LoyaltyCardType, LoyaltyCardValidationType
from smarts.wire.model import Model, none
from smarts.wire.text import Identifier, Translatable

_FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}
_NODE_FAILS = (NODE_NONSENSE, NODE_DOWN, NODE_SLOW)
_CART_FAILS = (NOT_FOUND, errors.CART_LOCKED, errors.CART_CLOSED, errors.CART_CHANGED, errors.PRODUCT_REFUSED)

StaffCall = Call[Any, Staff]
ShopperCall = Call[Any, Shopper]
Color = Annotated[str, Meta(pattern="^#[0-9A-Fa-f]{6}$", max_length=7, examples=["#0B3D2E"])]


class KindDescription(Model, frozen=True, kw_only=True):
    """A kind of card; for all stores of the merchant where `institution_ids` is empty."""

    type: LoyaltyCardType
    name: Translatable
    description: Translatable | None = None
    validation_types: Annotated[tuple[LoyaltyCardValidationType, ...], Meta(min_length=1, max_length=4)]
    image_id: Identifier | None = None
    color_theme: ColorTheme | None = None
    colors: Annotated[tuple[Color, ...], Meta(max_length=10)] = none()
    primary: bool = False
    can_use_bonus_points_for_payment: bool = False
    institution_ids: Annotated[tuple[Identifier, ...], Meta(max_length=1000)] = none()

    def kind(self, kind_id: str, merchant_id: str) -> Kind:
        """The kind with an id, of a merchant."""
        pays = self.can_use_bonus_points_for_payment
        card = LoyaltyCard(
            id=kind_id,
            type=self.type,
            name=self.name,
            description=self.description,
            validation_types=tuple(dict.fromkeys(self.validation_types)),
            image_id=self.image_id,
            color_theme=self.color_theme,
            colors=self.colors,
            primary=self.primary,
            can_use_bonus_points_for_payment=pays if pays or self.type is LoyaltyCardType.BONUS else None,
        )
        return Kind(kind_id, merchant_id, frozenset(self.institution_ids), card)


class ImageType(StrEnum):
    """What browsers and phones can show."""

    PNG = "image/png"
    JPEG = "image/jpeg"
    WEBP = "image/webp"


class NewImage(Model, frozen=True):
    """An image of at most 256 kB, its bytes in base64."""

    media_type: ImageType
    data: Annotated[bytes, Meta(min_length=1, max_length=LARGEST_IMAGE)]


class KeptImage(Model, frozen=True):
    """The image's id, always the same for the same bytes."""

    image_id: str


class LoyaltyKindsApi:
    """What managers define; a kind of another merchant is hidden from them."""

    def __init__(self, database: Database, loyalty: Loyalty, reach: Reach) -> None:
        self._database = database
        self._loyalty = loyalty
        self._reach = reach

    async def loyalty_kinds(self, call: StaffCall) -> Any:
        """GET /manage/v1/loyalty-kinds."""
        merchant_id = None if call.who.role is Role.OPERATOR else call.who.merchant_id
        found = await self._loyalty.kinds(merchant_id, call.query.limit, call.query.after)
        return tuple(kind_document(kind) for kind in found)

    async def define_loyalty_kind(self, call: Call[KindDescription, Staff]) -> Any:
        """POST /manage/v1/loyalty-kinds."""
        claim = claim_of(call, call.who.person_id, "define card")
        return await once(self._database, claim, lambda: self._define(call, claim), 201)

    async def _define(self, call: Call[KindDescription, Staff], claim: Claim | None) -> KindDocument:
        merchant_id = await self._merchant(call.who, call.body.institution_ids)
        return await self._put(call.body.kind(str(uuid4()), merchant_id), claim)

    async def change_loyalty_kind(self, call: Call[KindDescription, Staff]) -> Any:
        """PUT /manage/v1/loyalty-kinds/{id}."""
        known = await self._kind(call)
        kind = call.body.kind(known.id, known.merchant_id)
        if (
            kind.institution_ids
            and await self._merchant(call.who, call.body.institution_ids) != known.merchant_id
        ):
            raise invalid("$.institutionIds", "Expected stores of the merchant whose card it is")
        return await self._put(kind, None)

    async def _put(self, kind: Kind, claim: Claim | None) -> KindDocument:
        document = kind_document(kind)
        async with self._database.transaction() as tx:
            await self._loyalty.put(tx, kind)
            await keep(tx, claim, 201, encode(document))
        return document

    async def retire_loyalty_kind(self, call: StaffCall) -> None:
        """DELETE /manage/v1/loyalty-kinds/{id}."""
        await self._loyalty.retire((await self._kind(call)).id)

    async def _kind(self, call: StaffCall) -> Kind:
        kind = await self._loyalty.kind(call.path["id"])
        if call.who.role is not Role.OPERATOR and kind.merchant_id != call.who.merchant_id:
            raise NOT_FOUND.error("There is no such card")
        return kind

    async def _merchant(self, staff: Staff, institution_ids: Sequence[str]) -> str:
        """Whose stores these are; without any, the manager's own merchant."""
        owners = set() if institution_ids else {staff.merchant_id}
        for place, institution_id in enumerate(institution_ids):
            try:
                owners.add((await self._reach.store(staff, institution_id)).merchant_id)
            except ProblemError as error:
                raise invalid(f"$.institutionIds[{place}]", error.problem.detail) from error
        merchant_id = owners.pop()
        if owners or merchant_id is None:
            raise invalid("$.institutionIds", "Expected stores of one merchant")
        return merchant_id

    async def add_image(self, call: Call[NewImage, Staff]) -> Any:
        """POST /manage/v1/images."""
        claim = claim_of(call, call.who.person_id, "add image")
        return await once(self._database, claim, lambda: self._add_image(call.body, claim), 201)

    async def _add_image(self, new: NewImage, claim: Claim | None) -> KeptImage:
        async with self._database.transaction() as tx:
            kept = KeptImage(await self._loyalty.put_image(tx, new.media_type, new.data))
            await keep(tx, claim, 201, encode(kept))
        return kept

    async def image(self, call: Call[None, None]) -> Answer:
        """GET /shop/v1/images/{id}."""
        media_type, data = await self._loyalty.image(call.path["id"])
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
