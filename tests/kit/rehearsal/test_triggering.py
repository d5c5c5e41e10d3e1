"""`smarts trigger`: one operation, with a cart or without one."""

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cli.commands import free_ports, smarts
from kit.rehearsal.parts import BANANAS, BREAD, TOKEN, told
from smarts.kit.rehearsal.carts import written
from smarts.wire.operations import TO_NODE


async def test_triggering_with_a_cart(node: str, tmp_path: Path) -> None:
    """A cart of barcodes becomes the document that a gateway would make of it, with what was changed by hand."""
    cart = tmp_path / "cart.json"
    cart.write_text(json.dumps([BREAD, {"barcode": BANANAS, "quantity": 0.8}]))
    ended = await smarts("trigger", "control.check", "--cart", str(cart), "--url", node, "--token", TOKEN,
                         "--set", 'langCode="ET"', "--json")  # fmt: skip
    assert ended.code == 0, ended.out + ended.err
    *scans, check = await told(ended)
    assert len(scans) == 2
    assert check["request"]["langCode"] == "ET"
    assert [(row["barcode"], row["amount"]) for row in check["request"]["products"]] == [
        (BREAD, 1),
        (BANANAS, 0.8),
    ]
    assert check["answer"] == {"decision": "NO"}


@pytest.mark.parametrize(
    ("cart", "words"),
    [
        ([], "Expected a list of barcodes"),
        ([7], "[0]: Expected a barcode"),
        ([{"barcode": "1", "quantity": "NaN"}], "[0].quantity"),
        ({"lines": [{"product": {}}]}, "[0]: Expected a barcode"),
        ("milk", "Expected a list of barcodes"),
    ],
)
def test_carts_that_are_none(cart: Any, words: str) -> None:
    """A cart that cannot be used is told with the place in it."""
    with pytest.raises(ValueError, match=re.escape(words)):
        list(written(cart))


def test_carts_of_any_kind() -> None:
    """Barcodes, objects with quantities, and carts as shoppers see them are read."""
    shown = {"lines": [{"product": {"barcode": "3"}, "quantity": 1.5}]}
    document = {"products": [{"barcode": "4", "amount": "2"}]}
    assert [*written(["1", {"barcode": "2"}]), *written(shown), *written(document)] == [
        ("1", 1), ("2", 1), ("3", Decimal("1.5")), ("4", 2),
    ]  # fmt: skip


@pytest.mark.parametrize(("cart", "words"), [("[", "is no JSON"), ('["000"]', "did not give the product")])
async def test_a_cart_that_cannot_be_sent(node: str, tmp_path: Path, cart: str, words: str) -> None:
    """Where the cart cannot be filled, the operation is not sent, and the command says why."""
    file = tmp_path / "cart.json"
    file.write_text(cart)
    ended = await smarts("trigger", "invoice", "--cart", str(file), "--url", node, "--token", TOKEN)
    assert ended.code == 1
    assert words in ended.err
    assert "/invoice" not in ended.out


async def test_misuse() -> None:
    """An operation that does not exist and an address that is none are misuse; nobody at home is a failure."""
    assert (await smarts("trigger", "juggle")).code == 2
    assert (await smarts("try", "not-an-address")).code == 2
    (port,) = free_ports(1)
    nobody = await smarts("trigger", "version", "--url", f"http://127.0.0.1:{port}")
    assert nobody.code == 1
    assert "nobody answers" in nobody.out


async def test_the_operations_are_listed() -> None:
    """Every operation of the contract can be triggered by the name that is listed."""
    listed = (await smarts("trigger", "--list", "--json")).json
    assert {row["name"] for row in listed} >= {operation.name for operation in TO_NODE}
