"""What a store sells and offers, over HTTP, by way of its node (`/shop/v1/stores/{id}`)."""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec

from smarts.edge.problems import NODE_DOWN, NODE_NONSENSE, NODE_SLOW, NOT_FOUND
from smarts.edge.routes import Call, Route
from smarts.edge.security import Authenticate
from smarts.gateway.loyalty.service import Loyalty
from smarts.gateway.offers.service import Offers
from smarts.gateway.parties import Shopper, Store
from smarts.gateway.products.service import OrderField, Products, Wanted
from smarts.gateway.stores.service import Stores
from smarts.wire.loyalty import ClientCard
from smarts.wire.offers import Offer, OfferClassification
from smarts.wire.products import Category, OrderBy, Pageable, Product

ShopperCall = Call[Any, Shopper]


class ProductPaging(msgspec.Struct, frozen=True, rename="camel"):
    """Which products, and which page of them; pages count from 1."""

    name: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    category: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    page: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 1
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 20
    order_by: OrderBy | None = None
    order_field: OrderField | None = None


class OfferChoice(msgspec.Struct, frozen=True, rename="camel"):
    """Which offers: those to everybody, those to this shopper, or both."""

    classification: OfferClassification | None = None


class GoodsApi:
    """The handlers: the store and the shopper's cards there go with every question to the node."""

    def __init__(self, stores: Stores, products: Products, offers: Offers, loyalty: Loyalty) -> None:
        self._stores = stores
        self._products = products
        self._offers = offers
        self._loyalty = loyalty

    async def _asking(self, call: ShopperCall) -> tuple[Store, tuple[ClientCard, ...]]:
        store = await self._stores.get(call.path["id"])
        linked = await self._loyalty.cards_of(call.who.person_id, store)
        return store, tuple(card.client_card for card in linked)

    async def product_page(self, call: ShopperCall) -> Any:
        """GET /stores/{id}/products."""
        store, cards = await self._asking(call)
        query = call.query
        wanted = Wanted(
            query.name, query.category, query.page, query.limit, query.order_by, query.order_field
        )
        return await self._products.page(call.who, store.institution_id, cards, wanted)

    async def categories(self, call: ShopperCall) -> Any:
        """GET /stores/{id}/categories."""
        store, cards = await self._asking(call)
        return await self._products.categories(call.who, store.institution_id, cards)

    async def offers(self, call: ShopperCall) -> Any:
        """GET /stores/{id}/offers."""
        store, cards = await self._asking(call)
        return await self._offers.of(store, call.who, cards, call.query.classification)


def routes(api: GoodsApi, shopper: Authenticate[Shopper]) -> Sequence[Route]:
    """The shopper's rows."""

    def row(path: str, handler: Any, response: Any, summary: str, **more: Any) -> Route:
        return Route(
            "GET", f"/shop/v1/stores/{{id}}{path}", handler, None, response, summary, "shopper", shopper,
            problems=(NOT_FOUND, NODE_NONSENSE, NODE_DOWN, NODE_SLOW), **more,
        )  # fmt: skip

    return (
        row("/products", api.product_page, Pageable[Product], "A store's products", query=ProductPaging),
        row("/categories", api.categories, tuple[Category, ...], "A store's categories"),
        row(
            "/offers",
            api.offers,
            tuple[Offer, ...],
            "A store's offers that are on today, as the store lists them",
            query=OfferChoice,
        ),
    )
