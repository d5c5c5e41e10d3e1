"""What the played node sells, as raw JSON made from the golden documents."""

import json
from collections.abc import Sequence
from decimal import Decimal
from itertools import count
from typing import Any

from smarts.wire.examples import example

Document = dict[str, Any]
_PRECISE = Decimal("0.000001")


def golden(name: str, /, **changes: Any) -> Document:
    """A golden document, with changes; a field that is changed to None is left out."""
    document: Document = json.loads(example(name)) | changes
    left_out = {field for field, value in changes.items() if value is None}
    return {field: value for field, value in document.items() if field not in left_out}


def price(total: str, rate: str = "24") -> Document:
    """A price with its VAT."""
    gross = Decimal(total)
    net = (gross / (1 + Decimal(rate) / 100)).quantize(_PRECISE)
    vat = {
        "sumWithoutVAT": float(net),
        "VATSum": float(gross - net),
        "sumWithVAT": float(gross),
        "VATRate": float(rate) if "." in rate else int(rate),
    }
    return {"vat": vat, "total": float(gross)}


def campaign(code: str, operation: str, name: str = "Conformance campaign") -> Document:
    """A campaign."""
    return {"name": name, "code": code, "operation": operation}


class Goods:
    """The products by their barcodes; each check sells its own, so that none meets what another one did."""

    def __init__(self) -> None:
        self._products: dict[str, Document] = {}
        self._numbers = count(1)

    def sell(
        self,
        total: str = "1.49",
        *,
        base: str = "Product",
        rate: str = "24",
        inspections: Sequence[Document] = (),
        campaigns: Sequence[Document] = (),
        **changes: Any,
    ) -> str:
        """Sells something new for a price, like a golden product in all else; gives its barcode."""
        barcode = self.unsold()
        told: Document = {"id": f"conformance-{barcode}", "barcode": barcode, "price": price(total, rate)}
        if base == "Product" or inspections or campaigns:
            told |= {"inspections": list(inspections), "campaigns": list(campaigns)}
        self._products[barcode] = golden(base, **(told | changes))
        return barcode

    def unsold(self) -> str:
        """A barcode that nobody sells."""
        digits = f"299{next(self._numbers):09d}"
        weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
        return f"{digits}{-weighted % 10}"

    def find(self, barcode: object) -> Document | None:
        """The product with a barcode."""
        return self._products.get(barcode) if isinstance(barcode, str) else None

    def all(self) -> list[Document]:
        """All products."""
        return list(self._products.values())
