"""Setting a store up: who it is and where, what it uses, and where its node answers."""

from collections.abc import Mapping
from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import asdict, replace

from smarts.caller import Target
from smarts.edge.problems import NOT_FOUND, invalid
from smarts.gateway.carts.service import Carts
from smarts.gateway.nodes.registry import Registry
from smarts.gateway.parties import NodeLimits, Place, Role, SparedFeature, Staff, Store, Switches
from smarts.gateway.storage.database import Database, Transaction
from smarts.gateway.stores import rules
from smarts.gateway.stores.campaigns import MOST_CAMPAIGNS, require_room
from smarts.gateway.stores.service import Stores
from smarts.wire.invoices import SellerParty
from smarts.wire.model import Model
from smarts.wire.money import Currency
from smarts.wire.products import Campaign
from smarts.wire.shipments import Address
from smarts.wire.times import TimeZone

Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")]
ShortText = Annotated[str, Meta(min_length=1, max_length=50)]
NodeUrl = Annotated[str, Meta(max_length=2000)]
NodeToken = Annotated[str, Meta(min_length=1, max_length=500)]
FeaturesOff = Annotated[tuple[SparedFeature, ...], Meta(max_length=len(SparedFeature))]


class SwitchesChange(Model, frozen=True, kw_only=True):
    """The switches to turn; those that are not named stay as they are."""

    merchant_side_purchase_control: bool | None = None
    merchant_side_invoicing: bool | None = None
    features_off: FeaturesOff | None = None


class NewStore(Model, frozen=True, kw_only=True):
    """A store to be; its node may come later, with address and token together."""

    name: Name
    address: Address | None = None
    vat_number: ShortText | None = None
    registration_number: ShortText | None = None
    time_zone: TimeZone
    currency: Currency = Currency.EUR
    place: Place | None = None
    switches: SwitchesChange | None = None
    node_limits: NodeLimits = NodeLimits()
    node_url: NodeUrl | None = None
    node_token: NodeToken | None = None


class StoreChange(Model, frozen=True, kw_only=True):
    """What shall be different: what is not there stays, null takes away; the node's address and token go together.

    `node_limits` are given whole: a limit that is not among them is as it is at first. `check_rules` are no longer set
    here but in the store's check policy; they are refused, so that nobody believes them set.
    """

    name: Name | None = None
    address: Address | UnsetType | None = UNSET
    vat_number: ShortText | UnsetType | None = UNSET
    registration_number: ShortText | UnsetType | None = UNSET
    time_zone: TimeZone | None = None
    currency: Currency | None = None
    place: Place | UnsetType | None = UNSET
    switches: SwitchesChange | None = None
    campaigns: Annotated[tuple[Campaign, ...], Meta(max_length=MOST_CAMPAIGNS)] | None = None
    check_rules: dict[str, Any] | UnsetType | None = UNSET
    node_limits: NodeLimits | None = None
    node_url: NodeUrl | None = None
    node_token: NodeToken | None = None


class SettingUp:
    """Makes stores and changes them."""

    def __init__(self, database: Database, stores: Stores, carts: Carts, registry: Registry) -> None:
        self._database = database
        self._stores = stores
        self._carts = carts
        self._registry = registry

    async def merchant_of(self, tx: Transaction, staff: Staff, name: str | None) -> str:
        """Whose a new store is: a manager's own merchant's, or that of the name which an operator gives.

        Raises:
            ProblemError: 422, an operator names none, or a manager names one.
        """
        if staff.role is not Role.OPERATOR and staff.merchant_id is not None:
            if name is not None:
                raise invalid(
                    "$.merchant", "Expected none: a manager's new stores are of the manager's merchant"
                )
            return staff.merchant_id
        if name is None or not name.strip():
            raise invalid("$.merchant", "Expected whose store it is: the merchant's name")
        return await self._stores.merchant(tx, name.strip())

    async def add(self, tx: Transaction, institution_id: str, merchant_id: str, new: NewStore) -> Store:
        """A new store of a merchant under an id that no other has.

        Raises:
            ProblemError: 422 that names the field, 404 the id is taken by a store that is hidden from whoever asks.
        """
        store = Store(
            institution_id=institution_id,
            merchant_id=merchant_id,
            name=new.name,
            seller=_seller(SellerParty(unique_code=institution_id, seller_name=new.name), new),
            currency=new.currency,
            time_zone=new.time_zone,
            switches=_turned(Switches(), new.switches),
            campaigns=(),
            place=new.place,
            node_limits=new.node_limits,
        )
        if not await self._stores.add(tx, store):
            raise NOT_FOUND.error("There is no such store")
        await self._set_node(tx, institution_id, new)
        return store

    async def change(self, store: Store, change: StoreChange) -> Store:
        """Changes a store; carts that are open keep the campaigns and the time zone that they began with.

        Raises:
            ProblemError: 422 that names the field.
        """
        institution_id = store.institution_id
        async with self._database.transaction() as tx:
            used = change.currency is not None and await self._carts.any_in(tx, institution_id)
            changed = await self._stores.change(
                tx, institution_id, lambda before: _changed(before, change, used=used)
            )
            await self._set_node(tx, institution_id, change)
        self._stores.forget(institution_id)
        return changed

    async def may_change_currency(self, store: Store) -> bool:
        """Whether nobody has shopped in the store yet."""
        async with self._database.transaction() as tx:
            return not await self._carts.any_in(tx, store.institution_id)

    async def _set_node(self, tx: Transaction, institution_id: str, told: NewStore | StoreChange) -> None:
        if told.node_url is None and told.node_token is None:
            return
        if told.node_url is None or told.node_token is None:
            raise invalid("$.nodeToken", "Expected nodeUrl and nodeToken together")
        await self._registry.set(tx, institution_id, Target(told.node_url, told.node_token))


def _changed(store: Store, change: StoreChange, *, used: bool) -> Store:
    if used and change.currency != store.currency:
        raise invalid("$.currency", f"Expected {store.currency}: somebody has shopped in the store already")
    if change.campaigns is not None:
        require_room(change.campaigns)
    if change.check_rules is not UNSET:
        raise invalid(
            "$.checkRules", "Expected none: PUT /manage/v1/stores/{id}/check-policy sets what is checked"
        )
    told = {
        "name": change.name,
        "campaigns": change.campaigns,
        "node_limits": change.node_limits,
        "time_zone": change.time_zone,
        "currency": change.currency,
    }
    place = store.place if change.place is UNSET else change.place
    seller, switches = _seller(_renamed(store, change.name), change), _turned(store.switches, change.switches)
    return replace(store, **_given(told, None), place=place, seller=seller, switches=switches)


def _renamed(store: Store, name: str | None) -> SellerParty:
    """Where the seller is called like the store, it goes on being so."""
    follows = name is not None and store.seller.seller_name in (None, store.name)
    return replace(store.seller, seller_name=name) if follows else store.seller


def _seller(before: SellerParty, told: NewStore | StoreChange) -> SellerParty:
    """The seller with what is told; what stands there already is not looked at again."""
    given = _given(
        {
            "address": told.address,
            "vat_number": told.vat_number,
            "reg_number": told.registration_number,
        },
        UNSET,
    )
    new = {name: value for name, value in given.items() if value and value != getattr(before, name)}
    if "address" in new:
        rules.require_address(new["address"])
    if "vat_number" in new:
        new["vat_number"] = rules.vat_number(new["vat_number"])
    if "reg_number" in new:
        new["reg_number"] = rules.registration_number(new["reg_number"])
    return replace(before, **{**given, **new})


def _turned(switches: Switches, change: SwitchesChange | None) -> Switches:
    turned = _given(asdict(change), None) if change else {}
    if "features_off" in turned:
        turned["features_off"] = tuple(each for each in SparedFeature if each in turned["features_off"])
    return replace(switches, **turned)


def _given(values: Mapping[str, Any], absent: object) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not absent}
