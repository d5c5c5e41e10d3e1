"""A whole Smarts for tests: gateway and node behind real HTTP, a worker, a real database."""

import asyncio
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import aiohttp
import msgspec

from serving import serving
from smarts.caller import Target
from smarts.control import Policy
from smarts.gateway.app import Gateway, application, open_gateway
from smarts.gateway.parties import Role, Store, Switches
from smarts.gateway.settings import Settings
from smarts.node import Gateway as WayBack
from smarts.node import Node, NotFound
from smarts.wire.control import Decision, PurchaseControlCheckRequest, PurchaseControlCheckResponse
from smarts.wire.invoices import Invoice, SellerParty
from smarts.wire.money import Currency
from smarts.wire.products import (
    VAT,
    Campaign,
    Category,
    Inspection,
    Pageable,
    PageRequest,
    Price,
    Product,
    ProductSearchRequest,
    Quantity,
    Unit,
    net_and_vat,
)
from smarts.wire.text import Translatable
from smarts.wire.times import TimeZone

NODE_TOKEN = "the-node's-token-of-the-tests"
BREAD, MILK, APPLES, BEER = "4740000000014", "4740000000021", "2000000000015", "4740000000038"


def product(
    barcode: str,
    name: str,
    total: str,
    *,
    rate: str = "24",
    weighed: bool = False,
    inspections: tuple[Inspection, ...] = (),
    campaigns: tuple[Campaign, ...] = (),
) -> Product:
    """A product as a node would send it."""
    gross, percent = Decimal(total), Decimal(rate)
    net, vat = net_and_vat(gross, percent)
    price = Price(VAT(sum_without_vat=net, vat_sum=vat, sum_with_vat=gross, vat_rate=percent), gross)
    return Product(
        id=f"p-{barcode}",
        barcode=barcode,
        translatable_name=Translatable.of(name),
        price=price,
        weight_item=weighed,
        quantity=Quantity(Unit.KILOGRAM if weighed else Unit.PIECE, Decimal(1)),
        inspections=inspections,
        campaigns=campaigns,
    )


class Merchant:
    """A merchant's node, written with the starter; tests change what it sells and decides."""

    def __init__(self) -> None:
        self.products = {
            each.barcode: each
            for each in (
                product(BREAD, "Rukkileib", "1.49"),
                product(MILK, "Piim", "1.24", rate="9"),
                product(APPLES, "Õunad", "2.99", weighed=True),
            )
        }
        self.decision = Decision.NO
        self.checks: list[PurchaseControlCheckRequest] = []
        self.invoices: list[Invoice] = []
        self.before_deciding: Callable[[], Awaitable[None]] | None = None
        self.trouble_with_invoices: Exception | None = None
        self.tries = 0

    def add(self, *products: Product) -> None:
        self.products |= {each.barcode: each for each in products}

    async def search(self, page: PageRequest[ProductSearchRequest]) -> Pageable[Product]:
        found = tuple(self.products.values())
        return Pageable(found[: page.limit], 1, len(found))

    async def by_barcode(self, request: ProductSearchRequest) -> Product:
        if request.barcode not in self.products:
            raise NotFound("Not sold here")
        return self.products[request.barcode]

    async def by_name(self, request: ProductSearchRequest) -> list[Product]:
        return [
            each for each in self.products.values() if each.translatable_name.original_text == request.name
        ]

    async def categories(self, request: ProductSearchRequest) -> list[Category]:
        return [Category("food", Translatable.of("Toit"))]

    async def check_purchase(self, request: PurchaseControlCheckRequest) -> PurchaseControlCheckResponse:
        self.checks.append(request)
        if self.before_deciding:
            await self.before_deciding()
        return PurchaseControlCheckResponse(self.decision)

    async def receive_invoice(self, invoice: Invoice) -> None:
        self.tries += 1
        if self.trouble_with_invoices:
            raise self.trouble_with_invoices
        self.invoices.append(invoice)


@dataclass(frozen=True)
class Reply:
    """What the gateway answered."""

    status: int
    body: Any
    headers: Mapping[str, str]
    text: str


class Client:
    """Calls the gateway as somebody with a token."""

    def __init__(self, session: aiohttp.ClientSession, url: str, headers: Mapping[str, str]) -> None:
        self._session = session
        self._url = url
        self.headers = dict(headers)

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        sent = {"Content-Type": "application/json", **self.headers, **headers}
        encoded = body if isinstance(body, bytes | None) else msgspec.json.encode(body)
        data = encoded and io.BytesIO(encoded)
        async with self._session.request(method, self._url + path, data=data, headers=sent) as response:
            text = await response.text()
            is_json = "json" in response.content_type
            decoded = msgspec.json.decode(text) if text and is_json else None
            return Reply(response.status, decoded, response.headers, text)

    async def get(self, path: str) -> Reply:
        return await self.call("GET", path)

    async def post(self, path: str, body: Any = None, **headers: str) -> Reply:
        return await self.call("POST", path, body, **headers)


class Shopper(Client):
    """A shopper with a phone."""

    async def cart(self, institution_id: str, *barcodes: str) -> dict[str, Any]:
        """A new cart with goods in it."""
        reply = await self.post("/shop/v1/carts", {"institutionId": institution_id})
        assert reply.status == 201, reply.text
        cart = reply.body
        for barcode in barcodes:
            cart = await self.scan(cart, barcode)
        return cart

    async def scan(self, cart: dict[str, Any], barcode: str, **more: Any) -> dict[str, Any]:
        reply = await self.post(f"/shop/v1/carts/{cart['id']}/lines", {"barcode": barcode, **more})
        assert reply.status == 200, reply.text
        scanned: dict[str, Any] = reply.body
        return scanned

    async def check_out(self, cart: dict[str, Any]) -> dict[str, Any]:
        reply = await self.post(f"/shop/v1/carts/{cart['id']}/checkout")
        assert reply.status == 200, reply.text
        out: dict[str, Any] = reply.body
        return out

    async def pay(self, cart: dict[str, Any], card: str | None = None, **headers: str) -> Reply:
        body = {"method": "SANDBOX"} | ({"card": card} if card else {})
        return await self.post(f"/shop/v1/carts/{cart['id']}/payment", body, **headers)

    async def look(self, cart: dict[str, Any]) -> dict[str, Any]:
        reply = await self.get(f"/shop/v1/carts/{cart['id']}")
        assert reply.status == 200, reply.text
        seen: dict[str, Any] = reply.body
        return seen


@dataclass
class World:
    """One store, its merchant, and whoever joins."""

    gateway: Gateway
    url: str
    session: aiohttp.ClientSession
    merchant: Merchant
    institution_id: str
    access_token: str
    back: WayBack
    database_url: str
    exits: AsyncExitStack = field(repr=False)

    async def shopper(self, **about: Any) -> Shopper:
        """Somebody new joins."""
        anybody = Client(self.session, self.url, {})
        reply = await anybody.post("/shop/v1/shoppers", about)
        assert reply.status == 201, reply.text
        return Shopper(self.session, self.url, {"Authorization": f"Bearer {reply.body['token']}"})

    def as_store(self, token: str | None = None) -> Client:
        """The merchant by hand, without the starter's client."""
        return Client(self.session, self.url, {"accessToken": token or self.access_token})

    async def node_returned(self, mend: Callable[[], object]) -> None:
        """The node is mended, which the gateway knows at once by a call of the merchant's."""
        mend()
        await self.as_store().get("/v1/pickup/order/none-such")

    async def staff(self, role: Role, *institution_ids: str) -> Client:
        """Somebody of the staff of the store's merchant."""
        store = await self.gateway.stores.get(self.institution_id)
        async with self.gateway.database.transaction() as tx:
            token = await self.gateway.people.add_staff(
                tx, "Someone", role, store.merchant_id, frozenset(institution_ids)
            )
        return Client(self.session, self.url, {"Authorization": f"Bearer {token}"})

    async def add_store(self, node_url: str, **changes: Any) -> tuple[str, str]:
        """Another store; its id and access token."""
        store = _store(str(uuid4()), **changes)
        return await _put(self.gateway, store, node_url)

    async def change_store(self, **changes: Any) -> None:
        """Changes the store, as a manager would."""
        store = await self.gateway.stores.get(self.institution_id)
        async with self.gateway.database.transaction() as tx:
            await self.gateway.stores.put(tx, msgspec.structs.replace(store, **changes))
        self.gateway.stores.forget(self.institution_id)  # somebody may have read it before the commit

    async def set_policy(self, policy: Policy) -> None:
        """Makes a check policy count, as a manager would."""
        await self.gateway.policies.save(self.institution_id, policy, "Manager")


def _store(institution_id: str, **changes: Any) -> Store:
    store = Store(
        institution_id=institution_id,
        merchant_id="",
        name="Nurgapood",
        seller=SellerParty(unique_code=institution_id, seller_name="Nurgapood"),
        currency=Currency.EUR,
        time_zone=TimeZone("Europe/Tallinn"),
        switches=Switches(),
        campaigns=(),
    )
    return msgspec.structs.replace(store, **changes)


async def _put(gateway: Gateway, store: Store, node_url: str) -> tuple[str, str]:
    async with gateway.database.transaction() as tx:
        merchant_id = await gateway.stores.merchant(tx, f"Merchant of {store.institution_id}")
        await gateway.stores.put(tx, msgspec.structs.replace(store, merchant_id=merchant_id))
        await gateway.registry.set(tx, store.institution_id, Target(node_url, NODE_TOKEN))
        issued = await gateway.stores.new_token(tx, store.institution_id, overlap_seconds=0)
    return store.institution_id, issued.token


@asynccontextmanager
async def small_world(
    database_url: str,
    *,
    lock_for: timedelta = timedelta(hours=4),
    node: Any = None,
    merchant: Merchant | None = None,
    **settings_too: Any,
) -> AsyncIterator[World]:
    """A gateway with its worker, and a merchant's node (or any application as one)."""
    settings = Settings(
        database_url=database_url,
        lock_for=lock_for,
        allow_private_nodes=True,
        sandbox_payments=True,
        **({"joins_per_hour": 1_000_000} | settings_too),
    )
    merchant = merchant or Merchant()
    async with AsyncExitStack() as exits:
        node = node or Node(merchant, token=NODE_TOKEN, name="tests", version="1")
        node_url = await exits.enter_async_context(serving(node))
        gateway = await exits.enter_async_context(open_gateway(settings, database_url))
        url = await exits.enter_async_context(serving(application(gateway)))
        institution_id, token = await _put(gateway, _store(str(uuid4())), node_url)
        session = await exits.enter_async_context(aiohttp.ClientSession())
        back = await exits.enter_async_context(WayBack(url, token, institution_id))
        yield World(gateway, url, session, merchant, institution_id, token, back, database_url, exits)


async def until(condition: Callable[[], Any], seconds: float = 15) -> Any:
    """Waits until a condition (plain or async) holds, and gives what it gave."""
    async with asyncio.timeout(seconds):
        while True:
            found = condition()
            found = await found if isinstance(found, Awaitable) else found
            if found:
                return found
            await asyncio.sleep(0.01)
