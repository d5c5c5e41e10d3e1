"""What a code means for a scan: pure functions."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

import msgspec
from stdnum import ean, gs1_128

from smarts.wire.model import Model
from smarts.wire.money import Number

_LONGEST_BARCODE = 100
_SEPARATOR = "\x1d"  # FNC1, which ends an element of variable length
_CODE_128_BARCODE = re.compile(rf"[ -~]{{1,{_LONGEST_BARCODE}}}")
_GTIN = re.compile(r"\d{8}|\d{12,14}", re.ASCII)
_GTIN_KEYS = ("01", "gtin")
_WEIGHT = re.compile(r"310\d", re.ASCII)
_PRICE = re.compile(r"392\d", re.ASCII)
_PIECES = "30"

Elements = Mapping[str, Any]


class Format(StrEnum):
    """The kinds of codes that are looked for; UPC-A is an EAN-13 that begins with 0."""

    EAN_13 = "EAN_13"
    EAN_8 = "EAN_8"
    CODE_128 = "CODE_128"
    QR_CODE = "QR_CODE"
    DATA_MATRIX = "DATA_MATRIX"


class Symbol(msgspec.Struct, frozen=True):
    """A code as a picture shows it; `is_gs1` says that its text is GS1 elements, FNC1 being written as GS."""

    format: Format
    text: str
    is_gs1: bool = False


class FoundCode(Model, frozen=True, kw_only=True):
    """A code and what it means.

    `barcode` is what to scan with, absent where the code is of no goods. A code of the store's own, with a weight or a
    price in it (EAN-13 beginning with 20 to 29), is passed as it is: only the store's node knows how to read it.
    `quantity` (kilograms, or pieces) and `price` (in the store's currency, for show) are told where a GS1 code
    carries them. `institution_id` is the store whose door shows this code; whether there is such a store is not known
    here.
    """

    format: Format
    text: str
    barcode: str | None = None
    quantity: Number | None = None
    price: Number | None = None
    institution_id: str | None = None


def found_code(symbol: Symbol) -> FoundCode:
    """What a code means for a scan."""
    text = symbol.text.replace(_SEPARATOR, " ").strip()
    if symbol.is_gs1:
        return _of_elements(symbol.format, text, _elements(symbol.text))
    if symbol.format in (Format.EAN_13, Format.EAN_8):
        return FoundCode(format=symbol.format, text=text, barcode=_barcode_of_gtin(text))
    if symbol.format is Format.CODE_128:
        barcode = text if _CODE_128_BARCODE.fullmatch(text) else None
        return FoundCode(format=symbol.format, text=text, barcode=barcode)
    return _of_free_text(symbol.format, text)


def _of_free_text(format: Format, text: str) -> FoundCode:  # noqa: A002 - the field's name
    address = _web_address(text)
    if address is None:
        return FoundCode(format=format, text=text, barcode=_barcode_of_gtin(text))
    institution_id = _door(address)
    if institution_id:
        return FoundCode(format=format, text=text, institution_id=institution_id)
    return _of_elements(format, text, _linked_elements(address))


def _of_elements(format: Format, text: str, elements: Elements) -> FoundCode:  # noqa: A002 - the field's name
    barcode = _barcode_of_gtin(elements.get("01", ""))
    if barcode is None:
        return FoundCode(format=format, text=text)
    return FoundCode(
        format=format,
        text=text,
        barcode=barcode,
        quantity=_positive(_first(elements, _WEIGHT) or elements.get(_PIECES)),
        price=_positive(_first(elements, _PRICE)),
    )


def _barcode_of_gtin(text: str) -> str | None:
    """The number as it is printed below bars: GTIN-14 loses the zeros that fill it up, GTIN-12 gets one."""
    if not (_GTIN.fullmatch(text) and ean.is_valid(text)):
        return None
    gtin = text.zfill(14)
    if gtin.startswith("000000"):
        return gtin[6:]
    return gtin.removeprefix("0")


def _elements(text: str) -> Elements:
    try:
        elements: Elements = gs1_128.info(text, _SEPARATOR)
    except Exception:  # noqa: BLE001 - the library raises whatever its conversions of a label's text raise
        return {}
    return elements


def _linked_elements(address: SplitResult) -> Elements:
    """What a GS1 Digital Link tells: keys and values in its path, more of them in its query."""
    steps = [unquote(step) for step in address.path.split("/")]
    elements: dict[str, Any] = {}
    for key, value in pairwise(steps):
        if key in _GTIN_KEYS and _barcode_of_gtin(value):
            elements["01"] = value
    for key, value in _query(address):
        if _WEIGHT.fullmatch(key) or _PRICE.fullmatch(key) or key == _PIECES:
            elements |= _elements(key + value)
    return elements


def _web_address(text: str) -> SplitResult | None:
    try:
        address = urlsplit(text)
    except ValueError:
        return None
    return address if address.scheme in ("http", "https") and address.netloc else None


def _door(address: SplitResult) -> str | None:
    """The store of `/shop?store=ID`, at whatever host the gateway is known by."""
    if not address.path.rstrip("/").endswith("/shop"):
        return None
    stores = [value for key, value in _query(address) if key == "store" and len(value) <= _LONGEST_BARCODE]
    return stores[0] if stores else None


def _query(address: SplitResult) -> Iterator[tuple[str, str]]:
    try:
        yield from parse_qsl(address.query, max_num_fields=100)
    except ValueError:
        return


def _first(elements: Elements, key: re.Pattern[str]) -> Decimal | None:
    return next((value for name, value in elements.items() if key.fullmatch(name)), None)


def _positive(value: Decimal | int | None) -> Decimal | None:
    return Decimal(value) if value is not None and value > 0 else None
