"""Checks of product search: by barcode, by name, and categories."""

import re
from typing import Any

from smarts.kit.asked import search
from smarts.kit.check import Unmet, Unseen, check
from smarts.kit.expect import document, needed, require_refusal, require_status
from smarts.kit.goods import listed, name_of, products
from smarts.kit.subject import Case
from smarts.wire import operations

_UNKNOWN = "0000000000000"
_NONSENSE = "qxzvjkw"
_ODD = (" ", "'; drop table products; --", "%", "../../etc/passwd", "\N{PILE OF POO}", "9" * 5_000, "0", "-1")
_SAMPLE = 5
_WORD = re.compile(r"\w{3,}")


@check("products.barcode.shape")
async def barcode_shape(case: Case) -> None:
    """Asks for those that were named, and for some of the listed products."""
    for barcode in case.subject.barcodes:
        await document(case, operations.PRODUCT_BY_BARCODE, search(case, barcode=barcode))
    for product in (await listed(case))[:_SAMPLE]:
        await document(case, operations.PRODUCT_BY_BARCODE, search(case, barcode=product["barcode"]))


@check("products.barcode.same")
async def barcode_same(case: Case) -> None:
    """Compares some listed products with what their barcodes lead to."""
    for product in (await listed(case))[:_SAMPLE]:
        with needed("products.barcode.shape"):
            found = await document(
                case, operations.PRODUCT_BY_BARCODE, search(case, barcode=product["barcode"])
            )
        for what, expected, seen in _compared(product, found):
            if expected != seen:
                raise Unmet(f"{what} {expected} for {product['barcode']}, as in the list", str(seen))


def _compared(listed: Any, found: Any) -> list[tuple[str, Any, Any]]:
    return [
        ("barcode", listed["barcode"], found["barcode"]),
        ("id", listed["id"], found["id"]),
        ("name", name_of(listed), name_of(found)),
        ("total", listed["price"]["total"], found["price"]["total"]),
    ]


@check("products.barcode.unknown")
async def unknown_barcode(case: Case) -> None:
    """Asks for a barcode that nobody sells."""
    answer = await case.ask(operations.PRODUCT_BY_BARCODE, search(case, barcode=_UNKNOWN))
    require_status(answer, 404)


@check("products.barcode.none")
async def no_barcode(case: Case) -> None:
    """Asks without a barcode, and with null."""
    for asked in (search(case), search(case, barcode=None)):
        require_refusal(await case.ask(operations.PRODUCT_BY_BARCODE, asked))


@check("products.barcode.odd")
async def odd_barcodes(case: Case) -> None:
    """Asks for what no scanner reads."""
    for barcode in _ODD:
        require_refusal(await case.ask(operations.PRODUCT_BY_BARCODE, search(case, barcode=barcode)))


async def _by_name(case: Case, name: str) -> Any:
    return await document(case, operations.PRODUCTS_BY_NAME, search(case, name=name))


async def _word(case: Case) -> str:
    for product in await products(case):
        if word := _WORD.search(name_of(product)):
            return word[0]
    raise Unseen("no product of the first page has a word of three letters in its name")


@check("products.name.shape")
async def name_shape(case: Case) -> None:
    """Searches for a word."""
    await _by_name(case, await _word(case))


@check("products.name.found")
async def name_found(case: Case) -> None:
    """Searches for a word of a listed product's name."""
    word = await _word(case)
    with needed("products.name.shape"):
        found = await _by_name(case, word)
    if not any(word.casefold() in name_of(product).casefold() for product in found):
        raise Unmet(f"a product with {word} in its name", ", ".join(map(name_of, found[:5])) or "none")


@check("products.name.case")
async def name_case(case: Case) -> None:
    """Searches in capitals and in small letters."""
    word = await _word(case)
    with needed("products.name.shape"):
        upper, lower = [await _by_name(case, spelled) for spelled in (word.upper(), word.lower())]
    if {product["barcode"] for product in upper} != {product["barcode"] for product in lower}:
        raise Unmet(
            f"as many products for {word.upper()} as for {word.lower()}", f"{len(upper)} and {len(lower)}"
        )


@check("products.name.nothing")
async def name_nothing(case: Case) -> None:
    """Searches for what nothing is called."""
    found = await _by_name(case, _NONSENSE)
    if found:
        raise Unmet("an empty list", f"{len(found)} products, such as {name_of(found[0])}")


@check("products.categories.shape")
async def categories_shape(case: Case) -> None:
    """Asks for all categories."""
    await document(case, operations.CATEGORIES, search(case))


async def _categories(case: Case) -> dict[str, Any]:
    with needed("products.categories.shape"):
        found = await document(case, operations.CATEGORIES, search(case))
    if not found:
        raise Unseen("the node has no categories")
    return {category["id"]: category for category in found}


@check("products.categories.ids")
async def category_ids(case: Case) -> None:
    """Looks for an id that is there twice."""
    with needed("products.categories.shape"):
        found = await document(case, operations.CATEGORIES, search(case))
    ids = [category["id"] for category in found]
    for id_ in ids:
        if not id_ or ids.count(id_) > 1:
            raise Unmet("categories with ids of their own", f"{ids.count(id_)} with the id {id_!r}")


@check("products.categories.parents")
async def parents(case: Case) -> None:
    """Goes up from each category."""
    categories = await _categories(case)
    for id_ in categories:
        way = [id_]
        while (above := categories[way[-1]].get("parentId")) is not None:
            if above not in categories:
                raise Unmet(f"the parent {above} of {way[-1]} among the categories", "it is not there")
            if above in way:
                raise Unmet("categories that make a tree", f"{above} above itself")
            way.append(above)


@check("products.categories.counts")
async def category_counts(case: Case) -> None:
    """Compares counts of products along the tree."""
    categories = await _categories(case)
    for category in categories.values():
        above = categories.get(category.get("parentId") or "", {})
        count, larger = category.get("numberOfProducts"), above.get("numberOfProducts")
        if count is not None and larger is not None and larger < count:
            raise Unmet(
                f"at least {count} products in {above['id']}, as in {category['id']} below", str(larger)
            )
