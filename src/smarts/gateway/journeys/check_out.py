"""Checking out: the node decides on a check, staff check, the cart unlocks (contract section 6.2).

Where the store makes its own receipts, a cart becomes READY with its receipt, so that the shopper sees what is paid.
The result of a check does not wait for the node: the receipt is asked for right after it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from smarts.caller import Refused
from smarts.edge.problems import FORBIDDEN, NODE_DOWN, NODE_NONSENSE, NODE_SLOW, NOT_FOUND, invalid
from smarts.gateway import errors
from smarts.gateway.carts import rules
from smarts.gateway.carts.model import Cart, CartState, CheckView, Line
from smarts.gateway.carts.service import Carts
from smarts.gateway.carts.view import check_request, receipt_products
from smarts.gateway.control.findings import Difference, differences
from smarts.gateway.control.policy_store import Decided
from smarts.gateway.control.rescanned import Rescanned
from smarts.gateway.control.service import Control, require_open
from smarts.gateway.control.store import Check, CheckState
from smarts.gateway.ids import new_id
from smarts.gateway.journeys.ages import Ages
from smarts.gateway.journeys.broken_campaigns import BrokenCampaigns
from smarts.gateway.journeys.cards import Cards
from smarts.gateway.journeys.deciding import Deciding
from smarts.gateway.journeys.order import Ordering
from smarts.gateway.journeys.receipts import Receipting
from smarts.gateway.journeys.rescans import Done, Rescans, compared
from smarts.gateway.journeys.shop import Shopping, keep_cart, up_to_date
from smarts.gateway.nodes.calls import Nodes
from smarts.gateway.orders.model import Actor
from smarts.gateway.parties import Shopper, Staff, Store
from smarts.gateway.storage.answers import Claim, keep
from smarts.gateway.storage.database import Transaction
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

_UNANSWERED = (NODE_DOWN.type, NODE_SLOW.type, NODE_NONSENSE.type)


class CheckingOut:
    """From the wish to pay to a cart that is ready for it."""

    def __init__(
        self,
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

        async def also(tx: Transaction, _: Cart) -> None:
            await self._control.begin(tx, check)

        return await self._carts.change_unless_changed(cart, lambda _: begun, also), request

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

        async def also(tx: Transaction, after: Cart) -> None:
            await self._control.not_needed(tx, after.institution_id, after.head.invoice_id, decided)
            await self._ages.keep_relied_on(tx, after.head.invoice_id, decided)
            await keep_cart(tx, claim, after)

        return await self._carts.change_unless_changed(cart, rule, also)

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

        async def also(tx: Transaction, after: Cart) -> None:
            await self._control.lock(tx, after.institution_id, after.head.invoice_id, decided, expires_at)
            await self._rescans.ask(tx, after.head.invoice_id, outcome.rescan)
            await self._ages.keep_relied_on(tx, after.head.invoice_id, decided)
            await keep_cart(tx, claim, after)

        return await self._carts.change_unless_changed(
            cart, lambda before: rules.locked(before, check, now), also
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
        check = await self._control.of(institution_id, result.invoice_id)
        require_open(check, self._carts.clock())
        cart = await self._carts.get(check.cart_id)
        lines = None if result.products is None else await self._new_lines(cart, result.products)
        done = await self._rescanned(cart, check, result.status, lines, rescanned, by)
        await self._decide(cart, check, result.status, lines, claim, by, held=held, done=done)

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
        if status in (CheckStatus.PENDING, CheckStatus.EXPIRED):
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
        check: Check,
        status: CheckStatus,
        lines: tuple[Line, ...] | None,
        claim: Claim | None,
        by: Staff | None = None,
        *,
        held: bool = False,
        done: Done | None = None,
    ) -> Cart:
        now = self._carts.clock()
        store = await self._stores.get(cart.institution_id)
        believed = await self._ages.believed(store)

        async def also(tx: Transaction, after: Cart) -> None:
            await self._control.move(tx, check, status, now, by.person_id if by and held else None)
            if status not in (CheckStatus.PENDING, CheckStatus.EXPIRED):
                await self._control.keep_found(tx, check.invoice_id, by, _found(check, after))
                await self._ages.keep_shown(tx, store, believed, check, after, now)
            if done:
                await self._rescans.keep(tx, check, done, now)
            await self._receipting.ask_for(tx, after, store)
            if after.state is CartState.CANCELLED:
                await self._ordering.given_up(tx, after, now, Actor.MERCHANT)
            await keep(tx, claim, 204, b"")

        def rule(before: Cart) -> Cart:
            if before.head.invoice_id != check.invoice_id:
                raise errors.CHECK_CLOSED.error("The cart was checked out anew since")
            return rules.decided(before, status, lines, now)

        return await self._carts.change(cart, rule, also)

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
        try:
            await self._decide(cart, check, CheckStatus.EXPIRED, None, None)
        except ProblemError as error:
            if error.problem.type != errors.CHECK_CLOSED.type:
                raise


def _found(check: Check, after: Cart) -> tuple[Difference, ...]:
    """What staff changed since the shopper checked out, as the node was told of the goods then."""
    if check.request is None:
        return ()
    return differences(decode(check.request, PurchaseControlCheckRequest).products, receipt_products(after))
