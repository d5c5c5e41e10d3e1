"""What a store's staff do on the floor: checks of carts, one colleague at a time, and orders to pack."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from smarts.edge.problems import NOT_FOUND
from smarts.gateway import errors
from smarts.gateway.carts.model import Cart
from smarts.gateway.carts.service import Carts
from smarts.gateway.control.service import Control
from smarts.gateway.control.store import Check
from smarts.gateway.journeys.check_out import CheckingOut
from smarts.gateway.journeys.packing import Packing
from smarts.gateway.journeys.reach import Reach
from smarts.gateway.journeys.shop import Shopping
from smarts.gateway.orders.model import Actor, Change, OrderRecord, PickedRow
from smarts.gateway.orders.service import Orders
from smarts.gateway.parties import WORK, Staff, Store
from smarts.gateway.storage.notices import Notices
from smarts.wire.control import CheckStatus, PurchaseControlResult
from smarts.wire.products import Product
from smarts.wire.receipts import ReceiptProduct
from smarts.wire.shipments import ShipmentStatus

_MOST_WAITING = 200


@dataclass(frozen=True)
class ToDo:
    """What waits for somebody of the staff, oldest first, and in which stores."""

    checks: Sequence[Check]
    orders: Sequence[OrderRecord]
    stores: Mapping[str, Store]


class Working:
    """The verbs; each looks whether the store is within the person's reach, and hides it otherwise."""

    def __init__(
        self,
        notices: Notices,
        reach: Reach,
        carts: Carts,
        control: Control,
        orders: Orders,
        shopping: Shopping,
        checking_out: CheckingOut,
        packing: Packing,
    ) -> None:
        self._notices = notices
        self._reach = reach
        self._carts = carts
        self._control = control
        self._orders = orders
        self._shopping = shopping
        self._checking_out = checking_out
        self._packing = packing

    async def to_do(self, staff: Staff) -> ToDo:
        """What waits now."""
        stores = {store.institution_id: store for store in await self._reach.stores_of(staff)}
        checks = await self._control.waiting(frozenset(stores), _MOST_WAITING)
        return ToDo(checks, await self._orders.to_do(frozenset(stores), _MOST_WAITING), stores)

    async def watch(self, staff: Staff) -> AsyncIterator[ToDo]:
        """What waits now, and again whenever that may have changed."""
        stores = [store.institution_id for store in await self._reach.stores_of(staff)]
        if not stores:
            return
        with self._notices.subscribe(WORK, *stores) as changes:
            async for _ in changes:
                yield await self.to_do(staff)

    async def check(self, staff: Staff, invoice_id: str) -> Check:
        """A check of a store within reach, or a 404."""
        check = await self._control.find(invoice_id)
        if check is None:
            raise NOT_FOUND.error("There is no such check")
        await self._reach.store(staff, check.institution_id)
        return check

    async def cart(self, check: Check) -> Cart:
        """The cart that a check is about."""
        return await self._carts.get(check.cart_id)

    async def open(self, staff: Staff, invoice_id: str) -> Check:
        """The check of a code on a shopper's screen; one that nobody looks at is this person's from now on."""
        check = await self.check(staff, invoice_id)
        if check.holder is None:
            await self._control.take(check, staff, self._now())
        return check

    async def take_over(self, staff: Staff, invoice_id: str, holder_id: str) -> None:
        """The check is this person's from now on, if it was `holder_id` who had it until now.

        Raises:
            ProblemError: 409, somebody else has taken it meanwhile, or it is finished.
        """
        check = await self.check(staff, invoice_id)
        had_it = check.holder.person_id if check.holder else ""
        if had_it != holder_id or not await self._control.take(check, staff, self._now()):
            raise errors.CHECK_TAKEN.error("Somebody was quicker")

    async def product(self, staff: Staff, invoice_id: str, barcode: str) -> Product:
        """What the store sells under a barcode, to the shopper whose cart is checked."""
        check = await self.check(staff, invoice_id)
        return await self._shopping.product(await self._carts.get(check.cart_id), barcode)

    async def decide(
        self, staff: Staff, invoice_id: str, status: CheckStatus, goods: Sequence[PickedRow] | None
    ) -> None:
        """The result of a check; `goods` are the whole new cart where it was not as it should be.

        Raises:
            ProblemError: 409, a colleague has taken the check over, or it is finished.
        """
        check = await self.check(staff, invoice_id)
        if check.holder and check.holder.person_id != staff.person_id:
            raise errors.CHECK_TAKEN.error(f"{check.holder.name} has taken it over")
        products = None if goods is None else tuple(_row(each) for each in goods)
        result = PurchaseControlResult(
            invoice_id=invoice_id, institution_id=check.institution_id, status=status, products=products
        )
        await self._checking_out.take_result(check.institution_id, result, None, staff)

    async def order(self, staff: Staff, order_id: str) -> tuple[OrderRecord, Store]:
        """An order of a store within reach, or a 404."""
        order = await self._orders.get(order_id)
        return order, await self._reach.store(staff, order.institution_id)

    async def move_on(
        self, staff: Staff, order_id: str, status: ShipmentStatus, picked: Sequence[PickedRow] | None
    ) -> None:
        """Moves an order on, as `Packing.move_on` does."""
        order, _ = await self.order(staff, order_id)
        change = Change(
            status=status, actor=Actor.MERCHANT, person_name=staff.name, resolver_id=staff.person_id
        )
        await self._packing.move_on(order, change, picked, None)

    def today(self, cart: Cart) -> date:
        """The day that it is in the store of a cart."""
        return self._now().astimezone(cart.head.time_zone.zone).date()

    def _now(self) -> datetime:
        return self._carts.clock()


def _row(wanted: PickedRow) -> ReceiptProduct:
    return ReceiptProduct("", wanted.barcode, "", wanted.amount, Decimal(0))
