"""The named steps at which something can go wrong, and what can go wrong there."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Phase(StrEnum):
    """How far a request has come: it is not passed on yet; its answer is not there yet; or not passed back yet."""

    BEFORE = "before"
    PASSED = "passed"
    ANSWERED = "answered"


@dataclass(frozen=True)
class Step:
    """A moment in the life of a request that is known by its name."""

    phase: Phase
    name: str

    def __str__(self) -> str:
        return f"{self.phase}:{self.name}"


class Fault(StrEnum):
    """What can go wrong at a step."""

    KILL_GATEWAY = "kill -9 gateway"
    KILL_WORKER = "kill -9 worker"
    KILL_NODE = "kill -9 node"
    KILL_DATABASE = "kill -9 database"
    IMMEDIATE_STOP = "database stopped at once"
    RESTART = "database restarted"
    DISK_FULL = "disk full"
    CLOCK_FORWARD = "clock forward"
    CLOCK_BACK = "clock back"
    CUT = "cut"
    CUT_IN_BODY = "cut in the body"
    SLOW = "slow"
    SILENCE = "silence"


TRAFFIC = frozenset({Fault.CUT, Fault.CUT_IN_BODY, Fault.SLOW, Fault.SILENCE})
"""Faults of the connection itself; all others are done to a process or to what it stands on."""
DATABASE = frozenset({Fault.KILL_DATABASE, Fault.IMMEDIATE_STOP, Fault.RESTART, Fault.DISK_FULL})
"""Faults that everybody feels."""

TO_NODE: Mapping[str, str] = {
    "/product/search/barcode": "product",
    "/control/check": "check",
    "/receipt": "receipt",
    "/invoice": "invoice",
    "/receipt/confirm": "confirmation",
    "/pickup/order": "order",
    "/pickup/order/update": "order update",
}
FROM_MERCHANT: Mapping[str, str] = {
    "/v1/control/result": "merchant's result",
    "/v1/pickup/order/status": "merchant's status",
}
FROM_SHOPPER: Mapping[tuple[str, str], str] = {
    ("POST", "shoppers"): "join",
    ("POST", "carts"): "cart",
    ("POST", "lines"): "scan",
    ("PUT", "shipment"): "shipment",
    ("POST", "checkout"): "checkout",
    ("POST", "payment"): "pay",
    ("POST", "cancel"): "cancel",
    ("POST", "result"): "staff's result",
    ("POST", "status"): "staff's status",
}
COMMITS: Mapping[str, str] = {
    "INSERT INTO ledger_entries": "commit of money",
    "INSERT INTO payments": "commit of a payment",
    "INSERT INTO order_changes": "commit of an order",
    "INSERT INTO payment_steps": "commit of a money step",
    "UPDATE checks SET status": "commit of a decision",
    "INSERT INTO checks": "commit of a check",
    "UPDATE carts SET": "commit of a scan",
}
"""What a transaction is known by: the first of these that is in one of its statements."""
STATEMENTS: Mapping[str, str] = {
    "INSERT INTO sandbox_charges": "charge at the provider",
    "INSERT INTO outbox_attempts": "record of a delivery",
}


def names() -> tuple[str, ...]:
    """Everything that has steps."""
    all_of_them: Iterable[Iterable[str]] = (
        TO_NODE.values(), FROM_MERCHANT.values(), FROM_SHOPPER.values(), COMMITS.values(), STATEMENTS.values()
    )  # fmt: skip
    return tuple(name for some in all_of_them for name in some)


def strikes(faults: Iterable[Fault]) -> Iterator[tuple[Step, Fault]]:
    """Every fault at every step where there can be such a one."""
    for fault in faults:
        for name in names():
            for phase in Phase:
                if not (fault is Fault.CUT_IN_BODY and phase is Phase.PASSED):  # no body is on its way then
                    yield Step(phase, name), fault


def of_node(path: str) -> str | None:
    """The name of what the gateway asks a node."""
    return TO_NODE.get(path)


def of_gateway(method: str, path: str) -> str | None:
    """The name of what the gateway is asked."""
    return FROM_MERCHANT.get(path) or FROM_SHOPPER.get((method, path.rpartition("/")[2]))


def of_transaction(statements: Iterable[str]) -> str | None:
    """The name of a commit, by the statements of its transaction."""
    together = "\n".join(statements)
    return next((name for part, name in COMMITS.items() if part in together), None)


def of_statement(statement: str) -> str | None:
    """The name of a statement that is a transaction by itself."""
    return next((name for part, name in STATEMENTS.items() if part in statement), None)
