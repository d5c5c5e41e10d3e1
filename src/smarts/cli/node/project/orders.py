"""Orders: goods that go to shoppers' homes, to parcel machines, or are picked up."""

from smarts.wire.orders import Order

# Replace by your own system, in which orders are packed: these are forgotten when the node stops. How far an order is
# goes back to the gateway by `smarts.node.Gateway.change_order_status`.
ORDERS: dict[str, Order] = {}


def receive_order(order: Order) -> None:
    """Keeps a new order; the same one may come again, also after one that is newer."""
    keep(order)


def receive_order_update(order: Order) -> None:
    """Keeps an order as it has become elsewhere."""
    keep(order)


def keep(order: Order) -> None:
    """An order that has seen more changes is the newer one."""
    kept = ORDERS.setdefault(order.id, order)
    if len(order.status_changelogs) >= len(kept.status_changelogs):
        ORDERS[order.id] = order
