"""Checks of receiving orders and their changes."""

from typing import Any

from smarts.kit import documents
from smarts.kit.carts import Json, many_rows, rows, stringed
from smarts.kit.check import check
from smarts.kit.documents import moved
from smarts.kit.expect import done, excerpt, require_refusal
from smarts.kit.goods import ordinary, row
from smarts.kit.subject import Case
from smarts.kit.verdicts import needs, require
from smarts.wire.operations import RECEIVE_ORDER, RECEIVE_ORDER_UPDATE, Operation

ON_ITS_WAY = (
    "DRAFT",
    "WAITING_FOR_CONFIRMATION",
    "CONFIRMED",
    "ASSEMBLE_READY",
    "SHIPPING",
    "READY_TO_PICKUP",
)
_ENDS = (
    (*ON_ITS_WAY, "COMPLETED"),
    (*ON_ITS_WAY, "MISSED"),
    (*ON_ITS_WAY[:2], "CANCELLED_BY_CLIENT"),
    (*ON_ITS_WAY[:3], "CANCELLED_BY_INSTITUTION"),
    (*ON_ITS_WAY[:1], "PAYMENT_FAILED"),
)


async def order(case: Case, **changes: Any) -> Json:
    """A new order, which waits for the store."""
    return documents.order(case, await rows(case, 3)) | changes


async def take(case: Case, operation: Operation, document: Json) -> None:
    """The node takes an order's document; raises `Unmet` where it does not, with the order's status."""
    await needs(case, "orders.new.accepted")
    answer = await case.ask(operation, document)
    status = document["shipment"].get("status")
    require(
        200 <= answer.status < 300, f"a status from 200 to 299 for an order that is {status}", excerpt(answer)
    )


@check("orders.new.accepted")
async def accepted(case: Case) -> None:
    """Sends an order."""
    await done(case, RECEIVE_ORDER, await order(case))


@check("orders.new.again")
async def again(case: Case) -> None:
    """Sends the same order three times."""
    document = await order(case)
    for _ in range(3):
        await take(case, RECEIVE_ORDER, document)


@check("orders.new.create")
async def create(case: Case) -> None:
    """Sends an order and its change with the other spelling."""
    document = await order(case)
    document["create"] = document.pop("created")
    await take(case, RECEIVE_ORDER, document)
    await take(case, RECEIVE_ORDER_UPDATE, moved(document, *ON_ITS_WAY[:3]))


@check("orders.new.strings")
async def strings(case: Case) -> None:
    """Sends an order with strings for numbers."""
    await take(case, RECEIVE_ORDER, await order(case, products=stringed(await rows(case, 3))))


@check("orders.new.methods")
async def methods(case: Case) -> None:
    """Sends an order with each way of delivery."""
    for shipment in documents.shipments(case, "WAITING_FOR_CONFIRMATION"):
        await take(case, RECEIVE_ORDER, await order(case, shipment=shipment))


@check("orders.new.named")
async def named(case: Case) -> None:
    """Sends an order that a receipt was made for, and that somebody looks after."""
    number = documents.new_id()
    await take(case, RECEIVE_ORDER, await order(case, institutionInvoiceId=number, resolverId="worker-7"))
    await take(case, RECEIVE_ORDER, await order(case))


@check("orders.new.closed")
async def closed(case: Case) -> None:
    """Sends an open order, and then the closed one."""
    document = await order(case, closed=None)
    await take(case, RECEIVE_ORDER, document)
    await take(case, RECEIVE_ORDER_UPDATE, moved(document, *ON_ITS_WAY, "COMPLETED"))


@check("orders.new.big")
async def big(case: Case) -> None:
    """Sends 300 rows."""
    await take(case, RECEIVE_ORDER, await order(case, products=await many_rows(case, 300)))


@check("orders.update.on-its-way")
async def on_its_way(case: Case) -> None:
    """Moves an order on, status by status."""
    await _travel(case, ON_ITS_WAY)


@check("orders.update.at-its-end")
async def at_its_end(case: Case) -> None:
    """Moves orders to each of their ends."""
    for way in _ENDS:
        document = documents.order(case, await rows(case), *way[:-1])
        await take(case, RECEIVE_ORDER, document)
        await take(case, RECEIVE_ORDER_UPDATE, moved(document, *way))


async def _travel(case: Case, way: tuple[str, ...]) -> None:
    document = documents.order(case, await rows(case), way[0])
    await take(case, RECEIVE_ORDER, document)
    for place in range(1, len(way)):
        await take(case, RECEIVE_ORDER_UPDATE, moved(document, *way[: place + 1]))


@check("orders.update.again")
async def update_again(case: Case) -> None:
    """Sends the same change three times."""
    document = await order(case)
    await take(case, RECEIVE_ORDER, document)
    for _ in range(3):
        await take(case, RECEIVE_ORDER_UPDATE, moved(document, *ON_ITS_WAY[:3]))


@check("orders.update.older")
async def older(case: Case) -> None:
    """Sends a change, and then both an earlier one and the order itself."""
    document = await order(case)
    await take(case, RECEIVE_ORDER, document)
    await take(case, RECEIVE_ORDER_UPDATE, moved(document, *ON_ITS_WAY[:5]))
    await take(case, RECEIVE_ORDER_UPDATE, moved(document, *ON_ITS_WAY[:3]))
    await take(case, RECEIVE_ORDER, document)


@check("orders.update.picked")
async def picked(case: Case) -> None:
    """Leaves out a row, and puts another product in the place of one."""
    document = await order(case)
    await take(case, RECEIVE_ORDER, document)
    ready = moved(document, *ON_ITS_WAY[:4])
    await take(case, RECEIVE_ORDER_UPDATE, ready | {"products": document["products"][:1]})
    out, other = document["products"][0], row((await ordinary(case, 4))[-1])
    replacing = other | {"replaces": out["barcode"], "replacedName": out["productName"]}
    await take(case, RECEIVE_ORDER_UPDATE, ready | {"products": [replacing], "replacementsWelcome": True})


@check("orders.update.unseen")
async def unseen(case: Case) -> None:
    """Sends the change of an order that never came."""
    await needs(case, "orders.new.accepted")
    document = moved(await order(case), *ON_ITS_WAY[:3])
    require_refusal(await case.ask(RECEIVE_ORDER_UPDATE, document), or_done=True)


@check("orders.update.before-new")
async def before_new(case: Case) -> None:
    """Sends the change of an order, whatever becomes of it, and then the order."""
    document = await order(case)
    await case.ask(RECEIVE_ORDER_UPDATE, moved(document, *ON_ITS_WAY[:3]))
    await take(case, RECEIVE_ORDER, document)
