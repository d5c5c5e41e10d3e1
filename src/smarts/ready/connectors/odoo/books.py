"""Where an Odoo keeps its sales: sales orders, found again by the purchase's id as their customer's reference.

An order is made as a quotation, which does nothing, looked at, and only then confirmed. So an answer that was lost
leads at worst to a second quotation, which is cancelled, and never to a second sale.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from smarts.ready.connectors.odoo.client import Odoo, Record
from smarts.ready.connectors.sales import Change, Line, NotBookable, Sale, priced
from smarts.ready.connectors.settings import OdooSettings
from smarts.wire.shipments import ShipmentStatus

_MODEL = "sale.order"
_FIELDS = ("state", "amount_total", "currency_id", "client_order_ref", "origin", "order_line")
_PAGE = 500
_QUOTED = {"draft", "sent"}
_CANCELLED = "cancel"
_CENT = Decimal("0.01")
_STAMP = "%Y-%m-%d %H:%M:%S"
_ORIGIN = "Smarts"
_DONE = "full"  # of `delivery_status`
_CONFIRMS = {None, ShipmentStatus.CONFIRMED, ShipmentStatus.ASSEMBLE_READY, ShipmentStatus.SHIPPING,
             ShipmentStatus.READY_TO_PICKUP, ShipmentStatus.COMPLETED}  # fmt: skip


class OdooBooks:
    """The sales orders of an Odoo that came from Smarts."""

    def __init__(self, odoo: Odoo, settings: OdooSettings) -> None:
        self._odoo = odoo
        self._settings = settings
        self._customer: int | None = None
        self._products: dict[str, int] = {}

    async def book(self, sale: Sale, known: str | None, tried_since: datetime | None) -> str:
        """Finds the order or makes it, brings its lines and its state to what the sale is, and cancels doubles."""
        found = await self._find(sale.reference) if tried_since else ()
        if not found:
            if sale.is_cancelled:
                return known or ""
            await self._odoo.create(_MODEL, await self._values(sale))
            found = await self._find(sale.reference)
        order, *doubles = sorted(found, key=lambda each: (_rank(each["state"]), each["id"]))
        for double in doubles:
            if double["state"] in _QUOTED:
                await self._cancel(double["id"])
        await self._bring(order, sale)
        return str(order["id"])

    async def changes(self, since: datetime) -> Sequence[Change]:
        """Orders that were confirmed, delivered or cancelled by Odoo's people."""
        known = await self._odoo.fields_of(_MODEL)
        delivery = ["delivery_status"] if "delivery_status" in known else []
        moment = since.strftime(_STAMP)
        domain = [["write_date", ">=", moment], ["origin", "=like", f"{_ORIGIN}%"]]
        found: list[Change | None] = []
        last, is_more = 0, True
        while is_more:
            beyond = [*domain, ["id", ">", last]]
            records = await self._odoo.search_read(_MODEL, beyond, [*_FIELDS, *delivery], limit=_PAGE)
            found += map(_change, records)
            is_more = len(records) == _PAGE
            last = records[-1]["id"] if records else last
        return [change for change in found if change is not None]

    async def _find(self, reference: str) -> Sequence[Record]:
        domain = [["client_order_ref", "=", reference], ["partner_id", "=", await self._customer_id()]]
        return await self._odoo.search_read(_MODEL, domain, _FIELDS, limit=20)

    async def _bring(self, order: Record, sale: Sale) -> None:
        """From whatever state it is in; each step may have been made before."""
        if sale.is_cancelled:
            if order["state"] != _CANCELLED:
                await self._cancel(order["id"])
            return
        if order["state"] == _CANCELLED:
            raise NotBookable(f"Odoo's order {order['id']} for {sale.reference} was cancelled there")
        await self._bring_total(order, sale)
        if order["state"] in _QUOTED and self._confirms(sale):
            await self._odoo.act(_MODEL, "action_confirm", order["id"])
        origin = _origin(sale)
        if origin and order["origin"] != origin:
            await self._odoo.write(_MODEL, order["id"], {"origin": origin})

    def _confirms(self, sale: Sale) -> bool:
        """Where Odoo's people decide about orders, one that waits for them is not confirmed in their name."""
        return sale.is_paid or self._settings.gateway is None or sale.status in _CONFIRMS

    async def _bring_total(self, order: Record, sale: Sale) -> None:
        if order["currency_id"][1] != sale.currency:
            raise NotBookable(
                f"Odoo's order {order['id']} is in {order['currency_id'][1]}, the sale in {sale.currency}"
            )
        total = _money(order["amount_total"])
        if abs(total - sale.total) > sale.tolerance:
            total = await self._rewrite(order, sale) if sale.adds_up else total
        difference = sale.total - total
        if difference == 0:
            return
        if abs(difference) > sale.tolerance:
            raise NotBookable(
                f"Odoo reckons {total} where {sale.total} was paid for {sale.reference}; its order {order['id']} waits"
            )
        if self._settings.rounding_product:
            line = await self._extra("rounding_product", difference)
            await self._odoo.write(_MODEL, order["id"], {"order_line": [[0, 0, line]]})

    async def _rewrite(self, order: Record, sale: Sale) -> Decimal:
        """Other lines, where other goods went out than were ordered. A confirmed order's lines cannot be taken out."""
        old = [
            [2, id_, 0] if order["state"] in _QUOTED else [1, id_, {"product_uom_qty": 0}]
            for id_ in order["order_line"]
        ]
        new = (await self._values(sale))["order_line"]
        await self._odoo.write(_MODEL, order["id"], {"order_line": [*old, *new]})
        found = await self._odoo.search_read(_MODEL, [["id", "=", order["id"]]], _FIELDS)
        return _money(found[0]["amount_total"])

    async def _values(self, sale: Sale) -> Mapping[str, Any]:
        lines = await self._lines(sale)
        if sale.shipment_price:
            lines.append(await self._extra("shipment_product", sale.shipment_price))
        if sale.bonus:
            lines.append(await self._extra("bonus_product", -sale.bonus))
        values = {
            "partner_id": await self._customer_id(),
            "client_order_ref": sale.reference,
            "origin": _origin(sale) or _ORIGIN,
            "order_line": [[0, 0, line] for line in lines],
        }
        return values if self._settings.company is None else {**values, "company_id": self._settings.company}

    async def _lines(self, sale: Sale) -> list[Mapping[str, Any]]:
        products = await self._sold(sale)
        taxes = await self._tax_of(products)
        return [
            {"product_id": id_, "product_uom_qty": amount, "price_unit": price, "discount": 0}
            for line in sale.lines
            for id_ in (_product_of(line, products),)
            for amount, price in _prices(line, taxes.get(id_))
        ]

    async def _sold(self, sale: Sale) -> Mapping[int, Record]:
        ids = [int(line.product_id) for line in sale.lines if line.product_id.isdigit()]
        domain = [["id", "in", ids]]
        context = {"active_test": False}
        records = await self._odoo.search_read(
            "product.product", domain, ["barcode", "taxes_id"], context=context
        )
        return {record["id"]: record for record in records}

    async def _tax_of(self, products: Mapping[int, Record]) -> Mapping[int, Record]:
        ids = sorted({tax for product in products.values() for tax in product["taxes_id"]})
        fields = ["amount", "price_include", "company_id"]
        taxes = {
            tax["id"]: tax for tax in await self._odoo.search_read("account.tax", [["id", "in", ids]], fields)
        }
        company = self._settings.company
        return {
            id_: taxes[tax]
            for id_, product in products.items()
            for tax in product["taxes_id"]
            if tax in taxes and company in (None, (taxes[tax]["company_id"] or [None])[0])
        }

    async def _customer_id(self) -> int:
        if self._customer is None:
            domain = [["ref", "=", self._settings.customer]]
            found = await self._odoo.search_read("res.partner", domain, ["name"], limit=1)
            if not found:
                raise NotBookable(
                    f"Odoo has no contact with the reference {self._settings.customer} (`customer`)"
                )
            self._customer = found[0]["id"]
        return self._customer

    async def _extra(self, setting: str, price: Decimal) -> Mapping[str, Any]:
        """A line for what is no goods, booked as the product that a setting names."""
        id_ = await self._product(getattr(self._settings, setting), setting)
        return {"product_id": id_, "product_uom_qty": 1, "price_unit": price, "discount": 0}

    async def _product(self, reference: str, setting: str) -> int:
        if reference not in self._products:
            domain = [["default_code", "=", reference]]
            found = (
                await self._odoo.search_read("product.product", domain, ["name"], limit=1)
                if reference
                else []
            )
            if not found:
                raise NotBookable(f"`{setting}` has to name the internal reference of one of Odoo's products")
            self._products[reference] = found[0]["id"]
        return self._products[reference]

    async def _cancel(self, id_: int) -> None:
        await self._odoo.act(_MODEL, "action_cancel", id_, context={"disable_cancel_warning": True})


def _rank(state: str) -> int:
    return 1 if state in _QUOTED else 2 if state == _CANCELLED else 0


def _origin(sale: Sale) -> str:
    return f"{_ORIGIN} {sale.order_id} {sale.status or ''}".strip() if sale.order_id else ""


def _change(record: Record) -> Change | None:
    parts = str(record["origin"] or "").split()
    if len(parts) != 3:
        return None
    if record["state"] == _CANCELLED:
        return Change(parts[1], ShipmentStatus.CANCELLED_BY_INSTITUTION)
    if record["state"] in _QUOTED:
        return None
    is_delivered = record.get("delivery_status") == _DONE
    return Change(parts[1], ShipmentStatus.SHIPPING if is_delivered else ShipmentStatus.CONFIRMED)


def _product_of(line: Line, products: Mapping[int, Record]) -> int:
    id_ = int(line.product_id) if line.product_id.isdigit() else 0
    if id_ not in products:
        raise NotBookable(f"Odoo has no product {line.product_id} any more ({line.name})")
    return id_


def _prices(line: Line, tax: Record | None) -> Sequence[tuple[Decimal, Decimal]]:
    """Amounts and unit prices in the way in which Odoo's tax has them: with the tax or without it."""
    if tax is None or tax["price_include"]:
        return priced(line.amount, line.total)
    net = line.total * 100 / (100 + Decimal(tax["amount"]))
    return ((line.amount, (net / (line.amount or 1)).quantize(Decimal("0.000001"))),)


def _money(value: Any) -> Decimal:
    return Decimal(value).quantize(_CENT)
