"""The stores as they are before anything goes wrong."""

from decimal import Decimal
from uuid import uuid4

from smarts.caller import Target
from smarts.gateway.app import Gateway, open_gateway
from smarts.gateway.orders.delivery import DeliveryMethod
from smarts.gateway.parties import Role, Store, Switches
from smarts.gateway.settings import Settings
from smarts.gateway.storage.database import Database, Transaction
from smarts.gateway.storage.migrations import migrate
from smarts.wire.invoices import SellerParty
from smarts.wire.money import Currency
from smarts.wire.shipments import ShipmentMethod
from smarts.wire.times import TimeOfDay, TimeZone, Weekday

from .stores import DELIVERS, MAKES_RECEIPTS, MERCHANT_CHECKS, Kind, TestStore

_DAYS = 7 * 24 * 60


async def set_up(
    url: str, kinds: tuple[Kind, ...], each: int, node_url: str, node_token: str
) -> list[TestStore]:
    """Some stores of each kind in a new database."""
    async with Database.open(url, connections=2) as database:
        await migrate(database)
    settings = Settings(database_url=url, allow_private_nodes=True)
    async with open_gateway(settings, url) as gateway, gateway.database.transaction() as tx:
        node = Target(node_url, node_token)
        return [await _store(gateway, tx, kind, node) for _ in range(each) for kind in kinds]


async def _store(gateway: Gateway, tx: Transaction, kind: Kind, node: Target) -> TestStore:
    institution_id = str(uuid4())
    merchant_id = await gateway.stores.merchant(tx, "Merchant of the crash test")
    store = Store(
        institution_id=institution_id,
        merchant_id=merchant_id,
        name=f"Shop {kind}",
        seller=SellerParty(unique_code=institution_id, seller_name=f"Shop {kind}"),
        currency=Currency.EUR,
        time_zone=TimeZone("Europe/Tallinn"),
        switches=Switches(
            merchant_side_purchase_control=kind in MERCHANT_CHECKS,
            merchant_side_invoicing=kind in MAKES_RECEIPTS,
        ),
        campaigns=(),
    )
    await gateway.stores.put(tx, store)
    await gateway.registry.set(tx, institution_id, node)
    if kind in DELIVERS:
        await gateway.orders.put_method(tx, institution_id, _delivery(kind))
    issued = await gateway.stores.new_token(tx, institution_id, overlap_seconds=0)
    stores = frozenset({institution_id})
    staff_token = await gateway.people.add_staff(tx, "Toomas", Role.WORKER, merchant_id, stores)
    return TestStore(institution_id, kind, issued.token, staff_token)


def _delivery(kind: Kind) -> DeliveryMethod:
    return DeliveryMethod(
        method=ShipmentMethod.PICKUP if kind is Kind.PICKUP else ShipmentMethod.COURIER,
        weekdays=tuple(Weekday),
        hours_from=TimeOfDay(),
        hours_to=TimeOfDay(),
        price=Decimal("3.90"),
        vat_rate=Decimal(24),
        react_within_minutes=_DAYS // 2,
        deliver_within_minutes=_DAYS,
    )
