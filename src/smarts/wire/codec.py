"""JSON to data objects and back: tolerant where the contract says so, exact when writing."""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cache
from json import JSONDecodeError
from typing import Any, TypeVar

import msgspec

from smarts.wire.errors import MalformedError
from smarts.wire.money import LooseNumber, Number, exact, read_loose_number, read_number, usual
from smarts.wire.pieces import Pieces
from smarts.wire.times import TimeOfDay, TimeZone, UnixMillis, UtcMillis

T = TypeVar("T")

_READERS: dict[type, Any] = {
    Number: read_number,
    LooseNumber: read_loose_number,
    UnixMillis: UnixMillis.read,
    UtcMillis: UtcMillis.read,
    TimeOfDay: TimeOfDay.read,
    TimeZone: TimeZone.read,
}
_PLACE = re.compile(r" - at `(.*)`$", re.DOTALL)
# What most amounts are: a few pieces. Making a Decimal takes longer than all else that is done with a number.
_FEW = {count: Decimal(count) for count in range(100)}


def _read(kind: type, value: Any) -> Any:
    # Nearly all that comes here are plain numbers, two a line of a cart; they are spared the longer way.
    if kind is LooseNumber or kind is Number:
        if type(value) is Decimal:
            return value
        if type(value) is int and value in _FEW:
            return _FEW[value]
    return _READERS[kind](value)


def _write(value: Any) -> Any:
    return value.written()


@cache
def _decoder(kind: Any, read_fraction: Callable[[str], Decimal]) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind, dec_hook=_read, float_hook=read_fraction)


_SYNTAX = msgspec.json.Decoder(msgspec.Raw)
_ANYTHING = msgspec.json.Decoder(float_hook=str)
_ENCODER = msgspec.json.Encoder(enc_hook=_write, decimal_format="number")


def decode(data: bytes, kind: type[T]) -> T:
    """Reads a JSON document of UTF-8 bytes as the given type; `Pieces` is for a list whose elements are read singly.

    Raises:
        MalformedError: it is not JSON, or not of this shape; tells the path of the first offending field.
    """
    try:
        decoded: T = _decoded(data, kind)
    except msgspec.ValidationError as error:
        raise _wrong_shape(data, str(error)) from None
    except (msgspec.DecodeError, JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _not_json(error) from None
    return decoded


def _decoded(data: bytes, kind: Any) -> Any:
    if kind is Pieces:
        return Pieces.of(data)
    _require_text(data)
    try:
        return _decoder(kind, usual).decode(data)
    except ArithmeticError:
        return _decoder(kind, exact).decode(data)


def _require_text(data: bytes) -> None:
    # Unknown fields are skipped without a look at their text, so the whole document is looked at here.
    if not data.isascii():
        data.decode()
    if b"\\" in data and b"\\u0000" in data:  # the first look is quick, and enough for nearly all documents
        path = next(_paths_of_nul(_ANYTHING.decode(data), "$"), None)
        if path:
            raise MalformedError("Expected text without NUL characters", path, is_json=True)


def _paths_of_nul(value: Any, path: str) -> Iterator[str]:
    """Where a text holds a NUL, which PostgreSQL cannot keep."""
    if isinstance(value, str) and "\0" in value:
        yield path
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _paths_of_nul(item, f"{path}[{index}]")
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _paths_of_nul(name, path)
            yield from _paths_of_nul(item, f"{path}.{name}")


def _wrong_shape(data: bytes, message: str) -> MalformedError:
    try:
        _SYNTAX.decode(data)
    except (msgspec.DecodeError, RecursionError) as error:
        return _not_json(error)  # what comes after the offending field is not even JSON
    place = _PLACE.search(message)
    return MalformedError(_PLACE.sub("", message), place.group(1) if place else "$", is_json=True)


def _not_json(error: Exception) -> MalformedError:
    if isinstance(error, UnicodeDecodeError):
        return MalformedError("Expected text in UTF-8", is_json=False)
    if isinstance(error, RecursionError):
        return MalformedError("Expected a document that is less deeply nested", is_json=False)
    return MalformedError(str(error), is_json=False)


def encode(document: object) -> bytes:
    """Writes a data object as JSON in UTF-8: numbers exactly, dates as each field's form demands."""
    return _ENCODER.encode(document)
