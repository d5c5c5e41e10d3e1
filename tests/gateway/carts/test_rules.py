"""Single rules of carts, at their edges."""

from datetime import timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace

from gateway.carts.goods import APPLES, BREAD, CAKE, MATCHES, MILK, NOON, a_check, a_payment, new_cart
from gateway.journeys.world import product
from smarts.gateway.carts import rules
from smarts.gateway.carts.model import (
    CartState,
    Line,
    PaymentStatus,
)
from smarts.wire.control import Decision
from smarts.wire.errors import ProblemError
from smarts.wire.text import Translatable


@pytest.mark.parametrize("quantity", ["0", "-1", "10000.001", "0.5", "Infinity"])
def test_pieces_are_whole_above_zero_and_not_too_many(quantity: str) -> None:
    """The answer is the problem of a wrong field, at its path."""
    with pytest.raises(ProblemError) as met:
        rules.require_quantity(Decimal(quantity), BREAD, "$.products[3].amount")
    assert (met.value.problem.status, met.value.problem.errors[0].path) == (422, "$.products[3].amount")


@pytest.mark.parametrize(("quantity", "right"), [("0.001", True), ("10000", True), ("0.0005", False)])
def test_weighed_goods_come_in_thousandths(quantity: str, right: bool) -> None:
    """A gram of a kilogram is the least."""
    if right:
        rules.require_quantity(Decimal(quantity), APPLES)
    else:
        with pytest.raises(ProblemError):
            rules.require_quantity(Decimal(quantity), APPLES)


def test_a_change_takes_a_ready_cart_back_and_forgets_its_check_and_its_payment() -> None:
    """What was decided and declined was about other goods."""
    line = Line("a", BREAD, Decimal(2))
    head = replace(
        new_cart().head, check=a_check(Decision.FULL, (), NOON), payment=a_payment(PaymentStatus.DECLINED)
    )
    cart = new_cart(line, state=CartState.READY, head=head)
    for changed in (
        rules.with_product(cart, MILK, Decimal(1), "b", NOON),
        rules.with_quantity(cart, "a", Decimal(1), NOON),
        rules.without_line(cart, "a", NOON),
    ):
        assert (changed.state, changed.head.check, changed.head.payment) == ("OPEN", None, None)


def test_a_full_cart_takes_more_of_what_it_holds_but_nothing_new() -> None:
    """500 lines are the most."""
    lines = tuple(Line(f"line-{place}", product(f"{place}", "Leib", "1"), Decimal(1)) for place in range(500))
    cart = new_cart(*lines)
    more = rules.with_product(cart, lines[7].product, Decimal(2), "new", NOON)
    assert (len(more.lines), more.lines[7].line_id, int(more.lines[7].quantity)) == (500, "line-7", 3)
    with pytest.raises(ProblemError) as met:
        rules.with_product(cart, product("500", "Sai", "1"), Decimal(1), "new", NOON)
    assert met.value.problem.type == "cart-full"


def test_a_refusal_names_the_product_in_the_shoppers_language_and_every_line() -> None:
    """A checkout after the sale hours tells all goods that have to go, and why."""
    cake = replace(CAKE, translatable_name=Translatable("Cake", ({"ET": "Kook"}, {"EN": "Cake"})))
    cart = new_cart(Line("a", BREAD, Decimal(1)), Line("b", cake, Decimal(1)), Line("c", MATCHES, Decimal(4)))
    with pytest.raises(ProblemError) as met:
        rules.require_checkout(cart, NOON - timedelta(seconds=1))
    problem = met.value.problem
    assert problem.type == "product-refused"
    assert problem.detail.startswith("Kook: ")
    assert [(error.path, error.message) for error in problem.errors] == [
        ("$.lines[?@.lineId=='b']", "Sold only from 12:00 to 18:00"),
        ("$.lines[?@.lineId=='c']", "At most 3 can be bought"),
    ]


@pytest.mark.parametrize("first", Decision)
@pytest.mark.parametrize("second", Decision)
def test_the_stricter_of_two_decisions_counts(first: Decision, second: Decision) -> None:
    """FULL before AGE before NO, whichever of node and inspections says it."""
    weights = {"NO": 0, "AGE": 1, "FULL": 2}
    expected = max(weights[first.value], weights[second.value])
    assert weights[rules.strictest(first, second).value] == expected
