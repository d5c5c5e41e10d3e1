"""What the demo store keeps of what the gateway sent: paid invoices and purchase checks."""

from datetime import UTC, datetime

import msgspec

from smarts.demo.database import Database
from smarts.wire.codec import encode
from smarts.wire.control import Decision, PurchaseControlCheckRequest
from smarts.wire.invoices import Invoice

_TABLE = """
document (
    number integer primary key autoincrement,
    kind text not null,
    id text not null,
    body blob not null,
    decision text,
    first_at text not null,
    times integer not null default 1,
    unique (kind, id)
)
"""
_KEEP_FIRST = """
insert into document (kind, id, body, decision, first_at) values (?, ?, ?, ?, ?)
on conflict (kind, id) do update set times = times + 1
"""
_KEEP_LAST = """
insert into document (kind, id, body, decision, first_at) values (?, ?, ?, ?, ?)
on conflict (kind, id) do update set times = times + 1, body = excluded.body, decision = excluded.decision
"""
_ONE = "select id, body, decision, first_at, times from document where kind = ? and id = ?"
_PAGE = """
select id, body, decision, first_at, times from document where kind = ?
and number < coalesce((select number from document where kind = ? and id = ?), 9223372036854775807)
order by number desc limit ?
"""


class KeptInvoice(msgspec.Struct, frozen=True, rename="camel"):
    """An invoice as it came the first time; `times_received` counts that and its repetitions."""

    id: str
    received_at: str
    times_received: int
    invoice: msgspec.Raw


class KeptCheck(msgspec.Struct, frozen=True, rename="camel"):
    """The last question about a cart and what was decided; `times_asked` counts all of them."""

    invoice_id: str
    first_asked_at: str
    times_asked: int
    decision: Decision
    check: msgspec.Raw


class Ledger:
    """Keeps documents by their id; what was kept is on the disk when the call returns. Threads may share it."""

    def __init__(self, database: Database) -> None:
        database.prepare(_TABLE)
        self._database = database

    def keep_invoice(self, invoice: Invoice) -> None:
        """Keeps an invoice; one that comes again is only counted."""
        self._keep(_KEEP_FIRST, "invoice", invoice.id, encode(invoice), None)

    def keep_check(self, check: PurchaseControlCheckRequest, decision: Decision) -> None:
        """Keeps what was asked about a cart and the answer, in place of what was asked about it before."""
        self._keep(_KEEP_LAST, "check", check.invoice_id, encode(check), decision)

    def invoice(self, invoice_id: str) -> KeptInvoice | None:
        """The invoice with this id."""
        found = self._database.read(_ONE, "invoice", invoice_id)
        return _kept_invoice(found[0]) if found else None

    def invoices(self, limit: int, after: str | None = None) -> list[KeptInvoice]:
        """Invoices, newest first; `after` is the id of the last one seen."""
        return [_kept_invoice(row) for row in self._database.read(_PAGE, "invoice", "invoice", after, limit)]

    def checks(self, limit: int, after: str | None = None) -> list[KeptCheck]:
        """Checks, newest first; `after` is the invoice id of the last one seen."""
        return [_kept_check(row) for row in self._database.read(_PAGE, "check", "check", after, limit)]

    def is_writable(self) -> bool:
        """Whether something could be kept now."""
        return self._database.is_writable()

    def _keep(self, statement: str, *values: object) -> None:
        with self._database.transaction() as tx:
            tx.execute(statement, (*values, datetime.now(UTC).isoformat(timespec="milliseconds")))


def _kept_invoice(row: tuple[str, bytes, None, str, int]) -> KeptInvoice:
    invoice_id, body, _, first_at, times = row
    return KeptInvoice(invoice_id, first_at, times, msgspec.Raw(body))


def _kept_check(row: tuple[str, bytes, str, str, int]) -> KeptCheck:
    invoice_id, body, decision, first_at, times = row
    return KeptCheck(invoice_id, first_at, times, Decision(decision), msgspec.Raw(body))
