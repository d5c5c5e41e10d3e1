"""How a store delivers, as its shoppers choose it for a cart and its manager sets it (contract section 6.6)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from msgspec import Meta, field
from msgspec.structs import asdict, replace

from smarts.edge.problems import invalid
from smarts.gateway.carts import rules
from smarts.gateway.carts.model import Cart, ChosenShipment
from smarts.gateway.carts.service import Carts
from smarts.gateway.journeys.order import Ordering
from smarts.gateway.orders import delivery
from smarts.gateway.orders.delivery import DeliveryMethod, DeliveryTerms
from smarts.gateway.orders.service import Orders
from smarts.gateway.parties import Shopper, Store
from smarts.gateway.people.service import EmailAddress, PersonName, PhoneNumber
from smarts.gateway.storage.database import Database, Transaction
from smarts.gateway.stores.service import Stores
from smarts.wire.codec import encode
from smarts.wire.model import Model, always
from smarts.wire.money import Currency
from smarts.wire.shipments import Address, Shipment, ShipmentMethod
from smarts.wire.times import UtcMillis

_LONGEST_ADDRESS = 2_000  # bytes, as JSON
_TERMS = DeliveryTerms.__struct_fields__


class DeliveryOffer(DeliveryMethod, frozen=True, kw_only=True):
    """A way of delivery that a store offers, and when an order made now would be answered and brought.

    `replaces_goods` says whether the shopper may have goods that are out replaced by others.
    """

    currency: Currency
    react_by_utc_time: UtcMillis = field(name="reactByUTCTime")
    expected_delivery_utc_time: UtcMillis = field(name="expectedDeliveryUTCTime")
    replaces_goods: bool = always(True)


class Choice(Model, frozen=True, kw_only=True):
    """How the goods shall be brought: COURIER to an address, PARCEL into one of the store's machines, PICKUP.

    `replacements_welcome` lets the store bring other goods for what is out, for no more money.
    """

    method: ShipmentMethod
    parcel_id: Annotated[str, Meta(max_length=200)] | None = None
    contact_name: PersonName | None = None
    contact_email: EmailAddress | None = None
    contact_phone: PhoneNumber | None = None
    address: Address | None = None
    replacements_welcome: bool = False


class Delivering:
    """Home delivery before there is an order."""

    def __init__(
        self, database: Database, carts: Carts, stores: Stores, orders: Orders, ordering: Ordering
    ) -> None:
        self._database = database
        self._carts = carts
        self._stores = stores
        self._orders = orders
        self._ordering = ordering

    async def offers(self, institution_id: str) -> tuple[DeliveryOffer, ...]:
        """The ways of delivery that a store offers now."""
        store, now = await self._stores.get(institution_id), self._carts.clock()
        found = await self._orders.methods(institution_id)
        return tuple(_offer(method, store, now) for method in found if method.active)

    async def choose(self, shopper: Shopper, cart_id: str, choice: Choice) -> Cart:
        """The goods of a cart shall be brought.

        Raises:
            ProblemError: 422 that names what is missing or not offered, 409 the cart may not change.
        """
        cart = await self._carts.of(shopper, cart_id)
        offers = {offer.method: offer for offer in await self.offers(cart.institution_id)}
        return await self._with(cart, _chosen(choice, offers))

    async def take_along(self, shopper: Shopper, cart_id: str) -> Cart:
        """The shopper takes the goods along after all."""
        return await self._with(await self._carts.of(shopper, cart_id), None)

    async def _with(self, cart: Cart, chosen: ChosenShipment | None) -> Cart:
        """The cart with what is chosen now; an order as it was chosen before, which was never paid for, ends."""
        now = self._carts.clock()

        async def also(tx: Transaction, after: Cart) -> None:
            await self._ordering.given_up(tx, after, now)

        return await self._carts.change(cart, lambda before: rules.with_shipment(before, chosen, now), also)

    async def methods(self, store: Store) -> tuple[DeliveryMethod, ...]:
        """All the ways of delivery that a store has set."""
        return await self._orders.methods(store.institution_id)

    async def set_method(self, store: Store, method: ShipmentMethod, terms: DeliveryTerms) -> DeliveryMethod:
        """Sets one of a store's ways of delivery; carts and orders that have it already keep what they were told.

        Raises:
            ProblemError: 422, the terms contradict themselves.
        """
        delivers = _sensible(store, method, terms)
        async with self._database.transaction() as tx:
            await self._orders.put_method(tx, store.institution_id, delivers)
        return delivers

    def tried(self, store: Store, method: ShipmentMethod, terms: DeliveryTerms) -> DeliveryOffer:
        """What an order made now would be told, were these a store's terms.

        Raises:
            ProblemError: 422, the terms contradict themselves.
        """
        return _offer(_sensible(store, method, terms), store, self._carts.clock())


def _sensible(store: Store, method: ShipmentMethod, terms: DeliveryTerms) -> DeliveryMethod:
    delivers = DeliveryMethod(method=method, **{name: getattr(terms, name) for name in _TERMS})
    delivery.require_sensible(delivers, store.currency)
    return delivers


def _offer(method: DeliveryMethod, store: Store, now: datetime) -> DeliveryOffer:
    zone = store.time_zone.zone
    return DeliveryOffer(
        **asdict(method),
        currency=store.currency,
        react_by_utc_time=UtcMillis.of(delivery.react_by(method, zone, now)),
        expected_delivery_utc_time=UtcMillis.of(delivery.expected_at(method, zone, now)),
        replaces_goods=not store.switches.merchant_side_invoicing,
    )


def _chosen(choice: Choice, offers: Mapping[ShipmentMethod, DeliveryOffer]) -> ChosenShipment:
    offer = offers.get(choice.method)
    if offer is None:
        raise invalid(
            "$.method", f"Expected one of: {', '.join(offers) or 'none, the store does not deliver'}"
        )
    if choice.replacements_welcome and not offer.replaces_goods:
        raise invalid("$.replacementsWelcome", "Expected false: the store's own receipt cannot be changed")
    shipment = Shipment(
        method=choice.method,
        price=offer.price,
        currency=offer.currency,
        expected_delivery_utc_time=offer.expected_delivery_utc_time,
        contact_email=choice.contact_email,
        contact_phone=choice.contact_phone,
    )
    shipment = _DESTINATIONS[choice.method](shipment, choice, offer)
    return ChosenShipment(shipment, offer.vat_rate, offer.price, offer.free_from, choice.replacements_welcome)


def _to_address(shipment: Shipment, choice: Choice, _: DeliveryOffer) -> Shipment:
    if choice.address is None:
        raise invalid("$.address", "Expected an address that the courier can find")
    if len(encode(choice.address)) > _LONGEST_ADDRESS:
        raise invalid("$.address", f"Expected an address of at most {_LONGEST_ADDRESS} bytes")
    _require_phone(choice)
    return replace(shipment, name=choice.contact_name, address=choice.address)


def _to_machine(shipment: Shipment, choice: Choice, offer: DeliveryOffer) -> Shipment:
    machine = offer.machine(choice.parcel_id)
    if machine is None:
        raise invalid("$.parcelId", "Expected one of the store's parcel machines")
    _require_phone(choice)
    return replace(shipment, parcel_id=machine.parcel_id, name=machine.name, address=machine.address)


def _to_store(shipment: Shipment, choice: Choice, _: DeliveryOffer) -> Shipment:
    if not (choice.contact_phone or choice.contact_email):
        raise invalid("$.contactPhone", "Expected a phone number, or contactEmail")
    return replace(shipment, name=choice.contact_name)


def _require_phone(choice: Choice) -> None:
    if not choice.contact_phone:
        raise invalid("$.contactPhone", "Expected a phone number")


_DESTINATIONS = {
    ShipmentMethod.COURIER: _to_address,
    ShipmentMethod.PARCEL: _to_machine,
    ShipmentMethod.PICKUP: _to_store,
}
