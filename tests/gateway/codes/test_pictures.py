"""Codes are read from pictures, and pictures do no harm."""

import csv
import io
import random
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image, ImageFilter
from zxingcpp import BarcodeFormat

from gateway.codes.drawn import beside, code_image, code_picture, encoded
from smarts.gateway.codes.pictures import LARGEST_PIXELS, UnreadableError, symbols_in
from smarts.gateway.codes.rules import Format, Symbol, found_code

PHOTOGRAPHS = Path(__file__).parents[3].parent / "shared" / "data" / "barcodes"
BREAD = "4740000000018"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize(
    ("drawn", "text", "format", "read"),
    [
        (BarcodeFormat.EAN13, BREAD, Format.EAN_13, BREAD),
        (BarcodeFormat.EAN13, "2112345012346", Format.EAN_13, "2112345012346"),
        (BarcodeFormat.EAN8, "48512343", Format.EAN_8, "48512343"),
        (BarcodeFormat.UPCA, "075720003259", Format.EAN_13, "0075720003259"),
        (BarcodeFormat.Code128, "SHELF-17/b", Format.CODE_128, "SHELF-17/b"),
        (BarcodeFormat.QRCode, "https://x.example/shop?store=7", Format.QR_CODE, "https://x.example/shop?store=7"),
        (BarcodeFormat.DataMatrix, "Rukkileib õ", Format.DATA_MATRIX, "Rukkileib õ"),
    ],
)  # fmt: skip
def test_codes_of_every_kind_are_read(
    kind: str,
    drawn: BarcodeFormat,
    text: str,
    format: Format,  # noqa: A002
    read: str,
) -> None:
    """Each kind of code is read from each kind of picture."""
    assert symbols_in(code_picture(text, drawn, kind)) == (Symbol(format, read),)


@pytest.mark.parametrize(
    ("drawn", "format"),
    [
        (BarcodeFormat.Code128, Format.CODE_128),
        (BarcodeFormat.QRCode, Format.QR_CODE),
        (BarcodeFormat.DataMatrix, Format.DATA_MATRIX),
    ],
)
def test_gs1_elements_are_told_apart(drawn: BarcodeFormat, format: Format) -> None:  # noqa: A002
    """Elements are read with the signs between them, whatever carries them."""
    picture = code_picture("(01)09506000134352(10)LOT1(3103)000195", drawn, gs1=True)
    assert symbols_in(picture) == (Symbol(format, "010950600013435210LOT1\x1d3103000195", is_gs1=True),)


def test_all_codes_of_a_picture_are_read_once() -> None:
    """A picture of two goods and one of them again holds two codes."""
    bread, other = code_image(BREAD, BarcodeFormat.EAN13), code_image("hello", BarcodeFormat.QRCode, scale=6)
    symbols = symbols_in(encoded(beside(bread, other, bread)))
    assert sorted(symbol.text for symbol in symbols) == [BREAD, "hello"]


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_goods_may_lie_on_any_side(degrees: int) -> None:
    """A picture may be turned."""
    image = beside(code_image(BREAD, BarcodeFormat.EAN13)).rotate(degrees, expand=True, fillcolor=255)
    assert symbols_in(encoded(image)) == (Symbol(Format.EAN_13, BREAD),)


def test_a_picture_without_background_is_read_on_white() -> None:
    """Where a picture is transparent, paper shows through."""
    bars = code_image(BREAD, BarcodeFormat.EAN13)
    image = Image.new("RGBA", bars.size, (0, 0, 0, 0))
    image.putalpha(bars.point(lambda grey: 255 - grey))
    assert symbols_in(encoded(image)) == (Symbol(Format.EAN_13, BREAD),)


@pytest.mark.parametrize("image", [Image.new("L", (1, 1)), Image.new("L", (320, 240), 255)])
def test_a_picture_without_codes(image: Image.Image) -> None:
    """Nothing is read where there is nothing."""
    assert symbols_in(encoded(image)) == ()


def blurred_pictures() -> Iterator[tuple[str, bytes]]:
    """Pictures at the edge of what can be read, some beyond it, and what they show; the same ones every time."""
    chance = random.Random(5)
    for _ in range(150):
        number = with_check_digit(f"{chance.randrange(10**12):012}")
        width = chance.randrange(110, 220)
        image = beside(code_image(number, BarcodeFormat.EAN13, scale=6).resize((width, width * 3 // 5)))
        image = image.rotate(chance.uniform(-12, 12), fillcolor=255)
        yield number, encoded(image.filter(ImageFilter.GaussianBlur(chance.uniform(0.2, 1.6))))


def with_check_digit(digits: str) -> str:
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-weighted % 10}"


def test_a_second_look_reads_more_and_nothing_wrong() -> None:
    """Looking again at blurred pictures finds codes that the decoder alone does not, and none that are not there."""
    more = 0
    for number, picture in blurred_pictures():
        with Image.open(io.BytesIO(picture)) as image:
            alone = {barcode.text for barcode in zxingcpp.read_barcodes(image)}
        found = {symbol.text for symbol in symbols_in(picture)} - alone
        assert found <= {number}
        more += len(found)
    assert more > 0


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_that_says(width: int, height: int, data: bytes = b"") -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_large_pictures_are_refused(kind: str) -> None:
    """A small file of very many pixels is refused."""
    picture = encoded(Image.new("L", (5000, 5000)), kind)
    assert len(picture) < 1024 * 1024
    with pytest.raises(UnreadableError, match=str(LARGEST_PIXELS)):
        symbols_in(picture)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_large_pictures_are_refused_before_they_are_decoded(kind: str) -> None:
    """That a picture is too large is known before the first of its pixels is there."""
    picture = encoded(Image.new("L", (5000, 5000)), kind)
    with pytest.raises(UnreadableError, match=str(LARGEST_PIXELS)):
        symbols_in(picture[:1000])


def test_a_jpeg_of_very_many_scans_is_refused() -> None:
    """A JPEG that would be painted over and over again is refused before the first scan."""
    picture = encoded(Image.new("L", (2000, 2000)), "JPEG", progressive=True)
    start, end = picture.rindex(b"\xff\xda"), picture.rindex(b"\xff\xd9")
    with pytest.raises(UnreadableError, match="scans"):
        symbols_in(picture[:end] + picture[start:end] * 1000 + picture[end:])


@pytest.mark.parametrize(
    "picture",
    [
        b"",
        b"no picture",
        b"GIF89a\x01\x00\x01\x00\x80\x00\x00",
        encoded(Image.new("L", (8, 8)), "GIF"),
        encoded(Image.new("L", (8, 8)), "TIFF"),
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        png_that_says(0, 9),
        png_that_says(2**31 - 1, 2**31 - 1),
        png_that_says(100_000, 100_000, zlib.compress(b"\0" * 1_000_000)),
        png_that_says(20, 20, b"not deflated"),
    ],
)
def test_what_is_no_picture_is_refused(picture: bytes) -> None:
    """Other files, other kinds of pictures and pictures that lie about themselves are refused."""
    with pytest.raises(UnreadableError):
        symbols_in(picture)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_broken_pictures_are_read_or_refused(kind: str) -> None:
    """A picture that is cut off or has a wrong byte anywhere is read or refused, never another error."""
    picture = code_picture(BREAD, BarcodeFormat.EAN13, kind)
    chance = random.Random(7)
    for _ in range(300):
        broken = bytearray(picture[: chance.randrange(len(picture))] if chance.random() < 0.3 else picture)
        for _ in range(min(len(broken), chance.randrange(1, 4))):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        try:
            symbols_in(bytes(broken))
        except UnreadableError:
            continue


@pytest.mark.skipif(not PHOTOGRAPHS.exists(), reason="the photographs are not here")
def test_photographs_of_goods() -> None:
    """Of real photographs, hard ones among them, most are read, and none as something else."""
    with (PHOTOGRAPHS / "expected.csv").open() as file:
        expected = {row["file"]: row["expected_ean13"] for row in csv.DictReader(file)}
    found = {
        name: [found_code(symbol).barcode for symbol in symbols_in((PHOTOGRAPHS / name).read_bytes())]
        for name in expected
    }
    assert all(barcodes in ([], [expected[name]]) for name, barcodes in found.items())
    assert sum(bool(barcodes) for barcodes in found.values()) >= 16
