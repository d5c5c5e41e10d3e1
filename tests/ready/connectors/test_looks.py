"""Looks at a shop system: what has changed, what is gone, and what does not come to its end."""

from decimal import Decimal

import pytest
from msgspec.structs import replace
from starlette.responses import JSONResponse

from ready.connectors.parts import (
    BREAD,
    MILK,
    SHIRT_S,
    WINE,
    odoo_settings,
    rpc_settings,
    shop_over,
    stocked_odoo,
    stocked_woocommerce,
    woocommerce_settings,
)
from smarts.caller import CallFailed
from smarts.ready.connectors.connector import Connector
from smarts.ready.database import database_url
from smarts.ready.kinds import Secret
from smarts.ready.settings import DatabaseSettings
from smarts.ready.sources import SourceError

OVER = {
    "odoo json-2": (stocked_odoo, odoo_settings),
    "odoo json-rpc": (lambda: stocked_odoo(api="json-rpc"), rpc_settings),
    "woocommerce": (stocked_woocommerce, woocommerce_settings),
}


def change(server, id_, **values):
    if hasattr(server, "products"):
        server.change(id_, **values)
    else:
        server.change("product.product", id_, **values)


def delete(server, id_):
    things = server.products if hasattr(server, "products") else server.records["product.product"]
    del things[id_]


def renamed(server, name):
    return {"name": name} if hasattr(server, "products") else {"display_name": name}


async def prices(shop):
    return {row.cells["barcode"]: row.cells["price"] for row in shop.connector.source.rows() if not row.fault}


@pytest.mark.parametrize("name", OVER)
async def test_a_look_sees_what_has_changed_and_little_else(name, tmp_path):
    """A changed name is searched for after the look, which did not read the whole shop again."""
    make, settings = OVER[name]
    server = make()
    async with shop_over(server, settings, tmp_path) as shop:
        before = shop.connector.source.fingerprint()
        change(server, 11, **renamed(server, "Oat drink"))
        await shop.look()
        assert [product.id for product in await shop.named("oat")] == ["11"]
        assert await shop.named("milk") == ()
        assert shop.connector.source.fingerprint() != before


@pytest.mark.parametrize("name", ["odoo json-2", "woocommerce"])
async def test_a_look_that_sees_nothing_new_changes_nothing(name, tmp_path):
    """The fingerprint stays, so that the catalogue is not read anew."""
    make, settings = OVER[name]
    async with shop_over(make(), settings, tmp_path) as shop:
        before = shop.connector.source.fingerprint()
        await shop.look()
        assert shop.connector.source.fingerprint() == before


@pytest.mark.parametrize("name", ["odoo json-2", "woocommerce"])
async def test_a_look_at_everything_notices_what_is_gone(name, tmp_path):
    """A product that was deleted is in no list of changes; the look at everything lets go of it."""
    make, settings = OVER[name]
    server = make()
    async with shop_over(server, settings, tmp_path, look_at_all_every=0.001) as shop:
        delete(server, 11)
        await shop.look()
        assert MILK not in await prices(shop)
        assert BREAD in await prices(shop)


@pytest.mark.parametrize("kind", ["down", "page", "answer"])
@pytest.mark.parametrize("name", ["odoo json-2", "woocommerce"])
async def test_a_look_that_does_not_come_to_its_end_takes_nothing_out(name, kind, tmp_path):
    """Whatever fails in the middle of a look at everything, what was sold before is sold after."""
    make, settings = OVER[name]
    server = make()
    async with shop_over(server, settings, tmp_path, look_at_all_every=0.001) as shop:
        before = await prices(shop)
        path = "products" if name == "woocommerce" else "product.product"
        server.faults.plan(kind, path=path, skip=1, times=1000, answer=JSONResponse({"surprise": True}))
        with pytest.raises(CallFailed):
            await shop.look()
        assert await prices(shop) == before


async def test_a_shop_that_gets_longer_during_the_look_is_looked_at_again(tmp_path):
    """Pages shift when a product is put in or taken out meanwhile; then nothing is taken for gone."""
    server = stocked_woocommerce()
    for number in range(150):
        server.product(1000 + number, f"Thing {number}", f"200000{number:06}", "1.00")
    async with shop_over(server, woocommerce_settings, tmp_path, look_at_all_every=0.001) as shop:
        before = await prices(shop)
        listed = server.list_products

        def shifting(request, body):
            answer = listed(request, body)
            if request.query_params.get("page") == "1":
                server.products.pop(11, None)
            return answer

        server.list_products = shifting
        with pytest.raises(CallFailed):
            await shop.look()
        assert await prices(shop) == before
        await shop.look()
        assert MILK not in await prices(shop)
        assert len(await prices(shop)) == len(before) - 1


async def test_changes_of_odoo_that_are_stamped_on_the_template_are_seen(tmp_path):
    """Before Odoo 16 a changed price is stamped on the product's template alone."""
    server = stocked_odoo()
    async with shop_over(server, odoo_settings, tmp_path) as shop:
        server.change_template(11, lst_price=Decimal("1.60"))
        await shop.look()
        assert (await prices(shop))[MILK] == Decimal("1.60")


@pytest.mark.parametrize("follows", [True, False])
async def test_changed_variations_are_seen(tmp_path, follows):
    """From 10.3 on a look at changes sees variations; before, the look at everything does."""
    server = stocked_woocommerce(follows=follows)
    every = 3600.0 if follows else 0.001
    async with shop_over(server, woocommerce_settings, tmp_path, look_at_all_every=every) as shop:
        server.change(21, price="15.00")
        await shop.look()
        assert (await prices(shop))[SHIRT_S] == Decimal("15.00")


async def test_a_shop_that_is_limited_is_asked_again_when_it_wants(tmp_path):
    """A 429 in the middle of a look is waited for."""
    server = stocked_woocommerce()
    server.faults.plan("limited", path="products", times=2)
    async with shop_over(server, woocommerce_settings, tmp_path) as shop:
        assert MILK in await prices(shop)


async def test_what_was_read_is_there_when_the_node_starts_again(tmp_path):
    """A node whose shop is away begins with what it knows."""
    async with shop_over(stocked_odoo(), odoo_settings, tmp_path) as shop:
        settings = shop.connector._settings
    again = Connector(settings, tmp_path, database_url(DatabaseSettings(), tmp_path))
    await again.fill()
    assert {row.number for row in again.source.rows()} == {11, 12, 13}
    again.mirror.close()


async def test_other_settings_are_another_mirror(tmp_path):
    """A shop that is read by other settings, or another shop, is read from the beginning."""
    async with shop_over(stocked_odoo(), odoo_settings, tmp_path) as shop:
        settings = shop.connector._settings
    other = Connector(replace(settings, images=True), tmp_path, database_url(DatabaseSettings(), tmp_path))
    assert not other.mirror.is_filled
    other.mirror.close()


async def test_a_shop_that_was_never_read_is_no_empty_shop(tmp_path):
    """A shop system that is away at the first start is an error, not a catalogue without products."""
    connector = Connector(
        odoo_settings("http://127.0.0.1:9"), tmp_path, database_url(DatabaseSettings(), tmp_path)
    )
    with pytest.raises(CallFailed, match="cannot be reached"):
        await connector.fill()
    with pytest.raises(SourceError, match="has not been read"):
        connector.source.fingerprint()
    connector.mirror.close()


@pytest.mark.parametrize(
    ("make", "settings", "says"),
    [
        (stocked_odoo, odoo_settings, "Invalid apikey"),
        (lambda: stocked_odoo(api="json-rpc"), rpc_settings, "the user or the key is not right"),
        (stocked_woocommerce, woocommerce_settings, "you cannot list resources"),
    ],
)
async def test_a_wrong_key_is_said_to_be_one(tmp_path, make, settings, says):
    """The merchant reads what the shop system says of the key."""
    with pytest.raises(CallFailed, match=says):
        async with shop_over(make(), settings, tmp_path, key=Secret("wrong")):
            pass


async def test_a_shop_with_more_products_than_are_allowed_is_refused(tmp_path):
    """The bound is told, not half of the shop sold."""
    with pytest.raises(CallFailed, match="more than 2 products"):
        async with shop_over(stocked_odoo(), odoo_settings, tmp_path, most_products=2):
            pass


async def test_a_new_product_is_searched_for_after_the_next_look(tmp_path):
    """Incremental looks bring new products, not changes alone."""
    server = stocked_odoo()
    async with shop_over(server, odoo_settings, tmp_path) as shop:
        server.product(14, "Wine", WINE, "9.90")
        await shop.look()
        assert [product.barcode for product in await shop.named("wine")] == [WINE]
