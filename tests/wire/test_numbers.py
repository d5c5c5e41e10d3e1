"""Numbers come from the wire exactly, from strings only where the contract says so, and money is rounded once."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import example as such_as
from hypothesis import given
from hypothesis import strategies as st

from smarts.wire.codec import decode, encode
from smarts.wire.errors import MalformedError
from smarts.wire.money import Currency, rounded
from smarts.wire.products import VAT, Quantity, net_and_vat
from smarts.wire.receipts import ReceiptProduct
from wire.documents import EXACT, STRUCTS, kind_of, plain, written

PLAIN_NUMBER = r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,32})?"
plain_numbers = st.from_regex(PLAIN_NUMBER, fullmatch=True)
# The fields that examples of the documentation send as strings (section 3).
MAY_BE_STRINGS = {
    ("Quantity", "value"),
    *((row, name) for row in ("ReceiptProduct", "OrderProduct") for name in ("amount", "rowPrice")),
}
NUMERIC = [
    (name, field)
    for name in STRUCTS
    for field, value in plain(name).items()
    if isinstance(value, int | float) and not isinstance(value, bool)
]
NOT_NUMBERS: list[Any] = [True, False, [], {}, [1], {"value": 1}, "", "one", "1"]


def quantity(value: str) -> bytes:
    """A quantity whose value is this JSON text."""
    return b'{"unit":"PIECE","value":' + value.encode() + b"}"


def read(value: str) -> Decimal:
    return decode(quantity(value), Quantity).value


def exactly_written(amount: Decimal) -> Decimal:
    text = encode([amount])[1:-1]
    return Decimal(text.decode())


@given(plain_numbers)
@such_as("0.1")
@such_as("0.123456789012345")
@such_as("999999999999999.999999999999999")
@such_as("0.30000000000000004")
@such_as("-0.01")
@such_as("100000000000000.01")
def test_numbers_are_exact(text: str) -> None:
    """A number, or the same as a string, is read to the last digit and written to the last digit."""
    assert read(text) == read(f'"{text}"') == Decimal(text)
    assert exactly_written(read(text)) == Decimal(text)


@given(plain_numbers)
def test_numbers_keep_their_digits(text: str) -> None:
    """No digit is added or lost: 1.50 stays 1.50, and reading gives a plain Decimal."""
    found = read(text)
    assert type(found) is Decimal
    assert found.as_tuple().exponent == Decimal(text).as_tuple().exponent


@given(st.floats(-(10.0**15), 10.0**15, exclude_min=True, exclude_max=True).filter(lambda x: abs(x) > 1e-16))
@such_as(0.1 + 0.2)
@such_as(0.1 + 0.2 - 0.3)
@such_as(1e-16)
@such_as(1e14)
def test_doubles_of_any_sender_are_read(number: float) -> None:
    """Whatever a sender that reckons in doubles prints is read, down to the residues of its sums."""
    assert read(repr(number)) == Decimal(repr(number))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1e3", "1000"),
        ("1E+3", "1000"),
        ("12e-1", "1.2"),
        ("0e99999", "0"),
        ("2.50e2", "250"),
        ("1.5e-7", "0.00000015"),
    ],
)
def test_exponents_are_numbers(text: str, number: str) -> None:
    """JSON numbers may have an exponent; they are written without one that makes them look rounded."""
    assert read(text) == Decimal(number)
    assert "E+" not in encode([read(text)]).decode()


@pytest.mark.parametrize(
    "text",
    [
        "1000000000000000",
        "-1000000000000000",
        "1000000000000000.5",
        "99999999999999999999",
        "9" * 5000,
        "9" * 100_000,
        "1e15",
        "-1e15",
        "1e400",
        "1e999999999999999999999",
        "1e-400",
        "1e-999999999999999999999",
        "0." + "1" * 33,
        "0." + "1" * 200_000,
        "1." + "0" * 100,
    ],
    ids=lambda text: text[:24],
)
def test_absurd_numbers_are_refused(text: str) -> None:
    """A number too large or too fine to be reckoned with is JSON of the wrong shape, and its path is told."""
    with pytest.raises(MalformedError) as caught:
        read(text)
    assert (caught.value.is_json, caught.value.error.path) == (True, "$.value")


def test_the_path_leads_into_lists() -> None:
    """The path of a bad number tells which row it is in."""
    document = plain("PurchaseControlCheckRequest")
    document["products"][2]["rowPrice"] = 10**15
    with pytest.raises(MalformedError) as caught:
        decode(written(document), kind_of("PurchaseControlCheckRequest"))
    assert caught.value.error.path == "$.products[2].rowPrice"


@pytest.mark.parametrize(
    "text",
    [
        "NaN",
        "nan",
        "sNaN",
        "Infinity",
        "-Infinity",
        "inf",
        "1_000",
        " 1 ",
        "1 ",
        " 1",
        "1\\n",
        "+1",
        "1e5",
        "1E5",
        "1.",
        ".5",
        "-",
        "--1",
        "",
        "01",
        "1,5",
        "1 000",
        "0x10",
        "٣",
        "１",
        "1.٣",
        "½",
        "1.2.3",
        "−1",
        "1000000000000000",
        "0." + "1" * 33,
        "1" * 100_000,
    ],
    ids=lambda text: text[:12],
)
def test_strings_are_plain_decimals(text: str) -> None:
    """A string stands for a number only where it is a plain decimal; whatever else Python would take is refused."""
    with pytest.raises(MalformedError) as caught:
        read(f'"{text}"')
    assert (caught.value.is_json, caught.value.error.path) == (True, "$.value")


@pytest.mark.parametrize(
    "text", ["NaN", "Infinity", "-Infinity", "+1", "01", "1.", ".5", "0x10", "1_000", "1e"]
)
def test_number_literals_are_those_of_json(text: str) -> None:
    """What JSON does not have as a number is not JSON."""
    with pytest.raises(MalformedError) as caught:
        read(text)
    assert not caught.value.is_json


@pytest.mark.parametrize(("name", "field"), NUMERIC)
def test_strings_stand_for_numbers_where_the_contract_says_so(name: str, field: str) -> None:
    """Only the amounts that examples of the documentation send as strings may be strings."""
    document = plain(name)
    document[field] = str(document[field])
    if (name, field) in MAY_BE_STRINGS:
        assert decode(written(document), kind_of(name)) == decode(written(plain(name)), kind_of(name))
        return
    with pytest.raises(MalformedError) as caught:
        decode(written(document), kind_of(name))
    assert (caught.value.is_json, caught.value.error.path) == (True, f"$.{field}")


def test_the_string_fields_are_looked_at() -> None:
    """The fields that may be strings are among those that the tests of this file go through."""
    assert MAY_BE_STRINGS.issubset(NUMERIC)
    assert {("Invoice", "createdAt"), ("Price", "total"), ("MaxAmount", "amount")}.issubset(NUMERIC)


@pytest.mark.parametrize(("name", "field"), NUMERIC)
def test_booleans_and_structures_are_not_numbers(name: str, field: str) -> None:
    """True is not 1, and neither lists, objects nor words are numbers."""
    for value in NOT_NUMBERS:
        if value == "1" and (name, field) in MAY_BE_STRINGS:
            continue
        with pytest.raises(MalformedError) as caught:
            decode(written(plain(name) | {field: value}), kind_of(name))
        assert (caught.value.is_json, caught.value.error.path) == (True, f"$.{field}")


@pytest.mark.parametrize("count", [-1, 2**31, 10**30, 1.5])
@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("Category", "numberOfProducts"),
        ("MinAge", "age"),
        ("Pageable", "lastPage"),
        ("Pageable", "totalCount"),
        ("DiscountOffer", "discountPercentage"),
    ],
)
def test_counts_are_whole_and_bounded(name: str, field: str, count: float) -> None:
    """Counts are whole numbers from zero that fit into four bytes."""
    with pytest.raises(MalformedError) as caught:
        decode(written(plain(name) | {field: count}), kind_of(name))
    assert (caught.value.is_json, caught.value.error.path) == (True, f"$.{field}")


@pytest.mark.parametrize("name", EXACT)
def test_no_number_becomes_a_float(name: str) -> None:
    """Nothing that is read holds a float."""
    found = msgspec.to_builtins(
        decode(written(plain(name)), kind_of(name)), builtin_types=(Decimal,), enc_hook=str
    )
    assert not _floats(found)


def _floats(value: Any) -> list[float]:
    if isinstance(value, float):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return [number for item in inner for number in _floats(item)]


def test_vat_rates_may_be_broken() -> None:
    """A rate such as Finland's 25.5 % is read and written exactly."""
    vat = decode(b'{"sumWithoutVAT":10,"VATSum":2.55,"sumWithVAT":12.55,"VATRate":25.5}', VAT)
    assert vat.vat_rate == Decimal("25.5")
    assert encode(vat).endswith(b'"VATRate":25.5}')


def test_written_numbers_are_numbers() -> None:
    """What was read from strings is written as numbers."""
    row = decode(
        b'{"id":"1","barcode":"2","productName":"x","amount":"1.03","rowPrice":"2.50"}', ReceiptProduct
    )
    assert b'"amount":1.03,"rowPrice":2.50' in encode(row)


@pytest.mark.parametrize(
    ("amount", "cents"),
    [
        ("0.005", "0.01"),
        ("0.125", "0.13"),
        ("0.1249999", "0.12"),
        ("2.675", "2.68"),
        ("-0.005", "-0.01"),
        ("7", "7.00"),
    ],
)
def test_money_is_rounded_half_up(amount: str, cents: str) -> None:
    """Half a cent is a cent, on either side of zero."""
    for currency in Currency:
        assert str(rounded(Decimal(amount), currency)) == cents


@given(st.decimals(-(10**12), 10**12, places=7))
def test_rounding_is_to_the_nearest_cent(amount: Decimal) -> None:
    """Rounded money has two decimals, is at most half a cent off, and is not rounded again."""
    cents = rounded(amount, Currency.EUR)
    assert cents.as_tuple().exponent == -2
    assert abs(cents - amount) <= Decimal("0.005")
    assert rounded(cents, Currency.EUR) == cents


@given(st.decimals(0, 10**6, places=2), st.sampled_from(["0", "9", "13", "24", "25.5"]).map(Decimal))
def test_net_and_vat_make_the_total(total: Decimal, rate: Decimal) -> None:
    """The sum without VAT and the VAT add up to the total without loss, and are at the rate to half a millionth."""
    net, vat = net_and_vat(total, rate)
    assert net + vat == total
    assert abs(net * rate / 100 - vat) <= Decimal("0.0000007")
