"""The one file of settings of a ready node: what each section may say. `smarts node run --example` shows them all.

Sections that are not there are features that the node does not have, but for product search and invoices.
"""

import os
from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

import msgspec
from msgspec import Meta, field

from smarts.campaigns import CampaignCode, compile_operation
from smarts.ready.catalogue.settings import CatalogueSettings, Scale
from smarts.ready.connectors.settings import OdooSettings, WooCommerceSettings
from smarts.ready.documents import read_toml
from smarts.ready.kinds import Amount, Percent, Secret, Share, Weekday, Words
from smarts.wire.control import Decision
from smarts.wire.money import Currency
from smarts.wire.times import TimeOfDay, TimeZone

Text = Annotated[str, Meta(min_length=1, max_length=1000)]
Texts = tuple[Text, ...]

MOST_SIGNING_SECRETS = 5
DATA = Path(".smarts/node")
"""Where a node keeps what it has to keep, below the folder of its settings."""


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """A table of the file."""


class NodeSettings(Section, frozen=True):
    """What the node is called, where it serves, who may ask it.

    `token` is what the gateway shows, or else SMARTS_NODE_TOKEN, or else one that is made and kept in `data`;
    `previous_token` is accepted too, while the token is exchanged. The `_file` ones name files that hold them. With
    `signing_secrets` only requests are answered that are signed with one of them; their file has one a line.
    """

    name: Text = "A Smarts store"
    host: Text = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535)] = 8000
    token: Secret | None = None
    token_file: Path | None = None
    previous_token: Secret | None = None
    previous_token_file: Path | None = None
    signing_secrets: Annotated[tuple[Secret, ...], Meta(max_length=MOST_SIGNING_SECRETS)] = ()
    signing_secrets_file: Path | None = None
    data: Path = DATA
    time_zone: TimeZone = TimeZone("Europe/Tallinn")
    currency: Currency = Currency.EUR

    def __post_init__(self) -> None:
        _require_one("token", self.token, self.token_file)
        _require_one("previous_token", self.previous_token, self.previous_token_file)
        _require_one("signing_secrets", next(iter(self.signing_secrets), None), self.signing_secrets_file)


class DatabaseSettings(Section, frozen=True):
    """Where sales are kept; without `url` in an SQLite file in the node's `data`."""

    url: Secret | None = None
    password: Secret | None = None
    password_file: Path | None = None

    def __post_init__(self) -> None:
        _require_one("password", self.password, self.password_file)
        if self.url is None and (self.password or self.password_file):
            raise ValueError("`password` is for a database that `url` names")


class CampaignSettings(Section, frozen=True):
    """A campaign on products, or a CSV `file` of such: of these barcodes and categories, or of all products.

    `from` and `until` are days in the store's time zone, and both belong to the campaign.
    """

    name: Text | None = None
    code: Text | None = None
    operation: Text | None = None
    barcodes: Texts = ()
    categories: Texts = ()
    starts: date | None = field(default=None, name="from")
    ends: date | None = field(default=None, name="until")
    file: Path | None = None

    def __post_init__(self) -> None:
        if self.file is not None:
            others = (each for each in self.__struct_fields__ if each != "file")
            if any(getattr(self, each) for each in others):
                raise ValueError("Expected nothing beside `file`, since the file says the rest")
            return
        if not self.name or not self.code or not self.operation:
            raise ValueError("Expected `name`, `code` and `operation`, or `file`")
        require_sound_campaign(self.code, self.operation)
        require_order(self.starts, self.ends)


class PurchaseCampaignSettings(Section, frozen=True):
    """A campaign on whole purchases, as it stands in the gateway, for receipts to have it too."""

    name: Text
    code: Text
    operation: Text
    starts: date | None = field(default=None, name="from")
    ends: date | None = field(default=None, name="until")

    def __post_init__(self) -> None:
        require_sound_campaign(self.code, self.operation, is_product_based=False)
        require_order(self.starts, self.ends)


class ShopperKind(StrEnum):
    """Whether the store has seen a shopper before."""

    NEW = "NEW"
    KNOWN = "KNOWN"


class RuleSettings(Section, frozen=True):
    """A rule of purchase control: it strikes where all that it says is so; one that says nothing strikes always.

    Of the rules that strike those with the highest `priority` count, and of these the strictest.
    """

    name: Text
    decision: Decision
    priority: int = 0
    share: Share | None = None
    total_over: Amount | None = None
    pieces_over: Annotated[int, Meta(ge=0, le=100_000)] | None = None
    barcodes: Texts = ()
    categories: Texts = ()
    age_goods: bool | None = None
    shopper: ShopperKind | None = None
    weekdays: tuple[Weekday, ...] = ()
    starts: TimeOfDay | None = field(default=None, name="from")
    ends: TimeOfDay | None = field(default=None, name="until")

    def __post_init__(self) -> None:
        if (self.starts is None) != (self.ends is None):
            raise ValueError("Expected both `from` and `until`, or neither")
        if self.starts is not None and self.starts == self.ends:
            raise ValueError("Expected `from` and `until` to differ: a rule without them strikes all day")


class CheckSettings(Section, frozen=True):
    """Purchase control: goods with an age limit are checked whatever the rules say, unless `age_goods` is false."""

    age_goods: bool = True
    rules: tuple[RuleSettings, ...] = ()


class ReceiptSettings(Section, frozen=True):
    """Merchant side invoicing: the node makes the receipts that shoppers pay."""

    prefix: Annotated[str, Meta(max_length=20, pattern="^[A-Za-z0-9/_-]*$")] = "R-"
    shipment_vat_rate: Percent = Percent(24)
    campaigns: tuple[PurchaseCampaignSettings, ...] = ()


class OrderSettings(Section, frozen=True):
    """Home delivery: the node keeps the orders and what becomes of them."""


class LoyaltySettings(Section, frozen=True):
    """Loyalty cards from a CSV `file`; with `bonus` the node tells the bonus that stands there.

    Telephone numbers are the same with and without `country_code`.
    """

    file: Path
    bonus: bool = False
    country_code: Annotated[str, Meta(pattern="^[0-9]{0,4}$")] = "372"


class OfferSettings(Section, frozen=True):
    """An offer: of a product by its `barcode`, of a lower `price`, or else a picture and words.

    With `cards`, codes of loyalty cards, it is to holders of these only.
    """

    id: Text
    title: Words
    description: Words | None = None
    image: Text | None = None
    barcode: Text | None = None
    price: Amount | None = None
    usual_price: Amount | None = None
    cards: Texts = ()
    starts: date | None = field(default=None, name="from")
    ends: date | None = field(default=None, name="until")

    def __post_init__(self) -> None:
        require_order(self.starts, self.ends)
        if (self.price is None) != (self.usual_price is None):
            raise ValueError("Expected both `price` and `usual_price`, or neither")
        if self.price is not None and self.usual_price is not None and not self.price < self.usual_price:
            raise ValueError("Expected a `price` below the `usual_price`")
        if self.price is not None and (self.barcode or not self.image):
            raise ValueError("Expected an offer with a `price` to have an `image`, and no `barcode`")
        if self.barcode and (self.image or self.description):
            raise ValueError(
                "Expected no `image` and no `description` beside `barcode`: the product has its own"
            )


class Settings(Section, frozen=True):
    """The whole file."""

    node: NodeSettings = field(default_factory=NodeSettings)
    catalogue: CatalogueSettings = field(default_factory=CatalogueSettings)
    columns: dict[str, str] = field(default_factory=dict)
    scales: tuple[Scale, ...] = ()
    database: DatabaseSettings = field(default_factory=DatabaseSettings)
    campaigns: tuple[CampaignSettings, ...] = ()
    checks: CheckSettings | None = None
    receipts: ReceiptSettings | None = None
    orders: OrderSettings | None = None
    loyalty: LoyaltySettings | None = None
    offers: tuple[OfferSettings, ...] = ()
    odoo: OdooSettings | None = None
    woocommerce: WooCommerceSettings | None = None

    def __post_init__(self) -> None:
        ids = [offer.id for offer in self.offers]
        twice = next((id_ for id_ in ids if ids.count(id_) > 1), None)
        if twice is not None:
            raise ValueError(f"Expected offers with different ids: {twice} is twice there")

    @property
    def shop_system(self) -> OdooSettings | WooCommerceSettings | None:
        """The shop system that the products are in, instead of a file or a database."""
        return self.odoo or self.woocommerce

    @classmethod
    def read(cls, file: Path, environment: Mapping[str, str] = os.environ) -> Self:
        """Reads a file of settings.

        Raises:
            SettingsError: something in it is not as it must be; tells all that was found.
        """
        read = read_toml(file, cls, environment)
        if read.node.data != DATA:
            return read
        node = msgspec.structs.replace(read.node, data=file.absolute().parent / DATA)
        return msgspec.structs.replace(read, node=node)


def require_sound_campaign(code: str, operation: str, *, is_product_based: bool = True) -> None:
    """Refuses a campaign that does nothing for anybody, or is not for what it stands at.

    Raises:
        ValueError: with a sentence for people, which names `code` or `operation`.
    """
    try:
        kind = CampaignCode.parse(code).kind
    except ValueError as error:
        raise ValueError(f"`code` is {code}: {error}") from None
    if kind.is_product_based and not is_product_based:
        raise ValueError(f"`code` is {code}: kind {kind} is on products, and stands among `[[campaigns]]`")
    try:
        compile_operation(operation, kind)
    except ValueError as error:
        raise ValueError(f"`operation` cannot be used: {error}") from None


def require_order(starts: date | None, ends: date | None) -> None:
    """Refuses a time that ends before it begins."""
    if starts and ends and ends < starts:
        raise ValueError(f"Expected `until` on or after `from`, got {starts} to {ends}")


def _require_one(name: str, value: Secret | None, file: Path | None) -> None:
    if value is not None and file is not None:
        raise ValueError(f"Expected `{name}` or `{name}_file`, not both")


def kinds_of_settings(kind: type[msgspec.Struct] = Settings, above: str = "") -> Iterator[str]:
    """All settings that there are, as `checks.rules.share`."""
    for each in msgspec.structs.fields(kind):
        key = f"{above}.{each.encode_name}".lstrip(".")
        yield key
        for within in _sections_in(each.type):
            yield from kinds_of_settings(within, key)


def _sections_in(kind: object) -> Iterator[type[msgspec.Struct]]:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        yield kind
    for part in getattr(kind, "__args__", ()):
        yield from _sections_in(part)
