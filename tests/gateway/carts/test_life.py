"""A cart's whole life against a small model of our own, whatever happens in whatever order."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    precondition,
    rule,
)

from gateway.carts.goods import (
    APPLES,
    BEER,
    BREAD,
    CAKE,
    LOCK,
    MATCHES,
    NOON,
    SHELF,
    a_check,
    a_delivery,
    a_payment,
    a_receipt,
    new_cart,
)
from smarts.gateway.carts import rules
from smarts.gateway.carts.inspections import decision_for
from smarts.gateway.carts.model import (
    Cart,
    Line,
    PaymentStatus,
    PaymentView,
)
from smarts.gateway.carts.view import amount_due, cart_document, priced
from smarts.wire.control import CheckStatus, Decision
from smarts.wire.errors import ProblemError
from smarts.wire.products import Product


@dataclass
class Expected:
    """What we believe of the cart; knows none of the code's types but the states' names."""

    state: str = "OPEN"
    changes: int = 0
    amounts: dict[str, Decimal] = field(default_factory=dict)
    paying: bool = False
    invoices_seen: set[str] = field(default_factory=set)
    fault_found: bool = False
    lock_ends: datetime = NOON
    ready_since: datetime = NOON
    delivery: Decimal = Decimal(0)
    receipt: Decimal | None = None

    def closed(self) -> str | None:
        """The kind of error that a change to the lines meets, if any."""
        if self.state == "LOCKED":
            return "cart-locked"
        if self.state in ("PAID", "CANCELLED"):
            return "cart-closed"
        return "payment-under-way" if self.paying else None

    def refused(self, amounts: dict[str, Decimal], clock: str) -> str | None:
        """The kind of error that these goods meet at this time, if any."""
        too_many = amounts.get(MATCHES.barcode, 0) > 3
        too_early_or_late = CAKE.barcode in amounts and not "12:00" <= clock <= "18:00"
        return "product-refused" if too_many or too_early_or_late else None


class CartLife(RuleBasedStateMachine):
    """A cart from the first scan to its end; every step is tried in every state."""

    checkouts = Bundle("checkouts")

    def __init__(self) -> None:
        super().__init__()
        self.cart = new_cart()
        self.model = Expected()
        self.now = NOON
        self.numbers = count(1)

    def happen(self, error: str | None, step: Any, *arguments: Any) -> bool:
        """Does a step: it meets the error that we expect, or succeeds and makes the next version of the cart."""
        if error:
            with pytest.raises(ProblemError) as met:
                step(self.cart, *arguments, self.now)
            assert met.value.problem.type == error
            return False
        before, self.cart = self.cart, step(self.cart, *arguments, self.now)
        self.model.changes += 1
        assert self.cart is not before
        assert self.cart.updated_at == self.now
        return True

    @initialize()
    def first_scan(self) -> None:
        self.scan(BREAD, "1")

    @rule(minutes=st.sampled_from([1, 60, 240]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @precondition(lambda self: self.model.closed())
    @rule(place=st.integers(0, 3))
    def change_a_closed_cart(self, place: int) -> None:
        _, line_id = self.line(place)
        self.happen(self.model.closed(), rules.with_product, SHELF[place], Decimal(1), "new")
        self.happen(self.model.closed(), rules.with_quantity, line_id, Decimal(2))
        self.happen(self.model.closed(), rules.without_line, line_id)

    @precondition(lambda self: not self.model.closed())
    @rule(price=st.sampled_from([None, Decimal(0), Decimal("2.99")]))
    def choose_delivery(self, price: Decimal | None) -> None:
        chosen = None if price is None else a_delivery(price)
        self.happen(None, rules.with_shipment, chosen)
        self.model.delivery = price or Decimal(0)
        self.lines_changed(self.model.amounts)

    @precondition(lambda self: self.model.state == "READY" and not self.model.paying)
    @rule(cents=st.integers(0, 10_000))
    def the_store_makes_a_receipt(self, cents: int) -> None:
        self.model.receipt = Decimal(cents) / 100
        self.happen(None, rules.with_receipt, a_receipt(self.model.receipt))

    @precondition(lambda self: not self.model.closed())
    @rule(
        scanned=st.sampled_from(SHELF), quantity=st.sampled_from(["1", "2", "3", "0.5", "0", "-1", "10001"])
    )
    def scan(self, scanned: Product, quantity: str) -> None:
        before = self.model.amounts.get(scanned.barcode, Decimal(0))
        after = before + Decimal(quantity)
        error = self.wrong(scanned, after)
        if self.happen(error, rules.with_product, scanned, Decimal(quantity), f"line-{next(self.numbers)}"):
            self.lines_changed({**self.model.amounts, scanned.barcode: after})

    @precondition(lambda self: not self.model.closed())
    @rule(place=st.integers(0, 3), quantity=st.sampled_from(["1", "2", "4", "0.125", "0.0001", "0", "-3"]))
    def change_quantity(self, place: int, quantity: str) -> None:
        barcode, line_id = self.line(place)
        if barcode is None:
            self.happen("not-found", rules.with_quantity, line_id, Decimal(quantity))
            return
        changed = next(each for each in SHELF if each.barcode == barcode)
        error = self.wrong(changed, Decimal(quantity))
        if self.happen(error, rules.with_quantity, line_id, Decimal(quantity)):
            self.lines_changed({**self.model.amounts, barcode: Decimal(quantity)})

    @precondition(lambda self: not self.model.closed())
    @rule(place=st.integers(0, 3))
    def remove(self, place: int) -> None:
        barcode, line_id = self.line(place)
        if self.happen(
            self.model.closed() or (None if barcode else "not-found"), rules.without_line, line_id
        ):
            self.lines_changed(
                {left: self.model.amounts[left] for left in self.model.amounts if left != barcode}
            )

    def line(self, place: int) -> tuple[str | None, str]:
        """The barcode and id of the line at a place of the cart, or of one that it does not have."""
        if place < len(self.cart.lines):
            line = self.cart.lines[place]
            return line.product.barcode, line.line_id
        return None, "none"

    def wrong(self, of: Product, quantity: Decimal) -> str | None:
        steps = 1000 if of is APPLES else 1
        if not 0 < quantity <= 10_000 or quantity * steps != int(quantity * steps):
            return "wrong-shape"
        return self.model.refused({of.barcode: quantity}, f"{self.now:%H:%M}")

    def lines_changed(self, amounts: dict[str, Decimal]) -> None:
        self.model.amounts = amounts
        self.model.state = "OPEN"
        self.model.receipt = None
        assert self.cart.head.check is None
        assert self.cart.head.payment is None

    @rule(target=checkouts)
    def begin_checkout(self) -> Cart | None:
        empty = None if self.model.amounts else "cart-empty"
        error = self.model.closed() or empty or self.model.refused(self.model.amounts, f"{self.now:%H:%M}")

        def begin(cart: Cart, fresh_invoice_id: str, now: datetime) -> Cart:
            rules.require_checkout(cart, now)
            return rules.attempted(cart, fresh_invoice_id, now)

        if not self.happen(error, begin, f"invoice-{next(self.numbers)}"):
            return None
        assert self.cart.head.invoice_id not in self.model.invoices_seen
        self.model.invoices_seen.add(self.cart.head.invoice_id)
        self.model.state = "OPEN"
        self.model.receipt = None
        return self.cart

    @rule(asked=st.sampled_from(Decision))
    def check_out(self, asked: Decision) -> None:
        self.conclude_checkout(self.begin_checkout(), asked)

    @rule(begun=consumes(checkouts), asked=st.sampled_from(Decision))
    def conclude_checkout(self, begun: Cart | None, asked: Decision) -> None:
        if begun is None or begun.version != self.cart.version:
            return  # changed meanwhile, so that its shopper has to check out again
        reasons = rules.check_reasons(self.cart, self.now)
        decision = rules.strictest(asked, decision_for(reasons))
        assert (decision is Decision.NO) == (
            asked is Decision.NO and not self.model.fault_found and BEER.barcode not in self.model.amounts
        )
        if decision is Decision.NO:
            self.happen(None, rules.ready)
            self.model.state = "READY"
            self.model.ready_since = self.now
            assert self.cart.head.check is None
        else:
            assert decision is Decision.FULL or not self.model.fault_found
            self.happen(None, rules.locked, a_check(decision, reasons, self.now))
            self.model.state = "LOCKED"
            self.model.lock_ends = self.now + LOCK

    @precondition(lambda self: self.model.state == "LOCKED")
    @rule(
        status=st.sampled_from(CheckStatus),
        changed=st.none() | st.dictionaries(st.sampled_from(SHELF), st.integers(1, 9), max_size=3),
    )
    def result(self, status: CheckStatus, changed: dict[Product, int] | None) -> None:
        lines = changed and tuple(
            Line(f"line-{next(self.numbers)}", each, Decimal(amount)) for each, amount in changed.items()
        )
        late = status is not CheckStatus.EXPIRED and self.now >= self.model.lock_ends
        error = "check-closed" if late else None
        if not self.happen(error, rules.decided, status, () if changed == {} else lines):
            return
        if changed is not None:
            self.model.amounts = {each.barcode: Decimal(amount) for each, amount in changed.items()}
        self.model.state = self.after_result(status.value)
        self.model.ready_since = self.now
        self.model.receipt = None
        if status is CheckStatus.FAILED:
            self.model.fault_found = True
        elif self.model.state == "READY":
            self.model.fault_found = False
        assert self.cart.head.check is not None
        assert self.cart.head.check.status is status

    @precondition(lambda self: self.model.state != "LOCKED")
    @rule(status=st.sampled_from(CheckStatus))
    def result_out_of_turn(self, status: CheckStatus) -> None:
        self.happen("check-closed", rules.decided, status, None)

    def after_result(self, status: str) -> str:
        if status == "PENDING":
            return "LOCKED"
        if status in ("FAILED", "EXIPRED"):
            return "OPEN"
        return "READY" if self.model.amounts else "CANCELLED"

    @precondition(lambda self: not self.model.paying)
    @rule()
    def begin_payment(self) -> None:
        errors = {"LOCKED": "cart-locked", "OPEN": "cart-not-ready", "READY": None}

        def begin(cart: Cart, payment: PaymentView, now: datetime) -> Cart:
            rules.require_payable(cart, now)
            return rules.paying(cart, payment, now)

        error = errors.get(self.model.state, "cart-closed")
        if error is None:
            stale = self.now - self.model.ready_since > timedelta(hours=4)
            error = "cart-not-ready" if stale else self.model.refused(self.model.amounts, f"{self.now:%H:%M}")
        self.model.paying = self.happen(error, begin, a_payment(PaymentStatus.PENDING))

    @precondition(lambda self: self.model.paying)
    @rule(status=st.sampled_from(PaymentStatus))
    def provider_tells(self, status: PaymentStatus) -> None:
        approved = status in (PaymentStatus.CAPTURED, PaymentStatus.AUTHORISED)
        self.happen(None, rules.paid if approved else rules.paying, a_payment(status))
        self.model.state = "PAID" if approved else "READY"
        self.model.paying = status in (PaymentStatus.PENDING, PaymentStatus.UNKNOWN)

    @precondition(lambda self: self.model.changes > 10)  # otherwise few carts would see much of life
    @rule()
    def give_up(self) -> None:
        error = "payment-under-way" if self.model.paying else None
        if self.happen("cart-closed" if self.model.state == "PAID" else error, rules.cancelled):
            self.model.state = "CANCELLED"

    @invariant()
    def the_cart_is_as_we_believe(self) -> None:
        assert self.cart.state == self.model.state
        assert self.cart.version == 1 + self.model.changes
        assert self.cart.payment_under_way == self.model.paying
        amounts = {line.product.barcode: line.quantity for line in self.cart.lines}
        assert amounts == self.model.amounts
        assert len({line.line_id for line in self.cart.lines}) == len(self.cart.lines) == len(amounts)

    @invariant()
    def money_adds_up(self) -> None:
        prices = priced(self.cart)
        rows = sum((line.row_total for line in prices.lines), Decimal(0))
        total = prices.total
        assert total.total_to_pay == rows + prices.institution_change
        assert total.total_to_pay == total.vat.sum_without_vat + total.vat.vat_sum == total.vat.sum_with_vat
        assert total.total_to_pay == sum((line.vat.sum_with_vat for line in prices.lines), Decimal(0))
        sums = [total.total_to_pay, total.vat.vat_sum, *(line.row_total for line in prices.lines)]
        assert min(sums) >= 0
        assert all(0 <= line.row_total <= line.price_before for line in prices.lines)

    @invariant()
    def the_shopper_sees_this_very_cart(self) -> None:
        seen = cart_document(self.cart)
        assert seen.state == self.model.state
        assert {line.product.barcode: line.quantity for line in seen.lines} == self.model.amounts
        reckoned = priced(self.cart).total.total_to_pay + self.model.delivery
        due = reckoned if self.model.receipt is None else self.model.receipt
        assert seen.total.total_to_pay == amount_due(self.cart) == due
        if self.model.receipt is None:
            assert seen.total.vat.sum_with_vat == sum(rate.sum_with_vat for rate in seen.total.rates)
            assert seen.receipt_difference is None
        else:
            assert seen.receipt_difference == due - reckoned


CartLife.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
test_whatever_happens_a_cart_keeps_its_rules = CartLife.TestCase
