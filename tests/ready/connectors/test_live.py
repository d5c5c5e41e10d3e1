"""The price of what is scanned, and what is done where the shop system does not answer."""

import time
from decimal import Decimal

import pytest

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
    tax,
    woocommerce_settings,
)
from smarts.caller import Refused, Unreachable

OVER = {
    "odoo json-2": (stocked_odoo, odoo_settings),
    "odoo json-rpc": (lambda: stocked_odoo(api="json-rpc"), rpc_settings),
    "woocommerce": (stocked_woocommerce, woocommerce_settings),
}


def reprice(server, price):
    if hasattr(server, "products"):
        server.change(11, price=price)
    else:
        server.change("product.product", 11, lst_price=Decimal(price))


def take_out(server):
    if hasattr(server, "products"):
        server.change(11, status="draft")
    else:
        server.change("product.product", 11, active=False)


def over(name, tmp_path, **more):
    make, settings = OVER[name]
    server = make()
    return server, shop_over(server, settings, tmp_path, **more)


@pytest.mark.parametrize("name", OVER)
async def test_a_scan_has_the_price_of_this_moment(name, tmp_path):
    """Changed prices, products that were taken out or put in count from the next scan on, without any look."""
    server, shop_ = over(name, tmp_path)
    async with shop_ as shop:
        assert (await shop.scan(MILK)).price.total == Decimal("1.24")
        reprice(server, "1.55")
        assert (await shop.scan(MILK)).price.total == Decimal("1.55")
        server.product(14, "Wine", WINE, "9.90")
        assert (await shop.scan(WINE)).price.total == Decimal("9.90")
        take_out(server)
        with pytest.raises(Refused) as refused:
            await shop.scan(MILK)
        assert refused.value.problem.status == 404


@pytest.mark.parametrize("kind", ["down", "limited", "page", "hang"])
@pytest.mark.parametrize("name", ["odoo json-2", "woocommerce"])
async def test_while_the_shop_does_not_answer_its_last_word_counts(name, kind, tmp_path):
    """Down, limited, a page of a plugin's instead of JSON, or silence: what was said a moment ago is charged."""
    server, shop_ = over(name, tmp_path, live_seconds=0.3)
    async with shop_ as shop:
        server.faults.plan(kind, times=1000)
        assert (await shop.scan(MILK)).price.total == Decimal("1.24")
        server.faults.clear()


@pytest.mark.parametrize("name", ["odoo json-2", "woocommerce"])
async def test_a_price_that_nobody_vouches_for_is_not_charged(name, tmp_path):
    """Once the last word is too old, a scan is answered with 503, to be tried again; and well again with the shop."""
    server, shop_ = over(name, tmp_path, price_seconds=0.001)
    async with shop_ as shop:
        server.faults.plan("down", times=1000)
        with pytest.raises(Unreachable) as unreachable:
            await shop.scan(MILK)
        assert unreachable.value.retryable
        with pytest.raises(Unreachable):  # what the shop never had, it may have now
            await shop.scan(WINE)
        server.faults.clear()
        shop.live._not_before = 0.0
        reprice(server, "1.55")
        assert (await shop.scan(MILK)).price.total == Decimal("1.55")


async def test_a_shop_that_did_not_answer_is_left_in_peace(tmp_path):
    """After a scan that waited in vain the next ones do not wait."""
    server, shop_ = over("odoo json-2", tmp_path, live_seconds=0.3)
    async with shop_ as shop:
        server.faults.plan("hang", times=1000)
        await shop.scan(MILK)
        asked = len(server.faults.planned), server.faults.planned[0].times
        await shop.scan(BREAD)
        assert (len(server.faults.planned), server.faults.planned[0].times) == asked
        server.faults.clear()


async def test_a_variation_is_asked_for_by_its_own_address(tmp_path):
    """The price of a variation is of this moment, too, where the list of products does not hold it."""
    server, shop_ = over("woocommerce", tmp_path)
    async with shop_ as shop:
        server.change(21, price="17.00")
        shirt = await shop.scan(SHIRT_S)
        assert (shirt.price.total, shirt.translatable_name.original_text) == (Decimal("17.00"), "Shirt – S")


async def test_variations_whose_changes_cannot_be_followed_age_from_the_look_at_all(tmp_path):
    """Where a look at changes does not see variations (before 10.3), it does not vouch for their prices."""
    server = stocked_woocommerce(follows=False)
    server.pass_time(minutes=10)
    server.change(11, price="1.24")
    async with shop_over(server, woocommerce_settings, tmp_path, price_seconds=600) as shop:
        mirror = shop.connector.mirror
        with mirror._lock, mirror._connection:
            mirror._connection.execute("update goods set confirmed = ?", [time.time() - 700])
        await shop.look()
        server.faults.plan("down", times=1000)
        assert (await shop.scan(MILK)).price.total == Decimal("1.24")
        with pytest.raises(Unreachable):
            await shop.scan(SHIRT_S)


async def test_without_live_prices_the_mirror_is_asked(tmp_path):
    """A shop that is not to be asked at each scan is not; its prices are those of the last look."""
    server, shop_ = over("odoo json-2", tmp_path, live_prices=False)
    async with shop_ as shop:
        reprice(server, "1.55")
        calls = len(server.calls)
        assert (await shop.scan(MILK)).price.total == Decimal("1.24")
        assert len(server.calls) == calls
        await shop.look()
        assert (await shop.scan(MILK)).price.total == Decimal("1.55")


async def test_a_barcode_that_went_to_another_product_leads_there(tmp_path):
    """Odoo's people move a barcode from one product to another: the next scan has the other one."""
    server, shop_ = over("odoo json-2", tmp_path)
    async with shop_ as shop:
        server.change("product.product", 11, barcode=False)
        server.change("product.product", 12, barcode=MILK)
        assert (await shop.scan(MILK)).id == "12"


async def test_a_tax_that_is_new_counts_at_once(tmp_path):
    """A product that just got a tax which was made since the last look is not sold without that tax."""
    server, shop_ = over("odoo json-2", tmp_path)
    async with shop_ as shop:
        server.add("account.tax", 3, **tax("20% net", 20, price_include=False))
        server.change("product.product", 11, taxes_id=[3], lst_price=Decimal("1.00"))
        assert (await shop.scan(MILK)).price.total == Decimal("1.20")
        server.change("account.tax", 3, active=False)
        await shop.look()
        assert (await shop.scan(MILK)).price.total == Decimal("1.00")


async def test_a_tax_that_cannot_be_read_is_not_left_out(tmp_path):
    """Where the key's user may not see a tax, the product is not sold: the price without it would be wrong."""
    server, shop_ = over("odoo json-2", tmp_path)
    server.product(14, "Wine", WINE, "9.90", taxes_id=[9])
    async with shop_ as shop:
        with pytest.raises(Refused) as refused:
            await shop.scan(WINE)
        assert refused.value.problem.status == 404


async def test_a_scan_waits_no_longer_than_it_may(tmp_path):
    """However many requests a scan needs, it waits for all of them together; here taxes were never read."""
    server, shop_ = over("odoo json-2", tmp_path, live_seconds=0.3)
    async with shop_ as shop:
        shop.connector._goods._around = None
        server.faults.plan("hang", path="account.tax", times=1000)
        at = time.monotonic()
        assert (await shop.scan(MILK)).price.total == Decimal("1.24")
        assert time.monotonic() - at < 10  # one request that is not bounded by the scan has 30 s
        server.faults.clear()
