"""The merchant's kinds of loyalty cards: as shoppers see them, new ones, changed ones, retired ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from smarts.edge.problems import NOT_FOUND, NOT_MEDIA_TYPE
from smarts.gateway.journeys.card_kinds import CardKinds, ImageType, KindDescription, NewImage
from smarts.gateway.journeys.reach import Reach
from smarts.gateway.loyalty.rules import LARGEST_IMAGE
from smarts.gateway.loyalty.store import Kind
from smarts.gateway.parties import Store
from smarts.gateway.storage.answers import once
from smarts.gateway.storage.database import Database
from smarts.gateway.stores.service import Stores
from smarts.gateway.web.forms import at_top, path_parameter, read_body, read_form, shaped
from smarts.gateway.web.manage import card_form
from smarts.gateway.web.manage.tabs import back, managed, page, rows
from smarts.gateway.web.sessions import Sessions, claim_of_form, staff_of
from smarts.wire.errors import Problem, ProblemError

_MOST_KINDS = 100
_MOST_STORES = 1000


@dataclass(frozen=True)
class CardPages:
    """The handlers."""

    database: Database
    reach: Reach
    stores: Stores
    kinds: CardKinds

    async def cards(self, request: Request) -> Response:
        """GET /manage/stores/{id}/cards."""
        store = await managed(self.reach, request)
        kinds = await self.kinds.of_merchant(store.merchant_id, _MOST_KINDS)
        faces = {kind.id: card_form.typed_of(kind) for kind in kinds}
        return page(request, "manage/cards.html", store, kinds=kinds, faces=faces)

    async def new(self, request: Request) -> Response:
        """GET /manage/stores/{id}/cards/new."""
        store = await managed(self.reach, request)
        return await self._page(request, store, None, card_form.typed_anew())

    async def kind(self, request: Request) -> Response:
        """GET /manage/stores/{id}/cards/{kind}."""
        store, kind = await self._kind(request)
        return await self._page(request, store, kind, card_form.typed_of(kind))

    async def _kind(self, request: Request) -> tuple[Store, Kind]:
        store = await managed(self.reach, request)
        kind = await self.kinds.kind(staff_of(request), path_parameter(request, "kind"))
        if kind.merchant_id != store.merchant_id:
            raise NOT_FOUND.error("There is no such card")
        return store, kind

    async def _page(
        self,
        request: Request,
        store: Store,
        kind: Kind | None,
        typed: Mapping[str, Any],
        problem: Problem | None = None,
    ) -> Response:
        stores = await self.stores.page(_MOST_STORES, None, store.merchant_id)
        places = sorted(((each.institution_id, each.name) for each in stores), key=lambda pair: pair[1])
        return page(
            request,
            "manage/card.html",
            store,
            problem,
            kind=kind,
            typed=typed,
            form=card_form,
            places=places,
            largest=LARGEST_IMAGE,
            image_types=tuple(ImageType),
            key=str(uuid4()),
        )

    async def define(self, request: Request) -> Response:
        """POST /manage/stores/{id}/cards/new; the form's key makes pressing twice pressing once."""
        store, form, staff = await managed(self.reach, request), await read_form(request), staff_of(request)
        try:
            told = shaped(card_form.document(form, None), KindDescription)
            claim, define = claim_of_form(request, form), self.kinds.define_for
            await once(self.database, claim, lambda: define(store.merchant_id, staff, told, claim), 201)
        except ProblemError as error:
            return await self._page(request, store, None, card_form.typed(form), at_top(error.problem))
        return back(store, "/cards?done=saved")

    async def change(self, request: Request) -> Response:
        """POST /manage/stores/{id}/cards/{kind}."""
        (store, kind), form = await self._kind(request), await read_form(request)
        try:
            told = shaped(card_form.document(form, kind), KindDescription)
            await self.kinds.change(staff_of(request), kind.id, told)
        except ProblemError as error:
            return await self._page(request, store, kind, card_form.typed(form), at_top(error.problem))
        return back(store, "/cards?done=saved")

    async def retire(self, request: Request) -> Response:
        """POST /manage/stores/{id}/cards/{kind}/retire."""
        store, kind = await self._kind(request)
        await self.kinds.retire(staff_of(request), kind.id)
        return back(store, "/cards?done=retired")

    async def add_image(self, request: Request) -> Response:
        """POST /manage/stores/{id}/cards/images: the bytes of a picture, before the card that shows it is saved."""
        await managed(self.reach, request)
        media_type = request.headers.get("content-type", "")
        if media_type not in tuple(ImageType):
            raise NOT_MEDIA_TYPE.error(f"Expected one of: {', '.join(ImageType)}")
        image = NewImage(ImageType(media_type), await read_body(request, LARGEST_IMAGE))
        return JSONResponse({"imageId": (await self.kinds.add_image(image)).image_id})


def routes(pages: CardPages, sessions: Sessions) -> Sequence[Route]:
    """The rows."""
    return rows(
        sessions,
        ("GET /cards", pages.cards),
        ("GET /cards/new", pages.new),
        ("POST /cards/new", pages.define),
        ("POST /cards/images", pages.add_image),
        ("GET /cards/{kind}", pages.kind),
        ("POST /cards/{kind}", pages.change),
        ("POST /cards/{kind}/retire", pages.retire),
    )
