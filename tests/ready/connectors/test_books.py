"""Sales in the shop system's books: each there once, at what was paid, whatever goes wrong on the way."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some
from msgspec.structs import replace

from ready.connectors.parts import (
    BREAD,
    CHEESE,
    MILK,
    SHIRT_L,
    invoice,
    odoo_settings,
    order,
    rpc_settings,
    shop_over,
    stocked_odoo,
    stocked_woocommerce,
    woocommerce_settings,
)
from ready.connectors.woocommerce_server import meta
from smarts.ready.connectors.outbox import _MESSAGES
from smarts.ready.connectors.sales import priced
from smarts.wire import operations
from smarts.wire.receipts import (
    Receipt,
    ReceiptLoyaltyCard,
    ReceiptPaymentConfirmationRequest,
    ReceiptProduct,
)
from smarts.wire.shipments import ShipmentStatus
from smarts.wire.times import UtcMillis


class OdooSide:
    """An Odoo's sales orders in the words of these tests."""

    def __init__(self, server):
        self.server = server

    @property
    def sales(self):
        """Confirmed orders: reference, total, and pieces by product."""
        found = [each for each in self.server.orders if each["state"] == "sale"]
        return [(each["client_order_ref"], each["amount_total"]) for each in found]

    @property
    def states(self):
        return sorted(each["state"] for each in self.server.orders)

    def pieces(self):
        (found,) = [each for each in self.server.orders if each["state"] == "sale"]
        lines = [line for line in self.server.lines(found) if line["product_uom_qty"]]
        return sorted((line["product_id"], line["product_uom_qty"], line["price_unit"]) for line in lines)


class WooSide:
    """A WooCommerce's orders in the words of these tests."""

    def __init__(self, server):
        self.server = server

    @property
    def sales(self):
        """Paid orders: reference and total."""
        found = [each for each in self.server.orders.values() if each["date_paid"]]
        return [(meta(each, "smarts_invoice_id"), Decimal(each["total"])) for each in found]

    @property
    def states(self):
        return sorted(each["status"] for each in self.server.orders.values())


OVER = {
    "odoo json-2": (stocked_odoo, odoo_settings, OdooSide, "sale.order/create"),
    "odoo json-rpc": (lambda: stocked_odoo(api="json-rpc"), rpc_settings, OdooSide, "jsonrpc"),
    "woocommerce": (stocked_woocommerce, woocommerce_settings, WooSide, "orders"),
}


def over(name, tmp_path, **more):
    make, settings, side, _ = OVER[name]
    server = make()
    return server, side(server), shop_over(server, settings, tmp_path, **more)


async def bought(shop, id_="inv-1"):
    """A paid invoice of two milks and some cheese, which the node has received."""
    rows = ((await shop.scan(MILK), 2, "2.48"), (await shop.scan(CHEESE), "0.437", "5.46"))
    paid = invoice(*rows, id_=id_)
    await shop.ask(operations.RECEIVE_INVOICE, paid)
    return paid


def make_due(shop):
    """What was put off is due now."""
    outbox = shop.connector.sales._outbox
    outbox._database.write(lambda tx: tx.execute(_MESSAGES.update().values(due=0.0)))


@pytest.mark.parametrize("name", OVER)
async def test_a_paid_invoice_arrives_once(name, tmp_path):
    """However often the gateway sends it, there is one sale at what was paid."""
    _, books, shop_ = over(name, tmp_path)
    async with shop_ as shop:
        paid = await bought(shop)
        await shop.ask(operations.RECEIVE_INVOICE, paid)
        await shop.pass_on()
        await shop.ask(operations.RECEIVE_INVOICE, paid)
        await shop.pass_on()
        assert books.sales == [("inv-1", Decimal("7.94"))]


@pytest.mark.parametrize("name", ["odoo json-2", "woocommerce"])
@pytest.mark.parametrize("lost", range(4))
async def test_a_lost_answer_makes_no_second_sale(name, tmp_path, lost):
    """Whichever answer is lost, made orders and payments are found again; there is one sale."""
    server, books, shop_ = over(name, tmp_path)
    async with shop_ as shop:
        await bought(shop)
        method = {"woocommerce": ("POST", "PUT")}.get(name, ("POST",))
        path = {"woocommerce": "orders"}.get(name, "sale.order")
        server.faults.plan("lost", path=path, method=method[lost % len(method)], skip=lost // len(method))
        for _ in range(3):
            await shop.pass_on()
            make_due(shop)
        assert books.sales == [("inv-1", Decimal("7.94"))]
        assert not shop.connector.sales._outbox.waiting().documents


@pytest.mark.parametrize(
    ("name", "states"), [("odoo json-2", ["cancel", "sale"]), ("woocommerce", ["cancelled", "completed"])]
)
async def test_what_was_made_twice_is_sold_once(name, states, tmp_path):
    """A request that was carried out after its repetition leaves an order that does nothing; it is cancelled."""
    server, books, shop_ = over(name, tmp_path)
    async with shop_ as shop:
        await bought(shop)
        path, method = ("orders", "POST") if name == "woocommerce" else ("sale.order/create", "POST")
        server.faults.plan("lost", path=path, method=method)
        await shop.pass_on()
        server.double_order()
        make_due(shop)
        await shop.pass_on()
        assert books.sales == [("inv-1", Decimal("7.94"))]
        assert books.states == states


@pytest.mark.parametrize("name", OVER)
async def test_an_invoice_waits_for_a_shop_that_is_down(name, tmp_path):
    """The node takes the invoice while the shop is down, says so in its health, and passes it on afterwards."""
    server, books, shop_ = over(name, tmp_path)
    async with shop_ as shop:
        paid = await bought(shop)
        server.faults.plan("down", times=1000)
        await shop.pass_on()
        assert books.sales == []
        assert "1 to be passed on: " in str(shop.connector.health())
        server.faults.clear()
        make_due(shop)
        await shop.pass_on()
        assert books.sales == [(paid.id, Decimal("7.94"))]


async def test_what_waits_survives_the_node(tmp_path):
    """An invoice that was not passed on when the node stopped is passed on when it runs again."""
    server = stocked_woocommerce()
    async with shop_over(server, woocommerce_settings, tmp_path) as shop:
        await bought(shop)
    async with shop_over(server, woocommerce_settings, tmp_path) as shop:
        await shop.pass_on()
        assert WooSide(server).sales == [("inv-1", Decimal("7.94"))]


@pytest.mark.parametrize("name", ["odoo json-2", "woocommerce"])
async def test_one_sale_that_cannot_be_booked_holds_up_no_other(name, tmp_path):
    """A sale that the shop system taxes otherwise waits with the reason; the next one is booked."""
    server, books, shop_ = over(name, tmp_path)
    async with shop_ as shop:
        bread = await shop.scan(BREAD)
        if name == "woocommerce":
            server.taxes[2]["rate"] = "20.0000"
        else:
            server.records["account.tax"][2]["amount"] = Decimal(20)
        await shop.ask(operations.RECEIVE_INVOICE, invoice((bread, 10, "21.80"), id_="inv-odd"))
        await bought(shop)
        await shop.pass_on()
        assert books.sales == [("inv-1", Decimal("7.94"))]
        assert "where 21.80 was paid for inv-odd" in shop.connector.sales._outbox.waiting().reason


async def test_three_for_ten_euros_are_ten_euros_in_odoo(tmp_path):
    """A row whose pieces do not divide evenly is booked in two lines that come to what was paid."""
    _, books, shop_ = over("odoo json-2", tmp_path)
    async with shop_ as shop:
        await shop.ask(operations.RECEIVE_INVOICE, invoice((await shop.scan(MILK), 3, "10.00")))
        await shop.pass_on()
        assert books.sales == [("inv-1", Decimal("10.00"))]
        assert books.pieces() == [(11, 1, Decimal("3.34")), (11, 2, Decimal("3.33"))]


async def test_cents_by_which_odoo_reckons_otherwise_are_made_up(tmp_path):
    """With a product for rounding the order comes to the cent; without one the order says what Odoo reckons."""
    server, books, shop_ = over("odoo json-2", tmp_path, rounding_product="ROUND")
    server.product(90, "Rounding", False, "0", default_code="ROUND", taxes_id=[])
    async with shop_ as shop:
        cheese = await shop.scan(CHEESE)
        await shop.ask(
            operations.RECEIVE_INVOICE, invoice((cheese, "7.331", "70.01"))
        )  # 9.55 a kilogram is 70.01105
        await shop.ask(operations.RECEIVE_INVOICE, invoice((cheese, "7.331", "70.04"), id_="inv-2"))
        await shop.pass_on()
        assert books.sales == [("inv-1", Decimal("70.01")), ("inv-2", Decimal("70.04"))]


async def test_woocommerces_own_reckoning_is_brought_to_what_was_paid(tmp_path):
    """Taxes that WooCommerce rounds row by row leave cents, which a fee without tax makes up."""
    server, books, shop_ = over("woocommerce", tmp_path)
    async with shop_ as shop:
        milk, bread = await shop.scan(MILK), await shop.scan(BREAD)
        rows = [
            (milk, 1, "0.07"),
            (milk, 1, "0.07"),
            (milk, 1, "0.07"),
            (bread, 1, "0.05"),
            (bread, 1, "0.05"),
        ]
        await shop.ask(operations.RECEIVE_INVOICE, invoice(*rows))
        await shop.pass_on()
        assert books.sales == [("inv-1", Decimal("0.31"))]
        (made,) = server.orders.values()
        assert [fee["name"] for fee in made["fee_lines"]] == ["Rounding"]


async def test_woocommerce_orders_name_the_goods(tmp_path):
    """Pieces are counted, what is weighed is one with its weight in the name, variations have their parent."""
    server, _, shop_ = over("woocommerce", tmp_path)
    async with shop_ as shop:
        rows = (
            (await shop.scan(MILK), 2, "2.48"),
            (await shop.scan(CHEESE), "0.437", "5.46"),
            (await shop.scan(SHIRT_L), 1, "21.90"),
        )
        await shop.ask(operations.RECEIVE_INVOICE, invoice(*rows))
        await shop.pass_on()
        (made,) = server.orders.values()
        lines = [
            (each["product_id"], each.get("variation_id"), each["quantity"], each.get("name"))
            for each in made["line_items"]
        ]
        assert lines == [(11, None, 2, None), (13, None, 1, "Cheese (0.437)"), (20, 22, 1, None)]
        assert (made["status"], made["transaction_id"]) == ("completed", "inv-1")


async def test_goods_that_woocommerce_has_no_more_are_booked_as_fees(tmp_path):
    """A product that was deleted between the scan and the payment does not keep the sale out of the books."""
    server, books, shop_ = over("woocommerce", tmp_path)
    async with shop_ as shop:
        paid = invoice((await shop.scan(MILK), 1, "1.24"), (await shop.scan(BREAD), 1, "2.18"))
        del server.products[12]
        shop.connector.mirror.forget("12")
        await shop.ask(operations.RECEIVE_INVOICE, paid)
        await shop.pass_on()
        assert books.sales == [("inv-1", Decimal("3.42"))]


@pytest.mark.parametrize("name", ["odoo json-2", "woocommerce"])
async def test_an_order_and_its_invoice_are_one_sale(name, tmp_path):
    """An order is booked when it comes; what really went out and its payment change that very order."""
    server, books, shop_ = over(name, tmp_path, **({"shipment_product": "SHIP"} if "odoo" in name else {}))
    if "odoo" in name:
        server.product(91, "Delivery", False, "0", default_code="SHIP", taxes_id=[])
    async with shop_ as shop:
        milk, bread = await shop.scan(MILK), await shop.scan(BREAD)
        ordered = ((milk, 2, "2.48"), (bread, 1, "2.18"))
        waiting = ShipmentStatus.WAITING_FOR_CONFIRMATION
        await shop.ask(operations.RECEIVE_ORDER, order(*ordered, status=waiting, shipment_price="4.90"))
        await shop.pass_on()
        assert len(books.states) == 1
        sent = order((milk, 2, "2.48"), status=ShipmentStatus.SHIPPING, shipment_price="4.90")
        await shop.ask(operations.RECEIVE_ORDER_UPDATE, sent)
        await shop.pass_on()
        paid = invoice((milk, 2, "2.48"))
        total = replace(paid.total, total_to_pay=Decimal("7.38"))
        await shop.ask(operations.RECEIVE_INVOICE, replace(paid, total=total, shipment=sent.shipment))
        await shop.pass_on()
        assert books.sales == [("inv-1", Decimal("7.38"))]
        assert len(books.states) == 1


@pytest.mark.parametrize(("name", "state"), [("odoo json-2", "cancel"), ("woocommerce", "cancelled")])
async def test_a_cancelled_order_is_cancelled_in_the_shop(name, state, tmp_path):
    """Goods that do not go out are no sale."""
    _, books, shop_ = over(name, tmp_path)
    async with shop_ as shop:
        rows = ((await shop.scan(MILK), 2, "2.48"),)
        for status in (ShipmentStatus.WAITING_FOR_CONFIRMATION, ShipmentStatus.CANCELLED_BY_CLIENT):
            await shop.ask(operations.RECEIVE_ORDER_UPDATE, order(*rows, status=status))
            await shop.pass_on()
        assert books.states == [state]


@pytest.mark.parametrize("name", ["odoo json-2", "woocommerce"])
async def test_an_order_that_was_cancelled_before_it_was_passed_on_is_not_made(name, tmp_path):
    """Both documents waited; the shop's people see nothing of an order that is none any more."""
    _, books, shop_ = over(name, tmp_path)
    async with shop_ as shop:
        rows = ((await shop.scan(MILK), 2, "2.48"),)
        await shop.ask(
            operations.RECEIVE_ORDER_UPDATE, order(*rows, status=ShipmentStatus.CANCELLED_BY_CLIENT)
        )
        await shop.pass_on()
        assert books.states == []


@pytest.mark.parametrize("name", ["odoo json-2", "woocommerce"])
async def test_a_paid_receipt_of_the_nodes_is_a_sale(name, tmp_path):
    """With merchant side invoicing the node's receipt is booked, and bonus that paid a part of it is taken off."""
    server, books, shop_ = over(name, tmp_path, **({"bonus_product": "BONUS"} if "odoo" in name else {}))
    if "odoo" in name:
        server.product(92, "Bonus", False, "0", default_code="BONUS", taxes_id=[])
    async with shop_ as shop:
        receipt = Receipt(
            institution_invoice_id="R-1",
            invoice_id="inv-7",
            institution_id="s",
            customer_id="p",
            products=(ReceiptProduct("11", MILK, "Milk", Decimal(2), Decimal("2.48")),),
            loyalty_cards=(ReceiptLoyaltyCard("c", "1", bonus_used=Decimal("0.48")),),
            currency="EUR",
            total_without_addition=Decimal("2.48"),
            addition_sum=Decimal(0),
            total_without_vat=Decimal("2.00"),
            vat_sum=Decimal("0.48"),
            total=Decimal("2.00"),
        )
        confirmation = ReceiptPaymentConfirmationRequest(
            invoice_id="inv-7",
            institution_invoice_id="R-1",
            institution_id="s",
            paid_at=UtcMillis.read("2026-11-28T10:00:00Z"),
            total=Decimal("2.00"),
            currency="EUR",
            payment_method="SANDBOX",
        )
        shop.connector.sales.receipt_paid(receipt, confirmation)
        await shop.pass_on()
        assert books.sales == [("inv-7", Decimal("2.00"))]


async def test_a_missing_customer_is_named_and_the_sale_waits(tmp_path):
    """What the merchant has to set in Odoo is told with the setting's name; nothing is lost meanwhile."""
    server, books, shop_ = over("odoo json-2", tmp_path)
    contact = server.records["res.partner"].pop(40)
    async with shop_ as shop:
        await bought(shop)
        await shop.pass_on()
        assert "no contact with the reference smarts" in shop.connector.sales._outbox.waiting().reason
        server.records["res.partner"][40] = contact
        make_due(shop)
        await shop.pass_on()
        assert books.sales == [("inv-1", Decimal("7.94"))]


@given(some.integers(1, 10_000), some.decimals(0, 100_000, places=2))
def test_pieces_come_to_the_row_to_the_cent(pieces, total):
    """However a row divides, its lines are whole pieces at whole cents, and come to what was paid."""
    lines = priced(Decimal(pieces), total)
    assert sum(count for count, _ in lines) == pieces
    assert sum(count * price for count, price in lines) == total
    assert all(count == int(count) and price == round(price, 2) for count, price in lines)


@given(some.decimals("0.001", 100, places=3), some.decimals(0, 1000, places=2))
def test_what_is_weighed_has_one_price(amount, total):
    """A weight is one line, which comes to the row within what six decimals of a price can say."""
    lines = priced(amount, total)
    assert sum(count for count, _ in lines) == amount
    assert abs(sum(count * price for count, price in lines) - total) <= Decimal("0.0001")
