"""The shopper's API: stores and carts (`/shop/v1`)."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from typing import Annotated, Any

import msgspec

from smarts.edge.problems import NODE_DOWN, NODE_NONSENSE, NODE_SLOW, NOT_FOUND
from smarts.edge.routes import Call, Events, Route
from smarts.edge.security import Authenticate
from smarts.gateway import errors
from smarts.gateway.carts.model import Cart
from smarts.gateway.carts.service import Carts
from smarts.gateway.carts.view import CartDocument, cart_document
from smarts.gateway.journeys.check_out import CheckingOut
from smarts.gateway.journeys.paging import StoresPage
from smarts.gateway.journeys.pay import Paying, PaymentRequest
from smarts.gateway.journeys.shop import Shopping
from smarts.gateway.nodes.states import Features, States
from smarts.gateway.parties import Place, Shopper, Store, Switches
from smarts.gateway.storage.answers import Claim, claim_of, once
from smarts.gateway.storage.database import Database
from smarts.gateway.stores.service import Stores
from smarts.wire.codec import encode
from smarts.wire.model import Model
from smarts.wire.money import Currency, LooseNumber
from smarts.wire.nodes import Feature
from smarts.wire.shipments import Address
from smarts.wire.text import Identifier

_NODE_FAILS = (NODE_NONSENSE, NODE_DOWN, NODE_SLOW)
_CART_FAILS = (NOT_FOUND, errors.CART_LOCKED, errors.CART_CLOSED, errors.PRODUCT_REFUSED)

ShopperCall = Call[Any, Shopper]


class StoreDocument(Model, frozen=True, kw_only=True):
    """A store that one may shop in; `features` are those of the contract that it uses, `place` where it is."""

    institution_id: str
    name: str
    address: Address | None = None
    place: Place | None = None
    currency: Currency
    features: tuple[Feature, ...]


class NewCart(Model, frozen=True):
    """In which store."""

    institution_id: Identifier


class Scan(Model, frozen=True):
    """A scanned barcode; `quantity` in pieces, or in the product's unit for weighed goods."""

    barcode: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    quantity: LooseNumber | None = None


class NewQuantity(Model, frozen=True):
    """Pieces, or the product's unit for weighed goods."""

    quantity: LooseNumber


def store_document(store: Store, named: Features) -> StoreDocument:
    """A store as shoppers see it; `named` are the features that its node names."""
    return StoreDocument(
        institution_id=store.institution_id,
        name=store.name,
        address=store.seller.address,
        place=store.place,
        currency=store.currency,
        features=tuple(_features(store.switches, named)),
    )


def _features(switches: Switches, named: Features) -> Iterator[Feature]:
    """What the switches leave of what the node names, or of all while it has not told yet."""
    off = {
        Feature.NODE,
        Feature.INVOICES if switches.merchant_side_invoicing else Feature.RECEIPTS,
        *(() if switches.merchant_side_purchase_control else (Feature.PURCHASE_CONTROL,)),
        *map(Feature, switches.features_off),
    }
    for feature in Feature:
        if feature not in off and (feature is Feature.PRODUCT_SEARCH or named is None or feature in named):
            yield feature


class ShopApi:
    """The handlers; no decisions here."""

    def __init__(
        self,
        database: Database,
        carts: Carts,
        stores: Stores,
        states: States,
        shopping: Shopping,
        checking_out: CheckingOut,
        paying: Paying,
    ) -> None:
        self._database = database
        self._carts = carts
        self._stores = stores
        self._states = states
        self._shopping = shopping
        self._checking_out = checking_out
        self._paying = paying

    async def stores(self, call: ShopperCall) -> Any:
        """GET /stores."""
        found = await self._stores.page(call.query.limit, call.query.after)
        named = await self._states.features_of([store.institution_id for store in found])
        return tuple(store_document(store, named[store.institution_id]) for store in found)

    async def store(self, call: ShopperCall) -> Any:
        """GET /stores/{id}."""
        store = await self._stores.get(call.path["id"])
        return store_document(store, await self._states.features(store.institution_id))

    async def create(self, call: Call[NewCart, Shopper]) -> Any:
        """POST /carts."""
        return await self._once(
            call,
            "create",
            lambda claim: self._shopping.create(call.who, call.body.institution_id, claim),
            201,
            whole=True,
        )

    async def cart(self, call: ShopperCall) -> Any:
        """GET /carts/{id}."""
        return cart_document(await self._carts.of(call.who, call.path["id"]))

    async def events(self, call: ShopperCall) -> Events:
        """GET /carts/{id}/events."""
        await self._carts.of(call.who, call.path["id"])
        return Events(self._events(call.who, call.path["id"]))

    async def _events(self, shopper: Shopper, cart_id: str) -> AsyncIterator[tuple[str, bytes]]:
        async for cart in self._carts.watch(shopper, cart_id):
            yield "cart", encode(cart_document(cart))

    async def scan(self, call: Call[Scan, Shopper]) -> Any:
        """POST /carts/{id}/lines."""
        body = call.body
        return await self._once(
            call,
            "scan",
            lambda claim: self._shopping.scan(call.who, call.path["id"], body.barcode, body.quantity, claim),
            whole=True,
        )

    async def change_quantity(self, call: Call[NewQuantity, Shopper]) -> Any:
        """PATCH /carts/{id}/lines/{lineId}."""
        cart = await self._shopping.change_quantity(
            call.who, call.path["id"], call.path["lineId"], call.body.quantity
        )
        return cart_document(cart)

    async def remove(self, call: ShopperCall) -> Any:
        """DELETE /carts/{id}/lines/{lineId}."""
        return cart_document(await self._shopping.remove(call.who, call.path["id"], call.path["lineId"]))

    async def check_out(self, call: ShopperCall) -> Any:
        """POST /carts/{id}/checkout."""
        return await self._once(
            call, "check out", lambda claim: self._checking_out.check_out(call.who, call.path["id"], claim)
        )

    async def unlock(self, call: ShopperCall) -> Any:
        """POST /carts/{id}/unlock."""
        return await self._once(
            call, "unlock", lambda _: self._checking_out.unlock(call.who, call.path["id"])
        )

    async def pay(self, call: Call[PaymentRequest, Shopper]) -> Any:
        """POST /carts/{id}/payment."""
        body = call.body
        return await self._once(
            call,
            "pay",
            lambda claim: self._paying.pay(call.who, call.path["id"], body, claim),
        )

    async def give_up(self, call: ShopperCall) -> Any:
        """DELETE /carts/{id}."""
        return cart_document(await self._shopping.give_up(call.who, call.path["id"]))

    async def _once(
        self,
        call: ShopperCall,
        verb: str,
        carry_out: Callable[[Claim | None], Awaitable[Cart]],
        status: int = 200,
        *,
        whole: bool = False,
    ) -> Any:
        claim = claim_of(call, call.who.person_id, verb)
        return await once(self._database, claim, lambda: carry_out(claim), status, cart_document, whole=whole)


def routes(api: ShopApi, shopper: Authenticate[Shopper]) -> Sequence[Route]:
    """The shopper's rows."""

    def row(
        line: str,
        handler: Any,
        request: Any,
        response: Any,
        summary: str,
        problems: tuple[Any, ...],
        **more: Any,
    ) -> Route:
        method, path = line.split()
        return Route(
            method, f"/shop/v1{path}", handler, request, response, summary, "shopper", shopper,
            problems=problems, **more,
        )  # fmt: skip

    def act(line: str, handler: Any, request: Any, summary: str, *problems: Any, status: int = 200) -> Route:
        return row(line, handler, request, CartDocument, summary, (*problems, errors.KEY_REUSED), status=status,
                   takes_idempotency_key=True)  # fmt: skip

    # fmt: off
    return (
        row("GET /stores", api.stores, None, tuple[StoreDocument, ...], "Stores, newest first", (), query=StoresPage),
        row("GET /stores/{id}", api.store, None, StoreDocument, "A store", (NOT_FOUND,)),
        act("POST /carts", api.create, NewCart, "Begin a cart in a store", NOT_FOUND, status=201),
        row("GET /carts/{id}", api.cart, None, CartDocument, "The cart", (NOT_FOUND,)),
        row("GET /carts/{id}/events", api.events, None, Events, "The cart, now and after every change", (NOT_FOUND,)),
        act("POST /carts/{id}/lines", api.scan, Scan, "Scan", errors.PRODUCT_UNKNOWN, *_CART_FAILS, *_NODE_FAILS),
        row("PATCH /carts/{id}/lines/{lineId}", api.change_quantity, NewQuantity, CartDocument,
            "Another quantity of a line", _CART_FAILS),
        row("DELETE /carts/{id}/lines/{lineId}", api.remove, None, CartDocument, "Take a line out", _CART_FAILS),
        act("POST /carts/{id}/checkout", api.check_out, None, "Check out: READY, or LOCKED for a check",
            errors.CART_EMPTY, errors.RECEIPTS_ABSENT, *_CART_FAILS, *_NODE_FAILS),
        act("POST /carts/{id}/unlock", api.unlock, None, "Unlock a cart whose lock has expired",
            NOT_FOUND, errors.LOCK_NOT_EXPIRED),
        act("POST /carts/{id}/payment", api.pay, PaymentRequest, "Pay for a cart that is READY",
            NOT_FOUND, errors.CART_NOT_READY, errors.RECEIPT_NEW, errors.RECEIPTS_ABSENT, errors.PAYMENT_DECLINED,
            errors.PAYMENT_UNKNOWN, *_NODE_FAILS),
        row("DELETE /carts/{id}", api.give_up, None, CartDocument, "Give up", _CART_FAILS),
    )
    # fmt: on
