"""What shop systems sell, seen through the node's own HTTP."""

from decimal import Decimal

import pytest

from ready.connectors import parts
from ready.connectors.parts import (
    BREAD,
    CHEESE,
    MILK,
    SHIRT_L,
    SHIRT_S,
    WINE,
    in_language,
    odoo_settings,
    rpc_settings,
    shop_over,
    stocked_odoo,
    stocked_woocommerce,
    woocommerce_settings,
)
from smarts.caller import Refused
from smarts.ready.connectors.settings import OdooCategories
from smarts.wire import operations
from smarts.wire.products import PageRequest, ProductSearchRequest, Unit

OVER = {
    "odoo json-2": (stocked_odoo, odoo_settings),
    "odoo json-rpc": (lambda: stocked_odoo(api="json-rpc"), rpc_settings),
    "woocommerce": (stocked_woocommerce, woocommerce_settings),
}


@pytest.fixture(params=OVER, scope="module")
async def shop(request, tmp_path_factory):
    make, settings = OVER[request.param]
    server = make()
    async with shop_over(server, settings, tmp_path_factory.mktemp("shop")) as shop:
        yield shop


async def test_goods_have_their_shops_price_with_tax(shop):
    """The total is what the shop's own till would take, whether its prices are with tax or without."""
    milk, bread = await shop.scan(MILK), await shop.scan(BREAD)
    assert (milk.price.total, milk.price.vat.vat_rate) == (Decimal("1.24"), Decimal(24))
    assert (bread.price.total, bread.price.vat.vat_rate) == (Decimal("2.18"), Decimal(9))


async def test_what_is_weighed_is_priced_by_the_kilogram(shop):
    """A weighed good says so, with the unit of its price."""
    cheese = await shop.scan(CHEESE)
    assert (cheese.weight_item, cheese.quantity.unit) == (True, Unit.KILOGRAM)
    assert cheese.price.total == Decimal("12.50")


async def test_categories_are_the_shops_tree(shop):
    """A category stands below the one that it stands below in the shop."""
    milk = (await shop.named("milk"))[0]
    category, *above = milk.categories
    assert category.id.startswith("All > Food")
    assert category.parent_id == "All"
    assert [each.id for each in above] == ["All"]


async def test_unknown_barcodes_are_not_sold(shop):
    """What the shop does not have is answered with 404."""
    with pytest.raises(Refused) as refused:
        await shop.scan(WINE)
    assert refused.value.problem.status == 404


async def test_all_goods_are_found_page_by_page(shop):
    """Product search has all goods with a barcode, each once."""
    page = await shop.ask(operations.PRODUCT_SEARCH, PageRequest(request=ProductSearchRequest(), limit=100))
    barcodes = [product.barcode for product in page.result]
    assert {MILK, BREAD, CHEESE} <= set(barcodes)
    assert len(barcodes) == len(set(barcodes)) == page.total_count


async def test_odoos_names_are_in_all_languages_that_are_set(tmp_path):
    """The first language's name is the original one; internal references are no part of names."""
    async with shop_over(stocked_odoo(), odoo_settings, tmp_path) as shop:
        (milk,) = await shop.named("piim")
        assert (milk.translatable_name.original_text, in_language(milk, "ET"), in_language(milk, "EN")) == (
            "Milk",
            "Piim",
            "Milk",
        )
        scanned = await shop.scan(MILK)
        assert in_language(scanned, "ET") == "Piim"


async def test_each_variation_of_a_woocommerce_product_is_a_product(tmp_path):
    """A variable product is sold as its variations, which are named after it and their options."""
    async with shop_over(stocked_woocommerce(), woocommerce_settings, tmp_path) as shop:
        small, large = await shop.scan(SHIRT_S), await shop.scan(SHIRT_L)
        assert (small.translatable_name.original_text, small.price.total) == ("Shirt – S", Decimal("19.90"))
        assert (large.translatable_name.original_text, large.price.total) == ("Shirt – L", Decimal("21.90"))


async def test_a_countrys_own_rate_wins_over_one_for_all_countries(tmp_path):
    """As in WooCommerce itself, whichever of them stands first."""
    server = stocked_woocommerce(tax__woocommerce_prices_include_tax="no")
    server.taxes.clear()
    server.tax(5, "20.0000", country="")
    server.tax(6, "24.0000")
    async with shop_over(server, woocommerce_settings, tmp_path) as shop:
        assert (await shop.scan(MILK)).price.total == Decimal("1.54")  # 1.24 and 24 %, which are 0.2976


async def test_prices_without_tax_get_the_tax_of_their_class(tmp_path):
    """In a WooCommerce whose prices are without tax, a shopper pays the rate of the product's class on top."""
    server = stocked_woocommerce(tax__woocommerce_prices_include_tax="no")
    async with shop_over(server, woocommerce_settings, tmp_path) as shop:
        assert (await shop.scan(MILK)).price.total == Decimal("1.54")  # 1.24 and 24 %, which is 0.2976
        assert (await shop.scan(BREAD)).price.total == Decimal("2.38")  # 2.18 and 9 %, which is 0.1962


async def test_what_odoo_sells_in_other_ways_is_told_and_not_sold(tmp_path):
    """A tax, a currency or a unit that is not understood keeps the product out, with the reason and its id."""
    server = stocked_odoo()
    server.add("account.tax", 3, **parts.tax("Deposit", 1, amount_type="fixed"))
    odd = {
        "it has several taxes: 24%, 9% net": {"taxes_id": [1, 2]},
        "its tax Deposit is no percentage": {"taxes_id": [3]},
        "its price is in SEK": {"currency_id": [2, "SEK"]},
        "it is weighed in no unit": {"to_weight": True, "uom_id": [9, "bunch"]},
    }
    for number, change in enumerate(odd.values()):
        server.product(100 + number, "Odd", f"20000000000{number:02}", "1.00", **change)
    async with shop_over(server, odoo_settings, tmp_path) as shop:
        faults = {row.number: row.fault for row in shop.connector.source.rows() if row.fault}
        assert faults == dict(enumerate(odd, start=100))
        with pytest.raises(Refused):
            await shop.scan("2000000000002")
        assert (await shop.scan(BREAD)).price.total == Decimal("2.18")


async def test_what_woocommerce_sells_in_other_ways_is_told_and_not_sold(tmp_path):
    """A price, a unit or a tax that is not understood keeps the product out, with the reason and its id."""
    server = stocked_woocommerce()
    server.tax(3, "5.0000", "odd", state="HI")
    odd = {
        "its price is 1,24": {"price": "1,24"},
        "its field smarts_unit names no unit: bunch": {
            "meta_data": [{"id": 1, "key": "smarts_unit", "value": "bunch"}]
        },
        "its tax class odd has rates for parts of the country": {"tax_class": "odd"},
    }
    for number, change in enumerate(odd.values()):
        server.product(100 + number, "Odd", f"20000000000{number:02}", **{"price": "1.00", **change})
    async with shop_over(server, woocommerce_settings, tmp_path) as shop:
        faults = {row.number: row.fault for row in shop.connector.source.rows() if row.fault}
        assert faults == dict(enumerate(odd, start=100))
        with pytest.raises(Refused):
            await shop.scan("2000000000000")


async def test_what_woocommerce_does_not_sell_is_not_sold(tmp_path):
    """Drafts, private and grouped products, and those without a barcode are none."""
    server = stocked_woocommerce()
    for number, change in enumerate(
        [{"status": "draft"}, {"status": "private"}, {"type": "grouped"}, {"global_unique_id": ""}]
    ):
        server.product(100 + number, "Odd", barcode=f"20000000000{number:02}", price="1.00")
        server.change(100 + number, **change)
    async with shop_over(server, woocommerce_settings, tmp_path) as shop:
        assert await shop.named("odd") == ()
        assert len(await shop.named("milk")) == 1


async def test_a_product_without_a_price_is_shown_and_not_sold(tmp_path):
    """WooCommerce's empty price leads to a product that may not be put into a cart, never to one for nothing."""
    server = stocked_woocommerce()
    server.change(11, price="")
    async with shop_over(server, woocommerce_settings, tmp_path) as shop:
        (milk,) = await shop.named("milk")
        assert milk.inspections[0].action == "RESTRICT"


@pytest.mark.parametrize(
    ("place", "values"),
    [("sku", {"sku": MILK}), ("meta:_ean", {"meta_data": [{"id": 1, "key": "_ean", "value": MILK}]})],
)
async def test_woocommerces_barcode_is_where_the_merchant_says(tmp_path, place, values):
    """The barcode may be the SKU or a field of a plugin."""
    server = stocked_woocommerce()
    server.change(11, **{"global_unique_id": "", **values})
    async with shop_over(server, woocommerce_settings, tmp_path, barcode=place) as shop:
        assert (await shop.scan(MILK)).id == "11"


async def test_odoos_categories_are_those_that_are_set(tmp_path):
    """A shop may show the categories of its point of sale in place of the internal ones."""
    server = stocked_odoo()
    server.add("pos.category", 7, name="Fresh", parent_id=False)
    server.change("product.product", 11, pos_categ_ids=[7])
    async with shop_over(server, odoo_settings, tmp_path, categories=OdooCategories.POINT_OF_SALE) as shop:
        assert [category.id for category in (await shop.scan(MILK)).categories] == ["Fresh"]


async def test_an_odoo_of_several_companies_has_each_ones_taxes(tmp_path):
    """With `company` only its own taxes count."""
    server = stocked_odoo()
    server.add("account.tax", 3, **parts.tax("20%", 20, company=2))
    server.change("product.product", 11, taxes_id=[1, 3])
    async with shop_over(server, odoo_settings, tmp_path, company=1) as shop:
        assert (await shop.scan(MILK)).price.vat.vat_rate == Decimal(24)


async def test_an_odoo_without_the_point_of_sale_is_read_all_the_same(tmp_path):
    """Fields of modules that are not there are not asked for."""
    server = stocked_odoo(without=["to_weight", "pos_categ_ids", "pos.category"])
    async with shop_over(server, odoo_settings, tmp_path) as shop:
        assert (await shop.scan(MILK)).weight_item is False


async def test_goods_of_more_than_one_page_are_all_read(tmp_path):
    """A shop is read to its end however many pages that takes, though some are short in the middle."""
    server = stocked_woocommerce()
    for number in range(250):
        server.product(1000 + number, f"Thing {number}", f"200000{number:06}", "1.00")
    server.hides = {1003, 1004}
    async with shop_over(server, woocommerce_settings, tmp_path) as shop:
        assert len(parts.products_of(shop.connector)) == 250 - 2 + 5


async def test_an_odoo_of_more_than_one_page_is_read_to_its_end(tmp_path):
    """A thousand products come in several answers."""
    server = stocked_odoo()
    for number in range(1001):
        server.product(1000 + number, f"Thing {number}", f"200000{number:06}", "1.00")
    async with shop_over(server, odoo_settings, tmp_path) as shop:
        assert len(parts.products_of(shop.connector)) == 1001 + 3
