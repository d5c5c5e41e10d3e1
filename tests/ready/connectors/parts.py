"""A whole ready node over a shop system, both behind real HTTP, and what tests ask and tell it."""

from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal

from msgspec.structs import replace

from ready.connectors import odoo_server, woocommerce_server
from serving import serving
from smarts.caller import Caller, Target
from smarts.node import Node, ProductList
from smarts.ready.calendar import Calendar
from smarts.ready.catalogue.categories import Shelves
from smarts.ready.catalogue.complaints import Complaints
from smarts.ready.catalogue.reading import Reader
from smarts.ready.catalogue.settings import Reading
from smarts.ready.connectors.connector import Connector
from smarts.ready.connectors.settings import OdooSettings, WooCommerceSettings
from smarts.ready.database import Database, database_url
from smarts.ready.kinds import Secret
from smarts.ready.records import Invoices, Orders
from smarts.ready.settings import DatabaseSettings
from smarts.ready.tables import METADATA
from smarts.wire import operations
from smarts.wire.codec import decode
from smarts.wire.examples import example
from smarts.wire.invoices import Invoice, Total, TotalVAT
from smarts.wire.orders import Order, OrderProduct
from smarts.wire.products import Price, ProductSearchRequest, Quantity

TOKEN = "node-token"
MILK, BREAD, CHEESE, WINE, SHIRT_S, SHIRT_L = (
    "4740000000018", "4740000000025", "4740000000032", "4740000000049", "4740000000056", "4740000000063",
)  # fmt: skip
NEVER = 3600.0


def tax(name, amount, *, company=1, **more):
    """A tax of an Odoo."""
    usual = {"amount_type": "percent", "price_include": True}
    return {
        "name": name,
        "amount": Decimal(amount),
        "company_id": [company, "A company"],
        "active": True,
        **usual,
        **more,
    }


def stocked_odoo(**more):
    """An Odoo with a small shop: two tax rates, weighed goods, a category below another, names in two languages."""
    odoo = odoo_server.OdooServer(**more)
    odoo.add("account.tax", 1, **tax("24%", 24))
    odoo.add("account.tax", 2, **tax("9% net", 9, price_include=False))
    odoo.add("uom.uom", 1, name="Units")
    odoo.add("uom.uom", 2, name="kg")
    odoo.add("product.category", 1, name="All", parent_id=False)
    odoo.add("product.category", 2, name="Food", parent_id=[1, "All"])
    odoo.names["product.category", 2, "et_EE"] = "Toit"
    odoo.add("res.partner", 40, name="Smarts shoppers", ref="smarts")
    odoo.product(11, "Milk", MILK, "1.24", default_code="M1")
    odoo.product(12, "Rye bread", BREAD, "2.00", taxes_id=[2])
    odoo.product(13, "Cheese", CHEESE, "12.5", to_weight=True, uom_id=[2, "kg"])
    odoo.names["product.product", 11, "et_EE"] = "Piim"
    return odoo


def stocked_woocommerce(**more):
    """A WooCommerce with the same goods, and a shirt in two sizes."""
    shop = woocommerce_server.WooCommerceServer(**more)
    shop.tax(1, "24.0000")
    shop.tax(2, "9.0000", "reduced-rate")
    shop.category(1, "All")
    shop.category(2, "Food &amp; drink", 1)
    food = [{"id": 2, "name": "Food &amp; drink", "slug": "food"}]
    shop.product(
        11, "Milk", MILK, "1.24", categories=food, images=[{"id": 5, "src": "https://shop.example/milk.jpg"}]
    )
    shop.product(12, "Rye bread", BREAD, "2.18", tax_class="reduced-rate", categories=food)
    unit = [{"id": 1, "key": "smarts_unit", "value": "KILOGRAM"}]
    shop.product(13, "Cheese", CHEESE, "12.50", meta_data=unit)
    shop.product(20, "Shirt", "", "", type="variable")
    shop.variation(21, 20, "S", SHIRT_S, "19.90")
    shop.variation(22, 20, "L", SHIRT_L, "21.90")
    return shop


def odoo_settings(url, **more):
    usual = {
        "look_every": NEVER,
        "key": Secret(odoo_server.KEY),
        "allow_private": True,
        "languages": ("en_US", "et_EE"),
    }
    return OdooSettings(url=url, **{**usual, **more})


def rpc_settings(url, **more):
    who = {"api": "json-rpc", "user": odoo_server.USER, "database": odoo_server.DATABASE}
    return odoo_settings(url, **{**who, **more})


def woocommerce_settings(url, **more):
    keys = {"key": Secret(woocommerce_server.KEY), "secret": Secret(woocommerce_server.SECRET)}
    return WooCommerceSettings(url=url, **{**keys, "look_every": NEVER, "allow_private": True, **more})


class Shop:
    """A node at work over a shop system, and the gateway that calls it."""

    def __init__(self, connector, catalogue, live, serve):
        self.live = live
        self._serve = serve
        self.connector = connector
        self._address = self._target = None
        self._caller = Caller(allow_private_addresses=True)
        self.catalogue = catalogue

    async def ask(self, operation, body=None):
        if self._target is None:
            self._target = Target(await self.address(), TOKEN)
        return await self._caller.call(self._target, operation, body)

    async def address(self):
        """Where the node is; it serves from the first time on that somebody asks."""
        if self._address is None:
            self._address = await self._serve()
        return self._address

    async def close(self):
        await self._caller.close()
        await self.connector._goods.close()
        if self.connector._gateway:
            await self.connector._gateway.close()

    async def scan(self, barcode):
        return await self.ask(operations.PRODUCT_BY_BARCODE, ProductSearchRequest(barcode=barcode))

    async def named(self, name):
        return await self.ask(operations.PRODUCTS_BY_NAME, ProductSearchRequest(name=name))

    async def look(self):
        """A look at the shop system now; what it saw is in the catalogue then."""
        await self.connector._looking.look()
        self.catalogue.replace(products_of(self.connector))

    async def pass_on(self):
        """Passes everything on that is due now."""
        while await self.connector.sales.pass_one():
            pass


def products_of(connector, reading=None):
    """What a catalogue makes of the mirror's rows."""
    reading = reading or Reading()
    reader = Reader(reading, connector.name, datetime.now(UTC), Complaints())
    goods = [read.goods for read in reader.read(connector.source.rows())]
    shelves = Shelves(reader.categories.categories.values(), {})
    return [each.product(shelves.by_id, reading.time_zone) for each in goods]


@asynccontextmanager
async def shop_over(server, settings_of, folder, *, database=None, **more):
    """A node over a shop system that is served; looks and passing on happen when a test says so."""
    async with AsyncExitStack() as stack:
        address = await stack.enter_async_context(serving(server.app))
        settings = settings_of(address, **more)
        url = database_url(DatabaseSettings(Secret(database) if database else None), folder)
        connector = stack.enter_context(Connector(settings, folder, url))
        await connector.fill()
        mirrored = _Listed(products_of(connector))
        database, calendar = Database(url, METADATA), Calendar(Reading().time_zone)
        stack.callback(database.close)
        catalogue = connector.catalogue(mirrored, Reading())
        node = Node(
            catalogue,
            Invoices(database, calendar, [connector.sales]),
            Orders(database, calendar, [connector.sales]),
            token=TOKEN,
            name="Test",
            version="1",
        )
        shop = Shop(connector, mirrored, catalogue._live, lambda: stack.enter_async_context(serving(node)))
        stack.push_async_callback(shop.close)
        yield shop


class _Listed(ProductList):
    def health(self):
        return {}


def invoice(*rows, id_="inv-1"):
    """A paid invoice of rows `(product, amount, row price)`."""
    base = decode(example("Invoice"), Invoice)
    products = tuple(
        replace(
            product,
            quantity=Quantity(product.quantity.unit, Decimal(amount)),
            price=Price.of(Decimal(price), product.price.vat.vat_rate),
        )
        for product, amount, price in rows
    )
    total = sum((product.price.total for product in products), Decimal(0))
    vat = sum((product.price.vat.vat_sum for product in products), Decimal(0))
    totals = Total(TotalVAT(total, total - vat, vat), total)
    return replace(base, id=id_, products=products, total=totals, shipment=None, institution_campaigns=())


def order(*rows, status, id_="o-1", shipment_price="0", invoice_id="inv-1"):
    """An order of rows `(product, amount, row price)`."""
    base = decode(example("Order"), Order)
    products = tuple(
        OrderProduct(
            product.id,
            product.barcode,
            product.translatable_name.original_text,
            Decimal(amount),
            Decimal(price),
        )
        for product, amount, price in rows
    )
    total = sum((row.row_price for row in products), Decimal(shipment_price))
    shipment = replace(base.shipment, status=status, price=Decimal(shipment_price))
    return replace(
        base, id=id_, invoice_id=invoice_id, products=products, shipment=shipment, order_total_price=total,
        status_changelogs=(),
    )  # fmt: skip


def in_language(product, language):
    return product.translatable_name.in_language(language)
