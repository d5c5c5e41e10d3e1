"""The golden documents: one for each struct, read and written as they stand, and true to each other."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

import msgspec
import pytest

from smarts.wire import control, loyalty, money, nodes, offers, products, shipments
from smarts.wire.codec import decode, encode
from smarts.wire.examples import example, example_names, example_object
from smarts.wire.invoices import InvoiceStatus
from wire.documents import EXACT, STRUCTS, TOLERATED, kind_of

CENT = Decimal("0.01")
ENUMS: list[type[StrEnum]] = [
    products.Unit,
    products.AdditionType,
    products.InspectionAction,
    products.ProductType,
    products.SearchType,
    products.OrderBy,
    shipments.ShipmentMethod,
    shipments.ShipmentStatus,
    money.Currency,
    InvoiceStatus,
    loyalty.LoyaltyCardType,
    loyalty.LoyaltyCardValidationType,
    loyalty.ColorTheme,
    control.Decision,
    control.CheckStatus,
    offers.OfferClassification,
    nodes.HealthStatus,
]


def exactly(name: str) -> Any:
    """An example as JSON values with exact numbers."""
    return msgspec.json.Decoder(float_hook=Decimal).decode(example(name))


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """All objects in a JSON value, itself included."""
    if isinstance(value, dict):
        yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for item in inner:
        yield from objects(item)


EVERYTHING = [found for name in example_names() for found in objects(exactly(name))]


def values(field: str) -> list[Any]:
    """All values that a field of this name has anywhere."""
    return [found[field] for found in EVERYTHING if field in found]


def to_cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def test_every_struct_has_an_example() -> None:
    """Each struct of the contract has a golden document of its own name, and each document a struct."""
    names = {name.partition(".")[0] for name in example_names()}
    assert names == set(STRUCTS)


@pytest.mark.parametrize("name", EXACT)
def test_example_is_what_we_write(name: str) -> None:
    """Reading a golden document and writing it again gives the very same text."""
    again = encode(decode(example(name), kind_of(name)))
    assert msgspec.json.format(again, indent=2) + b"\n" == example(name)


@pytest.mark.parametrize(("name", "same"), TOLERATED.items())
def test_tolerated_form_says_the_same(name: str, same: str) -> None:
    """A document in a form that we only read is the same object as the one in our own form, and is written so."""
    found = decode(example(name), kind_of(name))
    assert found == decode(example(same), kind_of(same))
    assert encode(found) == encode(decode(example(same), kind_of(same)))


def test_example_object_is_plain() -> None:
    """For OpenAPI documents an example is given as plain JSON values."""
    assert example_object("VAT.decimal-rate") == {
        "sumWithoutVAT": 10,
        "VATSum": 2.55,
        "sumWithVAT": 12.55,
        "VATRate": 25.5,
    }


@pytest.mark.parametrize("kind", ENUMS, ids=lambda kind: kind.__name__)
def test_every_value_is_shown(kind: type[StrEnum]) -> None:
    """Each status, decision and other fixed word stands in some golden document."""
    words = b"".join(example(name) for name in EXACT)
    assert not [word for word in kind if f'"{word}"'.encode() not in words]


def test_vat_adds_up() -> None:
    """In each VAT the two parts make the sum, at the rate that it names."""
    vats = [found for found in EVERYTHING if "VATSum" in found]
    assert len(vats) > 20
    for vat in vats:
        assert vat["sumWithoutVAT"] + vat["VATSum"] == vat["sumWithVAT"]
        rate = vat.get("VATRate")
        if rate is not None:
            assert to_cents(vat["sumWithVAT"] * 100 / (100 + rate)) == to_cents(Decimal(vat["sumWithoutVAT"]))


def test_prices_are_their_vat_sum() -> None:
    """A price's total is the sum with VAT."""
    prices = [found for found in EVERYTHING if {"vat", "total"} <= found.keys()]
    assert prices
    for price in prices:
        assert price["total"] == price["vat"]["sumWithVAT"]


@pytest.mark.parametrize("name", [name for name in example_names() if name.startswith("Invoice")])
def test_invoices_add_up(name: str) -> None:
    """An invoice's rows and shipment make its total, and the VAT at each rate makes its VAT, to the cent."""
    invoice = exactly(name)
    totals: dict[Decimal, Decimal] = defaultdict(Decimal)
    for product in invoice["products"]:
        totals[product["price"]["vat"]["VATRate"]] += product["price"]["total"]
    if "shipment" in invoice:
        totals[Decimal(24)] += invoice["shipment"]["price"]
    vat = sum(total - to_cents(total * 100 / (100 + rate)) for rate, total in totals.items())
    assert sum(totals.values()) == invoice["total"]["totalToPay"] == invoice["total"]["vat"]["sumWithVAT"]
    assert vat == invoice["total"]["vat"]["VATSum"]


def test_receipts_add_up() -> None:
    """A receipt's rows make its total; so do the sum before additions with them, and the sum without VAT with it."""
    receipt = exactly("Receipt")
    assert sum(row["rowPrice"] for row in receipt["products"]) == receipt["total"]
    assert receipt["totalWithoutAddition"] + receipt["additionSum"] == receipt["total"]
    assert receipt["totalWithoutVAT"] + receipt["vatSum"] == receipt["total"]


@pytest.mark.parametrize("name", ["Order", "Order.create", "Order.completed"])
def test_orders_add_up(name: str) -> None:
    """An order's total covers its rows and its shipment."""
    order = exactly(name)
    rows = sum(row["rowPrice"] for row in order["products"])
    assert rows + order["shipment"]["price"] == order["orderTotalPrice"]


def test_barcodes_are_valid() -> None:
    """Each barcode is an EAN-8 or EAN-13 with the right check digit."""
    barcodes = set(values("barcode"))
    assert len(barcodes) > 5
    for barcode in barcodes:
        assert len(barcode) in (8, 13)
        odd, even = barcode[-1::-2], barcode[-2::-2]
        assert (sum(map(int, odd)) + 3 * sum(map(int, even))) % 10 == 0


@pytest.mark.parametrize("field", ["institutionId", "personId", "customerId", "cardNumber", "sellerName"])
def test_documents_tell_one_story(field: str) -> None:
    """All documents are about the same store, shopper and card."""
    assert len(set(values(field))) == 1


def test_products_keep_their_names() -> None:
    """A barcode stands for the same product in every document."""
    names = defaultdict(set)
    for found in EVERYTHING:
        if "barcode" in found and ("productName" in found or "translatableName" in found):
            name = found.get("productName") or found["translatableName"]["originalText"]
            names[found["barcode"]].add(name)
    assert not [both for both in names.values() if len(both) > 1]


def test_campaign_codes_have_twelve_characters() -> None:
    """Each campaign's code is 12 characters: client, card and kind."""
    codes = {found["code"] for found in EVERYTHING if "operation" in found}
    assert codes >= {"B00000000002", "B00000000501", "C00000077002"}
    assert {len(code) for code in codes} == {12}
