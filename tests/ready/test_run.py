"""From a file to a store: `smarts node run` as a process, the gateway and the conformance kit in front of it."""

import asyncio
import csv
import io
import json
import re
import signal
import stat
from contextlib import closing
from datetime import date

import aiohttp
import pytest

from gateway.journeys.world import NODE_TOKEN, small_world, until
from ready.process import node_command, running
from ready.test_settings import EXAMPLE
from smarts.cli.node.run import run_node
from smarts.edge.failures import ExplainedError
from smarts.gateway.parties import Switches
from smarts.node import Gateway as WayBack
from smarts.ready.database import Database, database_url
from smarts.ready.reporting import sales
from smarts.ready.settings import Settings
from smarts.ready.tables import METADATA
from smarts.wire.control import CheckStatus

BREAD, BEER, CHOCOLATE, MILK = "4740000000018", "4740000000025", "4740000000032", "4740000000049"
PRODUCTS = f"""barcode,name,name_en,price,vat,category,age
{BREAD},Rukkileib,Rye bread,1.49,24,Leib ja sai,
{BEER},Õlu,Beer,2.20,24,Alkohol,18
{CHOCOLATE},Šokolaad,Chocolate,3.00,24,Maius,
{MILK},Piim,Milk,1.24,9,Piimatooted,
"""
SETTINGS = f"""
[node]
name = "Corner shop"
[catalogue]
file = "products.csv"
[[campaigns]]
name = "Every second free"
code = "B00000000001"
operation = "amount - Math.floor(amount / 2)"
barcodes = ["{CHOCOLATE}"]
[checks]
[[checks.rules]]
name = "many"
decision = "FULL"
pieces_over = 3
[receipts]
[orders]
"""


def write(folder, **files):
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text, "utf-8")


async def ask(node, path, token, body=None):
    async with aiohttp.request(
        "POST" if body is not None else "GET",
        node.address + path,
        json=body,
        headers={"accessToken": token},
    ) as answer:
        return answer.status, await answer.json(content_type=None)


async def test_a_file_is_enough(tmp_path):
    """Without settings it sells the file and keeps invoices, shows the token it made once, and stops when asked."""
    write(tmp_path, products_csv=PRODUCTS + ",Without a barcode,,1,,,\n")
    async with running(tmp_path, "--catalog=products.csv") as node:
        assert "4 products" in node.said[0]
        assert node.said[1:3] == ["One row was left out:", "  row 6, barcode: is empty"]
        token = node.token
        kept = tmp_path / ".smarts/node/node-token"
        assert kept.read_text().strip() == token
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700
        status, version = await ask(node, "/version", token)
        assert (status, version["features"]) == (200, ["invoices"])
        assert (await ask(node, "/version", "another"))[0] == 401
        port = node.address.rpartition(":")[2]
        code, _, err = await node_command(tmp_path, "run", "--catalog=products.csv", f"--port={port}")
        assert (code, "--port" in err) == (1, True)
        assert (await node.stop(signal.SIGINT))[:2] == (0, "Stopped.\n")
    async with running(tmp_path, "--catalog=products.csv") as node:
        assert not any("token" in line for line in node.said)
        assert (await ask(node, "/version", token))[0] == 200
        assert (await node.stop(signal.SIGTERM))[:2] == (0, "Stopped.\n")


async def test_what_changes_is_sold_without_a_gap(tmp_path):
    """A file that is replaced, spoiled and mended: every scan meanwhile is answered, and health says how it is."""
    write(tmp_path, products_csv=PRODUCTS)
    async with running(tmp_path, "--catalog=products.csv", SMARTS_NODE_TOKEN="t") as node:

        async def price():
            status, product = await ask(node, "/product/search/barcode", "t", {"barcode": BREAD})
            assert status == 200
            return product["price"]["total"]

        async def state():
            assert await price()
            return (await ask(node, "/health", "t"))[1]["checks"]["catalogue"]["status"]

        write(tmp_path, new_csv=PRODUCTS.replace("1.49", "1.59"))
        (tmp_path / "new.csv").replace(tmp_path / "products.csv")
        await until(lambda: has_become(price, 1.59), 60)
        write(tmp_path, products_csv="")
        await until(lambda: has_become(state, "DEGRADED"), 60)
        assert await price() == 1.59
        write(tmp_path, products_csv=PRODUCTS.replace("1.49", "1.69"))
        await until(lambda: has_become(price, 1.69), 60)
        assert await state() == "UP"


async def has_become(value, expected):
    return await value() == expected


def all_kept(folder):
    """Whether both purchases have come in."""
    settings = Settings.read(folder / "store.toml")
    with closing(Database(database_url(settings.database, settings.node.data), METADATA)) as database:
        return len(list(sales(database, date.min))) == 2


async def test_shopping_through_a_gateway(tmp_path, database_url):
    """Goods are scanned, checked and paid for, by receipt in one store and by invoice in another: all is kept."""
    write(tmp_path, products_csv=PRODUCTS, store_toml=SETTINGS)
    async with (
        running(tmp_path, "--settings=store.toml", SMARTS_NODE_TOKEN=NODE_TOKEN) as node,
        small_world(database_url) as world,
        world.gateway.working(),
    ):
        receipts, token = await world.add_store(node.address, switches=Switches(merchant_side_invoicing=True))
        invoices, _ = await world.add_store(node.address, switches=Switches())
        shopper = await world.shopper()

        cart = await shopper.cart(receipts, BREAD, *[CHOCOLATE] * 4)
        cart = await shopper.check_out(cart)
        assert cart["state"] == "LOCKED"
        async with WayBack(world.url, token, receipts) as back:
            await back.send_check_result(cart["invoiceId"], CheckStatus.PASSED)
        cart = await shopper.check_out(cart)
        assert cart["receipt"]["institutionInvoiceId"] == "R-000001"
        assert cart["receipt"]["total"] == 7.49  # of four chocolates two are paid
        assert (await shopper.pay(cart)).status == 200

        other = await shopper.check_out(await shopper.cart(invoices, MILK))
        assert (await shopper.pay(other)).status == 200

        await until(lambda: asyncio.to_thread(all_kept, tmp_path), 60)
        _, out, _ = await node_command(tmp_path, "sales", "--settings=store.toml", "--csv")
        paid = {line["store"]: line for line in csv.DictReader(io.StringIO(out))}
        assert (paid[receipts]["kind"], paid[receipts]["number"]) == ("receipt", "R-000001")
        assert (paid[receipts]["total"], paid[receipts]["id"]) == ("7.49", cart["invoiceId"])
        assert (paid[invoices]["kind"], paid[invoices]["total"]) == ("invoice", "1.24")

    code, out, _ = await node_command(tmp_path, "sales", "--settings=store.toml", "--json")
    (day,) = json.loads(out)
    assert (code, day["purchases"], day["total"], day["currency"]) == (0, 2, "8.73", "EUR")
    _, out, _ = await node_command(tmp_path, "sales", "--settings=store.toml", "--goods")
    sold = [(line["barcode"], line["amount"], line["total"]) for line in csv.DictReader(io.StringIO(out))]
    assert sorted(sold) == [(BREAD, "1", "1.49"), (CHOCOLATE, "4", "6.00"), (MILK, "1", "1.24")]
    _, out, _ = await node_command(tmp_path, "sales", "--settings=store.toml")
    assert "8.73 EUR" in out
    assert (
        "Nothing came in"
        in (await node_command(tmp_path, "sales", "--settings=store.toml", "--since=2999-01-01"))[1]
    )


async def test_the_conformance_kit_finds_nothing(tmp_path):
    """A node with everything that the example has keeps the whole contract."""
    example = EXAMPLE.replace("#bonus = false", "bonus = true")
    campaigns = f"name,code,operation,barcodes\nMilk,B00000000501,total * 0.9,{MILK}\n"
    cards = "number,code,bonus\n100,77,3.40\n"
    write(tmp_path, products_csv=PRODUCTS, store_toml=example, campaigns_csv=campaigns, cards_csv=cards)
    async with running(tmp_path, "--settings=store.toml", SMARTS_NODE_TOKEN="t") as node:
        code, out, err = await node_command(
            tmp_path,
            "check",
            node.address,
            "--token=t",
            "--strict",
            "--json",
            f"--barcode={BREAD}",
            "--card=100",
        )
        report = json.loads(out)
    assert report["score"] == 100
    assert "offers" in report["node"]["features"]
    assert (code, report["passes"]) == (0, True), err


async def test_what_check_says(tmp_path):
    """Each bad row is told with its column and why, nothing is served or kept; without any the check ends with 0."""
    write(tmp_path, products_csv=PRODUCTS, store_toml=SETTINGS)
    code, out, err = await node_command(tmp_path, "run", "--settings=store.toml", "--check")
    assert (code, "4 products" in out, "fine" in out) == (0, True, True), err
    write(
        tmp_path,
        products_csv=PRODUCTS.replace("age\n", "age,valid_from\n")
        + "4740000000056,Sai,,a lot,,,\n4740000000063,Kukkel,,1,,,,2999-01-01\n",
        campaigns_csv="name,code,operation\na,b,c\n",
    )
    write(tmp_path, store_toml=SETTINGS + '[[campaigns]]\nfile = "campaigns.csv"\n')
    code, out, err = await node_command(tmp_path, "run", "--settings=store.toml", "--check")
    assert code == 1
    assert "row 6, price: a lot" in out
    assert "Not sold now, by the days in their rows: 1." in out
    assert "row 2, code: `code` is b" in out
    assert "2 rows were left out" in err
    assert sorted(each.name for each in tmp_path.iterdir()) == ["campaigns.csv", "products.csv", "store.toml"]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ("", "--catalog products.csv"),
        ('[catalogue]\nfile = "nowhere.csv"', "nowhere.csv"),
        ("[nodes]\nport = 1", "did you mean node?"),
        ('[catalogue]\nfile = "products.csv"\n[loyalty]\nfile = "nowhere.csv"', "nowhere.csv"),
        ('[catalogue]\nfile = "products.csv"\n[database]\nurl = "nonsense://a/b"', "no such kind of database"),
        ('[catalogue]\nfile = "products.csv"\n[database]\nurl = "oracle://a/b"', "pip install"),
        ('[node]\ntoken = "two words"\n[catalogue]\nfile = "products.csv"', "without blanks"),
        ('[node]\ntoken_file = "nowhere"\n[catalogue]\nfile = "products.csv"', "node.token_file cannot be read"),
    ],
)  # fmt: skip
def test_what_keeps_a_node_from_starting(tmp_path, settings, words):
    """What is wrong is told in a sentence, before anything is served."""
    write(tmp_path, products_csv=PRODUCTS, store_toml=settings)
    with pytest.raises(ExplainedError, match=re.escape(words)):
        run_node(settings=tmp_path / "store.toml", port=0)
