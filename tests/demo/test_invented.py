import re
from decimal import Decimal

import pytest

from smarts.campaigns.code import CampaignCode, Kind
from smarts.campaigns.operation import compile_operation
from smarts.demo.catalogue import example_barcodes, institution_campaigns, invented_catalogue
from smarts.demo.catalogue.barcodes import is_barcode
from smarts.demo.catalogue.goods import price
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
    ProductSearchRequest,
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


async def test_named_in_three_languages():
    """Each product and category has an Estonian, an English and a Russian name, the last in Cyrillic."""
    things = [*PRODUCTS, *await invented_catalogue().categories(ProductSearchRequest())]
    for name in (thing.translatable_name for thing in things):
        assert [list(each) for each in name.translations] == [["ET"], ["EN"], ["RU"]]
        assert all(text.strip() == text != "" for each in name.translations for text in each.values())
        assert re.search("[а-яё]", name.in_language("RU"))


def test_vat_adds_up():
    """The sum without VAT and the VAT make the total exactly, and are the rate's to six decimals."""
    for each in (product.price for product in PRODUCTS):
        vat = each.vat
        assert vat.sum_without_vat + vat.vat_sum == vat.sum_with_vat == each.total > 0
        assert abs(vat.sum_without_vat * vat.vat_rate / 100 - vat.vat_sum) < Decimal("0.000002")
    assert {product.price.vat.vat_rate for product in PRODUCTS} == {0, 9, 13, 24}


async def test_categories_exist():
    """Each product is in one of the lowest categories, and the two levels count all products."""
    shown = await invented_catalogue().categories(ProductSearchRequest())
    categories = {category.id: category for category in shown}
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
    assert {each.addition.type for each in additions} == {AdditionType.DISCOUNT, AdditionType.MARK_UP}
    for each in additions:
        sign = -1 if each.addition.type is AdditionType.DISCOUNT else 1
        before = each.total - sign * each.addition.sum
        assert abs(each.addition.sum * 100 / before - each.addition.rate) <= Decimal("0.005")


def test_campaigns_of_every_kind():
    """There are product campaigns of all four kinds, for all three sorts of clients, and for both kinds of cards."""
    codes = [campaign.code for product in PRODUCTS for campaign in product.campaigns]
    assert {code[9:] for code in codes} == {"001", "002", "501", "502"}
    assert {code[0] for code in codes} == {"B", "C", "U"}
    assert {code[1:9] for code in codes} == {"00000000", "00000077", "00000012"}
    assert {campaign.code[9:] for campaign in institution_campaigns()} == {"501", "502"}


def inputs(kind, price):
    net = float(price)
    amounts = [number / 2 for number in range(1, 81)]
    return {
        Kind.AMOUNT: [(amount,) for amount in amounts],
        Kind.UNIT_PRICE: [(amount, net) for amount in amounts],
        Kind.TOTAL: [(amount * net,) for amount in amounts],
        Kind.AMOUNT_TOTAL: [(amount, amount * net) for amount in amounts],
    }[kind]


def test_campaigns_work():
    """Each campaign's operation compiles, makes something cheaper for a large enough purchase, and nothing dearer."""
    offered = [(campaign, product.price) for product in PRODUCTS for campaign in product.campaigns]
    offered += [(campaign, price(Decimal("10.00"), Decimal(24))) for campaign in institution_campaigns()]
    for campaign, its_price in offered:
        kind = CampaignCode.parse(campaign.code).kind
        operation = compile_operation(campaign.operation, kind)
        changes = [operation(*values) - values[-1] for values in inputs(kind, its_price.vat.sum_without_vat)]
        assert min(changes) < -0.01, campaign
        assert max(changes) <= 0, campaign


def test_examples():
    """The examples can be bought at any hour; the first is ordinary, the second leads to a check of age."""
    barcodes = example_barcodes(invented_catalogue())
    first, second, *others = [invented_catalogue().find(barcode) for barcode in barcodes]
    assert (first.inspections, first.campaigns, first.weight_item, first.sub_products) == (
        (),
        (),
        False,
        None,
    )
    assert second.inspections == (MinAge(age=16),)
    assert [product.inspections for product in others] == [()] * 4
    assert [product.type for product in others].count(ProductType.PACKAGE) == 1
    assert [bool(product.campaigns) for product in others].count(True) == 2
    assert [product.quantity.value for product in others if product.weight_item] == [Decimal("1.234")]


def test_goes_over_the_wire():
    """Each product is the same after it was written as JSON and read."""
    assert decode(encode(PRODUCTS), tuple[Product, ...]) == PRODUCTS
