"""The store of `smarts demo`: made at the first start, found again at the next ones."""

import secrets
from decimal import Decimal
from importlib.resources import files
from uuid import uuid4

import msgspec
from msgspec.structs import replace

from smarts.caller import Target
from smarts.demo.cards import demo_card_kinds
from smarts.demo.catalogue import institution_campaigns
from smarts.gateway.app import Gateway
from smarts.gateway.loyalty.store import Kind
from smarts.gateway.orders.delivery import DeliveryMethod, ParcelMachine
from smarts.gateway.parties import Place, Role, Store, Switches
from smarts.gateway.storage.database import Transaction
from smarts.gateway.web.demo import Account
from smarts.wire.codec import decode
from smarts.wire.errors import ProblemError
from smarts.wire.examples import example
from smarts.wire.invoices import SellerParty
from smarts.wire.money import Currency
from smarts.wire.shipments import Address, ShipmentMethod
from smarts.wire.times import TimeOfDay, TimeZone, Weekday

_MERCHANT = "Kadaka Kauplused"
_PLACE = Place(latitude=59.4370, longitude=24.7536)  # the middle of Tallinn


class Tokens(msgspec.Struct, frozen=True, rename="camel"):
    """What the demo has to remember between two starts, since the gateway keeps hashes only."""

    institution_id: str
    institution_access_token: str
    node_access_token: str
    manager_token: str
    worker_token: str
    accounts: tuple[Account, ...] = ()


async def found_again(gateway: Gateway, tokens: Tokens, node_url: str) -> bool:
    """Whether the database has the store of the last start; its node may be elsewhere now."""
    try:
        store = await gateway.stores.get(tokens.institution_id)
    except ProblemError:
        return False
    async with gateway.database.transaction() as tx:
        await gateway.registry.set(tx, store.institution_id, Target(node_url, tokens.node_access_token))
    return True


async def made(gateway: Gateway, node_url: str) -> Tokens:
    """A new store with all that a manager can set up for it, and its people."""
    node_token = f"demo_node_{secrets.token_urlsafe(32)}"
    async with gateway.database.transaction() as tx:
        merchant_id = await gateway.stores.merchant(tx, _MERCHANT)
        store = _store(merchant_id)
        institution_id = store.institution_id
        await gateway.stores.put(tx, store)
        await gateway.registry.set(tx, institution_id, Target(node_url, node_token))
        await _put_cards(tx, gateway, store)
        for method in _delivery():
            await gateway.orders.put_method(tx, institution_id, method)
        issued = await gateway.stores.new_token(tx, institution_id, overlap_seconds=0)
        manager, manager_account = await _hired(
            tx, gateway, "Mari Manager", Role.MANAGER, merchant_id, frozenset()
        )
        worker, worker_account = await _hired(
            tx, gateway, "Toomas Worker", Role.WORKER, merchant_id, frozenset({institution_id})
        )
        _, operator_account = await _hired(tx, gateway, "Olga Operator", Role.OPERATOR, None, frozenset())
        accounts = worker_account, manager_account, operator_account
        return Tokens(institution_id, issued.token, node_token, manager, worker, accounts)


async def _hired(
    tx: Transaction,
    gateway: Gateway,
    name: str,
    role: Role,
    merchant_id: str | None,
    institution_ids: frozenset[str],
) -> tuple[str, Account]:
    """A new person of the staff: the token for the API, and with what the person signs in on the pages."""
    person_id, email = str(uuid4()), f"{role}@demo.example"
    token = await gateway.people.add_staff(tx, name, role, merchant_id, institution_ids, person_id)
    return token, Account(role, email, await gateway.accounts.open(tx, person_id, email))


def _store(merchant_id: str) -> Store:
    seller = decode(example("SellerParty"), SellerParty)
    return Store(
        institution_id=seller.unique_code,
        merchant_id=merchant_id,
        name=seller.seller_name or _MERCHANT,
        seller=seller,
        currency=Currency.EUR,
        time_zone=TimeZone("Europe/Tallinn"),
        switches=Switches(),
        campaigns=institution_campaigns(),
        place=_PLACE,
    )


async def _put_cards(tx: Transaction, gateway: Gateway, store: Store) -> None:
    picture = (files("smarts.demo") / "card.png").read_bytes()
    image_id = await gateway.loyalty.put_image(tx, "image/png", picture)
    for card in demo_card_kinds():
        with_image = replace(card, image_id=image_id if card.image_id else None)
        await gateway.loyalty.put(tx, Kind(card.id, store.merchant_id, frozenset(), with_image))


def _delivery() -> tuple[DeliveryMethod, ...]:
    """Open day and night, so that the demo delivers whenever it is tried."""
    courier = DeliveryMethod(
        method=ShipmentMethod.COURIER,
        weekdays=tuple(Weekday),
        hours_from=TimeOfDay(),
        hours_to=TimeOfDay(),
        price=Decimal("4.90"),
        vat_rate=Decimal(24),
        free_from=Decimal(60),
        react_within_minutes=60,
        deliver_within_minutes=4 * 60,
    )
    parcel = replace(
        courier,
        method=ShipmentMethod.PARCEL,
        price=Decimal("2.99"),
        free_from=None,
        deliver_within_minutes=24 * 60,
        parcel_machines=_machines(),
    )
    pickup = replace(
        courier,
        method=ShipmentMethod.PICKUP,
        price=Decimal(0),
        free_from=None,
        deliver_within_minutes=2 * 60,
    )
    return courier, parcel, pickup


def _machines() -> tuple[ParcelMachine, ...]:
    return (
        ParcelMachine(
            parcel_id="demo-locker-12",
            name="Näidise keskuse pakiautomaat",
            address=Address("Eesti", "Harju maakond", "Tallinn"),
        ),
        ParcelMachine(
            parcel_id="demo-locker-13",
            name="Jaama pakiautomaat",
            address=Address("Eesti", "Tartu maakond", "Tartu"),
        ),
    )
