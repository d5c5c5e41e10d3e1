"""CSV files as merchants have them: encodings, delimiters, broken rows, broken files, files without end."""

import contextlib
import gzip
import resource
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smarts.ready.sources import CsvFile, Row, SourceError
from smarts.ready.sources.encodings import find_encoding

ESTONIAN = "vöötkood;nimi;hind\n4740000000017;Šokolaad žeburek õunaga, külm;1,20\n4740000000024;Jäätis täis püha öö;2\n"
RUSSIAN = "штрихкод;название;цена\n4740000000017;Молоко цельное 3,2%;1,20\n4740000000024;Хлеб ржаной;2\n"
GERMAN = "barcode;name;preis\n4000000000017;Weißbier Käse Öl Müsli;1,20\n"
LATVIAN = "barcode;name;cena\n4750000000017;Šķiņķis, ābolu sula, žāvēti ķirši ēdienam;1,20\n"


def rows_of(path: Path, content: bytes, **settings: object) -> list[Row]:
    path.write_bytes(content)
    return list(CsvFile(path, **settings).rows())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (ESTONIAN, "utf-8"),
        (ESTONIAN, "utf-8-sig"),
        (ESTONIAN, "utf-16"),
        (ESTONIAN, "utf-16-le"),
        (ESTONIAN, "utf-16-be"),
        (ESTONIAN, "utf-32"),
        (ESTONIAN, "cp1257"),
        (ESTONIAN, "cp1252"),
        (LATVIAN, "cp1257"),
        (GERMAN, "cp1252"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
        (RUSSIAN, "cp866"),
        (RUSSIAN, "utf-16-le"),
    ],
)
def test_encoding_is_found_out(tmp_path: Path, text: str, encoding: str) -> None:
    """A file in any usual encoding is read to the letter without its encoding being named."""
    found = rows_of(tmp_path / "goods.csv", text.encode(encoding))
    expected = [line.split(";") for line in text.splitlines()]
    assert [list(row.cells) for row in found] == [expected[0]] * len(found)
    assert [list(row.cells.values()) for row in found] == expected[1:]


def test_letter_far_down_tells_the_encoding(tmp_path: Path) -> None:
    """The first letter outside ASCII counts even where it comes after tens of thousands of rows."""
    plain = "barcode,name\n" + "4740000000017,Milk\n" * 30_000
    found = rows_of(tmp_path / "goods.csv", (plain + "4740000000024,Žeburek õunaga\n").encode("cp1257"))
    assert found[-1].cells["name"] == "Žeburek õunaga"


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=200))
def test_utf8_is_never_taken_for_anything_else(text: str) -> None:
    """What is UTF-8 is read as UTF-8, also where it is cut within a letter."""
    content = ("name;hind\n" + text).encode()
    for cut in (content, content[:-1]):
        encoding = find_encoding(cut)
        assert encoding is not None
        assert encoding.startswith("utf")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_is_found_out(tmp_path: Path, delimiter: str) -> None:
    """The sign between cells is found out, also where another one stands in a quoted header."""
    header = delimiter.join(["barcode", '"name, in Estonian; short"', "price"])
    line = delimiter.join(["4740000000017", '"Milk; fresh, 1|l"', "1.20"])
    (row,) = rows_of(tmp_path / "goods.csv", f"{header}\n{line}\n".encode())
    assert row.cells == {
        "barcode": "4740000000017",
        "name, in Estonian; short": "Milk; fresh, 1|l",
        "price": "1.20",
    }


def test_line_that_names_the_delimiter_is_no_row(tmp_path: Path) -> None:
    """Excel's `sep=;` is heeded and is no header."""
    (row,) = rows_of(tmp_path / "goods.csv", b"sep=;\nbarcode;name\n1;Milk, fresh\n")
    assert row == Row(3, {"barcode": "1", "name": "Milk, fresh"})


def test_header_below_a_title_is_found(tmp_path: Path) -> None:
    """A title and an empty line above the header do no harm; rows are numbered as in the file."""
    (row,) = rows_of(tmp_path / "goods.csv", b"Price list 2026,,\n\nbarcode,name,price\n1,Milk,2\n")
    assert row == Row(4, {"barcode": "1", "name": "Milk", "price": "2"})


def test_cells_of_several_lines_and_their_numbers(tmp_path: Path) -> None:
    """A cell may have several lines; the next row's number is its own line's."""
    found = rows_of(tmp_path / "goods.csv", b'barcode,name\n1,"Milk\nfresh"\n2,Bread\n')
    assert [(row.number, row.cells["name"]) for row in found] == [(2, "Milk\nfresh"), (4, "Bread")]


@pytest.mark.parametrize("after", [0, 3, 500])
def test_unclosed_quotation_mark_costs_one_row(tmp_path: Path, after: int) -> None:
    """A quotation mark that is never closed is told with its line, and all rows after it are read."""
    good = "".join(f"{number},Bread {number}\n" for number in range(after))
    found = rows_of(tmp_path / "goods.csv", f'barcode,name\n7,Milk\n8,"Butter\n{good}'.encode())
    assert [row.number for row in found if row.fault] == [3]
    assert len([row for row in found if not row.fault]) == 1 + after


def test_row_with_fewer_cells_than_the_header_has_all_columns(tmp_path: Path) -> None:
    """Cells that a row lacks at its end are empty; were they not there, the first row would hide columns of all."""
    found = rows_of(tmp_path / "goods.csv", b"barcode,name,age\n1,Milk\n2,Beer,18\n")
    assert [row.cells for row in found] == [
        {"barcode": "1", "name": "Milk", "age": None},
        {"barcode": "2", "name": "Beer", "age": "18"},
    ]


def test_row_with_more_cells_than_the_header_is_told(tmp_path: Path) -> None:
    """A decimal comma that splits a cell is not guessed at: the row is told, the others are read."""
    found = rows_of(tmp_path / "goods.csv", b"barcode,name,price\n1,Milk,1,50\n2,Bread,2\n")
    assert [bool(row.fault) for row in found] == [True, False]
    assert "4 cells, the header 3" in found[0].fault


@pytest.mark.parametrize("encoding", ["utf-8", ""])
def test_letters_of_another_encoding_are_told(tmp_path: Path, encoding: str) -> None:
    """A row that is not of the encoding that is named or found out is told; the others are read to the letter."""
    content = "barcode,name\n1,Jäätis\n".encode() + "2,Jäätis\n".encode("cp1257")
    found = rows_of(tmp_path / "goods.csv", content, encoding=encoding)
    assert [bool(row.fault) for row in found] == [False, True]
    assert found[0].cells["name"] == "Jäätis"


def test_gzipped_file(tmp_path: Path) -> None:
    """A gzipped file is read whatever it is called; one that is cut short is told after its rows."""
    packed = gzip.compress(b"barcode,name\n" + b"1,Milk\n" * 50_000)
    assert len(rows_of(tmp_path / "goods.csv", packed)) == 50_000
    with pytest.raises(SourceError, match="cut short"):
        rows_of(tmp_path / "goods.csv", packed[:-9])


@pytest.mark.parametrize("content", [b"", b"\n\n  \n"])
def test_empty_file_is_told(tmp_path: Path, content: bytes) -> None:
    """An empty file is an error in words."""
    with pytest.raises(SourceError, match="is empty"):
        rows_of(tmp_path / "goods.csv", content)


def test_file_with_a_header_only_has_no_rows(tmp_path: Path) -> None:
    """A header without rows is read as no rows."""
    assert rows_of(tmp_path / "goods.csv", b"barcode,name\n") == []


@pytest.mark.parametrize(
    "content", [bytes(range(256)) * 4000, b"\x7fELF" + b"\0" * 100_000, b"a\0\0\0b" * 999]
)
def test_binary_file_is_refused(tmp_path: Path, content: bytes) -> None:
    """What is no text is refused in words, and quickly."""
    with pytest.raises(SourceError, match="not text"):
        rows_of(tmp_path / "goods.csv", content)


def test_line_without_end_is_refused_in_bounded_memory(tmp_path: Path) -> None:
    """A file that is one line of a gigabyte is refused after its first million letters."""
    path = tmp_path / "goods.csv"
    with path.open("wb") as file:
        file.write(b"barcode,name\n" + b"a" * (1 << 19))
        file.seek(1_000_000_000)
        file.write(b"a")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(SourceError, match="line of more than 1,000,000"):
        list(CsvFile(path, "utf-8").rows())
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000  # kilobytes


def test_file_of_ten_gigabytes_is_refused_in_bounded_memory(tmp_path: Path) -> None:
    """A file of 10 GB, here packed to 10 MB, ends at the limit, in words that name it, and memory stays small."""
    block = gzip.compress(b"4740000000017,Milk\n" * 1_000_000)  # 19 MB of rows
    path = tmp_path / "goods.csv.gz"
    path.write_bytes(gzip.compress(b"barcode,name\n") + block * 530)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(SourceError, match=r"goods.csv.gz is larger than 50,000,000 bytes.*most_bytes"):
        for _ in CsvFile(path, most_bytes=50_000_000).rows():
            pass
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kilobytes


def test_too_many_rows_are_told(tmp_path: Path) -> None:
    """More rows than the limit are an error that names the limit's setting."""
    with pytest.raises(SourceError, match="more than 3 rows; most_rows"):
        rows_of(tmp_path / "goods.csv", b"barcode,name\n" + b"1,Milk\n" * 4, most_rows=3)


def test_missing_file_is_told(tmp_path: Path) -> None:
    """A file that is not there, and a folder, are errors in words."""
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(SourceError, match=r"cannot be read|not a file"):
            CsvFile(path).fingerprint()


@given(st.binary(max_size=400))
def test_any_bytes_are_rows_or_an_error_in_words(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    """Whatever is in a file, it is read or refused with a reason; nothing else is ever raised."""
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(content)
    with contextlib.suppress(SourceError):
        assert all(isinstance(row, Row) for row in CsvFile(path).rows())
