"""Reading codes from a picture that anybody may have sent: bounded in pixels before a single one is decoded."""

import io
from collections.abc import Callable

import zxingcpp
from PIL import Image, ImageFilter
from zxingcpp import BarcodeFormat, ContentType

from smarts.gateway.codes.rules import Format, Symbol

MEDIA_TYPES = ("image/jpeg", "image/png", "image/webp")
LARGEST_BYTES = 2 * 1024 * 1024
LARGEST_PIXELS = 4_000_000
_SECOND_LOOK_PIXELS = 640 * 480  # beyond this a second look takes longer than the phone's next picture
_MOST_SCANS = 64  # of a progressive JPEG, each of which costs as much as a whole picture
_SCAN_MARKER = b"\xff\xda"
_FORMATS = {
    BarcodeFormat.EAN13: Format.EAN_13,
    BarcodeFormat.EAN8: Format.EAN_8,
    BarcodeFormat.UPCA: Format.EAN_13,
    BarcodeFormat.Code128: Format.CODE_128,
    BarcodeFormat.QRCode: Format.QR_CODE,
    BarcodeFormat.DataMatrix: Format.DATA_MATRIX,
}
_LOOKED_FOR = zxingcpp.BarcodeFormats(list(_FORMATS))


class UnreadableError(Exception):
    """This is no picture that is read here; the message is for people."""


def symbols_in(picture: bytes) -> tuple[Symbol, ...]:
    """The codes in a picture, each once. Takes as long as it takes: call it in a thread.

    Small pictures in which nothing was found are looked at again, sharpened. A sharpened picture may show bars that
    were not there, and check digits miss one such mistake in ten; so only what two different looks agree on counts.

    Raises:
        UnreadableError: not a PNG, JPEG or WebP picture, or too large a one.
    """
    grey = _grey(picture)
    found = _look(grey)
    if not found and grey.width * grey.height <= _SECOND_LOOK_PIXELS:
        first, second = (_look(prepare(grey)) for prepare in _PREPARED)
        found = {symbol: None for symbol in first if symbol in second}
    return tuple(found)


def _contrasted(grey: Image.Image) -> Image.Image:
    return grey.filter(ImageFilter.UnsharpMask(radius=8, percent=300, threshold=0))


def _enlarged(grey: Image.Image) -> Image.Image:
    twice = grey.resize((2 * grey.width, 2 * grey.height), Image.Resampling.BICUBIC)
    return twice.filter(ImageFilter.UnsharpMask(radius=2, percent=150, threshold=0))


_PREPARED: tuple[Callable[[Image.Image], Image.Image], ...] = (_contrasted, _enlarged)


def _look(grey: Image.Image) -> dict[Symbol, None]:
    return {_symbol(barcode): None for barcode in zxingcpp.read_barcodes(grey, formats=_LOOKED_FOR)}


def _symbol(barcode: zxingcpp.Barcode) -> Symbol:
    is_gs1 = barcode.content_type == ContentType.GS1
    text = barcode.bytes.decode("ascii", "replace") if is_gs1 else barcode.text
    return Symbol(_FORMATS[barcode.format], text, is_gs1)


def _grey(picture: bytes) -> Image.Image:
    if picture.count(_SCAN_MARKER) > _MOST_SCANS and picture.startswith(b"\xff\xd8"):
        raise UnreadableError(f"Expected a picture of at most {_MOST_SCANS} scans")
    try:
        with Image.open(io.BytesIO(picture), formats=("PNG", "JPEG", "WEBP")) as image:
            _require_few_pixels(image)
            return _on_white(image).convert("L")
    except UnreadableError:
        raise
    except Exception as error:  # broken pictures raise whatever their decoder stumbles upon
        raise UnreadableError("Expected a PNG, JPEG or WebP picture") from error


def _require_few_pixels(image: Image.Image) -> None:
    if image.width * image.height > LARGEST_PIXELS:
        raise UnreadableError(f"Expected a picture of at most {LARGEST_PIXELS} pixels")


def _on_white(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image.convert("RGBA"))
