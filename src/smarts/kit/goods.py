"""What the node sells, found out once: checks need real goods."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from smarts.kit.asked import page, search
from smarts.kit.check import Unseen
from smarts.kit.expect import document, needed
from smarts.kit.subject import Case
from smarts.wire import operations

FIRST_PAGE = 50  # products that are looked at
_NOTHING = "the node lists no products on its first page; name some that it sells with --barcode"
_CENT = Decimal("0.01")


async def products(case: Case) -> list[dict[str, Any]]:
    """The goods of the first page, before them those that the node's operator has named; there is at least one.

    Raises:
        Unseen: the node lists nothing, or its product search does not work.
    """
    found = await case.subject.fact("products", lambda: _found(case))
    if not found:
        raise Unseen(_NOTHING)
    return found


async def ordinary(case: Case, count: int = 1) -> list[dict[str, Any]]:
    """So many goods that anybody may buy by the piece, at any hour; fewer where the node lists no more of them."""
    everything, named = await products(case), len(case.subject.barcodes)
    # Listed goods first: those that were named are told as at a scan, which is to be compared with the list.
    found = [product for product in (*everything[named:], *everything[:named]) if _is_ordinary(product)]
    if not found:
        raise Unseen("the node lists no goods without inspections on its first page; name one with --barcode")
    return found[:count]


async def with_age_limit(case: Case) -> dict[str, Any]:
    """A product for which one must be old enough."""
    for product in await products(case):
        if any(rule["type"] == "MIN_AGE" for rule in product.get("inspections", ())):
            return product
    raise Unseen("the node lists no goods with an age limit on its first page; name one with --barcode")


def name_of(product: dict[str, Any]) -> str:
    """A product's own name."""
    name: str = product["translatableName"]["originalText"]
    return name


def row(product: dict[str, Any], amount: int | str = 1) -> dict[str, Any]:
    """The row of a cart in which a product is bought, priced without campaigns."""
    price = (Decimal(str(product["price"]["total"])) * Decimal(amount)).quantize(_CENT, ROUND_HALF_UP)
    return {
        "id": product["id"],
        "barcode": product["barcode"],
        "productName": name_of(product),
        "amount": amount if isinstance(amount, int) else float(amount),
        "rowPrice": float(price),
        "categories": [
            {"id": category["id"], "name": category["translatableName"]["originalText"]}
            for category in product.get("categories") or ()
        ],
    }


async def listed(case: Case) -> list[dict[str, Any]]:
    """The goods of the first page alone; raises as `products` does."""
    found = await case.subject.fact("listed", lambda: _first_page(case))
    if not found:
        raise Unseen(_NOTHING)
    return found


async def _found(case: Case) -> list[dict[str, Any]]:
    named = [await _by_barcode(case, barcode) for barcode in case.subject.barcodes]
    return [*named, *await case.subject.fact("listed", lambda: _first_page(case))]


async def _first_page(case: Case) -> list[dict[str, Any]]:
    with needed("products.search.shape"):
        found = await document(case, operations.PRODUCT_SEARCH, page(case, limit=FIRST_PAGE))
    products_: list[dict[str, Any]] = found["result"]
    return products_


async def _by_barcode(case: Case, barcode: str) -> dict[str, Any]:
    with needed("products.barcode.shape"):
        found: dict[str, Any] = await document(
            case, operations.PRODUCT_BY_BARCODE, search(case, barcode=barcode)
        )
    return found


def _is_ordinary(product: dict[str, Any]) -> bool:
    is_free = not (product.get("inspections") or product.get("weightItem") or product.get("subProducts"))
    return is_free and bool(product["barcode"]) and product["price"]["total"] > 0
