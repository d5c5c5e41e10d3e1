"""What is required of receiving orders and their changes (sections 3 and 6.6)."""

from smarts.kit.requirement import must, should
from smarts.wire.nodes import Feature

_ORDERS = Feature.ORDERS

REQUIREMENTS = (
    must("orders.new.accepted", "6.6", _ORDERS, "A new order is taken with a status from 200 to 299."),
    must(
        "orders.new.again",
        "6.6",
        _ORDERS,
        "The same order is taken when it comes again: it is sent until it arrives.",
    ),
    must(
        "orders.new.create",
        "3 Order",
        _ORDERS,
        "An order whose day stands under `create` in place of `created` is taken.",
    ),
    must(
        "orders.new.strings",
        "3 ReceiptProduct",
        _ORDERS,
        "An order whose amounts and row prices are strings is taken.",
    ),
    must(
        "orders.new.methods",
        "3 Shipment",
        _ORDERS,
        "Orders by parcel machine, by courier and to be picked up are taken.",
    ),
    must(
        "orders.new.named",
        "3 Order",
        _ORDERS,
        "An order with `institutionInvoiceId` and `resolverId` is taken, as is one without them.",
    ),
    must(
        "orders.new.closed",
        "3 Order",
        _ORDERS,
        "`closed` is read as null of an open order, and as a day of a closed one.",
    ),
    should("orders.new.big", "6.6", _ORDERS, "An order of 300 rows is taken in time."),
    must(
        "orders.update.on-its-way",
        "3 ShipmentStatus",
        _ORDERS,
        "Each status of an order on its way is taken: DRAFT, WAITING_FOR_CONFIRMATION, CONFIRMED, "
        "ASSEMBLE_READY, SHIPPING, READY_TO_PICKUP.",
    ),
    must(
        "orders.update.at-its-end",
        "3 ShipmentStatus",
        _ORDERS,
        "Each end of an order is taken: COMPLETED, CANCELLED_BY_CLIENT, CANCELLED_BY_INSTITUTION, MISSED,"
        " PAYMENT_FAILED.",
    ),
    must("orders.update.again", "6.6", _ORDERS, "The same change of an order is taken when it comes again."),
    must(
        "orders.update.older",
        "6.6",
        _ORDERS,
        "An older document of an order that comes after a newer one is taken: ways differ in length.",
    ),
    must(
        "orders.update.picked",
        "6.6",
        _ORDERS,
        "A change of an order's goods is taken: less was picked, or other goods in place of what was out.",
    ),
    must(
        "orders.update.unseen",
        "6.6",
        _ORDERS,
        "A change of an order that never came is taken or refused; the node does not fail.",
    ),
    should(
        "orders.update.before-new", "6.6", _ORDERS, "An order is taken also where its change came before it."
    ),
    must(
        "orders.fields.wrong-type",
        "2 errors",
        _ORDERS,
        "An order or its change with a field of the wrong type is refused with 422, and the problem's "
        "`errors` have the field's path.",
    ),
    should(
        "orders.fields.unknown",
        "3",
        _ORDERS,
        "An order or its change with fields that the node does not know is answered like one without: the"
        " contract may grow.",
    ),
)
