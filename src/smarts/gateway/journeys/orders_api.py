"""Orders over HTTP for shoppers (`/shop/v1`) and for the staff who pack and hand over (`/work/v1`)."""

from collections.abc import AsyncIterator, Container, Iterable, Sequence
from itertools import repeat
from typing import Annotated, Any

from msgspec import Meta, field

from smarts.edge.problems import NODE_DOWN, NODE_NONSENSE, NODE_SLOW, NOT_FOUND
from smarts.edge.routes import Call, Events, Route
from smarts.edge.security import Authenticate
from smarts.gateway import errors
from smarts.gateway.journeys.invoicing import amounts_of
from smarts.gateway.journeys.order import Ordering
from smarts.gateway.journeys.packing import Handling, Packing
from smarts.gateway.journeys.paging import LongPage, ShortPage
from smarts.gateway.journeys.reach import Reach
from smarts.gateway.orders import rules
from smarts.gateway.orders.model import Actor, Change, OrderRecord, order_document
from smarts.gateway.orders.service import Orders
from smarts.gateway.parties import Shopper, Staff
from smarts.gateway.storage.answers import claim_of, once
from smarts.gateway.storage.database import Database
from smarts.wire.codec import encode
from smarts.wire.model import Model, none
from smarts.wire.money import LooseNumber, Number
from smarts.wire.orders import Order
from smarts.wire.shipments import ShipmentMethod, ShipmentStatus
from smarts.wire.times import UtcMillis

ORDER_FAILS = (
    NOT_FOUND,
    errors.KEY_REUSED,
    errors.ORDER_CHANGE_REFUSED,
    errors.ORDER_UNDER_WAY,
    errors.ORDER_PAYMENT_REFUSED,
    errors.ORDER_PAYMENT_UNKNOWN,
)
PACKING_FAILS = (*ORDER_FAILS, NODE_NONSENSE, NODE_DOWN, NODE_SLOW)


class ToDo(LongPage, frozen=True):
    """A page of what is to be done, in one status or all: at most `limit`, those after the order `after`.

    Whoever answers orders while paging asks for one status: an order that was answered has another place among all.
    """

    status: ShipmentStatus | None = None


class WaitingOrder(Model, frozen=True, kw_only=True):
    """An order in the store's hands: until when it must be answered, and what the staff may make of it now."""

    id: str
    institution_id: str
    method: ShipmentMethod
    status: ShipmentStatus
    may_become: tuple[ShipmentStatus, ...]
    created_at: UtcMillis
    react_by: UtcMillis | None = None
    expected_delivery_utc_time: UtcMillis | None = field(name="expectedDeliveryUTCTime", default=None)


class PickedReplacement(Model, frozen=True):
    """What goes out in place of goods that were out."""

    barcode: str
    product_name: str
    amount: Number


class PickRow(Model, frozen=True, kw_only=True):
    """What to take from a shelf; `picked` and `replaced_by` are there once the staff have told what was there."""

    barcode: str
    product_name: str
    weighed: bool
    ordered: Number
    picked: Number | None = None
    replaced_by: tuple[PickedReplacement, ...] = none()


class PickShelf(Model, frozen=True):
    """The rows of one category; those of none have an empty one."""

    category: str
    rows: tuple[PickRow, ...]


class OpenedOrder(WaitingOrder, frozen=True, kw_only=True):
    """An order in the store's hands, with what has to be picked for it.

    Where it has a `min_age`, somebody looks whether who gets it is so old.
    """

    order: Order
    min_age: int | None = None
    pick_list: tuple[PickShelf, ...]


class Picked(Model, frozen=True):
    """How much of a barcode could be picked, in pieces or units.

    With `replaces`, the barcode of ordered goods that are out, it goes out in their place.
    """

    barcode: Annotated[str, Meta(min_length=1, max_length=100)]
    amount: LooseNumber
    replaces: Annotated[str, Meta(min_length=1, max_length=100)] | None = None


class StaffChange(Model, frozen=True):
    """The order's new status; `products` is what could be picked, where that is not all that was ordered."""

    status: ShipmentStatus
    products: Annotated[tuple[Picked, ...], Meta(max_length=1000)] | None = None


class OrdersApi:
    """The handlers; staff see the orders of the stores within their reach, the others are hidden from them."""

    def __init__(
        self, database: Database, orders: Orders, ordering: Ordering, packing: Packing, reach: Reach
    ) -> None:
        self._database = database
        self._orders = orders
        self._ordering = ordering
        self._packing = packing
        self._reach = reach

    async def orders(self, call: Call[None, Shopper]) -> Any:
        """GET /shop/v1/orders."""
        found = await self._orders.page(call.who.person_id, call.query.limit, call.query.after)
        return tuple(order_document(order) for order in found)

    async def order(self, call: Call[None, Shopper]) -> Any:
        """GET /shop/v1/orders/{id}."""
        return order_document(await self._orders.of_person(call.who.person_id, call.path["id"]))

    async def order_events(self, call: Call[None, Shopper]) -> Events:
        """GET /shop/v1/orders/{id}/events."""
        order = await self._orders.of_person(call.who.person_id, call.path["id"])
        return Events(self._events(order))

    async def _events(self, order: OrderRecord) -> AsyncIterator[tuple[str, bytes]]:
        async for now in self._orders.watch(order.id):
            yield "order", encode(order_document(now))

    async def cancel(self, call: Call[None, Shopper]) -> Any:
        """POST /shop/v1/orders/{id}/cancel."""
        order = await self._orders.of_person(call.who.person_id, call.path["id"])
        claim = claim_of(call, call.who.person_id, "cancel order")
        cancelled = Change(status=ShipmentStatus.CANCELLED_BY_CLIENT, actor=Actor.CLIENT)
        return await once(
            self._database,
            claim,
            lambda: self._ordering.change(order.id, cancelled, claim),
            document=order_document,
        )

    async def to_do(self, call: Call[None, Staff]) -> Any:
        """GET /work/v1/orders."""
        reach = frozenset(store.institution_id for store in await self._reach.stores_of(call.who))
        query = call.query
        found = await self._orders.to_do(reach, query.limit, query.after, query.status)
        return tuple(WaitingOrder(**_waiting(order)) for order in found)

    async def open_order(self, call: Call[None, Staff]) -> Any:
        """GET /work/v1/orders/{id}."""
        order = await self._within_reach(call)
        return opened_order(order, await self._packing.handling(order))

    async def _within_reach(self, call: Call[Any, Staff]) -> OrderRecord:
        order = await self._orders.get(call.path["id"])
        await self._reach.store(call.who, order.institution_id)
        return order

    async def change_status(self, call: Call[StaffChange, Staff]) -> Any:
        """POST /work/v1/orders/{id}/status."""
        order, staff = await self._within_reach(call), call.who
        claim = claim_of(call, staff.person_id, "order status")
        wanted = Change(
            status=call.body.status,
            actor=Actor.MERCHANT,
            person_name=staff.name,
            resolver_id=staff.person_id,
        )
        return await once(
            self._database,
            claim,
            lambda: self._packing.move_on(order, wanted, call.body.products, claim),
            document=order_document,
        )


def _waiting(order: OrderRecord) -> dict[str, Any]:
    method, react_by = order.details.shipment.method, order.details.react_by
    return {
        "id": order.id,
        "institution_id": order.institution_id,
        "method": method,
        "status": order.status,
        "may_become": rules.allowed(order.status, method, Actor.MERCHANT),
        "created_at": UtcMillis.of(order.created_at),
        "react_by": UtcMillis.of(react_by) if react_by else None,
        "expected_delivery_utc_time": order.details.shipment.expected_delivery_utc_time,
    }


def opened_order(order: OrderRecord, handling: Handling) -> OpenedOrder:
    """An order in the store's hands, its rows by category."""
    return OpenedOrder(
        **_waiting(order),
        order=order_document(order),
        min_age=handling.min_age,
        pick_list=tuple(_shelves(order, handling.weighed)),
    )


def _shelves(order: OrderRecord, weighed: Container[str]) -> Iterable[PickShelf]:
    ordered, picked = order.details.ordered, order.details.picked
    replaced_by = _replaced_by(order)
    amounts = repeat(None) if picked is None else amounts_of(ordered, picked)
    shelves: dict[str, list[PickRow]] = {}
    for row, amount in zip(ordered, amounts, strict=False):
        category = (row.categories[0].name if row.categories else None) or ""
        pick = PickRow(
            barcode=row.barcode,
            product_name=row.product_name,
            weighed=row.barcode in weighed,
            ordered=row.amount,
            picked=amount,
            replaced_by=tuple(replaced_by.get(row.barcode, ())),
        )
        shelves.setdefault(category, []).append(pick)
    return (PickShelf(category, tuple(rows)) for category, rows in sorted(shelves.items()))


def _replaced_by(order: OrderRecord) -> dict[str, list[PickedReplacement]]:
    found: dict[str, list[PickedReplacement]] = {}
    for row in order.details.products:
        if row.replaces is not None:
            one = PickedReplacement(row.barcode, row.product_name, row.amount)
            found.setdefault(row.replaces, []).append(one)
    return found


def routes(api: OrdersApi, shopper: Authenticate[Shopper], worker: Authenticate[Staff]) -> Sequence[Route]:
    """The shoppers' and the staff's rows."""
    return (
        Route("GET", "/shop/v1/orders", api.orders, None, tuple[Order, ...], "Own orders, newest first",
              "shopper", shopper, query=ShortPage),
        Route("GET", "/shop/v1/orders/{id}", api.order, None, Order, "One order", "shopper", shopper,
              problems=(NOT_FOUND,)),
        Route("GET", "/shop/v1/orders/{id}/events", api.order_events, None, Events,
              "The order, now and after every change", "shopper", shopper, problems=(NOT_FOUND,)),
        Route("POST", "/shop/v1/orders/{id}/cancel", api.cancel, None, Order, "Cancel an order before it goes out",
              "shopper", shopper, problems=ORDER_FAILS, takes_idempotency_key=True),
        Route("GET", "/work/v1/orders", api.to_do, None, tuple[WaitingOrder, ...],
              "Orders to do: those that wait for an answer, the soonest due first, then the others, oldest first",
              "work", worker, query=ToDo),
        Route("GET", "/work/v1/orders/{id}", api.open_order, None, OpenedOrder, "An order and its pick list",
              "work", worker, problems=(NOT_FOUND,)),
        Route("POST", "/work/v1/orders/{id}/status", api.change_status, StaffChange, Order,
              "Move an order on", "work", worker, problems=PACKING_FAILS, takes_idempotency_key=True),
    )  # fmt: skip
