"""Checking out: the node decides on a check, staff check, the cart unlocks (contract section 6.2).

Where the store makes its own receipts, a cart becomes READY with its receipt, so that the shopper sees what is paid.
The result of a check does not wait for the node: the receipt is asked for right after it.
"""

from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from smarts.caller import Refused
from smarts.control import AgeSeen
from smarts.edge.problems import FORBIDDEN, NODE_DOWN, NODE_NONSENSE, NODE_SLOW, NOT_FOUND, invalid
from smarts.gateway import errors
from smarts.gateway.carts import rules
from smarts.gateway.carts.model import Cart, CartState, CheckView, Line
from smarts.gateway.carts.service import Carts
from smarts.gateway.carts.store import BESIDE, CART
from smarts.gateway.carts.view import check_request, receipt_products
from smarts.gateway.control.findings import Difference, differences
from smarts.gateway.control.policy_store import Decided
from smarts.gateway.control.rescanned import Rescanned
from smarts.gateway.control.service import Control, require_open
from smarts.gateway.control.store import MOVED, Check, CheckState, Found
from smarts.gateway.ids import new_id
from smarts.gateway.journeys.ages import Ages, relied_on
from smarts.gateway.journeys.broken_campaigns import BrokenCampaigns
from smarts.gateway.journeys.cards import Cards
from smarts.gateway.journeys.deciding import Deciding
from smarts.gateway.journeys.order import Ordering
from smarts.gateway.journeys.receipts import Receipting
from smarts.gateway.journeys.rescans import Done, Rescans, compared
from smarts.gateway.journeys.shop import Shopping, answered, up_to_date
from smarts.gateway.nodes.calls import Nodes
from smarts.gateway.orders.model import Actor
from smarts.gateway.parties import Shopper, Staff, Store
from smarts.gateway.storage.answers import Claim, kept
from smarts.gateway.storage.database import Database, Transaction
from smarts.gateway.storage.writes import NotWrittenError, Write
from smarts.gateway.stores.service import Stores
from smarts.wire.codec import decode, encode
from smarts.wire.control import (
    CheckStatus,
    Decision,
    PurchaseControlCheckRequest,
    PurchaseControlCheckResponse,
    PurchaseControlResult,
)
from smarts.wire.errors import ProblemError
from smarts.wire.operations import CHECK_PURCHASE
from smarts.wire.receipts import ReceiptProduct
from smarts.wire.times import UtcMillis

_UNDONE = (CheckStatus.PENDING, CheckStatus.EXPIRED)
_UNANSWERED = (NODE_DOWN.type, NODE_SLOW.type, NODE_NONSENSE.type)


@dataclass(frozen=True)
class _Result:
    """What is said of a check, `by` whom of the store's staff, and what they rescanned; `lines` are a changed cart's.

    Where it is to be `held`, it counts only while no colleague has taken the cart over.
    """

    check: Check
    status: CheckStatus
    lines: tuple[Line, ...] | None = None
    claim: Claim | None = None
    by: Staff | None = None
    held: bool = False
    done: Done | None = None

    @property
    def holder(self) -> str | None:
        """Who has to have taken the cart over, if anybody has."""
        return self.by.person_id if self.by and self.held else None

    @property
    def says_more(self) -> bool:
        """Whether it says of goods, or leaves none, so that more is written than the check and the cart."""
        return self.done is not None or self.lines == ()

    def applied(self, before: Cart, now: datetime) -> Cart:
        """The cart after it; raises a 409 where the check is not that of the cart as it is now."""
        if before.head.invoice_id != self.check.invoice_id:
            raise errors.CHECK_CLOSED.error("The cart was checked out anew since")
        return rules.decided(before, self.status, self.lines, now)

    def found(self, after: Cart) -> Found | None:
        """What was found, by the cart that comes of it; None where staff are still at it, or never were."""
        if self.status in _UNDONE:
            return None
        return Found(self.by, () if self.lines is None else _found(self.check, after))


class CheckingOut:
    """From the wish to pay to a cart that is ready for it."""

    def __init__(
        self,
        database: Database,
        carts: Carts,
        stores: Stores,
        nodes: Nodes,
        control: Control,
        shopping: Shopping,
        cards: Cards,
        deciding: Deciding,
        rescans: Rescans,
        ages: Ages,
        receipting: Receipting,
        ordering: Ordering,
    ) -> None:
        self._database = database
        self._carts = carts
        self._stores = stores
        self._nodes = nodes
        self._control = control
        self._shopping = shopping
        self._cards = cards
        self._deciding = deciding
        self._rescans = rescans
        self._ages = ages
        self._receipting = receipting
        self._ordering = ordering
        self._broken_campaigns = BrokenCampaigns(nodes)

    async def check_out(self, shopper: Shopper, cart_id: str, claim: Claim | None) -> Cart:
        """Decides on the check: the cart is LOCKED until staff have looked at it, or READY with what is to be paid.

        A cart that is either already is answered as it is, once it has the receipt that it needs.

        Where the node fails to decide, the store's own rules and its staff do.

        Raises:
            ProblemError: 409 or 422 it cannot be checked out, 502 to 504 the node makes no receipt or cannot price the
                cart anew; the cart stays as it was.
        """
        cart = await self._carts.of(shopper, cart_id)
        now = self._carts.clock()
        if cart.state in (CartState.LOCKED, CartState.READY) and not rules.is_stale(cart, now):
            return await self._receipting.prepare(cart, claim)
        cart = await self._cards.still_linked(shopper, cart)
        rules.require_checkout(cart, now)
        store = await self._stores.get(cart.institution_id)
        cart = up_to_date(cart, shopper, store)
        await self._broken_campaigns.report(cart)
        cart, request = await self._begin(cart, now)
        try:
            asked = await self._ask(request) if store.switches.merchant_side_purchase_control else Decision.NO
            return await self._conclude(cart, store, asked, claim)
        except ProblemError:
            await self._control.abandon(cart.head.invoice_id, now)
            raise

    async def _begin(self, cart: Cart, now: datetime) -> tuple[Cart, PurchaseControlCheckRequest]:
        begun = rules.attempted(cart, new_id(), now)
        request = check_request(begun)
        check = Check(
            begun.head.invoice_id,
            begun.institution_id,
            begun.id,
            CheckState.ASKED,
            None,
            encode(request),
            now,
            None,
        )

        saved = await self._carts.change_unless_changed(
            cart, lambda _: begun, together=lambda _: (self._control.beginning(check),)
        )
        return saved, request

    async def _ask(self, request: PurchaseControlCheckRequest) -> Decision | None:
        """What the node decides; None where it should and does not."""
        try:
            answer: PurchaseControlCheckResponse = await self._nodes.call(
                request.institution_id, CHECK_PURCHASE, request
            )
        except Refused as refused:
            if refused.problem.type == "feature-absent":
                return Decision.NO  # without merchant side control the store's staff check in the worker app
            told = f"The node refused: {refused.detail}"
            await self._nodes.report(request.institution_id, CHECK_PURCHASE.name, told)
            return None
        except ProblemError as error:
            if error.problem.type not in _UNANSWERED:
                raise
            return None
        return answer.decision

    async def _conclude(self, cart: Cart, store: Store, asked: Decision | None, claim: Claim | None) -> Cart:
        now = self._carts.clock()
        decided = await self._deciding.decide(cart, store, asked, now)
        if decided.outcome.decision is Decision.NO:
            return await self._ready(cart, decided, claim, now)
        return await self._lock(cart, decided, claim, now)

    async def _ready(self, cart: Cart, decided: Decided, claim: Claim | None, now: datetime) -> Cart:
        receipt = await self._receipting.made_for(cart)

        def rule(before: Cart) -> Cart:
            after = rules.ready(before, now)
            return rules.with_receipt(after, receipt, now) if receipt else after

        def together(after: Cart) -> Iterable[Write]:
            yield from self._control.not_needing(
                after.institution_id, after.head.invoice_id, decided, _relied_on(decided)
            )
            yield from answered(claim)(after)

        return await self._carts.change_unless_changed(cart, rule, together=together)

    async def _lock(self, cart: Cart, decided: Decided, claim: Claim | None, now: datetime) -> Cart:
        outcome = decided.outcome
        lock_for = timedelta(minutes=outcome.lock_minutes) if outcome.lock_minutes else self._control.lock_for
        expires_at = UtcMillis.of(now + lock_for)  # the same moment in cart and check
        check = CheckView(
            decision=outcome.decision,
            status=CheckStatus.PENDING,
            reasons=outcome.reasons,
            locked_at=UtcMillis.of(now),
            expires_at=expires_at,
        )

        def together(after: Cart) -> Iterable[Write]:
            yield from self._control.locking(
                after.institution_id, after.head.invoice_id, decided, _relied_on(decided), expires_at
            )
            yield from answered(claim)(after)

        return await self._carts.change_unless_changed(
            cart, lambda before: rules.locked(before, check, now), together=together
        )

    async def take_result(
        self,
        institution_id: str,
        result: PurchaseControlResult,
        claim: Claim | None,
        by: Staff | None = None,
        *,
        held: bool = False,
        rescanned: Rescanned | None = None,
    ) -> None:
        """A result from the merchant or, `by` whom, the store's staff: taken once, and not after the check's end.

        Where it is to be `held`, it counts only while no colleague has taken the cart over.

        Raises:
            ProblemError: 403 another store's token, 404 no such check of this store, 409 finished or not begun,
                422 goods that the store does not sell.
        """
        if result.institution_id != institution_id:
            raise FORBIDDEN.error("The token belongs to another store")
        asks_nobody = result.products is None and rescanned is None
        for at_once in (True, False) if asks_nobody else (False,):
            try:
                return await self._take(result, claim, by, held=held, rescanned=rescanned, at_once=at_once)
            except NotWrittenError as error:
                if error.query == MOVED:
                    raise await self._control.not_moved(result.invoice_id) from None
                if error.query != CART or not at_once:
                    raise
        return None

    async def _take(
        self,
        result: PurchaseControlResult,
        claim: Claim | None,
        by: Staff | None,
        *,
        held: bool,
        rescanned: Rescanned | None,
        at_once: bool,
    ) -> None:
        """The same; `at_once` by a single transaction, which may not ask the node for anything."""
        store = await self._stores.get(result.institution_id)
        believed = await self._ages.believed(store)
        async with self._database.transaction() if at_once else nullcontext() as tx:
            check, row = await self._control.beside(
                result.institution_id, result.invoice_id, f", {BESIDE}", tx
            )
            require_open(check, self._carts.clock())
            cart = self._carts.beside(row)
            lines = None if result.products is None else await self._new_lines(cart, result.products)
            done = await self._rescanned(cart, check, result.status, lines, rescanned, by)
            said = _Result(check, result.status, lines, claim, by, held, done)
            after = await self._decide(cart, said, store, believed, tx)
        if at_once:
            self._carts.tell(cart, after)

    async def _rescanned(
        self,
        cart: Cart,
        check: Check,
        status: CheckStatus,
        lines: tuple[Line, ...] | None,
        rescanned: Rescanned | None,
        by: Staff | None,
    ) -> Done | None:
        """What staff rescanned, as they say or as the new cart does; None where nobody says so."""
        if status in _UNDONE:
            return None
        if rescanned is not None:
            return await self._rescans.done(cart, check, status, rescanned, self._carts.clock())
        if lines is not None:
            return compared(cart, check, lines)
        if by:  # the store's own system answers for itself
            self._rescans.require_told(check, status)
        return None

    async def _decide(
        self,
        cart: Cart,
        result: _Result,
        store: Store,
        believed: timedelta,
        tx: Transaction | None = None,
    ) -> Cart:
        now = self._carts.clock()

        def together(after: Cart) -> Iterable[Write]:
            found = result.found(after)
            yield from self._control.moving(result.check, result.status, now, result.holder, found)
            if found:
                yield from self._ages.keeping(store, believed, result.check, after, now)
            yield from self._receipting.asked_for(after, store)
            yield from kept(result.claim, 204, b"")

        async def also(tx: Transaction, after: Cart) -> None:
            if result.done:
                await self._rescans.keep(tx, result.check, result.done, now)
            if after.state is CartState.CANCELLED:
                await self._ordering.given_up(tx, after, now, Actor.MERCHANT)

        change = partial(self._carts.change_within, tx) if tx else self._carts.change
        more = also if result.says_more else None
        return await change(cart, lambda before: result.applied(before, now), more, together)

    async def _new_lines(self, cart: Cart, products: Sequence[ReceiptProduct]) -> tuple[Line, ...]:
        if len(products) > rules.MOST_LINES:
            raise invalid("$.products", f"Expected at most {rules.MOST_LINES} products")
        known = {line.product.barcode: line for line in cart.lines}
        lines: dict[str, Line] = {}
        for place, wanted in enumerate(products):
            path = f"$.products[{place}]"
            line = known.get(wanted.barcode) or await self._found(cart, wanted, path)
            rules.require_quantity(wanted.amount, line.product, f"{path}.amount")
            if line.product.barcode in lines:
                raise invalid(f"{path}.barcode", "Expected each product once")
            lines[line.product.barcode] = Line(line.line_id, line.product, wanted.amount)
        return tuple(lines.values())

    async def _found(self, cart: Cart, wanted: ReceiptProduct, path: str) -> Line:
        try:
            product = await self._shopping.product(cart, wanted.barcode)
        except ProblemError as error:
            if error.problem.status == 404:
                raise invalid(f"{path}.barcode", "The store does not sell this") from error
            raise
        return Line(new_id(), product, wanted.amount)

    async def document(self, institution_id: str, of_institution: str, invoice_id: str) -> bytes:
        """The document of a check as it was sent the first time; changes nothing. It is kept for two months."""
        if of_institution != institution_id:
            raise FORBIDDEN.error("The token belongs to another store")
        check = await self._control.of(institution_id, invoice_id)
        if check.request is None:
            raise NOT_FOUND.error("The check's document is no longer kept")
        return check.request

    async def unlock(self, shopper: Shopper, cart_id: str) -> Cart:
        """Unlocks a cart whose lock has expired; one that is not locked is answered as it is.

        Raises:
            ProblemError: 409 until then.
        """
        cart = await self._carts.of(shopper, cart_id)
        if cart.state is not CartState.LOCKED or cart.head.check is None:
            return cart
        if cart.head.check.expires_at > self._carts.clock():
            raise errors.LOCK_NOT_EXPIRED.error(f"Until {cart.head.check.expires_at.written()}")
        await self.expire(cart.head.invoice_id)
        return await self._carts.of(shopper, cart_id)

    async def expire(self, invoice_id: str) -> None:
        """Ends a lock that nobody answered; does nothing where somebody did."""
        check = await self._control.find(invoice_id)
        if check is None or check.expires_at is None or check.expires_at > self._carts.clock():
            return
        cart = await self._carts.get(check.cart_id)
        store = await self._stores.get(cart.institution_id)
        try:
            await self._decide(
                cart, _Result(check, CheckStatus.EXPIRED), store, await self._ages.believed(store)
            )
        except NotWrittenError as error:
            if error.query != MOVED:
                raise
        except ProblemError as error:
            if error.problem.type != errors.CHECK_CLOSED.type:
                raise


def _relied_on(decided: Decided) -> AgeSeen | None:
    """By which age a decision did without another look, where it did."""
    return relied_on(decided.inputs.cart, decided.outcome.reasons, decided.inputs.history)


def _found(check: Check, after: Cart) -> tuple[Difference, ...]:
    """What staff changed since the shopper checked out, as the node was told of the goods then."""
    if check.request is None:
        return ()
    return differences(decode(check.request, PurchaseControlCheckRequest).products, receipt_products(after))
