"""Checks of home delivery: orders as they reach the node, and as merchants find and change them."""

import re
from decimal import Decimal
from typing import Any
from uuid import uuid4

from smarts.kit.gateway.looks import check, money, require_document
from smarts.kit.gateway.played_node import DOWN
from smarts.kit.gateway.stage import Stage, document_of, require, require_status
from smarts.kit.gateway.stories import an_order, an_order_sent, ordered, sent
from smarts.kit.subject import Case
from smarts.wire.operations import FIND_ORDER, FIND_ORDER_BY_INSTITUTION_INVOICE, FIND_ORDER_BY_INVOICE

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z")
_WHO = "Mati Mets"


@check("gateway.find.id")
async def by_id(case: Case) -> None:
    """Finds an order by its id."""
    stage = Stage(case)
    order = await an_order(stage)
    found = document_of(await stage.find(FIND_ORDER, order.order_id), 200)
    require_document("Order", found, "GET /v1/pickup/order/{id}")
    require(found["id"] == order.order_id, f"the order {order.order_id}", found["id"])


@check("gateway.find.invoice")
async def by_invoice(case: Case) -> None:
    """Finds an order by its invoice id."""
    stage = Stage(case)
    order = await an_order(stage)
    found = document_of(await stage.find(FIND_ORDER_BY_INVOICE, order.cart["invoiceId"]), 200)
    require_document("Order", found, "GET /v1/pickup/order/invoice/{invoiceId}")
    require(found["id"] == order.order_id, f"the order {order.order_id}", found["id"])


@check("gateway.find.institution-invoice")
async def by_institution_invoice(case: Case) -> None:
    """Finds an order of a store with receipts of its own by the receipt's number."""
    stage = Stage(case)
    other = stage.subject.second_store()
    order = await ordered(stage, store=other)
    told = (await sent(stage, order)).json()
    number = told.get("institutionInvoiceId")
    require(number, "institutionInvoiceId in the order", told)
    found = document_of(await stage.find(FIND_ORDER_BY_INSTITUTION_INVOICE, number, store=other), 200)
    require(found["id"] == order.order_id, f"the order {order.order_id}", found["id"])


@check("gateway.status.changed")
async def changed(case: Case) -> None:
    """Confirms an order."""
    stage = Stage(case)
    order = await ordered(stage)
    answer = document_of(await stage.move(order.order_id, "CONFIRMED"), 200)
    require_document("Order", answer, "POST /v1/pickup/order/status")
    found = document_of(await stage.find(FIND_ORDER, order.order_id), 200)
    for told in (answer, found):
        status = told["shipment"].get("status")
        require(status == "CONFIRMED", "the status CONFIRMED", status)


@check("gateway.status.log")
async def logged(case: Case) -> None:
    """Confirms an order as somebody."""
    stage = Stage(case)
    order = await ordered(stage)
    await stage.move(order.order_id, "CONFIRMED", personName=_WHO, resolverId="worker-7")
    found = document_of(await stage.find(FIND_ORDER, order.order_id), 200)
    log = found["statusChangelogs"][-1]
    told = {name: log.get(name) for name in ("personName", "previousStatus", "newStatus")}
    wanted = {"personName": _WHO, "previousStatus": "WAITING_FOR_CONFIRMATION", "newStatus": "CONFIRMED"}
    require(told == wanted, str(wanted), log)
    require(_DAY.fullmatch(str(log.get("created"))), "created as YYYY-MM-DD", log)


@check("gateway.status.refused")
async def refused(case: Case) -> None:
    """Completes an order that was never confirmed."""
    stage = Stage(case)
    order = await ordered(stage)
    require_status(await stage.move(order.order_id, "COMPLETED"), 409)


@check("gateway.status.shape")
async def unknown_status(case: Case) -> None:
    """Changes an order to a status that there is none of."""
    stage = Stage(case)
    order = await an_order(stage)
    require_status(await stage.move(order.order_id, "ON_ITS_WAY"), 422)


@check("gateway.status.unknown")
async def unknown_order(case: Case) -> None:
    """Changes an order that there is none of."""
    require_status(await Stage(case).move(str(uuid4()), "CONFIRMED"), 404)


@check("gateway.status.repeated")
async def repeated(case: Case) -> None:
    """Confirms an order twice with one key, as a merchant does who lost the answer."""
    stage, key = Stage(case), str(uuid4())
    order = await ordered(stage)
    first = document_of(await stage.move(order.order_id, "CONFIRMED", key=key), 200)
    again = document_of(await stage.move(order.order_id, "CONFIRMED", key=key), 200)
    require(again == first, "the same answer again", again)
    found = document_of(await stage.find(FIND_ORDER, order.order_id), 200)
    confirmed = [log for log in found["statusChangelogs"] if log["newStatus"] == "CONFIRMED"]
    require(len(confirmed) == 1, "one CONFIRMED in the log", confirmed)


@check("gateway.status.key-reused")
async def key_reused(case: Case) -> None:
    """Makes two changes under one key."""
    stage, key = Stage(case), str(uuid4())
    order = await ordered(stage)
    require_status(await stage.move(order.order_id, "CONFIRMED", key=key), 200)
    require_status(await stage.move(order.order_id, "ASSEMBLE_READY", key=key), 409)


@check("gateway.order.sent")
async def order_sent(case: Case) -> None:
    """Looks at an order as it reached the node."""
    stage = Stage(case)
    _, received = await an_order_sent(stage)
    told = received.json()
    require_document("Order", told, received.name)
    status = told["shipment"].get("status")
    require(status == "WAITING_FOR_CONFIRMATION", "the status WAITING_FOR_CONFIRMATION", status)
    require(told["shipment"]["method"] == "COURIER", "the method COURIER", told["shipment"])


@check("gateway.order.ids")
async def order_ids(case: Case) -> None:
    """Compares an order's ids with its cart's."""
    stage = Stage(case)
    order, received = await an_order_sent(stage)
    told = received.json()
    seen = {name: told.get(name) for name in ("id", "customerId", "institutionId", "invoiceId")}
    wanted = {
        "id": order.order_id,
        "customerId": order.shopper.person_id,
        "institutionId": stage.subject.store.institution_id,
        "invoiceId": order.cart["invoiceId"],
    }
    require(seen == wanted, str(wanted), seen)


@check("gateway.order.times")
async def order_times(case: Case) -> None:
    """Looks at an order's days and times."""
    _, received = await an_order_sent(Stage(case))
    told = received.json()
    require(_DAY.fullmatch(str(told.get("created"))), "created as YYYY-MM-DD", told.get("created"))
    require("closed" in told and told["closed"] is None, "closed: null", told.get("closed", "no closed"))
    for name in ("expectedDeliveryUTCTime", "createdUTCTime"):
        moment = told["shipment"].get(name)
        require(
            moment is None or _MOMENT.fullmatch(str(moment)), f"{name} as 2026-11-23T12:30:00.000Z", moment
        )
    require(told["shipment"].get("expectedDeliveryUTCTime"), "expectedDeliveryUTCTime", told["shipment"])


@check("gateway.order.sums")
async def order_sums(case: Case) -> None:
    """Adds an order up."""
    order, received = await an_order_sent(Stage(case))
    told = received.json()
    rows: Any = sum((money(row["rowPrice"]) for row in told["products"]), Decimal(0))
    total, delivery = money(told["orderTotalPrice"]), money(told["shipment"]["price"])
    require(rows + delivery == total, f"{rows} and {delivery} to be {total}", told["orderTotalPrice"])
    paid = money(order.cart["total"]["totalToPay"])
    require(total == paid, f"the {paid} that the shopper saw", total)


@check("gateway.order.update")
async def order_updates(case: Case) -> None:
    """Confirms an order, and waits for the node to be told."""
    stage = Stage(case)
    order = await ordered(stage)
    require_status(await stage.move(order.order_id, "CONFIRMED"), 200)
    [update, *_] = await stage.node.wait_for("/pickup/order/update", order.order_id, accepted=True)
    require_document("Order", update.json(), update.name)
    status = update.json()["shipment"].get("status")
    require(status == "CONFIRMED", "the status CONFIRMED", status)


@check("gateway.order.cancelled")
async def order_cancelled(case: Case) -> None:
    """Cancels an order as the shopper."""
    stage = Stage(case)
    order = await ordered(stage)
    await order.shopper.does("POST", f"/orders/{order.order_id}/cancel")
    [*_, update] = await stage.node.wait_for("/pickup/order/update", order.order_id, accepted=True)
    status = update.json()["shipment"].get("status")
    require(status == "CANCELLED_BY_CLIENT", "the status CANCELLED_BY_CLIENT", status)


@check("gateway.order.retry")
async def order_retried(case: Case) -> None:
    """Takes an order at the second time only."""
    stage = Stage(case)
    shopper = await stage.shopper()
    stage.node.answer("/pickup/order", shopper.person_id, DOWN)
    await sent(stage, await ordered(stage, shopper=shopper))
    first, again, *_ = await stage.node.wait_for("/pickup/order", shopper.person_id, count=2)
    require(again.json() == first.json(), "the same document again", again.json())
