"""Carts of goods that the node really sells, and what is told of those goods at the scan."""

from collections.abc import Sequence
from typing import Any

from smarts.kit.asked import page, search
from smarts.kit.check import Unmet, Unseen
from smarts.kit.expect import document
from smarts.kit.goods import ordinary, products, row
from smarts.kit.subject import Case
from smarts.wire import operations

Json = dict[str, Any]
_MOST_PAGES, _A_PAGE = 5, 100


async def rows(case: Case, count: int = 2) -> list[Json]:
    """A cart of so many rows, or fewer: two pieces of the first product and one of each other."""
    return [row(product, 1 if place else 2) for place, product in enumerate(await ordinary(case, count))]


async def many_rows(case: Case, count: int) -> list[Json]:
    """A cart of so many rows, in which goods come again and again."""
    few = await rows(case, 10)
    return [few[place % len(few)] for place in range(count)]


def stringed(cart: Sequence[Json]) -> list[Json]:
    """The same rows with their numbers as strings."""
    return [each | {"amount": str(each["amount"]), "rowPrice": f"{each['rowPrice']:.2f}"} for each in cart]


async def weighed(case: Case) -> Json:
    """A product that is sold by its weight; raises `Unseen` where none is found among the first few hundred."""
    found: Json | None = await case.subject.fact("weighed", lambda: _weighed(case))
    if found is None:
        raise Unseen("the node lists no goods that are sold by weight; name one with --barcode")
    return found


async def _weighed(case: Case) -> Json | None:
    for product in await products(case):
        if _is_weighed(product):
            return product
    for number in range(1, _MOST_PAGES + 1):
        for barcode in await _weighed_on(case, number):
            return await scan(case, barcode)
    return None


async def _weighed_on(case: Case, number: int) -> list[str]:
    # Not held against the schema, which takes longer for so many products than all the rest of the cart's checks.
    answer = await case.ask(operations.PRODUCT_SEARCH, page(case, number, _A_PAGE))
    try:
        return [product["barcode"] for product in answer.json()["result"] if _is_weighed(product)]
    except (ValueError, LookupError, TypeError, AttributeError):
        return []


def _is_weighed(product: Json) -> bool:
    return bool(product.get("weightItem")) and not product.get("inspections")


async def scan(case: Case, barcode: str, *, cards: Sequence[Json] = (), person_id: str = "") -> Json:
    """The product with this barcode as it is told at the scan; raises `Unmet` where it is not."""
    asked = search(case, barcode=barcode, loyaltyCards=list(cards))
    if person_id:
        asked["personId"] = person_id
    try:
        found: Json = await document(case, operations.PRODUCT_BY_BARCODE, asked)
    except Unmet as unmet:
        raise Unmet(f"the product {barcode}, as it was told when it was searched for", unmet.seen) from None
    return found


async def scanned(case: Case, count: int) -> list[Json]:
    """So many goods as they are told at the scan."""
    return [await scan(case, product["barcode"]) for product in await ordinary(case, count)]
