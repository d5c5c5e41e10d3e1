"""The demo store, as a merchant would write one: what it sells, whose goods it checks, which invoices it has got."""

from collections.abc import Mapping
from decimal import Decimal
from hashlib import sha256

from smarts.demo.catalogue import Catalogue
from smarts.demo.ledger import Ledger
from smarts.node import NotFound
from smarts.wire.control import Decision, PurchaseControlCheckRequest, PurchaseControlCheckResponse
from smarts.wire.invoices import Invoice
from smarts.wire.nodes import HealthStatus, PartHealth
from smarts.wire.products import Category, MinAge, Pageable, PageRequest, Product, ProductSearchRequest

_SHARES = 2**64
_SMALLEST_CHECKED = 3  # products; who buys one thing or two is let go


class DemoStore:
    """A store with the features product search, invoices and purchase control.

    Carts with goods for which one must be old enough get an age check. Of the others with at least three products,
    `full_check_share` (0 to 1) get a full one, chosen by the invoice's id alone, so that the same cart gets the same
    answer again.
    """

    def __init__(
        self, catalogue: Catalogue, ledger: Ledger, full_check_share: Decimal = Decimal("0.1")
    ) -> None:
        self._catalogue = catalogue
        self._ledger = ledger
        self._full_check_share = full_check_share

    def search(self, page: PageRequest[ProductSearchRequest]) -> Pageable[Product]:
        """One page of products."""
        return self._catalogue.page(page)

    async def by_barcode(self, request: ProductSearchRequest) -> Product:
        """The product with a barcode, be it one that scales printed."""
        product = self._catalogue.by_barcode(request.barcode or "")
        if not product:
            raise NotFound(
                f"The store does not sell {request.barcode}" if request.barcode else "No barcode was given"
            )
        return product

    def by_name(self, request: ProductSearchRequest) -> tuple[Product, ...]:
        """Products by words of their names."""
        return self._catalogue.by_name(request.name or "")

    async def categories(self, request: ProductSearchRequest) -> tuple[Category, ...]:
        """All categories, or one and those below it."""
        return self._catalogue.categories(request.category_name)

    def receive_invoice(self, invoice: Invoice) -> None:
        """Keeps a paid invoice."""
        self._ledger.keep_invoice(invoice)

    def check_purchase(self, request: PurchaseControlCheckRequest) -> PurchaseControlCheckResponse:
        """Decides, and keeps what was asked."""
        decision = self._decide(request)
        self._ledger.keep_check(request, decision)
        return PurchaseControlCheckResponse(decision)

    def health(self) -> Mapping[str, PartHealth]:
        """Whether invoices could be kept now."""
        return {"ledger": PartHealth(HealthStatus.UP if self._ledger.is_writable() else HealthStatus.DOWN)}

    def _decide(self, request: PurchaseControlCheckRequest) -> Decision:
        if any(self._has_age_limit(product.barcode) for product in request.products):
            return Decision.AGE
        if len(request.products) >= _SMALLEST_CHECKED and _share(request.invoice_id) < self._full_check_share:
            return Decision.FULL
        return Decision.NO

    def _has_age_limit(self, barcode: str) -> bool:
        product = self._catalogue.by_barcode(barcode)
        return product is not None and any(isinstance(rule, MinAge) for rule in product.inspections)


def _share(text: str) -> Decimal:
    """A number from 0 to 1, always the same for the same text, evenly spread over texts."""
    return Decimal(int.from_bytes(sha256(text.encode()).digest()[:8])) / _SHARES
