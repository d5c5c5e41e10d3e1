"""Purchase control by the rules of the settings; what was decided is kept, so that the same question has one answer."""

import secrets
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

from sqlalchemy import Connection, func, select

from smarts.node.names import fold
from smarts.ready.calendar import Calendar
from smarts.ready.database import Database
from smarts.ready.promotions import category_names
from smarts.ready.records import require_id
from smarts.ready.rules import Purchase, Verdict, decide
from smarts.ready.settings import CheckSettings
from smarts.ready.tables import CHECKS, FACTS, INVOICES, RECEIPTS, add, change, find
from smarts.wire.codec import encode
from smarts.wire.control import Decision, PurchaseControlCheckRequest, PurchaseControlCheckResponse
from smarts.wire.products import MinAge, Product
from smarts.wire.receipts import ReceiptProduct

_SECRET = "secret of checks"  # noqa: S105 - the fact's name
Find = Callable[[str], Product | None]
Sold = tuple[ReceiptProduct, Product | None]


class Checks:
    """The feature purchase control: decides only; what the staff found goes to the gateway from its own pages."""

    def __init__(self, settings: CheckSettings, find: Find, database: Database, calendar: Calendar) -> None:
        self._settings = settings
        self._find = find
        self._database = database
        self._calendar = calendar

    def check_purchase(self, request: PurchaseControlCheckRequest) -> PurchaseControlCheckResponse:
        """Decides by the rules; the same question again has the same answer, a cart that has changed is looked at anew.

        Raises:
            ProblemError: 503, the database is away.
        """
        require_id(request.invoice_id, "$.invoiceId")
        # Outside a transaction, since goods may have to be asked for.
        sold = [(row, self._find(row.barcode)) for row in request.products]
        return PurchaseControlCheckResponse(self._database.write(lambda tx: self._decided(tx, request, sold)))

    def _decided(
        self, tx: Connection, request: PurchaseControlCheckRequest, sold: Sequence[Sold]
    ) -> Decision:
        document = encode(request).decode()
        kept = find(tx, CHECKS, request.invoice_id, for_change=True)
        if kept and kept["document"] == document:
            return Decision(kept["decision"])
        verdict = decide(self._settings, self._purchase(tx, request, sold), _secret(tx))
        values = self._values(request, verdict, document)
        if kept:
            change(tx, CHECKS, request.invoice_id, values)
        else:
            add(tx, CHECKS, invoice_id=request.invoice_id, **values)
        return verdict.decision

    def _values(
        self, request: PurchaseControlCheckRequest, verdict: Verdict, document: str
    ) -> dict[str, str]:
        return {
            "store": request.institution_id,
            "shopper": request.person_id,
            "day": self._calendar.day(),
            "decision": verdict.decision.value,
            "rules": ", ".join(verdict.rules)[:1000],
            "asked_at": self._calendar.now(),
            "document": document,
        }

    def _purchase(
        self, tx: Connection, request: PurchaseControlCheckRequest, sold: Sequence[Sold]
    ) -> Purchase:
        return Purchase(
            store=request.institution_id,
            shopper=request.person_id,
            before=_purchases(tx, request.person_id, request.invoice_id),
            total=sum((row.row_price for row, _ in sold), Decimal(0)),
            pieces=sum((_pieces(row, product) for row, product in sold), Decimal(0)),
            barcodes=frozenset(row.barcode for row, _ in sold),
            categories=frozenset(name for row, product in sold for name in _categories(row, product)),
            has_age_goods=any(_has_age_limit(product) for _, product in sold),
            moment=self._calendar.local_now(),
        )


def _pieces(row: ReceiptProduct, product: Product | None) -> Decimal:
    """What is weighed is one piece."""
    is_weighed = product.weight_item if product else row.amount % 1
    return Decimal(1) if is_weighed else row.amount


def _categories(row: ReceiptProduct, product: Product | None) -> Iterable[str]:
    for told in row.categories:
        yield from (fold(name) for name in (told.id, told.name) if name)
    yield from category_names(product) if product else ()


def _has_age_limit(product: Product | None) -> bool:
    return product is not None and any(isinstance(each, MinAge) for each in product.inspections)


def _purchases(tx: Connection, shopper: str, invoice_id: str) -> int:
    """How many purchases the shopper has paid for, but for this one."""
    receipt = RECEIPTS.c
    queries = (
        select(func.count()).where(INVOICES.c.shopper == shopper, INVOICES.c.id != invoice_id),
        select(func.count()).where(
            receipt.shopper == shopper, receipt.paid_at.is_not(None), receipt.invoice_id != invoice_id
        ),
    )
    return sum(int(tx.execute(query).scalar_one()) for query in queries)


def _secret(tx: Connection) -> str:
    """What chance is drawn by: made once, for as long as the database lives."""
    kept = find(tx, FACTS, _SECRET)
    if kept:
        return str(kept["value"])
    made = secrets.token_hex(32)
    add(tx, FACTS, name=_SECRET, value=made)
    return made
