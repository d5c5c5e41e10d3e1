"""Rows become goods: columns guessed and named, complaints that name row and column, what is sold when."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from smarts.ready.catalogue import CatalogueSettings, Reading, Scale
from smarts.ready.catalogue.barcodes import has_wrong_check_digit, key_of, printed
from smarts.ready.catalogue.complaints import Complaints
from smarts.ready.catalogue.goods import Goods
from smarts.ready.catalogue.reading import Reader
from smarts.ready.catalogue.settings import CheckDigits, Holds, Unpriced
from smarts.ready.sources import Row, SourceError
from smarts.wire.times import TimeZone

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
MILK: Mapping[str, object] = {"barcode": "4740000000018", "name": "Milk", "price": "1.20", "vat": "24"}


def read(*rows: Mapping[str, object], reading: Reading | None = None) -> tuple[list[Goods], Reader]:
    reader = Reader(reading or Reading(), "goods.csv", NOW, Complaints())
    found = list(reader.read(Row(number, cells) for number, cells in enumerate(rows, start=2)))
    return [each.goods for each in found], reader


def told(*rows: Mapping[str, object], reading: Reading | None = None) -> list[str]:
    _, reader = read(*rows, reading=reading)
    return [str(each) for each in reader.complaints.told]


@pytest.mark.parametrize(
    "names",
    [
        ("Barcode", "Name", "Price", "VAT"),
        ("EAN", "Nimetus", "Hind", "KM %"),
        ("GTIN", "product_name", "PRICE_WITH_VAT", "vat rate"),
        ("Штрихкод", "Наименование", "Цена", "НДС"),
        ("Viivakoodi", "Tuotenimi", "Hinta", "ALV"),
    ],
)
def test_usual_names_of_columns_are_known(names: tuple[str, ...]) -> None:
    """A catalogue with usual names of columns needs no settings."""
    (goods,), reader = read(dict(zip(names, MILK.values(), strict=True)))
    assert (goods.barcode, goods.name, goods.price, goods.vat_rate) == (
        "4740000000018",
        "Milk",
        Decimal("1.20"),
        Decimal(24),
    )
    assert not reader.complaints.told


def test_columns_that_the_merchant_names() -> None:
    """A named column counts, and not the one that would have been guessed."""
    columns = {"price": "Hind täna", "name_en": "Inglise"}
    row = {**MILK, "price": "9", "Hind täna": "1,10", "Inglise": "Fresh milk"}
    (goods,), _ = read(row, reading=Reading(columns=columns))
    assert goods.price == Decimal("1.10")
    assert goods.names == {"EN": "Fresh milk"}


@pytest.mark.parametrize(
    ("rows", "columns", "words"),
    [
        ({"name": "Milk", "price": "1"}, {}, "no column that is called like a barcode; it has name, price"),
        ({"barcode": "1", "price": "1"}, {}, "no column that is called like a name"),
        (MILK, {"price": "Hind"}, "no column Hind"),
        (MILK, {"prise": "price"}, "prise, which is none of barcode"),
    ],
)
def test_missing_column_is_told_with_what_there_is(
    rows: Mapping[str, object], columns: Mapping[str, str], words: str
) -> None:
    """Without barcodes or names nothing can be read: the error names what is missing and the columns that there are."""
    with pytest.raises(SourceError, match=words):
        read(rows, reading=Reading(columns=columns))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"barcode": ""}, "row 3, barcode: is empty"),
        ({"barcode": "4,74E+12"}, "row 3, barcode: 4,74E+12 is a number that a spreadsheet has rounded"),
        ({"barcode": "õ"}, "row 3, barcode: õ is not a barcode"),
        ({"name": " "}, "row 3, name: is empty"),
        ({"price": "a lot"}, "row 3, price: a lot is not a number"),
        ({"price": "-1"}, "row 3, price: -1 is below 0"),
        ({"vat": "240"}, "row 3, vat: 240 is not a VAT rate"),
    ],
)
def test_bad_row_is_told_and_the_others_are_sold(wrong: Mapping[str, object], words: str) -> None:
    """A row that cannot be sold is told by its number, column and reason; the ones around it are sold."""
    other = {**MILK, "barcode": "4740000000025"}
    goods, reader = read(other, {**MILK, **wrong}, {**MILK, "barcode": "4740000000032"})
    assert [each.barcode for each in goods] == ["4740000000025", "4740000000032"]
    assert str(reader.complaints.told[0]).startswith(words)
    assert reader.complaints.left_out == 1


def test_row_that_is_none_is_told() -> None:
    """A fault of the source's row is told under its number."""
    reader = Reader(Reading(), "goods.csv", NOW, Complaints())
    assert list(reader.read([Row(7, {}, "has a quotation mark that is not closed")])) == []
    assert str(reader.complaints.told[0]) == "row 7: has a quotation mark that is not closed"


@pytest.mark.parametrize(
    ("field", "cell", "words"),
    [
        ("quantity", "a few", "a few is not an amount"),
        ("age", "grown-up", "grown-up is not a whole number"),
        ("hours", "mornings", "mornings are not hours such as 10:00-22:00"),
        ("weighed", "perhaps", "perhaps is neither yes nor no"),
    ],
)
def test_what_can_be_done_without_is_told_and_left_away(field: str, cell: str, words: str) -> None:
    """A product is sold without what is wrong in a column that it does not need."""
    goods, reader = read({**MILK, field: cell})
    assert len(goods) == 1
    assert str(reader.complaints.told[0]) == f"row 2, {field}: {words} (sold all the same)"


def test_complaints_are_bounded_and_all_counted() -> None:
    """Of each kind of complaint the first are told row by row, all are counted."""
    _, reader = read(*({**MILK, "price": f"x{number}"} for number in range(1000)))
    assert len(reader.complaints.told) == 200
    assert reader.complaints.counts[("price", "not a price")] == 1000


def test_row_without_price_is_shown_but_not_sold() -> None:
    """What has no price, or one in another currency, is found, and refused by every cart; a setting leaves it out."""
    euro = {**MILK, "currency": "EUR"}
    rows = [{**euro, "price": ""}, {**euro, "currency": "KZT"}, {**euro, "price": "0"}]
    goods, _ = read(*rows)
    for each in goods:
        (inspection,) = each.product({}, TimeZone("UTC")).inspections
        assert inspection.action == "RESTRICT"
    assert len(goods) == 3
    refusing = Reading(catalogue=CatalogueSettings(unpriced=Unpriced.REFUSE))
    assert read(*rows, reading=refusing)[0] == []


def test_check_digits_are_told_and_as_set() -> None:
    """A broken check digit is told, and the row sold, refused or let be as the settings say."""
    wrong = {**MILK, "barcode": "4740000000017"}
    goods, reader = read(wrong)
    assert len(goods) == 1
    assert "wrong check digit" in str(reader.complaints.told[0])
    for setting, sold, count in ((CheckDigits.REFUSE, 0, 1), (CheckDigits.IGNORE, 1, 0)):
        goods, reader = read(wrong, reading=Reading(catalogue=CatalogueSettings(check_digits=setting)))
        assert (len(goods), len(reader.complaints.told)) == (sold, count)


@pytest.mark.parametrize(
    "barcode", ["2300001000009", "20000015", "12345", "SKU-12", "4740000000018", "96385074"]
)
def test_codes_of_the_store_need_no_check_digit(barcode: str) -> None:
    """Codes for use inside a store, short ones and ones with letters are not judged; right ones are right."""
    assert not has_wrong_check_digit(barcode)


def test_zeros_before_a_barcode_make_no_other_product() -> None:
    """UPC-A, EAN-13 and GTIN-14 of one product are looked up alike."""
    assert (
        key_of("036000291452") == key_of("0036000291452") == key_of("00036000291452") != key_of("36000291453")
    )


def test_dates_decide_what_is_sold_now() -> None:
    """What begins later or is over is not sold; a last day is sold to its end in the store's zone."""
    reading = Reading(time_zone=TimeZone("Europe/Tallinn"))
    rows = [
        {**MILK, "barcode": "1", "valid_from": "2026-11-28", "valid_until": "2026-11-28"},
        {**MILK, "barcode": "2", "valid_from": "2026-11-29", "valid_until": ""},
        {**MILK, "barcode": "3", "valid_from": "", "valid_until": "2026-11-27"},
        {**MILK, "barcode": "4", "valid_from": "someday", "valid_until": ""},
    ]
    goods, reader = read(*rows, reading=reading)
    assert [each.barcode for each in goods] == ["1"]
    assert reader.not_sold_now == 2
    assert reader.next_change == datetime(2026, 11, 28, 22, tzinfo=UTC)
    assert str(reader.complaints.told[0]).startswith("row 5, valid_from: someday is not a day")


def test_campaign_that_cannot_be_used_is_told() -> None:
    """A broken operation never stops a sale: it is told, and the product has no campaign."""
    good = {**MILK, "campaign code": "U00000000000", "campaign operation": "price"}
    goods, reader = read({**good, "campaign operation": "price +"})
    assert goods[0].campaigns == ()
    assert reader.complaints.told[0].column == "campaign code"


def test_categories_are_paths() -> None:
    """A path makes a category and those above it; names in other languages come from columns of their own."""
    _, reader = read({**MILK, "category": "Toit > Piim", "category_en": "Food > Milk"})
    kept = list(reader.categories.categories.values())
    assert [(each.id, each.names, each.parent) for each in kept] == [
        ("Toit", {"EN": "Food"}, None),
        ("Toit > Piim", {"EN": "Milk"}, "Toit"),
    ]


@pytest.mark.parametrize(
    ("barcode", "value", "holds"),
    [("2300001012343", Decimal("1.234"), Holds.WEIGHT), ("2400002005997", Decimal("5.99"), Holds.PRICE)],
)
def test_labels_of_scales(barcode: str, value: Decimal, holds: Holds) -> None:
    """A label's weight or price is read as the store has set it; with a wrong check digit it is no label."""
    scales = (Scale(prefix="23"), Scale(prefix="24", holds=Holds.PRICE, decimals=2))
    digits = barcode[:-1]
    right = digits + str(-sum(int(d) * (1, 3)[place % 2] for place, d in enumerate(digits)) % 10)
    label = printed(right, scales)
    assert label is not None
    assert (label.value, label.holds) == (value, holds)
    assert printed(digits + str((int(right[-1]) + 1) % 10), scales) is None
    assert printed("4740000000018", scales) is None


@pytest.mark.parametrize("barcode", ["9" * 1_000_000, "9" * 1_000_000 + "E", "9 " * 500_000])
def test_a_barcode_without_end_is_refused_in_time(barcode: str) -> None:
    """A cell of a million digits is no barcode, and takes no longer to refuse than any other."""
    started = time.process_time()
    [complaint] = told({**MILK, "barcode": barcode})
    assert time.process_time() - started < 1
    assert "is not a barcode" in complaint
    assert len(complaint) < 200
