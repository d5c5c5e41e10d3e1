"""Home delivery over HTTP before there is an order: what stores offer and shoppers choose, what managers set."""

from collections.abc import Sequence
from typing import Any

from smarts.edge.problems import NOT_FOUND
from smarts.edge.routes import Call, Route
from smarts.edge.security import Authenticate
from smarts.gateway import errors
from smarts.gateway.carts.view import CartDocument, cart_document
from smarts.gateway.journeys.deliver import Choice, Delivering, DeliveryOffer
from smarts.gateway.journeys.reach import Reach
from smarts.gateway.orders.delivery import DeliveryMethod, DeliveryTerms
from smarts.gateway.parties import Shopper, Staff
from smarts.wire.shipments import ShipmentMethod

_CART_FAILS = (
    NOT_FOUND,
    errors.CART_LOCKED,
    errors.CART_CLOSED,
    errors.CART_CHANGED,
    errors.PAYMENT_UNDER_WAY,
)


def routes(
    delivering: Delivering, reach: Reach, shopper: Authenticate[Shopper], manager: Authenticate[Staff]
) -> Sequence[Route]:
    """The shoppers' and the managers' rows."""

    async def delivery_methods(call: Call[None, Shopper]) -> Any:
        return await delivering.offers(call.path["id"])

    async def choose(call: Call[Choice, Shopper]) -> Any:
        return cart_document(await delivering.choose(call.who, call.path["id"], call.body))

    async def take_along(call: Call[None, Shopper]) -> Any:
        return cart_document(await delivering.take_along(call.who, call.path["id"]))

    async def methods(call: Call[None, Staff]) -> Any:
        return await delivering.methods(await reach.store(call.who, call.path["id"]))

    async def set_method(call: Call[DeliveryTerms, Staff]) -> Any:
        store = await reach.store(call.who, call.path["id"])
        return await delivering.set_method(store, _method(call.path["method"]), call.body)

    return (
        Route("GET", "/shop/v1/stores/{id}/delivery-methods", delivery_methods, None, tuple[DeliveryOffer, ...],
              "How the store delivers, and when it would now", "shopper", shopper, problems=(NOT_FOUND,)),
        Route("PUT", "/shop/v1/carts/{id}/shipment", choose, Choice, CartDocument,
              "Have the goods brought", "shopper", shopper, problems=_CART_FAILS),
        Route("DELETE", "/shop/v1/carts/{id}/shipment", take_along, None, CartDocument,
              "Take the goods along", "shopper", shopper, problems=_CART_FAILS),
        Route("GET", "/manage/v1/stores/{id}/delivery", methods, None, tuple[DeliveryMethod, ...],
              "How the store delivers, what is switched off included", "manage", manager, problems=(NOT_FOUND,)),
        Route("PUT", "/manage/v1/stores/{id}/delivery/{method}", set_method, DeliveryTerms, DeliveryMethod,
              "Set a way of delivery: COURIER, PARCEL or PICKUP", "manage", manager, problems=(NOT_FOUND,)),
    )  # fmt: skip


def _method(name: str) -> ShipmentMethod:
    if name not in ShipmentMethod.__members__:
        raise NOT_FOUND.error("There is no such way of delivery")
    return ShipmentMethod(name)
