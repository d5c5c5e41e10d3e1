from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smarts.demo.catalogue import invented_catalogue
from smarts.demo.catalogue.barcodes import with_weight
from smarts.demo.catalogue.goods import price
from smarts.demo.catalogue.shelves import Catalogue, fold
from smarts.wire.products import Category, OrderBy, PageRequest, Product, ProductSearchRequest, Quantity, Unit
from smarts.wire.text import Translatable

CATALOGUE = invented_catalogue()


def product(barcode, name, *, total="1.00", categories=(), **names):
    return Product(
        id=barcode,
        barcode=barcode,
        translatable_name=Translatable.of(name, **names),
        price=price(Decimal(total), Decimal(24)),
        categories=tuple(categories),
    )


SHELF = Catalogue(
    [
        product("1", "Õlu, tume", total="3.00", EN="Dark beer", RU="Тёмное пиво"),
        product("2", "Šokolaad", total="1.00", EN="Chocolate", RU="Шоколад"),
        product("3", "Šokolaadipiim", total="2.00", EN="Chocolate milk", RU="Шоколадный йогурт"),
    ]
)


def barcodes(products):
    return [product.barcode for product in products]


def page(catalogue=SHELF, *, number=1, limit=20, order=None, field=None, **request):
    asked = ProductSearchRequest(**request)
    return catalogue.page(
        PageRequest(page=number, limit=limit, order_by=order, order_field_name=field, request=asked)
    )


def test_by_barcode():
    """A product is found by its whole barcode only."""
    assert SHELF.by_barcode("2").translatable_name.original_text == "Šokolaad"
    assert SHELF.by_barcode("02") is None
    assert SHELF.by_barcode("") is None


def test_same_barcode_twice():
    """A catalogue with two products of the same barcode is refused."""
    with pytest.raises(ValueError, match="different barcodes"):
        Catalogue([product("1", "Sool"), product("1", "Suhkur")])


def test_printed_by_scales():
    """What scales printed is the article, with the barcode that was scanned and the weight in kilograms."""
    bananas = CATALOGUE.by_barcode("2306001000000")
    printed = with_weight(bananas.barcode, 734)
    found = CATALOGUE.by_barcode(printed)
    assert (found.id, found.barcode, found.price) == (bananas.id, printed, bananas.price)
    assert found.quantity == Quantity(Unit.KILOGRAM, Decimal("0.734"))


def test_scales_with_an_unknown_article():
    """An article that the store does not have is not found by a weight either."""
    assert CATALOGUE.by_barcode(with_weight("2399999000000", 734)) is None


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("sokolaad", ["2", "3"]),
        ("ŠOKOLAAD", ["2", "3"]),
        ("choc mil", ["3"]),
        ("milk chocolate", ["3"]),
        ("шоколадный иогурт", ["3"]),
        ("темное", ["1"]),
        ("olu", ["1"]),
        ("dark chocolate", []),
        ("koladi", []),
        (" , ", []),
        ("", []),
    ],
)
def test_by_name(words, found):
    """Each word must begin a word of the name in any language, whatever its case and diacritics."""
    assert barcodes(SHELF.by_name(words)) == found


@given(st.sampled_from(CATALOGUE.products), st.sampled_from(["ET", "EN", "RU"]))
def test_found_by_its_own_name(wanted, language):
    """Each product of the demo store is found by its whole name in each language."""
    assert wanted in CATALOGUE.by_name(wanted.translatable_name.in_language(language))


@given(st.text())
def test_any_text_is_searched_for(text):
    """No text breaks the search, and folding twice changes nothing more."""
    CATALOGUE.by_name(text)
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("field", "order", "found"),
    [
        ("name", None, ["1", "2", "3"]),
        ("name", OrderBy.DESCENDING, ["3", "2", "1"]),
        ("price", OrderBy.ASCENDING, ["2", "3", "1"]),
        ("price", OrderBy.DESCENDING, ["1", "3", "2"]),
        ("barcode", OrderBy.DESCENDING, ["3", "2", "1"]),
        ("colour", None, ["1", "2", "3"]),
        (None, None, ["1", "2", "3"]),
    ],
)
def test_order(field, order, found):
    """Pages are ordered by name, price or barcode, both ways; any other field leaves the store's order."""
    assert barcodes(page(field=field, order=order).result) == found


def test_ordered_in_the_shopper_s_language():
    """Names are compared in the language of the shopper."""
    assert barcodes(page(field="name", lang_code="EN").result) == ["2", "3", "1"]


@given(st.integers(1, 400))
def test_pages_hold_everything_once(limit):
    """All pages together hold each product once, and the last page is the last with products."""
    first = page(CATALOGUE, limit=limit, field="price")
    numbers = range(1, first.last_page + 1)
    pages = [page(CATALOGUE, limit=limit, field="price", number=number).result for number in numbers]
    assert first.total_count == len(CATALOGUE.products)
    assert sorted(barcodes(each for found in pages for each in found)) == sorted(barcodes(CATALOGUE.products))
    assert pages[-1]
    assert page(CATALOGUE, limit=limit, number=first.last_page + 1).result == ()


def test_nothing_found():
    """A search without finds has one empty page."""
    found = page(name="tee")
    assert (found.result, found.last_page, found.total_count) == ((), 1, 0)


def test_category_with_those_below():
    """A category is named by its id or by its name in any language, and holds what is in those below it."""
    drinks = page(CATALOGUE, category_name="drinks", limit=1000)
    below = {"soft", "energy", "hot", "beer", "wine"}
    assert {product.categories[0].id for product in drinks.result} == below
    assert page(CATALOGUE, category_name="НАПИТКИ", limit=1000) == drinks
    assert page(CATALOGUE, category_name="joogid", limit=1000) == drinks
    assert page(CATALOGUE, category_name="Cars").total_count == 0


def test_category_and_name_together():
    """A page meets everything that is asked for at once."""
    found = page(CATALOGUE, category_name="soft", name="õun")
    assert {product.categories[0].id for product in found.result} == {"soft"}
    assert 0 < found.total_count < page(CATALOGUE, name="õun").total_count


def test_page_by_barcode():
    """A barcode leaves the one product."""
    assert barcodes(page(barcode="2").result) == ["2"]
    assert page(barcode="4").total_count == 0


def test_categories_of_a_branch():
    """A category is answered with those below it, each with the count of its products."""
    drinks, *below = CATALOGUE.categories("Joogid")
    assert (drinks.id, {category.parent_id for category in below}) == ("drinks", {"drinks"})
    assert drinks.number_of_products == sum(category.number_of_products for category in below)
    assert len(CATALOGUE.categories()) > len(below) + 1
    assert CATALOGUE.categories("Autod") == ()


def test_empty_category():
    """A category without products counts none."""
    empty = Catalogue([], [Category("a", Translatable.of("Autod"))])
    assert [category.number_of_products for category in empty.categories()] == [0]
