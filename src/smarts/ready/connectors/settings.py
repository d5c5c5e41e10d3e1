"""What a merchant sets about a shop system: the sections `[odoo]` and `[woocommerce]`."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from smarts.caller import check_address
from smarts.ready.kinds import Secret

Seconds = Annotated[float, Meta(gt=0, le=604_800)]
Name = Annotated[str, Meta(min_length=1, max_length=200)]


class GatewaySettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The gateway, where what becomes of orders in the shop system is told.

    Attributes:
        url: where it is, such as `https://gateway.smarts.ee/v1`.
        token: the institution access token of the store.
        institution_id: the store.
    """

    url: Name
    token: Secret
    institution_id: Name


class ShopSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every shop system has.

    Attributes:
        url: where it is, such as `https://shop.example`; https only, unless it may be private.
        allow_private: whether it may be in one's own network, and without TLS.
        look_every: seconds between looks at what has changed.
        look_at_all_every: seconds between looks at everything, which notice what is gone.
        live_prices: whether the price of what is scanned is asked for at that moment.
        live_seconds: how long a scan waits for the shop system.
        price_seconds: for how long a price counts after the shop system last confirmed it; an older one is not charged.
        most_products: a shop with more is refused as a whole.
        pass_on: whether paid invoices and orders are passed on to the shop system.
        gateway: where what the shop's people make of an order is told; without it the gateway's side alone decides.
    """

    url: str
    allow_private: bool = False
    look_every: Seconds = 60.0
    look_at_all_every: Seconds = 3600.0
    live_prices: bool = True
    live_seconds: Annotated[float, Meta(gt=0, le=2.5)] = 1.0
    price_seconds: Seconds = 900.0
    most_products: Annotated[int, Meta(gt=0, le=1_000_000)] = 200_000
    pass_on: bool = True
    gateway: GatewaySettings | None = None

    def __post_init__(self) -> None:
        address = check_address(self.url, allow_private=self.allow_private)
        if not self.allow_private and not address.startswith("https://"):
            raise ValueError("Expected `url` to begin with https://, since keys are sent there")


class OdooApi(StrEnum):
    """Which of its APIs an Odoo speaks."""

    JSON_2 = "json-2"
    JSON_RPC = "json-rpc"


class OdooCategories(StrEnum):
    """Which categories of an Odoo shoppers see: internal ones, the point of sale's, the web shop's."""

    INTERNAL = "product.category"
    POINT_OF_SALE = "pos.category"
    WEB_SHOP = "product.public.category"


class OdooSettings(ShopSettings, frozen=True, kw_only=True):
    """An Odoo.

    Attributes:
        database: its database; may be left out with JSON-2 where the address leads to one database only.
        api: `json-2` from Odoo 19 on, `json-rpc` for 14 to 18.
        user: the login of the key's user; for `json-rpc` only.
        key: the API key of a user.
        languages: codes of Odoo such as `et_EE`; the first is the language of the original names.
        company: the id of the company whose taxes and prices count; needed where there are several.
        categories: which categories shoppers see.
        images: whether products are shown with the picture that Odoo serves; only where it is public.
        customer: the reference (`ref`) of the contact to whom sales are booked.
        rounding_product: the internal reference of a service without tax that makes up missing cents.
        shipment_product: the internal reference of the service that home delivery is booked as.
        bonus_product: the internal reference of a service without tax that the bonus of loyalty cards is booked as.
    """

    key: Secret
    api: OdooApi = OdooApi.JSON_2
    database: str = ""
    user: str = ""
    languages: Annotated[tuple[Name, ...], Meta(min_length=1, max_length=10)] = ("en_US",)
    company: int | None = None
    categories: OdooCategories = OdooCategories.INTERNAL
    images: bool = False
    customer: Name = "smarts"
    rounding_product: str = ""
    shipment_product: str = ""
    bonus_product: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.api is OdooApi.JSON_RPC and not (self.user and self.database):
            raise ValueError("Expected `user` and `database` with `api` json-rpc")


class WooCommerceSettings(ShopSettings, frozen=True, kw_only=True):
    """A WooCommerce.

    Attributes:
        key: the consumer key, `ck_…`.
        secret: the consumer secret, `cs_…`.
        barcode: where the barcode is: `global_unique_id` (from 9.2 on), `sku`, or `meta:NAME` for a field of that name.
        unit_meta: the field of a product that names the unit (`KILOGRAM`) by which it is weighed and priced.
        language: of the names, such as `ET`.
        paid_status: what an order becomes when it is paid and the goods are in the shopper's hands.
        payment_title: what orders name as their way of payment.
    """

    key: Secret
    secret: Secret
    barcode: Annotated[str, Meta(pattern="^(global_unique_id|sku|meta:.{1,100})$")] = "global_unique_id"
    unit_meta: Name = "smarts_unit"
    language: Annotated[str, Meta(pattern="^([A-Z]{2})?$")] = ""
    paid_status: Name = "completed"
    payment_title: Name = "Smarts"
