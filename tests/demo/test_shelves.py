from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smarts.demo.catalogue import invented_catalogue, members_catalogue
from smarts.demo.catalogue.barcodes import with_weight
from smarts.node import NotFound
from smarts.wire.products import PageRequest, ProductSearchRequest, Quantity, Unit

CATALOGUE = invented_catalogue()
BANANAS = "2306001000000"


def page(**request):
    return CATALOGUE.search(PageRequest(limit=1000, request=ProductSearchRequest(**request)))


async def test_printed_by_scales():
    """What scales printed is the article, with the barcode that was scanned and the weight in kilograms."""
    bananas = CATALOGUE.find(BANANAS)
    printed = with_weight(BANANAS, 734)
    found = await CATALOGUE.by_barcode(ProductSearchRequest(barcode=printed))
    assert (found.id, found.barcode, found.price) == (bananas.id, printed, bananas.price)
    assert found.quantity == Quantity(Unit.KILOGRAM, Decimal("0.734"))
    assert page(barcode=printed).result == (found,)


async def test_scales_with_an_unknown_article():
    """An article that the store does not have is not found by a weight either."""
    with pytest.raises(NotFound):
        await CATALOGUE.by_barcode(ProductSearchRequest(barcode=with_weight("2399999000000", 734)))


@given(st.sampled_from(CATALOGUE.products), st.sampled_from(["ET", "EN", "RU"]))
def test_found_by_its_own_name(wanted, language):
    """Each product of the demo store is found by its whole name in each language."""
    name = wanted.translatable_name.in_language(language)
    assert wanted in CATALOGUE.by_name(ProductSearchRequest(name=name))


def test_category_with_those_below():
    """A category of the demo store is named by its id or in any language, and holds what is in those below it."""
    drinks = page(category_name="drinks")
    assert {product.categories[0].id for product in drinks.result} == {
        "soft",
        "energy",
        "hot",
        "beer",
        "wine",
    }
    assert page(category_name="НАПИТКИ") == page(category_name="joogid") == drinks


async def test_categories_of_a_branch():
    """A category is answered with those below it, each with the count of its products."""
    drinks, *below = await CATALOGUE.categories(ProductSearchRequest(category_name="Joogid"))
    assert (drinks.id, {category.parent_id for category in below}) == ("drinks", {"drinks"})
    assert drinks.number_of_products == sum(category.number_of_products for category in below)


def test_members_pay_less_for_some():
    """Members have the same goods in the same order; some cost them less, which is shown as a discount."""
    pairs = list(zip(CATALOGUE.products, members_catalogue().products, strict=True))
    reduced = [(ordinary, ours) for ordinary, ours in pairs if ordinary != ours]
    assert len(reduced) == 7
    assert any(ours.weight_item for _, ours in reduced)
    for ordinary, ours in reduced:
        assert (ours.barcode, ours.inspections) == (ordinary.barcode, ordinary.inspections)
        assert ours.price.total + ours.price.addition.sum == ordinary.price.total > ours.price.total
        assert ours.price.vat.sum_without_vat + ours.price.vat.vat_sum == ours.price.total
