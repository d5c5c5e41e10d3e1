"""What a code means for a scan."""

from decimal import Decimal
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import ean

from smarts.gateway.codes.rules import Format, FoundCode, Symbol, found_code

MATRIX = st.sampled_from([Format.QR_CODE, Format.DATA_MATRIX])
GTIN = "09506000134352"


def with_check_digit(digits: str) -> str:
    return digits + ean.calc_check_digit(digits)


def numbers(length: int) -> st.SearchStrategy[str]:
    """Valid numbers of a length, check digit included, whose first digit is not 0."""
    return st.integers(10 ** (length - 2), 10 ** (length - 1) - 1).map(
        lambda each: with_check_digit(str(each))
    )


def barcode(format: Format, text: str, *, is_gs1: bool = False) -> str | None:  # noqa: A002
    return found_code(Symbol(format, text, is_gs1)).barcode


@given(numbers(13))
def test_an_ean_13_is_the_barcode(number: str) -> None:
    """A valid EAN-13 is what one scans with, those of the store's own with weight or price in them as they are too."""
    assert barcode(Format.EAN_13, number) == number


@given(st.integers(200000000000, 299999999999).map(lambda each: with_check_digit(str(each))))
def test_a_code_of_the_store_is_passed_as_it_is(number: str) -> None:
    """What a store's scale has printed is not taken apart here, and says no quantity and no price."""
    assert found_code(Symbol(Format.EAN_13, number)) == FoundCode(
        format=Format.EAN_13, text=number, barcode=number
    )


@given(numbers(8))
def test_an_ean_8_is_the_barcode(number: str) -> None:
    """A valid EAN-8 keeps its eight digits."""
    assert barcode(Format.EAN_8, number) == number


@given(numbers(13), st.integers(0, 12), st.integers(1, 9))
def test_one_wrong_digit_is_noticed(number: str, place: int, by: int) -> None:
    """A number with one digit misread is no barcode."""
    wrong = str((int(number[place]) + by) % 10)
    assert barcode(Format.EAN_13, number[:place] + wrong + number[place + 1 :]) is None


def test_a_upc_a_begins_with_a_zero() -> None:
    """The twelve digits of a UPC-A are scanned as the EAN-13 that they are."""
    assert barcode(Format.QR_CODE, "075720003259") == "0075720003259"
    assert barcode(Format.EAN_13, "0075720003259") == "0075720003259"


@given(numbers(14), MATRIX)
def test_a_number_of_a_case_keeps_its_digits(number: str, format: Format) -> None:  # noqa: A002
    """A GTIN-14 that says how goods are packed is not the number of one of the goods."""
    assert barcode(format, f"01{number}", is_gs1=True) == number


@given(numbers(13), MATRIX)
def test_filled_up_numbers_are_those_on_the_goods(number: str, format: Format) -> None:  # noqa: A002
    """A GTIN-14 that a zero fills up, as an element and in a link, is the EAN-13 below the bars."""
    filled = f"0{number}"
    assert barcode(format, f"01{filled}", is_gs1=True) == number
    assert barcode(format, f"https://id.example.org/01/{filled}") == number


@given(numbers(8), MATRIX)
def test_a_filled_up_ean_8_is_that_on_the_goods(number: str, format: Format) -> None:  # noqa: A002
    """A GTIN-14 that six zeros fill up is the EAN-8 below the bars."""
    assert barcode(format, f"01000000{number}", is_gs1=True) == number


@given(st.integers(1, 999_999), st.integers(0, 5), MATRIX)
def test_the_weight_of_a_label(digits: int, decimals: int, format: Format) -> None:  # noqa: A002
    """Weight elements are kilograms with as many decimals as their key says, in elements and in links alike."""
    expected = Decimal(digits).scaleb(-decimals)
    element = found_code(Symbol(format, f"01{GTIN}10LOT\x1d310{decimals}{digits:06}", is_gs1=True))
    link = found_code(Symbol(format, f"https://x.example/01/{GTIN}/10/LOT?310{decimals}={digits:06}"))
    assert (element.quantity, link.quantity) == (expected, expected)
    assert (element.barcode, link.barcode) == ("9506000134352", "9506000134352")


def test_price_and_pieces_of_a_label() -> None:
    """A price and a number of pieces are told where a label carries them."""
    code = found_code(Symbol(Format.DATA_MATRIX, f"01{GTIN}3922199\x1d3012", is_gs1=True))
    assert (code.price, code.quantity) == (Decimal("1.99"), 12)


def test_the_text_of_a_label_has_no_control_characters() -> None:
    """The sign between elements is shown as a space."""
    code = found_code(Symbol(Format.DATA_MATRIX, f"01{GTIN}10LOT\x1d3103000195", is_gs1=True))
    assert code.text == f"01{GTIN}10LOT 3103000195"


@pytest.mark.parametrize(
    "address",
    [
        f"https://id.gs1.org/01/{GTIN}",
        f"http://shop.example/some/where/01/{GTIN}/10/ABC123/21/12345?17=270101&3103=000000",
        f"https://id.gs1.org/gtin/{GTIN}",
        "https://id.gs1.org/01/9506000134352#nothing",
    ],
)
def test_links_of_goods(address: str) -> None:
    """A GS1 Digital Link is a barcode, whatever host, path before it, lot or query it has; no weight is no weight."""
    code = found_code(Symbol(Format.QR_CODE, address))
    assert (code.barcode, code.quantity, code.institution_id) == ("9506000134352", None, None)


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=25))
def test_the_door_of_a_store(institution_id: str) -> None:
    """The code at a door names its store, at whatever host, and is no goods."""
    address = f"https://smarts.example/shop?store={quote(institution_id)}"
    code = found_code(Symbol(Format.QR_CODE, address))
    assert (code.institution_id, code.barcode) == (institution_id, None)


@pytest.mark.parametrize(
    "text",
    [
        "https://shop.example/shop",
        "https://shop.example/shop?store=",
        "https://shop.example/shop?store=" + "9" * 101,
        "https://shop.example/?store=7",
        "https://id.gs1.org/01/09506000134353",
        "https://[broken/01/09506000134352",
        "/shop?store=7",
        "WIFI:T:WPA;S:shop;P:secret;;",
        "12345",
        "٠٩٥٠٦٠٠٠١٣٤٣٥",
    ],
)
def test_other_texts_mean_nothing(text: str) -> None:
    """A square code that is neither goods nor a door is told as its text alone."""
    assert found_code(Symbol(Format.QR_CODE, text)) == FoundCode(format=Format.QR_CODE, text=text)


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=100))
def test_a_code_128_is_passed_as_it_is(text: str) -> None:
    """What a store has put into bars of its own is the barcode."""
    assert barcode(Format.CODE_128, text) == text


@given(st.sampled_from(Format), st.text(max_size=300), st.booleans())
def test_any_text_has_a_meaning(format: Format, text: str, is_gs1: bool) -> None:  # noqa: A002
    """Whatever a code says, it is answered; a barcode is such that a scan takes it."""
    code = found_code(Symbol(format, text, is_gs1))
    assert code.barcode is None or 1 <= len(code.barcode) <= 100
    assert code.quantity is None or code.quantity > 0


@given(
    st.sampled_from(["01", "30", "3103", "3922", "10", "15", "8007", "8008", "99"]),
    st.text("0123456789AZ()\x1d", max_size=40),
)
def test_broken_labels_mean_nothing_worse(key: str, rest: str) -> None:
    """A label whose elements are cut off or mistyped is no error."""
    found_code(Symbol(Format.DATA_MATRIX, key + rest, is_gs1=True))
