"""What may happen to a cart in which state: pure functions from a cart to the cart after.

All raise `ProblemError` where the state or an inspection does not allow the change.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from smarts.control import Reason
from smarts.edge.problems import NOT_FOUND, invalid
from smarts.gateway import errors
from smarts.gateway.carts import inspections
from smarts.gateway.carts.model import (
    Cart,
    CartState,
    CheckView,
    ChosenShipment,
    Head,
    Line,
    Membership,
    PaymentView,
)
from smarts.gateway.carts.view import cart_line, priced
from smarts.wire.control import CheckStatus, Decision
from smarts.wire.errors import FieldError
from smarts.wire.products import Product
from smarts.wire.receipts import Receipt

MOST_LINES = 500
MOST_QUANTITY = Decimal(10_000)
READY_FOR = timedelta(hours=4)
_THOUSANDTH = Decimal("0.001")


def require_open(cart: Cart) -> None:
    """Lines may change in an OPEN or READY cart that nobody is paying for."""
    if cart.state is CartState.LOCKED:
        raise errors.CART_LOCKED.error("Staff check this cart; it unlocks when they are done")
    if cart.state in (CartState.PAID, CartState.CANCELLED):
        raise errors.CART_CLOSED.error(f"The cart is {cart.state}")
    if cart.payment_under_way:
        raise errors.PAYMENT_UNDER_WAY.error("The cart cannot change while it is being paid for")


def require_quantity(quantity: Decimal, product: Product, path: str = "$.quantity") -> None:
    """Quantities are above zero, whole for goods by the piece, in thousandths for weighed ones."""
    if not 0 < quantity <= MOST_QUANTITY:
        raise invalid(path, f"Expected a quantity above 0 and at most {MOST_QUANTITY}")
    step = _THOUSANDTH if product.weight_item else Decimal(1)
    if quantity % step:
        wanted = "at most three decimals" if product.weight_item else "whole pieces"
        raise invalid(
            path, f"Expected {wanted}: {product.translatable_name.original_text} cannot be split further"
        )


def with_product(cart: Cart, product: Product, quantity: Decimal, line_id: str, now: datetime) -> Cart:
    """A scan: adds to the line of the same product, or a new line."""
    require_open(cart)
    same = next((line for line in cart.lines if line.product.barcode == product.barcode), None)
    line = Line(same.line_id if same else line_id, product, quantity + (same.quantity if same else 0))
    if same is None and len(cart.lines) >= MOST_LINES:
        raise errors.CART_FULL.error(f"A cart holds at most {MOST_LINES} lines")
    return _with_line(cart, line, now)


def with_quantity(cart: Cart, line_id: str, quantity: Decimal, now: datetime) -> Cart:
    """Another quantity of a line."""
    require_open(cart)
    return _with_line(cart, replace(_line(cart, line_id), quantity=quantity), now)


def without_line(cart: Cart, line_id: str, now: datetime) -> Cart:
    """The cart without a line."""
    require_open(cart)
    gone = _line(cart, line_id)
    return _reopened(cart, (line for line in cart.lines if line is not gone), now)


def with_cards(cart: Cart, membership: Membership, products: Mapping[str, Product], now: datetime) -> Cart:
    """The cart with other loyalty cards; `products` are what these make of its goods, by barcode, where it differs."""
    require_open(cart)
    lines = [replace(line, product=products.get(line.product.barcode, line.product)) for line in cart.lines]
    for line in lines:
        _require_price(line)
    head = replace(
        cart.head,
        loyalty_cards=membership.cards,
        card_codes=membership.codes,
        member=membership.member,
    )
    return _reopened(replace(cart, head=head), lines, now)


def with_shipment(cart: Cart, chosen: ChosenShipment | None, now: datetime) -> Cart:
    """The cart with home delivery, or without: then no order is made; one that was never paid for is not taken up."""
    require_open(cart)
    head = replace(cart.head, shipment=chosen, order_id=None)
    return _reopened(replace(cart, head=head), cart.lines, now)


def _line(cart: Cart, line_id: str) -> Line:
    for line in cart.lines:
        if line.line_id == line_id:
            return line
    raise NOT_FOUND.error("The cart has no such line")


def _with_line(cart: Cart, line: Line, now: datetime) -> Cart:
    require_quantity(line.quantity, line.product)
    _require_price(line)
    require_sellable((line,), cart, now)
    others = {old.line_id: old for old in cart.lines}
    return _reopened(cart, (others | {line.line_id: line}).values(), now)


def _require_price(line: Line) -> None:
    try:
        cart_line(line)
    except ValueError as error:
        raise invalid("$.quantity", str(error)) from None


def require_sellable(lines: Iterable[Line], cart: Cart, now: datetime) -> None:
    """Refuses lines with a RESTRICT inspection that strikes now; the reasons are told for people."""
    found = [
        (line, reason) for line in lines for reason in inspections.refusals(line, now, cart.head.time_zone)
    ]
    if found:
        told = tuple(
            FieldError(f"$.lines[?@.lineId=='{line.line_id}']", reason.message) for line, reason in found
        )
        line, reason = found[0]
        name = line.product.translatable_name.in_language(cart.head.lang_code)
        raise errors.PRODUCT_REFUSED.error(f"{name}: {reason.message}", errors=told)


def _changed(cart: Cart, now: datetime, **changes: Any) -> Cart:
    after = replace(cart, version=cart.version + 1, updated_at=now, **changes)
    return after if after.head.shipment is None else _with_delivery_priced(after, after.head.shipment)


def _with_delivery_priced(cart: Cart, chosen: ChosenShipment) -> Cart:
    """Whatever changes the goods may change what their delivery costs."""
    if chosen.free_from is None:
        return cart
    priced_anew = chosen.with_goods(priced(cart).total.total_to_pay)
    return replace(cart, head=replace(cart.head, shipment=priced_anew))


def _reopened(cart: Cart, lines: Iterable[Line], now: datetime) -> Cart:
    head = replace(cart.head, check=None, receipt=None, payment=None)
    return _changed(cart, now, state=CartState.OPEN, lines=tuple(lines), head=head)


def attempted(cart: Cart, fresh_invoice_id: str, now: datetime) -> Cart:
    """The cart at the start of a checkout, without the check of the one before.

    An invoice id that a node has seen is not used for another check.
    """
    head = replace(cart.head, attempted=True, check=None, receipt=None)
    if cart.head.attempted:
        head = replace(head, invoice_id=fresh_invoice_id)
    return _changed(cart, now, state=CartState.OPEN, head=head)


def require_checkout(cart: Cart, now: datetime) -> None:
    """Only an open cart with something in it, all of which may be sold now, can be checked out."""
    require_open(cart)
    if not cart.lines:
        raise errors.CART_EMPTY.error("Scan something first")
    require_sellable(cart.lines, cart, now)


def check_reasons(cart: Cart, now: datetime) -> tuple[Reason, ...]:
    """Why staff have to look at the cart, whatever the node decides."""
    found = tuple(
        replace(reason, line_id=line.line_id)
        for line in cart.lines
        for reason in inspections.checks(line, now, cart.head.time_zone)
    )
    if cart.head.check_needed:
        found += (Reason("CHECK_FAILED", "The last check found a fault"),)
    return found


def strictest(first: Decision, second: Decision) -> Decision:
    """The decision that looks at more."""
    order = (Decision.NO, Decision.AGE, Decision.FULL)
    return max(first, second, key=order.index)


def ready(cart: Cart, now: datetime) -> Cart:
    """The cart may be paid for."""
    return _changed(cart, now, state=CartState.READY, head=replace(cart.head, ready_at=now))


def is_stale(cart: Cart, now: datetime) -> bool:
    """Whether a READY cart was made so too long ago to be paid for: prices and rules may be others by now."""
    ready_at = cart.head.ready_at
    return cart.state is CartState.READY and ready_at is not None and now - ready_at > READY_FOR


def with_receipt(cart: Cart, receipt: Receipt, now: datetime) -> Cart:
    """The cart with the store's receipt, which is what is paid."""
    return _changed(cart, now, head=replace(cart.head, receipt=receipt))


def locked(cart: Cart, check: CheckView, now: datetime) -> Cart:
    """The cart waits for staff."""
    return _changed(cart, now, state=CartState.LOCKED, head=replace(cart.head, check=check))


def decided(cart: Cart, status: CheckStatus, lines: tuple[Line, ...] | None, now: datetime) -> Cart:
    """The cart after a result: it unlocks unless the check goes on; `lines` are there when staff changed the cart.

    PASSED and FAILED_ALLOW_PAYMENT let the shopper pay, FAILED and an expiry do not: the cart is open again, and after
    a failure its next checkout is checked for sure. Once the lock's time is over, nothing but its expiry is taken.
    """
    if cart.state is not CartState.LOCKED or cart.head.check is None:
        raise errors.CHECK_CLOSED.error("The cart no longer waits for a check")
    if status is not CheckStatus.EXPIRED and cart.head.check.expires_at <= now:
        raise errors.CHECK_CLOSED.error("The check has expired")
    states = {
        CheckStatus.PASSED: CartState.READY,
        CheckStatus.FAILED_ALLOW_PAYMENT: CartState.READY,
        CheckStatus.PENDING: CartState.LOCKED,
    }
    state = states.get(status, CartState.OPEN)
    kept = cart.lines if lines is None else lines
    if state is CartState.READY and not kept:
        state = CartState.CANCELLED
    head = replace(
        cart.head,
        check=replace(cart.head.check, status=status),
        receipt=None,
        ready_at=now,
        check_needed=status is CheckStatus.FAILED
        or (cart.head.check_needed and state is not CartState.READY),
    )
    return _changed(cart, now, state=state, lines=kept, head=head)


def require_payable(cart: Cart, now: datetime) -> None:
    """Only a READY cart is paid for, soon after it became so, and only goods that may be sold now."""
    if cart.state in (CartState.PAID, CartState.CANCELLED):
        raise errors.CART_CLOSED.error(f"The cart is {cart.state}")
    if cart.state is CartState.LOCKED:
        raise errors.CART_LOCKED.error("Staff check this cart; it can be paid when they are done")
    if cart.state is not CartState.READY:
        raise errors.CART_NOT_READY.error("Check out first")
    if is_stale(cart, now):
        raise errors.CART_NOT_READY.error("It was ready for too long: check out again")
    require_sellable(cart.lines, cart, now)


def paying(cart: Cart, payment: PaymentView, now: datetime, order_id: str | None = None) -> Cart:
    """A payment has begun, or how it stands is known better; with home delivery there is an order from now on."""
    head = replace(cart.head, payment=payment, order_id=order_id or cart.head.order_id)
    return _changed(cart, now, head=head)


def paid(cart: Cart, payment: PaymentView, now: datetime) -> Cart:
    """The money is there, or held for the order."""
    return _changed(cart, now, state=CartState.PAID, head=replace(cart.head, payment=payment))


def cancelled_by_store(cart: Cart, payment: PaymentView, now: datetime) -> Cart:
    """The store cancelled the order while the shopper paid: the money is given back."""
    return _changed(cart, now, state=CartState.CANCELLED, head=replace(cart.head, payment=payment))


def cancelled(cart: Cart, now: datetime) -> Cart:
    """The shopper gives up, or the supervisor cancels; not while money is on its way."""
    if cart.state is CartState.PAID:
        raise errors.CART_CLOSED.error("The cart is PAID")
    if cart.payment_under_way:
        raise errors.PAYMENT_UNDER_WAY.error("The cart cannot be given up while it is being paid for")
    return _changed(cart, now, state=CartState.CANCELLED)


def forgotten(cart: Cart) -> Cart:
    """What is left of a cart when its details are forgotten: whose money it was about, and how it ended.

    A cart that was not at its end is CANCELLED then. Nothing may be under way for it any more.
    """
    ended = cart.state in (CartState.PAID, CartState.CANCELLED)
    head, payment = cart.head, cart.head.payment
    return replace(
        cart,
        version=cart.version + 1,
        state=cart.state if ended else CartState.CANCELLED,
        lines=(),
        head=Head(
            lang_code=head.lang_code,
            currency=head.currency,
            time_zone=head.time_zone,
            invoice_id=head.invoice_id,
            attempted=head.attempted,
            payment=payment and replace(payment, detail=None, action=None),
            order_id=head.order_id,
        ),
    )
