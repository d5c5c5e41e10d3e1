import re
from decimal import Decimal

import pytest

from smarts.demo.catalogue import EXAMPLE_BARCODES, institution_campaigns, invented_catalogue
from smarts.demo.catalogue.barcodes import is_barcode
from smarts.wire.codec import decode, encode
from smarts.wire.products import (
    AdditionType,
    BetweenTime,
    InspectionAction,
    MaxAmount,
    MaxTime,
    MinAge,
    MinAmount,
    MinTime,
    Product,
    ProductType,
)

PRODUCTS = invented_catalogue().products


def rules(product):
    return [type(inspection) for inspection in product.inspections]


def test_about_three_hundred():
    """The store is large enough to look like one."""
    assert 280 <= len(PRODUCTS) <= 320


def test_every_barcode_is_right():
    """Each product has an EAN-8 or EAN-13 with the right check digit, kept for use inside a store."""
    assert [product.barcode for product in PRODUCTS if not is_barcode(product.barcode)] == []
    assert {product.barcode[0] for product in PRODUCTS} == {"2"}


def test_named_in_three_languages():
    """Each product and category has an Estonian, an English and a Russian name, the last in Cyrillic."""
    things = [*PRODUCTS, *invented_catalogue().categories()]
    for name in (thing.translatable_name for thing in things):
        assert [list(each) for each in name.translations] == [["ET"], ["EN"], ["RU"]]
        assert all(text.strip() == text != "" for each in name.translations for text in each.values())
        assert re.search("[а-яё]", name.in_language("RU"))


def test_vat_adds_up():
    """The sum without VAT and the VAT make the total exactly, and are the rate's to six decimals."""
    for price in (product.price for product in PRODUCTS):
        vat = price.vat
        assert vat.sum_without_vat + vat.vat_sum == vat.sum_with_vat == price.total > 0
        assert abs(vat.sum_without_vat * vat.vat_rate / 100 - vat.vat_sum) < Decimal("0.000002")
    assert {product.price.vat.vat_rate for product in PRODUCTS} == {0, 9, 13, 24}


def test_categories_exist():
    """Each product is in one of the lowest categories, and the two levels count all products."""
    categories = {category.id: category for category in invented_catalogue().categories()}
    parents = {category.parent_id for category in categories.values()}
    for product in PRODUCTS:
        assert [category.id in categories.keys() - parents for category in product.categories] == [True]
    tops = [category for category in categories.values() if category.parent_id is None]
    assert sum(top.number_of_products for top in tops) == len(PRODUCTS)
    assert all(categories[each.parent_id] in tops for each in categories.values() if each.parent_id)


@pytest.mark.parametrize("rule", [BetweenTime, MinTime, MaxTime, MinAge, MinAmount, MaxAmount])
def test_every_rule_is_there(rule):
    """There is a product for each kind of inspection."""
    assert any(rule in rules(product) for product in PRODUCTS)


def test_alcohol():
    """Beer and wine are sold from ten to ten in Tallinn, to adults, whose age a person checks."""
    alcohol = [product for product in PRODUCTS if product.categories[0].id in ("beer", "wine")]
    assert len(alcohol) > 10
    for product in alcohol:
        age, hours = product.inspections
        assert (age.age, age.action) == (18, InspectionAction.INSPECT)
        assert (str(hours.start), str(hours.end), hours.timezone) == (
            "10:00:00",
            "22:00:00",
            "Europe/Tallinn",
        )
        assert hours.action is InspectionAction.RESTRICT


def test_energy_drinks():
    """Energy drinks are for those who are at least 16."""
    energy = [product for product in PRODUCTS if product.categories[0].id == "energy"]
    assert len(energy) >= 4
    assert all(product.inspections == (MinAge(age=16),) for product in energy)


def test_weighed_goods():
    """Weighed goods are priced by the kilogram and have barcodes that can carry a weight."""
    weighed = [product for product in PRODUCTS if product.weight_item]
    assert len(weighed) > 20
    assert {(product.quantity.unit, product.quantity.value) for product in weighed} == {("KILOGRAM", 1)}
    assert {(product.barcode[:2], product.barcode[7:12]) for product in weighed} == {("23", "00000")}


def test_packages():
    """A package costs what its parts cost together and what the package itself adds or takes off."""
    packages = [product for product in PRODUCTS if product.type is ProductType.PACKAGE]
    assert [product for product in PRODUCTS if product.sub_products and product not in packages] == []
    for package in packages:
        together = sum(part.price.total for part in package.sub_products)
        change = package.price.addition.sum if package.price.addition else 0
        assert package.price.total in (together, together - change)
        assert len(package.sub_products) > 1 or package.sub_products[0].quantity.value > 1


def test_deposit():
    """A bottled drink is a package of the drink and its deposit, which is free of VAT and paid with it."""
    bottles = [
        product
        for product in PRODUCTS
        for part in product.sub_products or ()
        if part.translatable_name.in_language("EN") == "Packaging deposit"
    ]
    assert len(bottles) > 15
    for drink, deposit in (bottle.sub_products for bottle in bottles):
        assert (deposit.price.total, deposit.price.vat.vat_rate) == (Decimal("0.10"), 0)
        assert drink.price.vat.vat_rate == 24
        assert drink.type is ProductType.SINGLE


def test_additions():
    """There are prices with a discount and with a mark-up, and the rate is of the price without it."""
    additions = [product.price for product in PRODUCTS if product.price.addition]
    assert {price.addition.type for price in additions} == {AdditionType.DISCOUNT, AdditionType.MARK_UP}
    for price in additions:
        sign = -1 if price.addition.type is AdditionType.DISCOUNT else 1
        before = price.total - sign * price.addition.sum
        assert abs(price.addition.sum * 100 / before - price.addition.rate) <= Decimal("0.005")


def test_campaigns_of_every_kind():
    """There are product campaigns of all four kinds, for all three sorts of clients, and for one card."""
    codes = [campaign.code for product in PRODUCTS for campaign in product.campaigns]
    assert {code[9:] for code in codes} == {"001", "002", "501", "502"}
    assert {code[0] for code in codes} == {"B", "C", "U"}
    assert {code[1:9] for code in codes} == {"00000000", "00000077"}
    assert {campaign.code[9:] for campaign in institution_campaigns()} == {"501", "502"}


def test_examples():
    """The examples can be bought at any hour; the first is ordinary, one leads to a check."""
    first, *others = [invented_catalogue().by_barcode(barcode) for barcode in EXAMPLE_BARCODES]
    assert (first.inspections, first.campaigns, first.weight_item, first.sub_products) == (
        (),
        (),
        False,
        None,
    )
    assert all(set(rules(product)) <= {MinAge} for product in others)
    assert any(MinAge in rules(product) for product in others)
    assert any(product.weight_item and product.quantity.value != 1 for product in others)
    assert len([product for product in others if product.campaigns]) >= 2


def test_goes_over_the_wire():
    """Each product is the same after it was written as JSON and read."""
    assert decode(encode(PRODUCTS), tuple[Product, ...]) == PRODUCTS
