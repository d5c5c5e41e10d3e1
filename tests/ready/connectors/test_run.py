"""`smarts node run` over a shop system: a settings file, a process, the conformance kit in front of it."""

from decimal import Decimal

import aiohttp
import pytest

from ready.connectors import odoo_server, woocommerce_server
from ready.connectors.parts import MILK, stocked_odoo, stocked_woocommerce
from ready.process import node_command, running
from serving import serving
from smarts.wire.codec import decode
from smarts.wire.products import Product

KEYS = {
    "ODOO_API_KEY": odoo_server.KEY,
    "WOOCOMMERCE_KEY": woocommerce_server.KEY,
    "WOOCOMMERCE_SECRET": woocommerce_server.SECRET,
}
ODOO = """
[odoo]
url = "{url}"
allow_private = true
key = "${{ODOO_API_KEY}}"
"""
WOOCOMMERCE = """
[woocommerce]
url = "{url}"
allow_private = true
key = "${{WOOCOMMERCE_KEY}}"
secret = "${{WOOCOMMERCE_SECRET}}"
"""


def reprice(server, price):
    if hasattr(server, "products"):
        server.change(11, price=price)
    else:
        server.change("product.product", 11, lst_price=Decimal(price))


# What the goods do not decide is the same over both, and takes long to check.
GOODS = ("--only=products", "--only=goods", "--only=stories")


@pytest.mark.parametrize(
    ("make", "settings", "asked"),
    [(stocked_odoo, ODOO, ()), (stocked_woocommerce, WOOCOMMERCE, GOODS)],
    ids=["odoo", "woocommerce"],
)
async def test_a_settings_file_makes_a_node_of_a_shop(make, settings, asked, tmp_path):
    """One section and a key make a node that the kit finds nothing to say of, with the price of the moment."""
    server = make()
    async with serving(server.app) as url:
        (tmp_path / "store.toml").write_text(settings.format(url=url))
        async with running(tmp_path, "--settings=store.toml", **KEYS) as node:
            code, out, err = await node_command(
                tmp_path, "check", node.address, f"--token={node.token}", "--strict", *asked
            )
            assert code == 0, (out, err)
            reprice(server, "1.77")
            async with aiohttp.request(
                "POST",
                f"{node.address}/product/search/barcode",
                json={"barcode": MILK},
                headers={"accessToken": node.token},
            ) as answer:
                assert decode(await answer.read(), Product).price.total == Decimal("1.77")


async def test_a_shop_that_cannot_be_read_is_told_and_ends_the_command(tmp_path):
    """A wrong key is told in the shop's words, without a traceback."""
    async with serving(stocked_odoo().app) as url:
        (tmp_path / "store.toml").write_text(ODOO.format(url=url))
        code, _, err = await node_command(
            tmp_path, "run", "--settings=store.toml", **{**KEYS, "ODOO_API_KEY": "wrong"}
        )
        assert code == 1
        assert "the shop system cannot be read: refused with 401: Odoo: Invalid apikey" in err.replace(
            "\n", " "
        )
        assert "Traceback" not in err


async def test_products_are_in_one_place(tmp_path):
    """A file and a shop system together are refused, since nobody could say which price counts."""
    (tmp_path / "products.csv").write_text(f"barcode,name,price\n{MILK},Milk,1.24\n")
    (tmp_path / "store.toml").write_text(
        '[catalogue]\nfile = "products.csv"\n' + ODOO.format(url="http://127.0.0.1:9")
    )
    code, _, err = await node_command(tmp_path, "run", "--settings=store.toml", **KEYS)
    assert code == 1
    assert "in one place" in err.replace("\n", " ")
