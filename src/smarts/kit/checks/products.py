"""Checks of product search: pages and their order."""

from collections.abc import Mapping, Sequence
from typing import Any

from smarts.kit.asked import page, search
from smarts.kit.check import Unmet, Unseen, check
from smarts.kit.expect import document, needed, require_refusal
from smarts.kit.goods import listed, name_of
from smarts.kit.subject import Case
from smarts.wire import operations

_LIMIT = 20
_MOST_PAGES = 3  # that are walked through, and the last one
_CARD = {"id": "conformance-card", "cardNumber": "0000000000000", "useBonusOnPayment": False}


async def a_page(case: Case, number: int = 1, limit: int = _LIMIT, **changes: Any) -> Any:
    """A page, for checks that need one."""
    with needed("products.search.shape"):
        return await document(case, operations.PRODUCT_SEARCH, page(case, number, limit, **changes))


def keys(found: Any) -> list[tuple[str, str]]:
    """By what the products of a page are told apart."""
    return [(product["id"], product["barcode"]) for product in found["result"]]


async def _first_page(case: Case) -> Any:
    found = await a_page(case)
    if not found["result"] and not found.get("totalCount"):
        raise Unseen("the node lists no products")
    if found.get("totalCount") is None or found.get("lastPage") is None:
        raise Unseen("see products.search.counts: the page does not tell them")
    return found


@check("products.search.shape")
async def search_shape(case: Case) -> None:
    """Asks for the first page."""
    await document(case, operations.PRODUCT_SEARCH, page(case))


@check("products.search.counts")
async def counts(case: Case) -> None:
    """Compares the counts with the page."""
    for limit in (_LIMIT, 7):
        found = await a_page(case, limit=limit)
        total, last = found.get("totalCount"), found.get("lastPage")
        if total is None or last is None:
            raise Unmet("totalCount and lastPage", ", ".join(found))
        if total < len(found["result"]):
            raise Unmet(
                f"a totalCount of at least {len(found['result'])}, as many as are on the page", str(total)
            )
        expected = -(-total // limit)
        if last != expected and (total or last != 1):
            raise Unmet(f"lastPage {expected} for {total} products, {limit} a page", str(last))


@check("products.search.pages")
async def pages(case: Case) -> None:
    """Walks through the first pages and the last one."""
    first = await _first_page(case)
    last, total = first["lastPage"], first["totalCount"]
    seen: dict[tuple[str, str], int] = {}
    for number in sorted({*range(1, min(last, _MOST_PAGES) + 1), last}):
        found = keys(await a_page(case, number))
        expected = _LIMIT if number < last else total - _LIMIT * (last - 1)
        if len(found) != expected:
            raise Unmet(f"{expected} products on page {number} of {last}, counted from 1", str(len(found)))
        for key in found:
            if key in seen:
                raise Unmet(
                    f"each product once, {key[1]} is on page {seen[key]}", f"it on page {number}, too"
                )
            seen[key] = number


@check("products.search.after")
async def after(case: Case) -> None:
    """Asks for the page after the last one."""
    first = await _first_page(case)
    found = await document(case, operations.PRODUCT_SEARCH, page(case, first["lastPage"] + 1))
    if found["result"]:
        raise Unmet("no products", f"{len(found['result'])}")
    if found.get("totalCount") != first["totalCount"]:
        raise Unmet(f"totalCount {first['totalCount']}", str(found.get("totalCount")))


@check("products.search.limits")
async def limits(case: Case) -> None:
    """Asks for one product, for three, and for seven."""
    total = (await _first_page(case))["totalCount"]
    for limit in (1, 3, 7):
        found = await a_page(case, limit=limit)
        if len(found["result"]) != min(limit, total):
            raise Unmet(f"{min(limit, total)} products", str(len(found["result"])))


@check("products.search.refused")
async def refused(case: Case) -> None:
    """Asks for page 0, and for no products a page."""
    for number, limit in ((0, _LIMIT), (-1, _LIMIT), (1, 0), (1, -5)):
        require_refusal(await case.ask(operations.PRODUCT_SEARCH, page(case, number, limit)))


@check("products.search.spelling")
async def spelling(case: Case) -> None:
    """Orders in both directions."""
    for direction in ("ACS", "DESC"):
        await _ordered(case, direction, "name")


async def _ordered(case: Case, direction: str, field: str) -> Any:
    asked = page(case, orderBy=direction, orderFieldName=field)
    return await document(case, operations.PRODUCT_SEARCH, asked)


@check("products.search.asc")
async def asc(case: Case) -> None:
    """Compares what comes for ASC with what comes for ACS."""
    with needed("products.search.spelling"):
        expected = keys(await _ordered(case, "ACS", "name"))
    found = keys(await _ordered(case, "ASC", "name"))
    if found != expected:
        raise Unmet("the same products as for ACS", "others, or in another order")


@check("products.search.order")
async def order(case: Case) -> None:
    """Orders by price, both ways."""
    with needed("products.search.spelling"):
        ordered = {direction: await _ordered(case, direction, "price") for direction in ("ACS", "DESC")}
    for direction, word in (("ACS", "rising"), ("DESC", "falling")):
        found = ordered[direction]
        prices = [product["price"]["total"] for product in found["result"]]
        if prices != sorted(prices, reverse=direction == "DESC"):
            raise Unmet(f"{word} prices", ", ".join(map(str, prices[:10])))


@check("products.search.category")
async def in_category(case: Case) -> None:
    """Searches in the category of a product."""
    with needed("products.categories.shape"):
        categories = await document(case, operations.CATEGORIES, search(case))
    parents = {each["id"]: each.get("parentId") for each in categories}
    wanted = next((each for product in await listed(case) for each in product.get("categories", ())), None)
    if wanted is None:
        raise Unseen("no product of the first page is in a category")
    name = wanted["translatableName"]["originalText"]
    found = await document(
        case, operations.PRODUCT_SEARCH, page(case, request=search(case, categoryName=name))
    )
    if not found["result"]:
        raise Unmet(f"products in {name}", "none")
    for product in found["result"]:
        if not any(_is_in(each["id"], wanted["id"], parents) for each in product.get("categories", ())):
            raise Unmet(f"only products in {name}", f"{product['barcode']} {name_of(product)}")


def _is_in(category: str | None, wanted: str, parents: Mapping[str, str | None]) -> bool:
    for _ in range(len(parents) + 1):
        if category == wanted:
            return True
        if category is None:
            return False
        category = parents.get(category)
    return False


@check("products.repeat")
async def repeat(case: Case) -> None:
    """Asks twice for a page and for a product."""
    barcode = (await listed(case))[0]["barcode"]
    for operation, asked in (
        (operations.PRODUCT_SEARCH, page(case)),
        (operations.PRODUCT_BY_BARCODE, search(case, barcode=barcode)),
    ):
        first, second = [await case.ask(operation, asked) for _ in range(2)]
        if (first.status, first.body) != (second.status, second.body) and not _same(first.json, second.json):
            raise Unmet("the same answer again", f"another one to {operation.path}")


def _same(first: Any, second: Any) -> bool:
    try:
        return bool(first() == second())
    except (ValueError, RecursionError):
        return False


@check("products.unknown-fields")
async def unknown_fields(case: Case) -> None:
    """Adds a field that the contract does not have, and compares."""
    expected = keys(await a_page(case))
    asked = page(case, request=search(case, conformance={"of": ["unknown", "things"]}), conformance=[1, None])
    if keys(await document(case, operations.PRODUCT_SEARCH, asked)) != expected:
        raise Unmet("the same products as without the field", "others")


@check("products.cards")
async def cards(case: Case) -> None:
    """Shows a card that nobody has in both places."""
    asked = page(case, request=search(case, loyaltyCards=[_CARD]), loyaltyCards=[_CARD])
    await document(case, operations.PRODUCT_SEARCH, asked)
    await _accepted(case, [{"loyaltyCards": [_CARD]}])


@check("products.language")
async def language(case: Case) -> None:
    """Asks in a language that nobody speaks."""
    await _accepted(case, [{"langCode": "QX"}])


@check("products.shops")
async def shops(case: Case) -> None:
    """Asks from the store and from home."""
    await _accepted(case, [{"type": "SELF_SERVICE"}, {"type": "E_SHOP"}])


async def _accepted(case: Case, changes: Sequence[Mapping[str, Any]]) -> None:
    barcode = (await listed(case))[0]["barcode"]
    for change in changes:
        asked = search(case, barcode=barcode, **change)
        await document(case, operations.PRODUCT_BY_BARCODE, asked)
