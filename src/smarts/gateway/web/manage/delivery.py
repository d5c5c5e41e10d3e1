"""How a store delivers: each of the three ways, and what an order made now would be told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smarts.edge.problems import NOT_FOUND
from smarts.gateway.journeys.deliver import Delivering
from smarts.gateway.journeys.reach import Reach
from smarts.gateway.orders.delivery import DeliveryMethod, DeliveryTerms
from smarts.gateway.parties import Store
from smarts.gateway.web.forms import path_parameter, read_form, shaped
from smarts.gateway.web.manage import delivery_form
from smarts.gateway.web.manage.tabs import back, managed, page, rows
from smarts.gateway.web.sessions import Sessions
from smarts.wire.errors import Problem, ProblemError
from smarts.wire.shipments import ShipmentMethod

_WAYS = (ShipmentMethod.COURIER, ShipmentMethod.PARCEL, ShipmentMethod.PICKUP)


@dataclass(frozen=True)
class DeliveryPages:
    """The handlers."""

    reach: Reach
    delivering: Delivering

    async def delivery(self, request: Request) -> Response:
        """GET /manage/stores/{id}/delivery."""
        store = await managed(self.reach, request)
        known = {each.method: each for each in await self.delivering.methods(store)}
        ways = {way: self.delivering.tried(store, way, known[way]) if way in known else None for way in _WAYS}
        return page(request, "manage/delivery.html", store, ways=ways)

    async def method(self, request: Request) -> Response:
        """GET /manage/stores/{id}/delivery/{method}."""
        store, way, before = await self._way(request)
        typed = delivery_form.typed_of(before) if before else delivery_form.typed_anew()
        return self._page(request, store, way, typed, tried=before)

    async def _way(self, request: Request) -> tuple[Store, ShipmentMethod, DeliveryMethod | None]:
        store, name = await managed(self.reach, request), path_parameter(request, "method").upper()
        if name not in _WAYS:
            raise NOT_FOUND.error("There is no such way of delivery")
        methods = await self.delivering.methods(store)
        return store, ShipmentMethod(name), next((each for each in methods if each.method == name), None)

    def _page(
        self,
        request: Request,
        store: Store,
        way: ShipmentMethod,
        typed: Mapping[str, Any],
        problem: Problem | None = None,
        tried: DeliveryTerms | None = None,
    ) -> Response:
        example = self.delivering.tried(store, way, tried) if tried else None
        return page(
            request,
            "manage/delivery_method.html",
            store,
            problem,
            way=way,
            typed=typed,
            example=example,
            form=delivery_form,
        )

    async def set_method(self, request: Request) -> Response:
        """POST /manage/stores/{id}/delivery/{method}; with `try` it is only looked what it would come to."""
        store, way, before = await self._way(request)
        form = await read_form(request)
        typed = delivery_form.typed(form)
        try:
            terms = shaped(delivery_form.document(form, before), DeliveryTerms)
            if "try" in form:
                return self._page(request, store, way, typed, tried=terms)
            await self.delivering.set_method(store, way, terms)
        except ProblemError as error:
            return self._page(request, store, way, typed, error.problem)
        return back(store, "/delivery?done=saved")


def routes(pages: DeliveryPages, sessions: Sessions) -> Sequence[Route]:
    """The rows."""
    return rows(
        sessions,
        ("GET /delivery", pages.delivery),
        ("GET /delivery/{method}", pages.method),
        ("POST /delivery/{method}", pages.set_method),
    )
