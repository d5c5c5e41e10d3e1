"""The kit judges a receipt's sums as the gateway does, though neither knows the other's code."""

import json
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from smarts.gateway.receipts.rules import faults
from smarts.kit.sums import sums_of
from smarts.wire.codec import decode, encode
from smarts.wire.examples import example
from smarts.wire.money import Currency
from smarts.wire.receipts import CreateReceiptRequest, Receipt

RECEIPT = decode(example("Receipt"), Receipt)
REQUEST = decode(example("CreateReceiptRequest"), CreateReceiptRequest)
# Cents around what rounding may make of four rows, and sums that are far off.
OFF = st.integers(-7, 7).map(lambda cents: Decimal(cents) / 100) | st.sampled_from(
    [Decimal(1), Decimal("-6.5")]
)


@given(OFF, OFF, OFF, OFF, OFF, st.sampled_from([Decimal(0), Decimal("1.27"), Decimal("6.35")]))
def test_the_gateways_judgement(
    total: Decimal, net: Decimal, vat: Decimal, before: Decimal, addition: Decimal, bonus: Decimal
) -> None:
    """A receipt with wrong sums is found by both, one with right sums by neither."""
    (card,) = RECEIPT.loyalty_cards
    receipt = replace(
        RECEIPT,
        total=RECEIPT.total + total - bonus,
        total_without_vat=RECEIPT.total_without_vat + net,
        vat_sum=RECEIPT.vat_sum + vat,
        total_without_addition=RECEIPT.total_without_addition + before,
        addition_sum=RECEIPT.addition_sum + addition,
        loyalty_cards=(replace(card, bonus_used=bonus),),
    )
    told = faults(receipt, REQUEST, Currency.EUR)
    sums = sums_of(json.loads(encode(receipt)))
    assert sums.of_rows.holds == (not any(fault.startswith("the rows and the shipment") for fault in told))
    assert sums.of_vat.holds == (not any(fault.startswith("totalWithoutVAT and vatSum") for fault in told))
    assert sums.of_additions.holds == (not any(fault.startswith("additionSum is") for fault in told))
