"""Nodes whose product search is broken."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from kit.broken.breakage import breakage, remembering
from kit.broken.layer import Answer, Asked, How, Reply, document, reply, request
from smarts.wire.operations import (
    CATEGORIES,
    PRODUCT_BY_BARCODE,
    PRODUCT_SEARCH,
    PRODUCTS_BY_NAME,
    Operation,
)

_EVERYTHING = (PRODUCT_SEARCH, PRODUCT_BY_BARCODE, PRODUCTS_BY_NAME, CATEGORIES)


def _asks(operation: Operation, change: Callable[[Any], Any]) -> How:
    """Changes the document that the node is asked with; what is no document is left as it is."""

    def changed(asked: Asked) -> Asked:
        try:
            found = asked.json
        except ValueError:
            return asked
        if not isinstance(found, dict):
            return asked
        again = change(found)
        return asked.with_json(found if again is None else again)

    return request(changed, operation)


def _answers(operation: Operation, old: int, new: int) -> How:
    return reply(
        lambda asked, found: (
            replace(found, status=new) if asked.of(operation) and found.status == old else found
        )
    )


def _refuses(words: bytes, status: int = 422, *operations: Operation) -> How:
    """Refuses requests that hold these words."""

    async def how(asked: Asked, answer: Answer) -> Reply:
        is_meant = words in asked.body and asked.of(*(operations or _EVERYTHING))
        return Reply(status) if is_meant else await answer(asked)

    return how


def _page(change: Callable[[Any], Any]) -> How:
    return document(PRODUCT_SEARCH, change)


def _by_page(change: Callable[[Any, Any], None]) -> How:
    """Changes a page, by what was asked."""

    def changed(asked: Asked, found: Reply) -> Reply:
        if not asked.of(PRODUCT_SEARCH) or found.status != 200:
            return found
        page = found.json
        change(page, asked.json)
        return found.with_json(page)

    return reply(changed)


def _only_knows_barcodes(asked: Asked, found: Reply) -> Reply:
    if asked.of(PRODUCT_SEARCH) and found.status == 200:
        return found.with_json({"result": [], "lastPage": 1, "totalCount": 0})
    if asked.of(PRODUCT_BY_BARCODE) and found.status == 200:
        return found.with_json(found.json | {"price": None})
    return found


def _begins_with_the_same(page: Any, asked: Any) -> None:
    if page["result"] and asked["page"] > 1:
        page["result"][0] = _SOME_PRODUCT


def _shortens(page: Any, asked: Any) -> None:
    if asked["page"] == 2:
        del page["result"][3:]


def _ends_with_what_was(page: Any, asked: Any) -> None:
    if not page["result"]:
        page["result"] = [_SOME_PRODUCT]


_SOME_PRODUCT = {
    "id": "1",
    "barcode": "4740000000018",
    "translatableName": {"originalText": "Leib"},
    "price": {
        "vat": {"sumWithoutVAT": 1.0, "VATSum": 0.24, "sumWithVAT": 1.24, "VATRate": 24},
        "total": 1.24,
    },
}


def _forgets_the_total(page: Any, asked: Any) -> None:
    if not page["result"]:
        page["totalCount"] = 0


def _is_deaf_to_categories(asked: Any) -> None:
    asked["request"].pop("categoryName", None)


def _never_falls(asked: Any) -> Any:
    return asked | ({"orderBy": "ACS"} if asked.get("orderBy") else {})


def _dearer(found: Any) -> None:
    found["price"]["total"] += 0.5


def _another_name(found: Any) -> None:
    found["translatableName"]["originalText"] += " (new)"


def _always_otherwise() -> How:
    numbers = itertools.count()

    def change(found: Any) -> Any:
        return found | {"result": found["result"][:: -1 if next(numbers) % 2 else 1]}

    return _page(change)


def _small_letters_only(asked: Any) -> Any:
    name = asked.get("name") or ""
    return asked | {"name": name if name == name.lower() or not name.isupper() else "nothing at all"}


def _finds_something(found: Any) -> Any:
    return found or [_SOME_PRODUCT]


def _404_for_nothing(asked: Asked, found: Reply) -> Reply:
    return Reply(404) if asked.of(PRODUCTS_BY_NAME) and found.body == b"[]" else found


def _twice(found: Any) -> Any:
    return [*found, found[0]]


def _above_itself(found: Any) -> None:
    found[0]["parentId"] = found[0]["id"]


def _orphan(found: Any) -> None:
    found[0]["parentId"] = "nowhere"


def _counts_own_only(found: Any) -> None:
    above = {each.get("parentId") for each in found}
    for each in found:
        if each["id"] in above:
            each["numberOfProducts"] = 0


def _in_a_string(found: Any) -> None:
    found["price"]["total"] = str(found["price"]["total"])


def _languages_in_one_object(found: Any) -> None:
    for product in found["result"]:
        product["translatableName"]["translations"] = {"ET": "Leib", "EN": "Bread"}


_NO_PAGE = "products.search.shape products.search.spelling products.cards"

BREAKAGES = (
    breakage("answers a bare list for a page", _NO_PAGE, _page(lambda found: found["result"])),
    breakage("tells translations as one object", _NO_PAGE, _page(_languages_in_one_object)),
    breakage(
        "tells products without a price",
        _NO_PAGE,
        _page(lambda found: [each.pop("price") for each in found["result"]] and found),
    ),
    breakage(
        "has null for no inspections",
        _NO_PAGE,
        _page(lambda found: [each.update(inspections=None) for each in found["result"]] and found),
    ),
    breakage("tells no counts", "products.search.counts", _page(lambda found: {"result": found["result"]})),
    breakage(
        "counts pages from 0",
        "products.search.counts products.search.pages products.search.after",
        _page(lambda found: found | {"lastPage": found["lastPage"] - 1}),
    ),
    breakage(
        "counts only what is on the page",
        "products.search.counts products.search.pages products.search.after",
        _page(lambda found: found | {"totalCount": len(found["result"])}),
    ),
    breakage(
        "shows nothing of what it counts",
        "products.search.pages products.search.limits",
        _page(lambda found: found | {"result": []}),
    ),
    breakage("shows a product on two pages", "products.search.pages", _by_page(_begins_with_the_same)),
    breakage("leaves products out of a page", "products.search.pages", _by_page(_shortens)),
    breakage("shows something after the last page", "products.search.after", _by_page(_ends_with_what_was)),
    breakage("forgets the count after the last page", "products.search.after", _by_page(_forgets_the_total)),
    breakage(
        "answers 404 after the last page",
        "products.search.after",
        reply(
            lambda asked, found: (
                Reply(404) if asked.of(PRODUCT_SEARCH) and b'"result":[]' in bytes(found.body) else found
            )
        ),  # type: ignore[arg-type]
    ),
    breakage(
        "gives at least ten products",
        "products.search.limits",
        _by_page(lambda page, asked: page["result"].extend([_SOME_PRODUCT] * (asked["limit"] in (1, 3)))),
    ),
    breakage(
        "takes page 0 for the first",
        "products.search.refused",
        _asks(
            PRODUCT_SEARCH,
            lambda asked: (
                asked | {"page": max(1, asked.get("page", 1))}
                if isinstance(asked.get("page"), int)
                else asked
            ),
        ),
    ),
    breakage("breaks over a limit of 0", "products.search.refused", _refuses(b'"limit": 0', 500)),
    breakage(
        "does not know ACS",
        "products.search.spelling",
        _refuses(b'"ACS"'),
    ),
    breakage("breaks over DESC", "products.search.spelling", _refuses(b'"DESC"', 500)),
    breakage("does not know ASC", "products.search.asc", _refuses(b'"ASC"')),
    breakage(
        "takes ASC for falling",
        "products.search.asc",
        _asks(
            PRODUCT_SEARCH,
            lambda asked: asked | ({"orderBy": "DESC"} if asked.get("orderBy") == "ASC" else {}),
        ),
    ),
    breakage("never sorts falling", "products.search.order", _asks(PRODUCT_SEARCH, _never_falls)),
    breakage(
        "does not look at the category",
        "products.search.category",
        _asks(PRODUCT_SEARCH, _is_deaf_to_categories),
    ),
    breakage(
        "finds nothing in categories",
        "products.search.category",
        _by_page(
            lambda page, asked: page.update(result=[]) if asked["request"].get("categoryName") else None
        ),
    ),
    breakage(
        "tells a price as text",
        "products.barcode.shape products.cards products.language products.shops",
        document(PRODUCT_BY_BARCODE, _in_a_string),
    ),
    breakage(
        "answers a list for a barcode",
        "products.barcode.shape products.cards products.language products.shops",
        document(PRODUCT_BY_BARCODE, lambda found: [found]),
    ),
    breakage("lists nothing, and tells no price", "products.barcode.shape", reply(_only_knows_barcodes)),
    breakage("has another price at the till", "products.barcode.same", document(PRODUCT_BY_BARCODE, _dearer)),
    breakage(
        "has another name at the till", "products.barcode.same", document(PRODUCT_BY_BARCODE, _another_name)
    ),
    breakage(
        "has another id for a barcode",
        "products.barcode.same",
        document(PRODUCT_BY_BARCODE, lambda found: found | {"id": "x" + found["id"]}),
    ),
    breakage(
        "answers an unknown barcode with 400",
        "products.barcode.unknown",
        _answers(PRODUCT_BY_BARCODE, 404, 400),
    ),
    breakage(
        "answers an unknown barcode with null",
        "products.barcode.unknown products.barcode.none products.barcode.odd",
        reply(
            lambda asked, found: (
                replace(found, status=200, body=b"null")
                if asked.of(PRODUCT_BY_BARCODE) and found.status == 404
                else found
            )
        ),
    ),
    breakage(
        "breaks over a missing barcode",
        "products.barcode.none",
        reply(
            lambda asked, found: (
                Reply(500) if asked.of(PRODUCT_BY_BARCODE) and not asked.json.get("barcode") else found
            )
        ),
    ),
    breakage("breaks over a quote in a barcode", "products.barcode.odd", _refuses(b"drop table", 500)),
    breakage("breaks over a long barcode", "products.barcode.odd", _refuses(b"9" * 1_000, 500)),
    breakage(
        "answers a page for a name",
        "products.name.shape products.name.nothing",
        document(PRODUCTS_BY_NAME, lambda found: {"result": found, "lastPage": 1, "totalCount": len(found)}),
    ),
    breakage("finds no names", "products.name.found", document(PRODUCTS_BY_NAME, lambda _: [])),
    breakage(
        "finds others than it was asked for",
        "products.name.found products.name.nothing",
        document(PRODUCTS_BY_NAME, lambda _: [_SOME_PRODUCT | {"translatableName": {"originalText": "Muu"}}]),
    ),
    breakage(
        "finds names in small letters only",
        "products.name.case",
        _asks(PRODUCTS_BY_NAME, _small_letters_only),
    ),
    breakage("always finds something", "products.name.nothing", document(PRODUCTS_BY_NAME, _finds_something)),
    breakage("answers 404 where no name fits", "products.name.nothing", reply(_404_for_nothing)),
    breakage(
        "tells categories by their names alone",
        "products.categories.shape",
        document(CATEGORIES, lambda found: [each["translatableName"]["originalText"] for each in found]),
    ),
    breakage("has a category twice", "products.categories.ids", document(CATEGORIES, _twice)),
    breakage(
        "puts a category above itself",
        "products.categories.parents",
        document(CATEGORIES, _above_itself),
    ),
    breakage("puts a category below nothing", "products.categories.parents", document(CATEGORIES, _orphan)),
    breakage(
        "counts only a category's own products",
        "products.categories.counts",
        document(CATEGORIES, _counts_own_only),
    ),
    remembering(
        "lists products in another order each time",
        "products.search.asc products.search.order products.repeat products.unknown-fields",
        _always_otherwise,
    ),
    breakage("refuses fields that it does not know", "products.unknown-fields", _refuses(b'"conformance":')),
    breakage("breaks over a loyalty card", "products.cards", _refuses(b"conformance-card", 500)),
    breakage("refuses a language that it does not speak", "products.language", _refuses(b'"QX"')),
    breakage("does not know the e-shop", "products.shops", _refuses(b"E_SHOP")),
)
