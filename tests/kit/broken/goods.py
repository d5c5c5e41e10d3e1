"""Nodes that tell nonsense of what they sell."""

from collections.abc import Callable
from typing import Any

from kit.broken.breakage import Breakage, breakage
from kit.broken.layer import document
from smarts.wire.operations import PRODUCT_SEARCH


def _one(
    words: str, breaks: str, change: Callable[[Any], Any], where: Callable[[Any], Any] = bool
) -> Breakage:
    """One product of each page, the first for which `where` is true, is told wrongly."""

    def changed(page: Any) -> None:
        for product in page["result"]:
            if where(product):
                change(product)
                return

    return breakage(words, breaks, document(PRODUCT_SEARCH, changed))


def _vat(product: Any) -> Any:
    return product["price"]["vat"]


def _priced(total: float, rate: float) -> Callable[[Any], Any]:
    def change(product: Any) -> None:
        tax = total * rate / (100 + rate)
        vat = {"sumWithoutVAT": total - tax, "VATSum": tax, "sumWithVAT": total, "VATRate": rate}
        product["price"] = {"vat": vat, "total": total}

    return change


def _campaign(**changes: str) -> Callable[[Any], Any]:
    good = {"name": "n", "code": "B00000000002", "operation": "unitPrice * 0.9"}
    return lambda product: product["campaigns"].append(good | changes)


def _inspection(**parts: Any) -> Callable[[Any], Any]:
    good = {"type": "MIN_TIME", "action": "RESTRICT", "time": "10:00", "timezone": "Europe/Tallinn"}
    return lambda product: product["inspections"].append(good | parts)


def _without_action(product: Any) -> None:
    product["inspections"].append({"type": "MIN_AGE", "age": 18})


def _digit_wrong(product: Any) -> None:
    product["barcode"] = "4740000000016"


def _is_plain(product: Any) -> bool:
    return not (product.get("subProducts") or product.get("weightItem"))


BREAKAGES = (
    _one("has a product without an id", "goods.ids", lambda product: product.update(id="")),
    _one("has a product with a blank barcode", "goods.ids", lambda product: product.update(barcode=" ")),
    _one(
        "has a product without a name",
        "goods.ids",
        lambda product: product["translatableName"].update(originalText=""),
    ),
    _one("adds VAT up wrongly", "goods.sums", lambda product: _vat(product).update(sumWithoutVAT=0.01)),
    _one(
        "has a total without VAT",
        "goods.sums",
        lambda product: product["price"].update(total=_vat(product)["sumWithoutVAT"]),
    ),
    _one("tells the VAT rate as a share", "goods.rate", lambda product: _vat(product).update(VATRate=0.24)),
    _one(
        "tells another VAT rate than it reckons with",
        "goods.rate",
        lambda product: _vat(product).update(VATRate=9),
    ),
    _one("sells for less than nothing", "goods.amounts", _priced(-1.24, 24)),
    _one("has a campaign code of eleven characters", "goods.campaigns.codes", _campaign(code="B0000000002")),
    _one("has a campaign for nobody we know", "goods.campaigns.codes", _campaign(code="X00000000002")),
    _one("has a campaign of an unknown kind", "goods.campaigns.codes", _campaign(code="B00000000777")),
    _one(
        "has an operation that is no expression",
        "goods.campaigns.operations",
        _campaign(operation="if (amount > 2) return 1"),
    ),
    _one(
        "has an operation on what it is not given",
        "goods.campaigns.operations",
        _campaign(operation="total * 0.9"),
    ),
    _one("has a time zone that nobody knows", "goods.inspections.zones", _inspection(timezone="Mars/Base")),
    _one(
        "spells RESTRICT as the documentation's example does",
        "goods.inspections.action",
        _inspection(action="RESTICT"),
    ),
    _one("has an inspection without an action", "goods.inspections.action", _without_action),
    _one("has a wrong check digit", "goods.digits", _digit_wrong),
    _one(
        "has a package with nothing in it",
        "goods.packages",
        lambda product: product.update(type="PACKAGE"),
        _is_plain,
    ),
    _one(
        "weighs in pieces",
        "goods.weighed",
        lambda product: product.update(weightItem=True, quantity={"unit": "PIECE", "value": 1}),
        _is_plain,
    ),
    _one(
        "names languages in small letters",
        "goods.languages",
        lambda product: product["translatableName"].update(translations=[{"et": "Leib"}]),
    ),
    _one(
        "translates twice into a language",
        "goods.languages",
        lambda product: product["translatableName"].update(translations=[{"ET": "a"}, {"ET": "b"}]),
    ),
    _one(
        "has a picture on its own disk",
        "goods.images",
        lambda product: product.update(information={"imageUrl": "C:\\leib.png"}),
    ),
    _one(
        "has a product in a category that is nowhere",
        "goods.categories",
        lambda product: product.update(
            categories=[{"id": "moon", "translatableName": {"originalText": "Kuu"}}]
        ),
    ),
)
