"""What stands in cells: prices as people write them, amounts, days, hours, yes and no."""

# ruff: noqa: DTZ001 - a day in a cell has no time zone

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smarts.ready.catalogue import values
from smarts.wire.products import Unit

PRICES = st.decimals("0.01", "9999999.99", places=2)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1 234,50 €", "1234.50"),
        ("1\xa0234,50", "1234.50"),
        ("1.234,50", "1234.50"),
        ("1,234.50", "1234.50"),
        ("1.234.567", "1234567"),
        ("1'234.50", "1234.50"),
        ("EUR 3", "3"),
        ("3,-", "3"),
        ("$0.99", "0.99"),
        (",5", "0.5"),
        ("0,990", "0.990"),
        ("-1,20", "-1.20"),
        (12, "12"),
        (2.4, "2.4"),
        (2.9000000000000004, "2.9"),
        (Decimal("1.10"), "1.10"),
    ],
)
def test_numbers_as_people_write_them(text: object, number: str) -> None:
    """Whatever stands between thousands and before decimals, the number is the one that is meant."""
    assert values.number_of(text) == Decimal(number)


@pytest.mark.parametrize(
    "text",
    [
        "abc",
        "1,2,3",
        "1.2.3",
        "12.34.56",
        "--1",
        "1e9",
        "NaN",
        "١٢",
        "1_000x",
        float("nan"),
        float("inf"),
        1e30,
    ],
)
def test_what_is_no_number_is_refused(text: object) -> None:
    """Nothing that people would not take for a number is one."""
    with pytest.raises(ValueError, match=r"."):
        values.number_of(text)


@pytest.mark.parametrize("text", ["1,234", "1.234", "12,500"])
def test_number_that_can_be_read_in_two_ways_is_refused(text: str) -> None:
    """A price must never be a thousandth of what it is, so the merchant has to say; then it is read so."""
    with pytest.raises(ValueError, match="decimal_sign"):
        values.number_of(text)
    digits = text.replace(",", "").replace(".", "")
    sign = "," if "," in text else "."
    assert values.number_of(text, sign) == Decimal(digits) / 1000
    assert values.number_of(text, ".,".replace(sign, "")) == Decimal(digits)


@given(PRICES, st.sampled_from([" ", ".", "'", "\xa0", ""]), st.sampled_from(["", " €", " EUR"]))
def test_any_price_with_a_comma_is_read_back(price: Decimal, thousands: str, currency: str) -> None:
    """A price that is written as in most of Europe is read as it was."""
    whole, _, cents = f"{price:,}".partition(".")
    assert values.number_of(whole.replace(",", thousands) + "," + cents + currency) == price


@given(PRICES)
def test_any_price_with_a_point_is_read_back(price: Decimal) -> None:
    """A price that is written as in English is read as it was."""
    assert values.number_of(f"{price:,}") == values.number_of(str(price)) == price


@pytest.mark.parametrize(
    ("amount", "unit", "expected"),
    [
        ("500", "g", (Decimal(500), Unit.GRAM)),
        ("500 g", "", (Decimal(500), Unit.GRAM)),
        ("4x125 g", "", (Decimal(500), Unit.GRAM)),
        ("330", "ml", (Decimal("0.33"), Unit.LITER)),
        ("1,5", "л", (Decimal("1.5"), Unit.LITER)),
        ("6", "tk", (Decimal(6), Unit.PIECE)),
        ("", "kg", (Decimal(1), Unit.KILOGRAM)),
    ],
)
def test_sizes_of_packs(amount: str, unit: str, expected: tuple[Decimal, Unit]) -> None:
    """Amounts with their units, apart or together, in the contract's units."""
    assert values.size_of(amount, unit) == expected


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2026-12-24", datetime(2026, 12, 24)),
        ("24.12.2026", datetime(2026, 12, 24)),
        ("2026-12-24T10:30:00", datetime(2026, 12, 24, 10, 30)),
        ("24.12.2026 10:30", datetime(2026, 12, 24, 10, 30)),
        (date(2026, 12, 24), datetime(2026, 12, 24)),
    ],
)
def test_days(cell: object, day: datetime) -> None:
    """Days as people and spreadsheets write them."""
    assert values.day_of(cell) == day


@pytest.mark.parametrize("text", ["12/24/2026", "31.02.2026", "2026", "tomorrow", "24.12.26"])
def test_what_is_no_day_is_refused(text: str) -> None:
    """A day that is not in the calendar, or that could be another one, is refused."""
    with pytest.raises(ValueError, match=r"."):
        values.day_of(text)


@given(st.text(max_size=30))
def test_any_text_is_a_value_or_a_reason(text: str) -> None:
    """Whatever stands in a cell, nothing but a reason for people is raised."""
    for read in (values.number_of, values.day_of, values.hours_of, values.whole_of, values.answer_of):
        try:
            read(text)
        except ValueError as error:
            assert str(error)  # noqa: PT017 - most texts are refused, some are not
