"""The checker is not blind: whichever of the books is wrong in one place, it says so."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import fields, replace
from decimal import Decimal
from typing import Any

import pytest

from crash.checker import check
from crash.evidence import Evidence
from crash.notebook import Purchase, Seen
from crash.run import Report

pytestmark = [pytest.mark.xdist_group("crash"), pytest.mark.timeout(600)]

CENT = Decimal("0.01")
Wrong = Callable[[Evidence], object]


def first(rows: list[Any], **wanted: Any) -> Any:
    """A row that has these values."""
    return next(row for row in rows if all(row[name] == value for name, value in wanted.items()))


def place_of(evidence: Evidence, *kinds: str) -> int:
    """Where the node has booked one of these."""
    return next(place for place, (kind, _, _) in enumerate(evidence.effects) if kind in kinds)


def booked_otherwise(evidence: Evidence) -> None:
    place = place_of(evidence, "invoice", "confirmation")
    kind, about, total = evidence.effects[place]
    evidence.effects[place] = (kind, about, total + CENT)


def sale(evidence: Evidence) -> Any:
    return first(evidence.tables["ledger_entries"], account="sales")


def paid(evidence: Evidence) -> Purchase:
    """A purchase that was charged, and whose shopper was told so."""
    return next(
        each for each in evidence.purchases
        if each.bought and not each.order and any(seen.status == 200 for seen in each.answers("pay"))
    )  # fmt: skip


def of_paid(evidence: Evidence, table: str, column: str) -> Any:
    """The row of a table that is about that purchase."""
    purchase = paid(evidence)
    values = {"cart_id": purchase.cart_id, "invoice_id": purchase.bought["invoiceId"]}
    return first(evidence.tables[table], **{column: values[column]})


def says_declined(evidence: Evidence) -> None:
    purchase = paid(evidence)
    purchase.seen.append(Seen("pay", "", "another", None, 402, "{}"))


def paid_by_two(evidence: Evidence) -> None:
    held = [row for row in evidence.tables["payments"] if row["captured"]]
    held[0]["cart_id"] = held[1]["cart_id"]


def unpaid(evidence: Evidence) -> None:
    cart_id = paid(evidence).cart_id
    evidence.tables["payments"][:] = [row for row in evidence.tables["payments"] if row["cart_id"] != cart_id]


def answered_otherwise(evidence: Evidence) -> None:
    seen = next(seen for seen in paid(evidence).answers("pay") if seen.status == 200)
    paid(evidence).seen.append(replace(seen, text=seen.text + " "))


def decided_by_another(evidence: Evidence) -> None:
    for number in (1, 2):
        invoice_id = first(evidence.tables["checks"], status="PASSED")["invoice_id"]
        asked = {"status": "PASSED"}
        evidence.notebook.staff.append(Seen("staff's result", invoice_id, f"key {number}", asked, 204, ""))


def another_document(evidence: Evidence) -> None:
    kind, about, body = evidence.documents[0]
    evidence.documents.append((kind, about, body + b" "))


def taken_order(evidence: Evidence) -> Any:
    return next(row for row in evidence.tables["orders"] if row["status"] in ("COMPLETED", "SHIPPING"))


def logged_twice(evidence: Evidence) -> None:
    order_id, status = next(
        (about, wanted) for what, about, wanted, said in evidence.office if (what, said) == ("order", "done")
    )
    row = first(evidence.tables["order_changes"], order_id=order_id, status=status)
    evidence.tables["order_changes"].append(row | {"number": 99})


WRONG: dict[str, tuple[str, Wrong]] = {
    "an invoice is lost": ("invoiced once", lambda e: e.effects.pop(place_of(e, "invoice", "confirmation"))),
    "an invoice is there twice": (
        "invoiced once", lambda e: e.effects.append(e.effects[place_of(e, "invoice", "confirmation")])
    ),
    "an invoice is a cent off": ("invoiced once", booked_otherwise),
    "the ledger lacks an entry": ("money", lambda e: e.tables["ledger_entries"].remove(sale(e))),
    "the provider took a cent more": (
        "money", lambda e: next(row for row in e.tables["sandbox_charges"] if row["captured"]).update(captured=CENT)
    ),
    "two payments pay for one cart": ("paid once", paid_by_two),
    "a paid cart is open": ("told that it is paid", lambda e: e.carts[paid(e).cart_id].update(state="READY")),
    "money without goods": ("no money without goods", lambda e: e.carts[paid(e).cart_id].update(state="CANCELLED")),
    "goods without money": (
        "no goods without money",
        unpaid,
    ),
    "declined, and charged": ("told that it is not paid", says_declined),
    "the receipt is a cent off": ("to the cent", lambda e: paid(e).bought.update(total=CENT)),
    "another cart is shown": ("shown as it is", lambda e: paid(e).cart.update(state="OPEN")),
    "a scan counts twice": (
        "one scan, one piece", lambda e: first(e.tables["cart_lines"], cart_id=paid(e).cart_id).update(pieces=99)
    ),
    "one key, two answers": ("one key, one answer", answered_otherwise),
    "a check is left": (
        "no check is lost", lambda e: first(e.tables["checks"], status="PASSED").update(status="WAITING")
    ),
    "a check is decided twice": ("decided once", decided_by_another),
    "a cart is left locked": (
        "no check is lost", lambda e: first(e.tables["carts"], state="PAID").update(state="LOCKED")
    ),
    "paid in spite of the check": (
        "checked before it is paid", lambda e: of_paid(e, "checks", "invoice_id").update(status="FAILED")
    ),
    "goods on their way, money only held": ("goods and money", lambda e: taken_order(e).update(status="CONFIRMED")),
    "a change of an order is lost": ("the node knows the order", lambda e: e.effects.pop(place_of(e, "order"))),
    "a status is logged twice": ("what staff did counts", logged_twice),
    "a message is given up": ("no message is lost", lambda e: e.tables["messages"][0].update(state="dead")),
    "a document comes again as another": ("the same document", another_document),
    "something does not come to rest": ("everything settles", lambda e: e.unsettled.append("payment x is PENDING")),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_whatever_is_wrong_is_found(what: str, hundred: Report) -> None:
    """Each of the checker's rules finds the one thing that is made wrong in books that agree."""
    promise, make_wrong = WRONG[what]
    evidence = Evidence(
        **{each.name: deepcopy(getattr(hundred.evidence, each.name)) for each in fields(Evidence)}
    )
    make_wrong(evidence)
    assert promise in {violation.promise for violation in check(evidence)}
