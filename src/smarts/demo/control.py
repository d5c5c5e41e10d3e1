"""Whose goods the demo store checks."""

from decimal import Decimal
from hashlib import sha256

from smarts.demo.ledger import Ledger
from smarts.node import ProductList
from smarts.wire.control import Decision, PurchaseControlCheckRequest, PurchaseControlCheckResponse
from smarts.wire.products import MinAge

_SHARES = 2**64
_SMALLEST_CHECKED = 3  # products; who buys one thing or two is let go


class Control:
    """The feature purchase control.

    Carts with goods for which one must be old enough get an age check. Of the others with at least three products,
    `full_check_share` (0 to 1) get a full one, chosen by the invoice's id alone, so that the same cart gets the same
    answer again.
    """

    def __init__(
        self, products: ProductList, ledger: Ledger, full_check_share: Decimal = Decimal("0.1")
    ) -> None:
        self._products = products
        self._ledger = ledger
        self._full_check_share = full_check_share

    def check_purchase(self, request: PurchaseControlCheckRequest) -> PurchaseControlCheckResponse:
        """Decides, and keeps what was asked."""
        decision = self._decide(request)
        self._ledger.keep_check(request, decision)
        return PurchaseControlCheckResponse(decision)

    def _decide(self, request: PurchaseControlCheckRequest) -> Decision:
        if any(self._has_age_limit(product.barcode) for product in request.products):
            return Decision.AGE
        if len(request.products) >= _SMALLEST_CHECKED and _share(request.invoice_id) < self._full_check_share:
            return Decision.FULL
        return Decision.NO

    def _has_age_limit(self, barcode: str) -> bool:
        product = self._products.find(barcode)
        return product is not None and any(isinstance(rule, MinAge) for rule in product.inspections)


def _share(text: str) -> Decimal:
    """A number from 0 to 1, always the same for the same text, evenly spread over texts."""
    return Decimal(int.from_bytes(sha256(text.encode()).digest()[:8])) / _SHARES
