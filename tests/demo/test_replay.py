import asyncio
import csv
import json
import sys
from decimal import Decimal

import pytest
from msgspec.structs import replace

from smarts.demo.catalogue.barcodes import check_digit
from smarts.demo.catalogue.goods import pieces, price
from smarts.demo.replay.baskets import Basket
from smarts.demo.replay.purchases import Purchase, differences
from smarts.demo.replay.reckoning import Reckoning
from smarts.wire.codec import decode
from smarts.wire.control import Decision
from smarts.wire.examples import example
from smarts.wire.invoices import Invoice, Total, TotalVAT
from smarts.wire.products import Product
from smarts.wire.text import Translatable

RECKONING = Reckoning({"1": Decimal("1.24")}, {}, ())
ROW = Product("1", "1", Translatable("Tee"), price(Decimal("2.48"), Decimal(24)), quantity=pieces(2))
INVOICE = replace(
    decode(example("Invoice"), Invoice),
    products=(ROW,),
    total=Total(TotalVAT(Decimal("2.48"), Decimal("2.00"), Decimal("0.48")), Decimal("2.48")),
)
PURCHASE = Purchase(Basket("b", "shop", (("1", Decimal(2)),)), Decimal("2.48"), Decision.NO, INVOICE)


def test_nothing_differs():
    """A purchase that cost what it must, with an invoice of it, has no differences."""
    assert list(differences(PURCHASE, RECKONING)) == []


@pytest.mark.parametrize(
    ("invoice", "words"),
    [
        ({"total": replace(INVOICE.total, total_to_pay=Decimal("2.47"))}, "the invoice is of 2.47"),
        ({"products": (replace(ROW, price=price(Decimal("2.47"), Decimal(24))),)}, "rows do not add up"),
        ({"products": (replace(ROW, quantity=pieces(3)),)}, "other goods"),
        ({"products": (replace(ROW, barcode="2"),)}, "other goods"),
        (
            {"total": replace(INVOICE.total, vat=replace(INVOICE.total.vat, vat_sum=Decimal("0.47")))},
            "VAT does not add up",
        ),
    ],
)
def test_invoice_that_differs(invoice, words):
    """An invoice that is not of the purchase is noticed, and named."""
    (difference,) = differences(
        Purchase(PURCHASE.basket, PURCHASE.paid, PURCHASE.decision, replace(INVOICE, **invoice)), RECKONING
    )
    assert difference.startswith("shop b: ")
    assert words in difference


def test_total_that_differs():
    """A total that is a cent off is noticed."""
    dearer = Reckoning({"1": Decimal("1.25")}, {}, ())
    assert list(differences(PURCHASE, dearer)) == ["shop b: 2.48 was paid, it must be 2.50"]


def write(path, header, *rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])


@pytest.fixture
def data(tmp_path):
    """A folder with products, baskets and campaigns as real ones come."""
    barcodes = [f"40063813339{number}" for number in range(8)]
    barcodes = [f"{digits}{check_digit(digits)}" for digits in barcodes]
    write(
        tmp_path / "products.csv",
        ["barcode", "name", "lang", "category", "quantity", "unit", "price", "currency", "country"],
        *([barcode, f"Kaup {barcode}", "et", "", "1", "pcs", "7.45", "EUR", "EE"] for barcode in barcodes),
    )
    write(
        tmp_path / "item_map.csv",
        ["source", "item", "demo_barcode"],
        *(["shop", number, barcode] for number, barcode in enumerate(barcodes)),
    )
    lines = [(basket, line, line) for basket in range(8) for line in range(basket + 1)]
    write(
        tmp_path / "baskets.csv",
        ["basket_id", "line", "item", "quantity", "source"],
        *([basket, line, item, 1 + line % 3, "shop"] for basket, line, item in lines),
    )
    campaign = {"barcode": barcodes[0], "name": "6.20", "code": "B00000000002"}
    campaign["operation"] = "amount >= 1 ? Math.min(unitPrice, 5) : unitPrice"
    (tmp_path / "campaigns.jsonl").write_text(json.dumps(campaign))
    return tmp_path


async def test_replay(data):
    """Baskets are bought at a demo of the replay's own, checks are passed, and nothing differs."""
    names = ("products.csv", "baskets.csv", "item_map.csv", "campaigns.jsonl")
    options = [f"--{name.partition('.')[0].replace('_', '-')}={name}" for name in names]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "smarts.demo.replay", f"--data={data}", "--count=8", "--full-share=0.5"),
        *options,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    told = (await process.communicate())[0].decode()
    assert process.returncode == 0, told
    assert "8 purchases" in told
    assert "36 scans" in told
    assert "8 with a product campaign that struck" in told
    assert "0 differences" in told
