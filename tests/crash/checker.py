"""Compares the books, and names whatever does not fit together."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from os.path import commonprefix

from .evidence import Evidence, grouped
from .notebook import Purchase
from .stores import MAKES_RECEIPTS

Found = Iterator["Violation"]

_HELD = ("WAITING_FOR_CONFIRMATION", "CONFIRMED", "ASSEMBLE_READY")
_TAKEN = ("SHIPPING", "READY_TO_PICKUP", "COMPLETED")
_OVER = ("CANCELLED_BY_CLIENT", "CANCELLED_BY_INSTITUTION", "MISSED", "PAYMENT_FAILED")
_MAY_BE_PAID = ("NOT_NEEDED", "PASSED", "FAILED_ALLOW_PAYMENT", "EXPIRED")
_TO_NODE = {"invoice": "invoice", "receipt.paid": "confirmation"}


@dataclass(frozen=True)
class Violation:
    """A promise that was not kept: which, for what, and how."""

    promise: str
    about: str
    how: str

    def __str__(self) -> str:
        return f"{self.promise}: {self.about}: {self.how}"


def check(evidence: Evidence) -> list[Violation]:
    """Everything that does not fit together."""
    return [violation for rule in RULES for violation in rule(evidence)]


def everything_settles(evidence: Evidence) -> Found:
    """After the last fault all comes to its end within a bounded time."""
    for what in evidence.unsettled:
        yield Violation("everything settles", what.split()[0], what)


def no_message_is_lost(evidence: Evidence) -> Found:
    """What was put into the outbox is delivered or was taken back, and what was delivered is with the node."""
    arrived = {(kind, about) for kind, about, _ in evidence.effects}
    for message in evidence.tables["messages"]:
        if message["state"] == "dead" or message["overdue"]:
            yield Violation("no message is lost", message["id"], f"{message['kind']} is {message['state']}")
        kind = _TO_NODE.get(message["kind"])
        if kind and message["state"] == "delivered" and (kind, message["order_key"]) not in arrived:
            yield Violation(
                "no message is lost", message["id"], f"{kind} was delivered, the node has nothing"
            )


def provider_and_ledger_agree(evidence: Evidence) -> Found:
    """The ledger says of each payment what the provider took."""
    for payment in evidence.tables["payments"]:
        provider, ledger = evidence.taken_by_provider(payment["id"]), evidence.taken_by_ledger(payment["id"])
        if provider != ledger:
            yield Violation("money", payment["id"], f"the provider took {provider}, the ledger has {ledger}")
        if payment["captured"] - payment["refunded"] != ledger:
            yield Violation(
                "money", payment["id"], f"the payment says {payment['captured']}, the ledger {ledger}"
            )
        if evidence.is_held(payment["id"]) != (payment["status"] == "AUTHORISED"):
            yield Violation(
                "money", payment["id"], f"it is {payment['status']}, which the provider does not know"
            )


def nobody_pays_twice(evidence: Evidence) -> Found:
    """At most one payment of a cart takes money or holds it."""
    for cart_id, payments in evidence.payments_of.items():
        real = [
            row["id"] for row in payments
            if evidence.charged(row["id"]) or evidence.taken_by_provider(row["id"]) or evidence.is_held(row["id"])
        ]  # fmt: skip
        if len(real) > 1:
            yield Violation("paid once", cart_id, f"{len(real)} payments: {', '.join(real)}")


def what_is_paid_is_invoiced_once(evidence: Evidence) -> Found:
    """The node books each purchase that was charged once, to the cent, and no other."""
    booked = grouped(
        [
            {"id": about, "kind": kind, "total": total}
            for kind, about, total in evidence.effects
            if kind != "order"
        ],
        "id",
    )
    for payment in evidence.tables["payments"]:
        charged = evidence.charged(payment["id"])
        if not charged:
            continue
        effects = booked.pop(payment["invoice_id"], [])
        makes_receipts = evidence.kind_of(payment["institution_id"]) in MAKES_RECEIPTS
        expected = [("confirmation" if makes_receipts else "invoice", charged)]
        found = [(row["kind"], row["total"]) for row in effects]
        if found != expected:
            yield Violation(
                "invoiced once",
                payment["invoice_id"],
                f"the node booked {_told(found)} for {_told(expected)}",
            )
    for invoice_id, effects in booked.items():
        found = [(row["kind"], row["total"]) for row in effects]
        yield Violation("invoiced once", invoice_id, f"nobody paid, the node booked {_told(found)}")


def _told(booked: list[tuple[str, Decimal]]) -> str:
    return " and ".join(f"{kind} of {total}" for kind, total in booked) or "nothing"


def what_comes_again_is_the_same(evidence: Evidence) -> Found:
    """A document that comes to the node again says what it said at first."""
    first: dict[tuple[str, str], bytes] = {}
    for kind, about, body in evidence.documents:
        if first.setdefault((kind, about), body) != body:
            yield Violation("the same document", about, f"{kind} came again and says something else")


def one_key_one_answer(evidence: Evidence) -> Found:
    """The same request with the same key is answered as it was at first, and done once."""
    by_key: dict[str, dict[tuple[int, str], str]] = {}
    everything = [
        *evidence.notebook.staff,
        *(seen for each in evidence.notebook.purchases for seen in each.seen),
    ]
    for seen in everything:
        if seen.key and (200 <= seen.status < 300 or seen.status == 402):
            by_key.setdefault(seen.key, {}).setdefault((seen.status, seen.text), seen.verb)
    for key, answers in by_key.items():
        if len(answers) > 1:
            yield Violation("one key, one answer", key, " / ".join(_told_apart(answers)))


def _told_apart(answers: Mapping[tuple[int, str], str]) -> Iterator[str]:
    """Each answer from a little before the place where they begin to differ."""
    same = max(0, len(commonprefix([text for _, text in answers])) - 60)  # noqa: RUF071 - of letters indeed
    for (status, text), verb in answers.items():
        yield f"{verb} {status} …{text[same : same + 240]}"


def each_scan_counts_once(evidence: Evidence) -> Found:
    """What lies in a cart is what its shopper scanned."""
    for purchase in evidence.purchases:
        scans = list(purchase.answers("scan"))
        tried = len({seen.key for seen in scans})
        sure = len({seen.key for seen in scans if seen.status == 200})
        lies = evidence.pieces.get(purchase.cart_id, 0)
        if not sure <= lies <= tried:
            yield Violation(
                "one scan, one piece", purchase.cart_id, f"{sure} to {tried} scanned, {lies} in the cart"
            )


def what_shoppers_were_told_is_so(evidence: Evidence) -> Found:
    """Who was told that it is paid has paid just that; who was told that it is declined, or never asked, has not."""
    for purchase in evidence.purchases:
        standing = _Standing.of(evidence, purchase)
        for how in _told_paid(purchase, standing):
            yield Violation("told that it is paid", purchase.cart_id, how)
        for how in _told_otherwise(purchase, standing):
            yield Violation("told that it is not paid", purchase.cart_id, how)


def goods_and_money_are_with_the_same(evidence: Evidence) -> Found:
    """A cart is PAID if and only if there is money for it, and the gateway shows it so to its shopper."""
    for purchase in evidence.purchases:
        standing = _Standing.of(evidence, purchase)
        if standing.state == "PAID" and not (standing.has_money or purchase.order):
            yield Violation(
                "no goods without money", purchase.cart_id, "the cart is PAID, nothing was charged"
            )
        if standing.state != "PAID" and standing.has_money:
            yield Violation("no money without goods", purchase.cart_id, f"the cart is {standing.state}")
        if purchase.cart and purchase.cart["state"] != standing.state:
            yield Violation("shown as it is", purchase.cart_id, f"shown as {purchase.cart['state']}")
        if standing.charged:
            shown = Decimal(purchase.bought["total"]) if purchase.bought else None
            if shown != standing.charged:
                yield Violation("to the cent", purchase.cart_id, f"{standing.charged} charged, {shown} shown")


@dataclass(frozen=True)
class _Standing:
    """How a cart stands in the end."""

    state: str
    charged: Decimal
    held: bool

    @classmethod
    def of(cls, evidence: Evidence, purchase: Purchase) -> "_Standing":
        payments = [row["id"] for row in evidence.payments_of.get(purchase.cart_id, [])]
        return cls(
            evidence.carts[purchase.cart_id]["state"],
            sum(map(evidence.charged, payments), Decimal(0)),
            any(map(evidence.is_held, payments)),
        )

    @property
    def has_money(self) -> bool:
        return bool(self.charged or self.held)


def _told_paid(purchase: Purchase, standing: _Standing) -> Iterator[str]:
    for seen in purchase.answers("pay"):
        if seen.status != 200 or seen.body["state"] != "PAID":
            continue
        shown, paid = Decimal(seen.body["total"]["totalToPay"]), Decimal(seen.body["payment"]["amount"])
        if standing.state != "PAID":
            yield f"it is {standing.state}"
        if shown != paid or (not purchase.order and standing.charged != shown):
            yield f"{shown} was shown, {paid} agreed to, {standing.charged} charged"


def _told_otherwise(purchase: Purchase, standing: _Standing) -> Iterator[str]:
    answers = list(purchase.answers("pay"))
    is_paid = standing.has_money or standing.state == "PAID"
    if is_paid and not answers:
        yield "the shopper never asked to pay"
    if is_paid and answers and answers[-1].status == 402:
        yield f"the shopper was told that it is declined, and charged {standing.charged}"


def checks_are_decided_once(evidence: Evidence) -> Found:
    """Every check comes to an end, by one who decided it, and what was decided counts."""
    accepted = _accepted_results(evidence)
    for row in evidence.tables["checks"]:
        invoice_id, status = row["invoice_id"], row["status"]
        results = accepted.pop(invoice_id, {})
        if len(results) > 1:
            yield Violation("decided once", invoice_id, f"the results of {' and '.join(results)} were taken")
        if status in ("WAITING", "PENDING"):
            yield Violation("no check is lost", invoice_id, f"it is still {status}")
        for wanted in set(results.values()) - {status}:
            yield Violation("no check is lost", invoice_id, f"{wanted} was taken, it is {status}")
    for invoice_id in accepted:
        yield Violation("no check is lost", invoice_id, "a result was taken, there is no such check")


def _accepted_results(evidence: Evidence) -> dict[str, dict[str, str]]:
    """By check, what was taken of whom; the merchant's node uses a new key for every try."""
    accepted: dict[str, dict[str, str]] = {}
    for number, (what, about, wanted, said) in enumerate(evidence.office):
        if what == "check" and said == "done":
            accepted.setdefault(about, {})[f"the merchant ({number})"] = wanted
    for seen in evidence.notebook.staff:
        if seen.verb == "staff's result" and seen.status == 204:
            accepted.setdefault(seen.about, {})[f"the staff ({seen.key})"] = seen.asked["status"]
    return accepted


def what_is_checked_is_not_paid_before(evidence: Evidence) -> Found:
    """Nobody pays before the check is over, nor after it failed."""
    status_of = {row["invoice_id"]: row["status"] for row in evidence.tables["checks"]}
    for payment in evidence.tables["payments"]:
        invoice_id = payment["invoice_id"]
        status = status_of.get(invoice_id)
        if evidence.charged(payment["id"]) and status not in _MAY_BE_PAID:
            yield Violation("checked before it is paid", invoice_id, f"the check is {status}")
        if status == "NOT_NEEDED" and evidence.node_checks.get(invoice_id, "NO") != "NO":
            yield Violation("no check is lost", invoice_id, "the node decided on a check, there was none")
    for cart in evidence.carts.values():
        if cart["state"] == "LOCKED":
            yield Violation("no check is lost", cart["id"], "the cart is still locked")


def orders_and_money_go_together(evidence: Evidence) -> Found:
    """Goods on their way are paid for, goods that stay are not."""
    payments = {row["id"]: row for row in evidence.tables["payments"]}
    for order in evidence.tables["orders"]:
        details, status = order["details"], order["status"]
        payment = payments[details["paymentId"]]
        taken, held = evidence.taken_by_provider(payment["id"]), evidence.is_held(payment["id"])
        if status in _HELD:
            fits = held and not taken
        elif status in _TAKEN:
            fits = taken == Decimal(details["total"]) > 0 and not held
        else:
            fits = status in _OVER and not taken and not held
        if not fits:
            yield Violation("goods and money", order["id"], f"it is {status}, {taken} taken, held: {held}")
        if order["capture_step"]:
            yield Violation("everything settles", order["id"], "its money is still being taken")
    for purchase in evidence.purchases:
        row = next((each for each in evidence.tables["orders"] if each["cart_id"] == purchase.cart_id), None)
        if row and purchase.order and purchase.order["shipment"]["status"] != row["status"]:
            yield Violation(
                "told the truth", row["id"], f"the shopper sees {purchase.order['shipment']['status']}"
            )


def the_node_knows_every_change_of_an_order(evidence: Evidence) -> Found:
    """From the order's placing on, each change once, in its order."""
    told = grouped(
        [
            {"order": about.split("/")[0], "number": int(about.split("/")[1])}
            for kind, about, _ in evidence.effects if kind == "order"
        ],
        "order",
    )  # fmt: skip
    changes = grouped(evidence.tables["order_changes"], "order_id")
    for order in evidence.tables["orders"]:
        logged = sorted(changes.get(order["id"], []), key=lambda row: row["number"])
        placed = [place for place, row in enumerate(logged, 1) if row["status"] == "WAITING_FOR_CONFIRMATION"]
        expected = list(range(placed[0], len(logged) + 1)) if placed else []
        found = [row["number"] for row in told.pop(order["id"], [])]
        if found != expected:
            yield Violation(
                "the node knows the order", order["id"], f"its changes {expected} were told as {found}"
            )
    for order_id in told:
        yield Violation("the node knows the order", order_id, "the node was told, there is no such order")


def what_staff_did_counts(evidence: Evidence) -> Found:
    """A change of an order that was confirmed is in its log, once."""
    logged = Counter((row["order_id"], row["status"]) for row in evidence.tables["order_changes"])
    done = {
        (about, wanted) for what, about, wanted, said in evidence.office if what == "order" and said == "done"
    }
    done |= {
        (seen.about, seen.asked["status"])
        for seen in evidence.notebook.staff if seen.verb == "staff's status" and seen.status == 200
    }  # fmt: skip
    for order_id, status in sorted(done):
        if logged[order_id, status] != 1:
            yield Violation(
                "what staff did counts", order_id, f"{status} is logged {logged[order_id, status]} times"
            )


RULES: tuple[Callable[[Evidence], Found], ...] = (
    everything_settles,
    no_message_is_lost,
    provider_and_ledger_agree,
    nobody_pays_twice,
    what_is_paid_is_invoiced_once,
    what_comes_again_is_the_same,
    one_key_one_answer,
    each_scan_counts_once,
    what_shoppers_were_told_is_so,
    goods_and_money_are_with_the_same,
    checks_are_decided_once,
    what_is_checked_is_not_paid_before,
    orders_and_money_go_together,
    the_node_knows_every_change_of_an_order,
    what_staff_did_counts,
)
