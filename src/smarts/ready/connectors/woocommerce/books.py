"""Where a WooCommerce keeps its sales: orders, found again by the purchase's id in their meta data.

An order is made as pending, which does nothing, looked at, and only then paid. So an answer that was lost leads at
worst to a second pending order, which is cancelled, and never to a second sale.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from smarts.caller import Nonsense, Refused
from smarts.ready.connectors.mirror import Mirror
from smarts.ready.connectors.sales import Change, Line, NotBookable, Sale
from smarts.ready.connectors.settings import WooCommerceSettings
from smarts.ready.connectors.woocommerce.client import Thing, WooCommerce
from smarts.wire.shipments import ShipmentMethod, ShipmentStatus

_REFERENCE, _ORDER, _STATUS = "smarts_invoice_id", "smarts_order_id", "smarts_status"
_FIELDS = "id,status,currency,total,meta_data,line_items,fee_lines,shipping_lines"
_PENDING, _CANCELLED = "pending", "cancelled"
_CENT = Decimal("0.01")
_FINEST = Decimal("0.000001")
_CLOCKS = timedelta(hours=1)  # by which the shop's clock may be wrong
_MOST_PAGES = 50
_GONE = {_CANCELLED, "failed", "refunded", "trash"}
_STATES: Mapping[ShipmentStatus, str] = {
    ShipmentStatus.DRAFT: _PENDING,
    ShipmentStatus.WAITING_FOR_CONFIRMATION: "on-hold",
    ShipmentStatus.CONFIRMED: "processing",
    ShipmentStatus.ASSEMBLE_READY: "processing",
    ShipmentStatus.SHIPPING: "processing",
    ShipmentStatus.READY_TO_PICKUP: "processing",
    ShipmentStatus.COMPLETED: "completed",
}
_CHANGES: Mapping[str, ShipmentStatus] = {
    "processing": ShipmentStatus.CONFIRMED,
    "completed": ShipmentStatus.SHIPPING,
    **dict.fromkeys(_GONE - {"trash"}, ShipmentStatus.CANCELLED_BY_INSTITUTION),
}
_WAYS: Mapping[ShipmentMethod, tuple[str, str]] = {
    ShipmentMethod.COURIER: ("flat_rate", "Courier"),
    ShipmentMethod.PARCEL: ("flat_rate", "Parcel machine"),
    ShipmentMethod.PICKUP: ("local_pickup", "Pick-up"),
}


class WooCommerceBooks:
    """The orders of a WooCommerce that came from Smarts."""

    def __init__(self, shop: WooCommerce, settings: WooCommerceSettings, mirror: Mirror) -> None:
        self._shop = shop
        self._settings = settings
        self._mirror = mirror

    async def book(self, sale: Sale, known: str | None, tried_since: datetime | None) -> str:
        """Finds the order or makes it, brings its total and its state to what the sale is, and cancels doubles."""
        found = await self._find(sale.reference, known, tried_since) if tried_since else ()
        if not found:
            if sale.is_cancelled:
                return ""
            found = [await self._shop.create("orders", self._values(sale))]
        order, *doubles = sorted(found, key=lambda each: (_rank(each["status"]), each["id"]))
        for double in doubles:
            if double["status"] == _PENDING:
                await self._change(double["id"], {"status": _CANCELLED})
        await self._bring(order, sale)
        return str(order["id"])

    async def changes(self, since: datetime) -> Sequence[Change]:
        """Orders that the shop's people put to work, sent or cancelled."""
        more = {"modified_after": _moment(since), "dates_are_gmt": "true", "orderby": "id", "order": "asc"}
        return [
            Change(_meta(thing, _ORDER), _CHANGES[thing["status"]])
            for thing in await self._list(**more)
            if thing["status"] in _CHANGES and _meta(thing, _ORDER)
        ]

    async def _find(self, reference: str, known: str | None, tried_since: datetime) -> Sequence[Thing]:
        if known:
            try:
                return [await self._shop.thing(f"orders/{known}")]
            except Refused as refused:
                if refused.problem.status != 404:
                    raise
                raise NotBookable(f"WooCommerce's order {known} for {reference} was deleted there") from None
        more = {"after": _moment(tried_since), "dates_are_gmt": "true", "orderby": "id", "order": "asc"}
        return [thing for thing in await self._list(**more) if _meta(thing, _REFERENCE) == reference]

    async def _list(self, **query: str) -> Sequence[Thing]:
        things: list[Thing] = []
        read = 0
        async for page in self._shop.pages("orders", status="any", _fields=_FIELDS, **query):
            things += page.things
            read += 1
            if read >= _MOST_PAGES:
                raise Nonsense(f"WooCommerce has more than {_MOST_PAGES} pages of orders to look through")
        return things

    async def _bring(self, order: Thing, sale: Sale) -> None:
        """From whatever state it is in; each step may have been made before."""
        if sale.is_cancelled:
            if order["status"] not in _GONE:
                await self._change(order["id"], {"status": _CANCELLED})
            return
        if order["status"] in _GONE:
            raise NotBookable(
                f"WooCommerce's order {order['id']} for {sale.reference} is {order['status']} there"
            )
        order = await self._bring_total(order, sale)
        if sale.order_id:
            order = await self._bring_meta(order, sale)
        if sale.is_paid and order["status"] == _PENDING:
            order = await self._change(order["id"], {"set_paid": True, "transaction_id": sale.reference})
        wanted = self._state(order, sale)
        if wanted != order["status"]:
            await self._change(order["id"], {"status": wanted})

    def _state(self, order: Thing, sale: Sale) -> str:
        """What the order shall be; those of home delivery stay where they are when they are paid."""
        if sale.is_paid:
            return (
                str(order["status"]) if _meta(order, _ORDER) or sale.shipment else self._settings.paid_status
            )
        if self._settings.gateway and order["status"] in {"processing", "completed"}:
            return str(order["status"])  # that is what the shop's people made it
        return _STATES.get(sale.status or ShipmentStatus.DRAFT, _PENDING)

    async def _bring_total(self, order: Thing, sale: Sale) -> Thing:
        if order["currency"] != sale.currency:
            raise NotBookable(
                f"WooCommerce's order {order['id']} is in {order['currency']}, not {sale.currency}"
            )
        if abs(Decimal(order["total"]) - sale.total) > sale.tolerance and sale.adds_up:
            order = await self._change(order["id"], self._other_lines(order, sale))
        difference = sale.total - Decimal(order["total"])
        if difference == 0:
            return order
        if abs(difference) > sale.tolerance:
            raise NotBookable(
                f"WooCommerce reckons {order['total']} where {sale.total} was paid for {sale.reference};"
                f" its order {order['id']} waits"
            )
        fee = {"name": "Rounding", "tax_status": "none", "total": str(difference)}
        return await self._change(order["id"], {"fee_lines": [fee]})

    async def _bring_meta(self, order: Thing, sale: Sale) -> Thing:
        wanted = {_ORDER: sale.order_id or "", _STATUS: str(sale.status or "")}
        if all(_meta(order, name) == value for name, value in wanted.items()):
            return order
        return await self._change(order["id"], {"meta_data": _as_meta(wanted)})

    def _other_lines(self, order: Thing, sale: Sale) -> Mapping[str, Any]:
        """Takes all lines out and puts others in, where other goods went out than were ordered."""
        values = self._values(sale)
        return {
            kind: [
                *({"id": line["id"], _NAMES[kind]: None} for line in order.get(kind, ())),
                *values.get(kind, ()),
            ]
            for kind in _NAMES
        }

    def _values(self, sale: Sale) -> Mapping[str, Any]:
        meta = {
            _REFERENCE: sale.reference,
            **({_ORDER: sale.order_id, _STATUS: str(sale.status or "")} if sale.order_id else {}),
        }
        lines = [self._line(line) for line in sale.lines]
        return {
            "status": _PENDING,
            "currency": sale.currency.value,
            "payment_method": "smarts",
            "payment_method_title": self._settings.payment_title,
            "line_items": [line for line in lines if "product_id" in line],
            "fee_lines": [*(line for line in lines if "product_id" not in line), *_bonus(sale)],
            "shipping_lines": _shipping(sale),
            "meta_data": _as_meta(meta),
        }

    def _line(self, line: Line) -> Mapping[str, Any]:
        kept = self._mirror.find(line.barcode)
        if kept is None or kept.cells.get("id") != line.product_id:
            return {"name": line.name, "tax_status": "none", "total": str(line.total)}
        product, _, variation = kept.key.partition("/")
        rate = line.rate if line.rate is not None else Decimal(str(kept.cells.get("vat") or 0))
        net = str((line.total * 100 / (100 + rate)).quantize(_FINEST))
        is_counted = line.amount == int(line.amount)
        return {
            "product_id": int(product),
            **({"variation_id": int(variation)} if variation else {}),
            "quantity": int(line.amount) if is_counted else 1,
            **({} if is_counted else {"name": f"{line.name} ({line.amount.normalize():f})"}),
            "subtotal": net,
            "total": net,
        }

    async def _change(self, id_: int, values: Mapping[str, Any]) -> Thing:
        return await self._shop.change(f"orders/{id_}", values)


_NAMES = {"line_items": "product_id", "fee_lines": "name", "shipping_lines": "method_id"}


def _bonus(sale: Sale) -> Sequence[Mapping[str, Any]]:
    return [{"name": "Bonus", "tax_status": "none", "total": str(-sale.bonus)}] if sale.bonus else []


def _shipping(sale: Sale) -> Sequence[Mapping[str, Any]]:
    if sale.shipment is None:
        return ()
    method, title = _WAYS[sale.shipment.method]
    return [{"method_id": method, "method_title": title, "total": str(sale.shipment_price)}]


def _as_meta(values: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return [{"key": name, "value": value} for name, value in values.items()]


def _meta(thing: Thing, name: str) -> str:
    return next((str(each["value"]) for each in thing.get("meta_data", ()) if each["key"] == name), "")


def _rank(status: str) -> int:
    return 2 if status in _GONE else 1 if status == _PENDING else 0


def _moment(moment: datetime) -> str:
    return (moment.astimezone(UTC) - _CLOCKS).strftime("%Y-%m-%dT%H:%M:%S")
