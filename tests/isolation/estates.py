"""What there is of each kind that has an id: a store's, its shopper's and its staff's, all through the front doors."""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import msgspec

from gateway.journeys.club import BONUS_CARD, Club, confirmed
from gateway.journeys.delivering import CHOICES, MACHINES, TERMS, DeliveringMerchant, with_delivery
from gateway.journeys.till import receipt_for
from gateway.journeys.world import BREAD, MILK, NODE_TOKEN, Client, Shopper, World
from smarts.caller import Target
from smarts.gateway.parties import Role, Store, Switches
from smarts.gateway.stores.campaigns import keyed
from smarts.wire.control import Decision
from smarts.wire.invoices import SellerParty
from smarts.wire.money import Currency
from smarts.wire.products import Campaign
from smarts.wire.times import TimeZone

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


class WholeMerchant(DeliveringMerchant, Club):
    """A merchant with everything; shoppers' cards are known by their numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.make = lambda request: with_delivery(request) if request.shipment else receipt_for(request)

    async def find_offers(self, request: Any) -> list[Any]:
        return []


@dataclass
class Estate:
    """A shopper with goods in a store, and the store's people; `ids` by what they are of, as the matrix names them.

    `marker` is in all that is told in private: names, addresses, numbers.
    """

    world: World
    store: Store
    marker: str
    shopper: Shopper = field(repr=False)
    worker: Client = field(repr=False)
    manager: Client = field(repr=False)
    access_token: str = field(repr=False)
    people: dict[Role, str] = field(default_factory=dict)
    sessions: dict[Role, str] = field(repr=False, default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)


async def add_store(world: World, merchant_id: str, node_url: str, name: str) -> tuple[Store, str]:
    """A store of a merchant, and its access token."""
    gateway, institution_id = world.gateway, str(uuid4())
    store = Store(
        institution_id=institution_id,
        merchant_id=merchant_id,
        name=name,
        seller=SellerParty(unique_code=institution_id, seller_name=name),
        currency=Currency.EUR,
        time_zone=TimeZone("Europe/Tallinn"),
        switches=Switches(),
        campaigns=(Campaign(f"Campaign of {name}", "B00000000501", "total"),),
    )
    async with gateway.database.transaction() as tx:
        await gateway.stores.put(tx, store)
        await gateway.registry.set(tx, institution_id, Target(node_url, NODE_TOKEN))
        issued = await gateway.stores.new_token(tx, institution_id, overlap_seconds=0)
    return store, issued.token


async def settle_in(world: World, store: Store, access_token: str) -> Estate:
    """Fills a store with life."""
    marker = f"hidden{uuid4().hex[:12]}"
    shopper = await world.shopper(
        name=f"Shopper {marker}", email=f"{marker}@shoppers.ee", phone="+372 5550 1"
    )
    worker_id, worker = await hired(world, store, Role.WORKER, f"Worker {marker}")
    manager_id, manager = await hired(world, store, Role.MANAGER, f"Manager {marker}")
    made = Estate(world, store, marker, shopper, worker, manager, access_token)
    made.people = {Role.WORKER: worker_id, Role.MANAGER: manager_id}
    me = await _read(shopper.get("/shop/v1/shoppers/me"))
    made.ids |= {"store": store.institution_id, "campaign": next(iter(keyed(store.campaigns)))}
    made.ids |= {"shopper": me["personId"], "person": worker_id}
    await _card(made)
    await _purchases(made)
    await _order(made)
    await _messages(made)
    program = {"name": f"Till {marker}", "institutionIds": [store.institution_id]}
    made.ids["program"] = (await _read(worker.post("/work/v1/tokens", program)))["id"]
    return made


async def hired(world: World, store: Store, role: Role, name: str) -> tuple[str, Client]:
    """Somebody of a store's staff, with a token."""
    person_id = str(uuid4())
    places = frozenset({store.institution_id}) if role is Role.WORKER else frozenset[str]()
    async with world.gateway.database.transaction() as tx:
        token = await world.gateway.people.add_staff(tx, name, role, store.merchant_id, places, person_id)
    return person_id, Client(world.session, world.url, {"Authorization": f"Bearer {token}"})


async def signed_in(world: World, person_id: str) -> str:
    """A session of somebody of the staff."""
    accounts, email = world.gateway.accounts, f"{person_id}@staff.ee"
    async with world.gateway.database.transaction() as tx:
        password = await accounts.open(tx, person_id, email)
    return await accounts.sign_in(email, password, "10.255.0.1")


async def sign_in_all(made: Estate) -> None:
    """The worker and the manager of an estate open a browser each."""
    made.sessions = {role: await signed_in(made.world, person) for role, person in made.people.items()}


async def _card(made: Estate) -> None:
    """A kind of card with a picture, linked by the shopper."""
    image = await _read(made.manager.post("/manage/v1/images", {"mediaType": "image/png", "data": PIXEL}))
    kind = await _read(
        made.manager.post(
            "/manage/v1/loyalty-kinds", BONUS_CARD | {"primary": False, "imageId": image["imageId"]}
        )
    )
    number = f"card-{made.marker}"
    made.world.merchant.known[number] = confirmed(number, None)
    body = {"cardId": kind["id"], "institutionId": made.ids["store"], "value": number}
    await _read(made.shopper.post("/shop/v1/loyalty-cards", body))
    made.ids |= {"image": image["imageId"], "kind": kind["id"], "number": number}


async def _purchases(made: Estate) -> None:
    """A cart that is open, one that waits for a check, and one that is paid."""
    shopper, store_id, merchant = made.shopper, made.ids["store"], made.world.merchant
    cart = await shopper.cart(store_id, BREAD, MILK)
    made.ids |= {"cart": cart["id"], "line": cart["lines"][0]["lineId"]}
    merchant.decision = Decision.FULL
    locked = await shopper.check_out(await shopper.cart(store_id, BREAD))
    merchant.decision = Decision.NO
    ready = await shopper.check_out(await shopper.cart(store_id, MILK))
    paid = await _read(shopper.pay(ready))
    made.ids |= {"locked-cart": locked["id"], "check": locked["invoiceId"]}
    made.ids |= {"paid-cart": paid["id"], "invoice": paid["invoiceId"]}


async def _order(made: Estate) -> None:
    """An order that waits for the store, which makes its own receipts."""
    shopper, gateway = made.shopper, made.world.gateway
    for method in CHOICES:
        path = f"/manage/v1/stores/{made.ids['store']}/delivery/{method}"
        machines = {"parcelMachines": MACHINES} if method == "PARCEL" else {}
        await _read(made.manager.call("PUT", path, TERMS | machines))
    async with gateway.database.transaction() as tx:
        await gateway.stores.put(
            tx, msgspec.structs.replace(made.store, switches=Switches(merchant_side_invoicing=True))
        )
    gateway.stores.forget(made.ids["store"])
    cart = await shopper.cart(made.ids["store"], BREAD)
    choice = CHOICES["COURIER"] | {"contactName": f"Mari {made.marker}"}
    chosen = await _read(shopper.call("PUT", f"/shop/v1/carts/{cart['id']}/shipment", choice))
    paid = await _read(shopper.pay(await shopper.check_out(chosen)))
    order = await _read(shopper.get(f"/shop/v1/orders/{paid['orderId']}"))
    made.ids |= {"ordered-cart": cart["id"], "order": order["id"], "order-invoice": order["invoiceId"]}
    made.ids["institution-invoice"] = order["institutionInvoiceId"]


async def _messages(made: Estate) -> None:
    """A message that waits for the store's node, and one that was given up."""
    async with made.world.gateway.database.connection() as connection:
        first, second = await connection.fetch(
            "SELECT id FROM outbox_messages WHERE lane = $1 AND state = 'waiting' ORDER BY sequence LIMIT 2",
            made.ids["store"],
        )
        await connection.execute(
            "UPDATE outbox_messages SET state = 'dead', finished_at = now(), attempts = 1, detail = 'gave up'"
            " WHERE id = $1",
            first["id"],
        )
        await connection.execute(
            "INSERT INTO outbox_attempts (message_id, number, started_at, took, outcome, detail)"
            " VALUES ($1, 1, now(), interval '1 second', 'failed', 'gave up')",
            first["id"],
        )
    made.ids |= {"letter": first["id"], "message": second["id"]}


async def _read(asking: Any) -> Any:
    reply = await asking
    assert reply.status < 300, reply.text
    return reply.body
