"""Product search from a plain list: paging, order, search, categories, and lists that are replaced."""

import asyncio
import threading
from collections.abc import Callable, Iterable
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.structs import replace

from node.stores import node_of
from smarts.caller import Refused
from smarts.node import NotFound, ProductList
from smarts.node.names import fold, sort_key
from smarts.wire import operations
from smarts.wire.products import (
    Category,
    OrderBy,
    Pageable,
    PageRequest,
    Price,
    Product,
    ProductSearchRequest,
)
from smarts.wire.receipts import ReceiptCategory, ReceiptProduct
from smarts.wire.text import Translatable

ALPHABETS = {
    "ET": "abcdefghijklmnopqrsšzžtuvwõäöüxy",
    "RU": "абвгдежзийклмнопрстуфхцчшщъыьэюя",
    "FI": "abcdefghijklmnopqrstuvwxyzåäö",
}

FOOD = Category("food", Translatable.of("Toit", EN="Food"))
DAIRY = Category("dairy", Translatable.of("Piimatooted", EN="Dairy"), parent_id="food")
CHEESE = Category("cheese", Translatable.of("Juust", EN="Cheese"), parent_id="dairy")
DRINK = Category("drink", Translatable.of("Joogid", EN="Drinks"))
EMPTY = Category("cars", Translatable.of("Autod", EN="Cars"))
CATEGORIES = (DRINK, FOOD, DAIRY, CHEESE, EMPTY)


def product(
    barcode: str,
    name: str = "Kaup",
    *,
    total: str = "1.00",
    categories: Iterable[Category] = (),
    **names: str,
) -> Product:
    return Product(
        str(10_000 - int(barcode)),
        barcode,
        Translatable.of(name, **names),
        Price.of(Decimal(total), Decimal(24)),
        categories=tuple(categories),
    )


SHELF = ProductList(
    [
        product("1", "Õlu, tume", total="3.00", categories=[DRINK], EN="Dark beer", RU="Тёмное пиво"),
        product("2", "Šokolaad", total="1.00", categories=[FOOD], EN="Chocolate", RU="Шоколад"),
        product("3", "Šokolaadipiim", total="2.00", categories=[DAIRY, DRINK], EN="Chocolate milk"),
        product("4", "Gouda", total="10.00", categories=[CHEESE]),
        product("5", "Ämber", total="9.00"),
    ],
    CATEGORIES,
)


def barcodes(products: Iterable[Product]) -> list[str]:
    return [product.barcode for product in products]


def page(
    goods: ProductList = SHELF,
    *,
    number: int = 1,
    limit: int = 20,
    order: OrderBy | None = None,
    field: str | None = None,
    **request: Any,
) -> Pageable[Product]:
    asked = ProductSearchRequest(**request)
    return goods.search(
        PageRequest(page=number, limit=limit, order_by=order, order_field_name=field, request=asked)
    )


def found(goods: ProductList = SHELF, **asked: Any) -> list[str]:
    return barcodes(page(goods, **asked).result)


def by_name(name: str | None) -> list[str]:
    return barcodes(SHELF.by_name(ProductSearchRequest(name=name)))


async def categories(goods: ProductList, name: str | None = None) -> dict[str, int | None]:
    listed = await goods.categories(ProductSearchRequest(category_name=name))
    return {category.id: category.number_of_products for category in listed}


async def test_a_list_is_a_node(ask: Any) -> None:
    """A list alone makes a node, which answers all four searches over HTTP."""
    call = await ask(node_of(SHELF))
    request = ProductSearchRequest(name="goud", category_name="cheese", barcode="4")
    (gouda,) = SHELF.by_name(ProductSearchRequest(name="Gouda"))
    assert await call(operations.PRODUCT_BY_BARCODE, request) == gouda
    assert await call(operations.PRODUCTS_BY_NAME, request) == (gouda,)
    assert await call(operations.PRODUCT_SEARCH, PageRequest(request=request)) == Pageable((gouda,), 1, 1)
    assert [each.id for each in await call(operations.CATEGORIES, request)] == ["cheese"]


@pytest.mark.parametrize("barcode", ["6", "", None, "01"])
async def test_barcode_that_is_not_on_the_list(barcode: str | None) -> None:
    """What is not on the list, and no barcode at all, is not found."""
    with pytest.raises(NotFound):
        await SHELF.by_barcode(ProductSearchRequest(barcode=barcode))


def test_same_barcode_twice() -> None:
    """A list with two products of the same barcode is refused, and the barcode is named."""
    with pytest.raises(ValueError, match=r"different barcodes: 1 is"):
        ProductList([product("1"), product("2"), product("1")])


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("sokolaad", ["2", "3"]),
        ("ŠOKOLAAD", ["2", "3"]),
        ("choc mil", ["3"]),
        ("milk chocolate", ["3"]),
        ("темное", ["1"]),
        ("olu", ["1"]),
        ("dark chocolate", []),
        ("koladi", []),
        (" , ", []),
        ("", []),
        (None, []),
    ],
)
def test_by_name(words: str | None, expected: list[str]) -> None:
    """Each word must begin a word of the name in any language, whatever its case and accents."""
    assert by_name(words) == expected


@given(st.text())
def test_any_text_is_searched_for(text: str) -> None:
    """No text breaks the search, and folding twice changes nothing more."""
    by_name(text)
    assert fold(fold(text)) == fold(text)


@given(st.text(), st.sampled_from(["ET", "RU", "XX", ""]))
def test_any_text_is_sorted(text: str, language: str) -> None:
    """No text breaks the order, in which neither case counts nor how signs are put together."""
    assert sort_key(text.casefold(), language) == sort_key(text, language)
    assert sort_key("Õ" + text, language) == sort_key("O\N{COMBINING TILDE}" + text, language)


@pytest.mark.parametrize("language", ALPHABETS)
def test_a_language_has_its_alphabet(language: str) -> None:
    """Names stand in the order of their language's alphabet, be they capital letters or small ones."""
    for letters in (ALPHABETS[language], ALPHABETS[language].upper()):
        goods = ProductList(product(str(ord(each)), "?", **{language: each}) for each in reversed(letters))
        ordered = found(goods, field="name", limit=50, lang_code=language)
        assert ordered == [str(ord(each)) for each in letters]


@pytest.mark.parametrize(
    ("language", "names"),
    [
        (
            "ET",
            ["3 eset", "aed", "eda", "Édam", "sõda", "Šokk", "žanr", "tee", "õun", "ämm", "Äädikas", "Ёлка"],
        ),
        ("RU", ["7 дней", "ёлочка", "ель", "жук", "йогурт", "йод", "Cola"]),
        ("EN", ["10", "apple", "„Äpple“ pie", "banana", "Ёлка"]),
    ],
)
def test_signs_of_other_alphabets(language: str, names: list[str]) -> None:
    """Digits come first, then the language's letters, for which foreign accents count nothing, other letters last."""
    backwards = names[::-1]
    assert sorted(backwards, key=lambda name: sort_key(name, language)) == names


@pytest.mark.parametrize(
    ("field", "order", "expected"),
    [
        ("name", None, "42315"),
        ("name", OrderBy.DESCENDING, "51324"),
        ("price", OrderBy.ASCENDING, "23154"),
        ("price", OrderBy.DESCENDING, "45132"),
        ("barcode", OrderBy.DESCENDING, "54321"),
        ("id", OrderBy.ASCENDING, "54321"),
        (None, None, "12345"),
        (None, OrderBy.DESCENDING, "54321"),
        ("", None, "12345"),
    ],
)
def test_order(field: str | None, order: OrderBy | None, expected: str) -> None:
    """Pages are ordered by each field both ways, prices as numbers; without a field as listed."""
    assert "".join(found(field=field, order=order, lang_code="ET")) == expected


def test_ordered_in_the_shopper_s_language() -> None:
    """Names are compared in the language of the shopper; a product that has none there stands by its original one."""
    assert found(field="name", lang_code="EN") == ["5", "2", "3", "1", "4"]


async def test_a_field_that_is_not_there(ask: Any) -> None:
    """An unknown field is refused with 422, naming it and those that there are."""
    call = await ask(node_of(SHELF))
    with pytest.raises(Refused) as refused:
        await call(
            operations.PRODUCT_SEARCH, PageRequest(order_field_name="colour", request=ProductSearchRequest())
        )
    problem = refused.value.problem
    assert (problem.status, [error.path for error in problem.errors]) == (422, ["$.orderFieldName"])
    assert "name, price, barcode, id" in problem.detail


PRODUCTS = st.lists(
    st.builds(
        product,
        st.text("0123456789", min_size=1, max_size=4),
        st.text("aõšzяж 1", max_size=4),
        total=st.sampled_from(["1.00", "2.00", "10.00"]),
        categories=st.sampled_from([(), *((each,) for each in CATEGORIES), (CHEESE, DRINK), (FOOD, CHEESE)]),
    ),
    unique_by=lambda each: each.barcode,
    max_size=30,
)
BELOW = {"food": {"food", "dairy", "cheese"}, "dairy": {"dairy", "cheese"}, "Joogid": {"drink"}}
KEYS: dict[str, Callable[[Product], Any]] = {
    "name": lambda each: (sort_key(each.translatable_name.original_text, "ET"), each.barcode),
    "price": lambda each: (each.price.total, each.barcode),
    "barcode": lambda each: each.barcode,
    "id": lambda each: (each.id, each.barcode),
}


def fits(each: Product, category: str | None, letter: str | None) -> bool:
    words = fold(each.translatable_name.original_text).split()
    is_below = category is None or BELOW[category] & {own.id for own in each.categories}
    return bool(is_below and (letter is None or any(word.startswith(letter) for word in words)))


@given(
    PRODUCTS,
    st.integers(1, 12),
    st.sampled_from(list(KEYS)),
    st.sampled_from(OrderBy),
    st.sampled_from([None, *BELOW]),
    st.sampled_from([None, "a", "o"]),
)
def test_pages_hold_everything_once(
    products: list[Product],
    limit: int,
    field: str,
    order: OrderBy,
    category: str | None,
    letter: str | None,
) -> None:
    """All pages together hold each product that fits once, in order; the last is the last with any, then come none."""
    goods = ProductList(products, CATEGORIES)

    def look(number: int) -> Pageable[Product]:
        asked = {"category_name": category, "name": letter, "lang_code": "ET"}
        return page(goods, number=number, limit=limit, field=field, order=order, **asked)

    last = look(1).last_page
    assert last is not None
    pages = [look(number) for number in range(1, last + 1)]
    together = [each for part in pages for each in part.result]
    fitting = [each for each in products if fits(each, category, letter)]
    assert together == sorted(fitting, key=KEYS[field], reverse=order is OrderBy.DESCENDING)
    assert {part.total_count for part in pages} == {len(fitting)}
    assert all(len(part.result) == limit for part in pages[:-1])
    assert bool(pages[-1].result) == bool(fitting)
    assert look(last + 1).result == ()


def test_nothing_found() -> None:
    """A search without finds has one empty page."""
    empty = page(name="tee")
    assert (empty.result, empty.last_page, empty.total_count) == ((), 1, 0)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("food", "234"),
        ("TOIT", "234"),
        ("dairy", "34"),
        ("Cheese", "4"),
        ("joogid", "13"),
        ("foo", ""),
        ("cars", ""),
    ],
)
def test_category_with_those_below(name: str, expected: str) -> None:
    """A category is named by its id or by its name in any language, and holds what is in those below it."""
    assert "".join(found(category_name=name)) == expected


def test_category_and_name_together() -> None:
    """A page meets everything that is asked for at once."""
    assert found(category_name="drink", name="sokolaad") == ["3"]


def test_page_by_barcode() -> None:
    """A barcode leaves the one product."""
    assert found(barcode="2") == ["2"]
    assert page(barcode="6").total_count == 0


async def test_categories_count_what_is_below() -> None:
    """Counts include those below, each product once; categories are as listed, those with nothing in them left out."""
    counts = await categories(SHELF)
    assert list(counts.items()) == [("drink", 2), ("food", 3), ("dairy", 2), ("cheese", 1)]
    twice = ProductList([product("1", categories=[DAIRY, CHEESE])], CATEGORIES)
    assert await categories(twice) == {"food": 1, "dairy": 1, "cheese": 1}


async def test_categories_of_a_branch() -> None:
    """A category is answered with those below it; of an unknown or empty one there is nothing."""
    assert await categories(SHELF, "dairy") == {"dairy": 2, "cheese": 1}
    assert await categories(SHELF, "Autod") == await categories(SHELF, "Lennukid") == {}


async def test_categories_of_products_alone() -> None:
    """Categories that only products name are there too; one whose parent nobody names stands at the top."""
    goods = ProductList([product("1", categories=[CHEESE]), product("2", categories=[DRINK])])
    listed = await goods.categories(ProductSearchRequest())
    assert [(each.id, each.parent_id, each.number_of_products) for each in listed] == [
        ("cheese", None, 1),
        ("drink", None, 1),
    ]


@pytest.mark.parametrize("parents", [("a", "b", "c", "a"), ("a", "a")])
def test_categories_in_a_circle(parents: tuple[str, ...]) -> None:
    """Categories that are above themselves are refused, and named."""
    circle = [Category(below, Translatable(below), parent_id=above) for below, above in pairwise(parents)]
    with pytest.raises(ValueError, match="a is below"):
        ProductList([], circle)


async def test_names_in_the_shopper_s_language() -> None:
    """A receipt's row has the product's and its categories' names in the language, or in the original."""
    goods = product("1", "Piim", categories=[DAIRY], EN="Milk")
    english = ReceiptProduct.of(goods, Decimal(2), Decimal("2.10"), "EN")
    assert english == ReceiptProduct(
        "9999", "1", "Milk", Decimal(2), Decimal("2.10"), (ReceiptCategory("dairy", "Dairy"),)
    )
    assert ReceiptProduct.of(goods, Decimal(2), Decimal("2.10"), "RU").product_name == "Piim"


def test_the_list_is_replaced() -> None:
    """After a replacement the new list alone is sold, in every search; one that is refused changes nothing."""
    goods = ProductList([product("1", "Leib", categories=[FOOD])])
    assert found(goods, field="name", lang_code="ET") == ["1"]
    goods.replace([product("2", "Sai", categories=[DRINK]), product("3", "Ahi", categories=[DRINK])])
    assert found(goods, field="name", lang_code="ET") == ["3", "2"]
    with pytest.raises(ValueError, match="different barcodes"):
        goods.replace([product("4"), product("4")])
    assert (goods.find("1"), goods.find("4")) == (None, None)
    assert found(goods, category_name="food") == []
    assert asyncio.run(categories(goods)) == {"drink": 2}


def test_no_gap_while_the_list_is_replaced() -> None:
    """While the list is replaced over and over, each page is of one list, the old or the new, and never empty."""
    lists = [[product(f"{kind}{place}", kind) for place in range(50)] for kind in ("1", "2")]
    goods = ProductList(lists[0])
    done = threading.Event()
    seen: list[set[str]] = []

    def look() -> None:
        while not done.is_set():
            seen.append({barcode[0] for barcode in found(goods, field="name", limit=100)})

    lookers = [threading.Thread(target=look) for _ in range(2)]
    for looker in lookers:
        looker.start()
    for turn in range(60):
        goods.replace(lists[turn % 2])
    done.set()
    for looker in lookers:
        looker.join()
    assert seen
    assert all(len(kinds) == 1 for kinds in seen)


def test_a_page_is_of_one_list() -> None:
    """A list that is replaced in the middle of a search does not get into what is answered."""
    goods = ProductList([])

    class Restocking(Translatable, frozen=True):
        def in_language(self, language: str) -> str:
            goods.replace([product("9", "Sai")])
            return super().in_language(language)

    names = [Restocking(name) for name in ("Leib", "Ahi")]
    goods.replace(replace(product(str(place)), translatable_name=name) for place, name in enumerate(names))
    assert found(goods, field="name") == ["1", "0"]
    assert found(goods, field="name") == ["9"]


def test_what_is_not_on_the_list_may_be_sold_too() -> None:
    """A store may override how barcodes are found, and all searches by barcode follow."""

    class WithDeposit(ProductList):
        def find(self, barcode: str) -> Product | None:
            return super().find(barcode) or (product(barcode, "Pant") if barcode == "99" else None)

    goods = WithDeposit(SHELF.products)
    assert asyncio.run(goods.by_barcode(ProductSearchRequest(barcode="99"))).barcode == "99"
    assert found(goods, barcode="99") == ["99"]


@given(st.text(min_size=1), st.text(min_size=1))
def test_a_name_is_found_by_itself(first: str, second: str) -> None:
    """A product is found by its whole name, if that has a letter or a digit in it."""
    name = f"{first} {second}"
    assume(any(sign.isalnum() for sign in fold(name)))
    goods = ProductList([product("1", name)])
    assert barcodes(goods.by_name(ProductSearchRequest(name=name))) == ["1"]
