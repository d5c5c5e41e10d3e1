"""Who acts, and where: what rooms are told of people and stores, since rooms do not know each other."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from smarts.wire.invoices import SellerParty
from smarts.wire.model import Model
from smarts.wire.money import Currency
from smarts.wire.nodes import Feature
from smarts.wire.products import Campaign
from smarts.wire.times import TimeZone

NOBODY = ""
"""Stands in place of the id of a person who was erased."""

WORK = "work"
"""The channel of notices whose keys are stores: what waits for the store's staff has changed."""


@dataclass(frozen=True)
class Shopper:
    """A shopper; a client is one with an email address (campaign clients `C` and `B`)."""

    person_id: str
    lang_code: str
    client: bool


@dataclass(frozen=True)
class Institution:
    """A store acting by its access token in the reversed direction."""

    institution_id: str


class Role(StrEnum):
    """What a person of the staff may do; each role may do what the ones after it may."""

    OPERATOR = "operator"
    MANAGER = "manager"
    WORKER = "worker"


@dataclass(frozen=True)
class Staff:
    """A person of the staff; `merchant_id` is empty for operators, `institution_ids` counts for workers only.

    `by_program` where a token for programs is shown, which may do no more than the person, and perhaps only read.
    """

    person_id: str
    name: str
    role: Role
    merchant_id: str | None
    institution_ids: frozenset[str]
    by_program: bool = False
    reads_only: bool = False


class SparedFeature(StrEnum):
    """What a store need not use although its node can do it; other features have switches of their own, or none."""

    LOYALTY_CARDS = Feature.LOYALTY_CARDS.value
    LOYALTY_BONUS = Feature.LOYALTY_BONUS.value
    ORDERS = Feature.ORDERS.value
    OFFERS = Feature.OFFERS.value


class Switches(Model, frozen=True, omit_defaults=False):
    """What a store has switched on (contract section 6); default invoices are not sent with the second one.

    For the features in `features_off` the node is never asked, whatever it names.
    """

    merchant_side_purchase_control: bool = True
    merchant_side_invoicing: bool = False
    features_off: tuple[SparedFeature, ...] = ()


class Place(Model, frozen=True, kw_only=True):
    """Where on earth something is, in degrees (WGS 84)."""

    latitude: Annotated[float, Meta(ge=-90, le=90)]
    longitude: Annotated[float, Meta(ge=-180, le=180)]


class NodeLimits(Model, frozen=True, kw_only=True, omit_defaults=False):
    """How hard each process of the gateway may press a store's node.

    So many calls at once, so many a second; and after how many seconds without an answer to a shopper's question the
    node is asked whether it lives: a node that does one thing at a time, slowly, may need more.
    """

    at_once: Annotated[int, Meta(ge=1, le=256)] = 32
    per_second: Annotated[int, Meta(ge=1, le=5000)] = 300
    patience_seconds: Annotated[float, Meta(ge=0.2, le=5)] = 0.5


class Store(Model, frozen=True, kw_only=True):
    """A store as the other rooms need it."""

    institution_id: str
    merchant_id: str
    name: str
    seller: SellerParty
    currency: Currency
    time_zone: TimeZone
    switches: Switches
    campaigns: tuple[Campaign, ...]
    place: Place | None = None
    node_limits: NodeLimits = NodeLimits()
