"""Checks by the front doors: a manager's policy, shoppers who check out, staff who count."""

from collections.abc import Mapping
from typing import Any

from gateway.journeys.world import Client, Shopper, World
from smarts.gateway.parties import Role


async def save_policy(world: World, institution_id: str | None = None, **policy: Any) -> dict[str, Any]:
    """A manager saves a policy: the rules that are named, and no others."""
    manager = await world.staff(Role.MANAGER)
    store = institution_id or world.institution_id
    reply = await manager.call("PUT", f"/manage/v1/stores/{store}/check-policy", {"policy": policy})
    assert reply.status == 200, reply.text
    saved: dict[str, Any] = reply.body
    return saved


def counted(amounts: Mapping[str, float], pieces: int | None = None) -> dict[str, Any]:
    """What staff say that they counted."""
    products = [{"barcode": barcode, "amount": amount} for barcode, amount in amounts.items()]
    return {"products": products} | ({} if pieces is None else {"pieces": pieces})


class Desk:
    """Somebody of the staff, by the API."""

    def __init__(self, world: World, client: Client) -> None:
        self.world = world
        self.client = client

    @classmethod
    async def of(cls, world: World) -> "Desk":
        return cls(world, await world.staff(Role.WORKER, world.institution_id))

    async def open(self, cart: dict[str, Any]) -> dict[str, Any]:
        """The check of a cart."""
        reply = await self.client.get(f"/work/v1/checks/{cart['invoiceId']}")
        assert reply.status == 200, reply.text
        check: dict[str, Any] = reply.body
        return check

    async def end(self, cart: dict[str, Any], status: str, **more: Any) -> tuple[int, Any]:
        """Ends the check of a cart; gives the answer's status and body."""
        path = f"/work/v1/checks/{cart['invoiceId']}/result"
        reply = await self.client.post(path, {"status": status} | more)
        return reply.status, reply.body

    async def tell(self, cart: dict[str, Any], rescanned: dict[str, Any]) -> dict[str, Any]:
        """Tells what was counted until now."""
        reply = await self.client.post(f"/work/v1/checks/{cart['invoiceId']}/rescan", rescanned)
        assert reply.status == 200, reply.text
        state: dict[str, Any] = reply.body
        return state


async def trolley(world: World, shopper: Shopper, goods: Mapping[str, float]) -> dict[str, Any]:
    """A cart with so much of some goods, checked out."""
    cart = await shopper.cart(world.institution_id)
    for barcode, quantity in goods.items():
        cart = await shopper.scan(cart, barcode, quantity=quantity)
    return await shopper.check_out(cart)


def row(barcode: str, amount: float) -> dict[str, Any]:
    """A row of the new cart that comes with a result."""
    return {"id": "", "barcode": barcode, "productName": "", "amount": amount, "rowPrice": 0}
