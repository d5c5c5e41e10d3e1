"""What a store's staff do on the floor: checks of carts, one colleague at a time, and orders to pack."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from smarts.edge.problems import NOT_FOUND
from smarts.edge.routes import Answer
from smarts.gateway import errors
from smarts.gateway.carts.model import Cart
from smarts.gateway.carts.service import Carts
from smarts.gateway.control.rescanned import Rescanned
from smarts.gateway.control.service import Control
from smarts.gateway.control.store import OPEN_STATES, Check
from smarts.gateway.journeys.check_out import CheckingOut
from smarts.gateway.journeys.packing import Handling, Packing
from smarts.gateway.journeys.reach import Reach
from smarts.gateway.journeys.rescans import Rescans, RescanState
from smarts.gateway.journeys.shop import Shopping
from smarts.gateway.orders.model import Actor, Change, OrderRecord, PickedRow, order_document
from smarts.gateway.orders.service import Orders
from smarts.gateway.parties import WORK, Shopper, Staff, Store
from smarts.gateway.products.service import Products, Wanted
from smarts.gateway.storage.answers import Claim, once
from smarts.gateway.storage.database import Database
from smarts.gateway.storage.notices import Notices
from smarts.wire.codec import decode
from smarts.wire.control import CheckStatus, PurchaseControlResult
from smarts.wire.errors import Problem, ProblemError
from smarts.wire.products import Product
from smarts.wire.receipts import ReceiptProduct
from smarts.wire.shipments import ShipmentStatus
from smarts.wire.times import TimeZone

_MOST_WAITING = 200
_MOST_FOUND = 12


@dataclass(frozen=True)
class ToDo:
    """What waits for somebody of the staff, oldest first: in one of the stores within reach, if it is `chosen`."""

    checks: Sequence[Check]
    orders: Sequence[OrderRecord]
    stores: Mapping[str, Store]
    chosen: str | None = None


@dataclass(frozen=True)
class OrderAtWork:
    """An order of a store, and what staff have to know of its goods."""

    order: OrderRecord
    store: Store
    handling: Handling


class Working:
    """The verbs; each looks whether the store is within the person's reach, and hides it otherwise."""

    def __init__(
        self,
        database: Database,
        notices: Notices,
        reach: Reach,
        carts: Carts,
        control: Control,
        orders: Orders,
        products: Products,
        shopping: Shopping,
        checking_out: CheckingOut,
        rescans: Rescans,
        packing: Packing,
    ) -> None:
        self._database = database
        self._notices = notices
        self._reach = reach
        self._carts = carts
        self._control = control
        self._orders = orders
        self._products = products
        self._shopping = shopping
        self._checking_out = checking_out
        self._rescans = rescans
        self._packing = packing

    async def to_do(self, staff: Staff, institution_id: str | None = None) -> ToDo:
        """What waits now, in one of the stores within reach or in all."""
        stores = {store.institution_id: store for store in await self._reach.stores_of(staff)}
        chosen = institution_id if institution_id in stores else None
        looked_at = frozenset([chosen] if chosen else stores)
        checks = await self._control.waiting(looked_at, _MOST_WAITING)
        return ToDo(checks, await self._orders.to_do(looked_at, _MOST_WAITING), stores, chosen)

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

    async def open(self, staff: Staff, code: str) -> Check | OrderRecord:
        """What a code on a shopper's screen is about: a check, or an order by its own code or its purchase's.

        An open check that nobody looks at is this person's from now on.
        """
        check = await self._control.find(code)
        if check is None:
            return (await self.order(staff, code)).order
        await self._reach.store(staff, check.institution_id)
        if check.status not in OPEN_STATES:
            return await self._orders.of_invoice(check.institution_id, code) or check
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

    async def search(self, staff: Staff, invoice_id: str, name: str) -> Sequence[Product]:
        """What the store sells under a name, to the shopper whose cart is checked; the first few."""
        check = await self.check(staff, invoice_id)
        return await self._named(check.cart_id, name)

    async def _named(self, cart_id: str, name: str) -> Sequence[Product]:
        cart = await self._carts.get(cart_id)
        shopper = Shopper(cart.person_id, cart.head.lang_code, cart.head.client)
        wanted = Wanted(name, None, 1, _MOST_FOUND, None, None)
        cards = cart.head.loyalty_cards
        return (await self._products.page(shopper, cart.institution_id, cards, wanted)).result

    async def decide(
        self,
        staff: Staff,
        invoice_id: str,
        status: CheckStatus,
        goods: Sequence[PickedRow] | None,
        claim: Claim | None = None,
        rescanned: Rescanned | None = None,
    ) -> None:
        """The result of a check; `goods` are the whole new cart where it was not as it should be.

        `rescanned` is what was counted, where it was.

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
        take = self._checking_out.take_result
        done = await once(
            self._database,
            claim,
            lambda: take(check.institution_id, result, claim, staff, held=True, rescanned=rescanned),
            status=204,
        )
        _require_well(done)

    async def rescan(self, staff: Staff, invoice_id: str, rescanned: Rescanned) -> RescanState:
        """How a rescan stands by what was counted until now; a part in which something differs grows.

        Raises:
            ProblemError: 409 the check is finished, 422 that names the row.
        """
        check = await self.check(staff, invoice_id)
        return await self._rescans.look(await self.cart(check), check, rescanned, self._now())

    async def order(self, staff: Staff, order_id: str) -> OrderAtWork:
        """An order of a store within reach, or a 404."""
        order = await self._orders.get(order_id)
        store = await self._reach.store(staff, order.institution_id)
        return OrderAtWork(order, store, await self._packing.handling(order))

    async def replacement(self, staff: Staff, order_id: str, barcode: str, replaces: str) -> Product:
        """What the store sells under a barcode, if that may go out in place of goods of an order."""
        order = (await self.order(staff, order_id)).order
        return await self._packing.replacement(order, barcode, replaces)

    async def search_for_order(self, staff: Staff, order_id: str, name: str) -> Sequence[Product]:
        """What the store sells under a name, to the shopper who ordered; the first few."""
        return await self._named((await self.order(staff, order_id)).order.cart_id, name)

    async def move_on(
        self,
        staff: Staff,
        order_id: str,
        status: ShipmentStatus,
        picked: Sequence[PickedRow] | None,
        claim: Claim | None = None,
    ) -> None:
        """Moves an order on, as `Packing.move_on` does."""
        order = (await self.order(staff, order_id)).order
        change = Change(
            status=status, actor=Actor.MERCHANT, person_name=staff.name, resolver_id=staff.person_id
        )
        move = self._packing.move_on
        done = await once(
            self._database, claim, lambda: move(order, change, picked, claim), document=order_document
        )
        _require_well(done)

    def today(self, zone: TimeZone) -> date:
        """The day that it is in a store, by its clocks."""
        return self._now().astimezone(zone.zone).date()

    def _now(self) -> datetime:
        return self._carts.clock()


def _require_well(done: object) -> None:
    """What was refused when it was asked for the first time is refused in the same words."""
    if isinstance(done, Answer) and done.status >= 400:
        raise ProblemError(decode(done.body, Problem))


def _row(wanted: PickedRow) -> ReceiptProduct:
    return ReceiptProduct("", wanted.barcode, "", wanted.amount, Decimal(0))
