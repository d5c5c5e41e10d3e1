"""Kinds of loyalty cards, as managers define them for their merchant's stores, and the pictures on them."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated
from uuid import uuid4

from msgspec import Meta

from smarts.edge.problems import NOT_FOUND, invalid
from smarts.gateway.journeys.reach import Reach
from smarts.gateway.loyalty.rules import LARGEST_IMAGE
from smarts.gateway.loyalty.service import Loyalty
from smarts.gateway.loyalty.store import Kind
from smarts.gateway.loyalty.view import kind_document
from smarts.gateway.parties import Role, Staff
from smarts.gateway.storage.answers import Claim, keep
from smarts.gateway.storage.database import Database
from smarts.wire.codec import encode
from smarts.wire.errors import ProblemError
from smarts.wire.loyalty import ColorTheme, LoyaltyCard, LoyaltyCardType, LoyaltyCardValidationType
from smarts.wire.model import Model, none
from smarts.wire.text import Identifier, Translatable

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


class CardKinds:
    """The kinds of cards within the reach of staff; a kind of another merchant is hidden from them."""

    def __init__(self, database: Database, loyalty: Loyalty, reach: Reach) -> None:
        self._database = database
        self._loyalty = loyalty
        self._reach = reach

    async def page(self, staff: Staff, limit: int, after: str | None) -> list[Kind]:
        """Kinds within reach, newest first, at most `limit`, those after the kind `after`."""
        merchant_id = None if staff.role is Role.OPERATOR else staff.merchant_id
        return await self._loyalty.kinds(merchant_id, limit, after)

    async def of_merchant(self, merchant_id: str, limit: int) -> list[Kind]:
        """A merchant's kinds, newest first, at most `limit`."""
        return await self._loyalty.kinds(merchant_id, limit, None)

    async def kind(self, staff: Staff, kind_id: str) -> Kind:
        """A kind within reach, or a 404."""
        kind = await self._loyalty.kind(kind_id)
        if staff.role is not Role.OPERATOR and kind.merchant_id != staff.merchant_id:
            raise NOT_FOUND.error("There is no such card")
        return kind

    async def define(self, staff: Staff, told: KindDescription, claim: Claim | None) -> Kind:
        """A new kind, of the merchant whose stores it names, or of the manager's own.

        Raises:
            ProblemError: 422 that names the field, 409 a store has another primary card.
        """
        merchant_id = await self._merchant(staff, told.institution_ids)
        return await self._put(told.kind(str(uuid4()), merchant_id), claim)

    async def define_for(
        self, merchant_id: str, staff: Staff, told: KindDescription, claim: Claim | None = None
    ) -> Kind:
        """A new kind of a merchant that is within the reach of whoever asks; refused like any other."""
        await self._require_stores_of(merchant_id, staff, told)
        return await self._put(told.kind(str(uuid4()), merchant_id), claim)

    async def change(self, staff: Staff, kind_id: str, told: KindDescription) -> Kind:
        """Changes a kind, for those too who have linked one.

        Raises:
            ProblemError: 404 it is out of reach, 422 that names the field, 409 it is retired, or a store has another
                primary card.
        """
        known = await self.kind(staff, kind_id)
        await self._require_stores_of(known.merchant_id, staff, told)
        return await self._put(told.kind(known.id, known.merchant_id), None)

    async def _require_stores_of(self, merchant_id: str, staff: Staff, told: KindDescription) -> None:
        if told.institution_ids and await self._merchant(staff, told.institution_ids) != merchant_id:
            raise invalid("$.institutionIds", "Expected stores of the merchant whose card it is")

    async def _put(self, kind: Kind, claim: Claim | None) -> Kind:
        async with self._database.transaction() as tx:
            await self._loyalty.put(tx, kind)
            await keep(tx, claim, 201, encode(kind_document(kind)))
        return kind

    async def retire(self, staff: Staff, kind_id: str) -> None:
        """Nobody can link such a card from now on; those that are linked go on."""
        await self._loyalty.retire((await self.kind(staff, kind_id)).id)

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

    async def add_image(self, new: NewImage, claim: Claim | None = None) -> KeptImage:
        """Keeps an image.

        Raises:
            ProblemError: 422 the bytes are no image of this type.
        """
        async with self._database.transaction() as tx:
            kept = KeptImage(await self._loyalty.put_image(tx, new.media_type, new.data))
            await keep(tx, claim, 201, encode(kept))
        return kept

    async def image(self, image_id: str) -> tuple[str, bytes]:
        """An image's media type and bytes, or a 404."""
        return await self._loyalty.image(image_id)
