"""Whatever bytes come, reading ends soon, in an object or in an error that says what is wrong and where."""

import re
from collections.abc import Iterator
from time import perf_counter
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smarts.wire.codec import decode
from smarts.wire.errors import MalformedError
from smarts.wire.products import PageRequest, ProductSearchRequest
from smarts.wire.receipts import ReceiptProduct
from wire.documents import EXACT, STRUCTS, kind_of, plain, written
from wire.strategies import json_values

SEARCH = PageRequest[ProductSearchRequest]
MEBIBYTE = 1024 * 1024


def refused(data: bytes, kind: Any = ProductSearchRequest) -> MalformedError:
    """How a document is refused, which takes less than a second."""
    began = perf_counter()
    with pytest.raises(MalformedError) as caught:
        decode(data, kind)
    assert perf_counter() - began < 1
    return caught.value


NOT_JSON = {
    "nothing": b"",
    "blanks": b" \n",
    "a word": b"hello",
    "html": b"<html><body>Bad gateway</body></html>",
    "a form": b"barcode=123&type=SELF_SERVICE",
    "binary": bytes(range(256)),
    "gzip": b"\x1f\x8b\x08\x00\x00",
    "utf-16": '{"barcode":"1"}'.encode("utf-16"),
    "byte order mark": b'\xef\xbb\xbf{"barcode":"1"}',
    "cut off": b'{"barcode":"1"',
    "cut off in a text": b'{"barcode":"1',
    "single quotes": b"{'barcode':'1'}",
    "trailing comma": b'{"barcode":"1",}',
    "trailing words": b'{"barcode":"1"} thanks',
    "two documents": b'{"barcode":"1"}{"barcode":"2"}',
    "comment": b'{"barcode":"1"} // one',
    "raw line break": b'{"barcode":"1\n"}',
    "raw nul": b'{"barcode":"1\x00"}',
    "bad escape": b'{"barcode":"\\q"}',
    "latin-1": '{"name":"Leib või sai"}'.encode("latin-1"),
    "latin-1 in an unknown field": '{"note":"õ"}'.encode("latin-1"),
    "latin-1 in an unknown name": '{"õ":1}'.encode("latin-1"),
    "utf-8 of a surrogate": b'{"name":"\xed\xa0\x80"}',
    "overlong utf-8": b'{"name":"\xc0\xaf"}',
    "lone surrogate": b'{"name":"\\ud800"}',
    "lone low surrogate": b'{"name":"\\udc00 "}',
    "surrogate and a letter": b'{"name":"\\ud83dx"}',
    "two high surrogates": b'{"name":"\\ud83d\\ud83d"}',
    "lone surrogate in an unknown field": b'{"note":"\\ud800","name":"x"}',
    "lone surrogate before an escape": b'{"note":"\\ud800\\n0000","name":"x"}',
    "wrong shape, then not JSON": b'{"barcode":1,"name":',
    "wrong shape, then bad text": b'{"barcode":1,"name":"\xff"}',
    "a list that never ends": b"[" * MEBIBYTE,
}


@pytest.mark.parametrize("data", NOT_JSON.values(), ids=NOT_JSON)
def test_what_is_not_json(data: bytes) -> None:
    """Bytes that are not JSON in UTF-8 are told as such, whether or not a shape was wrong before."""
    error = refused(data)
    assert (error.is_json, error.error.path) == (False, "$")
    assert error.error.message


@pytest.mark.parametrize(
    ("data", "path"),
    [
        (b"null", "$"),
        (b"[]", "$"),
        (b'"text"', "$"),
        (b"1e999999999999999999999", "$"),
        (b'{"request":5}', "$.request"),
        (b'{"request":{},"page":0}', "$.page"),
        (b'{"request":{},"page":"1"}', "$.page"),
        (b'{"request":{},"limit":1001}', "$.limit"),
        (b'{"request":{},"page":1000001}', "$.page"),
        (b'{"request":{},"page":99999999999999999999999}', "$.page"),
        (b'{"request":{"name":["x"]}}', "$.request.name"),
        (b'{"request":{"loyaltyCards":[{"id":"1"}]}}', "$.request.loyaltyCards[0]"),
        (
            b'{"request":{"loyaltyCards":[{"id":"1","cardNumber":"2"},{"id":1}]}}',
            "$.request.loyaltyCards[1].id",
        ),
    ],
)
def test_wrong_shapes_are_told_with_their_path(data: bytes, path: str) -> None:
    """JSON of the wrong shape is told with the path of the first field that offends."""
    error = refused(data, SEARCH)
    assert (error.is_json, error.error.path) == (True, path)


@pytest.mark.parametrize(
    ("data", "path"),
    [
        (b'{"name":"\\u0000"}', "$.name"),
        (b'{"name":"a\\u0000b"}', "$.name"),
        (b'{"name":"\\\\\\u0000"}', "$.name"),
        (
            b'{"loyaltyCards":[{"id":"1","cardNumber":"2"},{"id":"\\u0000","cardNumber":"2"}]}',
            "$.loyaltyCards[1].id",
        ),
        (b'{"note":{"deep":["x","\\u0000"]}}', "$.note.deep[1]"),
        (b'{"note":{"\\u0000":1}}', "$.note"),
    ],
)
def test_texts_hold_no_nul(data: bytes, path: str) -> None:
    """A NUL, which no database text can hold, is refused wherever it stands, with its path."""
    error = refused(data)
    assert (error.is_json, error.error.path) == (True, path)


def test_a_backslash_and_u0000_is_a_text() -> None:
    """An escaped backslash before `u0000` is no NUL, and neither are other control characters."""
    found = decode(b'{"name":"\\\\u0000 \\u0001 \\u0009"}', ProductSearchRequest)
    assert found.name == "\\u0000 \x01 \t"


def test_pairs_of_surrogates_are_characters() -> None:
    """An escaped pair of surrogates is the character that it stands for."""
    assert decode(b'{"name":"\\ud83c\\udf5e \xf0\x9f\x8d\x9e"}', ProductSearchRequest).name == "🍞 🍞"


@pytest.mark.parametrize(
    "data",
    [
        b'{"note":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"note":' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}",
        b'{"name":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"name":"\\u0000","note":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b"[" * 500_000 + b"]" * 500_000,
    ],
    ids=["unknown lists", "unknown objects", "known field", "with a NUL", "bare"],
)
def test_depth_is_bounded(data: bytes) -> None:
    """A document nested deeper than any honest one is refused before it costs anything."""
    assert "nested" in refused(data).error.message


def test_packages_in_packages_are_bounded() -> None:
    """Products inside products end at the same bound."""
    inner = plain("Product.minimal")
    head = written(inner)[:-1] + b',"subProducts":['
    error = refused(head * 5000 + written(inner) + b"]}" * 5000, kind_of("Product"))
    assert "nested" in error.error.message


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b'{"name":"' + b"\\\\" * (MEBIBYTE // 2) + b'","x":"\\u0000"}', ProductSearchRequest),
        (b'{"name":"' + b"\\\\u0000" * (MEBIBYTE // 8) + b'\\u0000"}', ProductSearchRequest),
        (b"[" + b'"\\\\u0000",' * (MEBIBYTE // 10) + b"1]", tuple[str, ...]),
        (b"[" + b"1e9," * (MEBIBYTE // 4) + b"1]", tuple[str, ...]),
        (b'{"a":' * 900 + b"0" + b"}" * 900, ReceiptProduct),
        (b'{"amount":' + b"9" * MEBIBYTE + b"}", ReceiptProduct),
        (b'{"amount":0.' + b"9" * MEBIBYTE + b"}", ReceiptProduct),
        (b'{"amount":1e' + b"9" * MEBIBYTE + b"}", ReceiptProduct),
        (b'{"amount":"' + b"9" * MEBIBYTE + b'"}', ReceiptProduct),
        (b"{" + b'"id":1,' * (MEBIBYTE // 7) + b'"id":1}', ReceiptProduct),
    ],
    ids=[
        "backslashes",
        "no nuls",
        "texts",
        "floats",
        "objects",
        "integer",
        "fraction",
        "exponent",
        "string",
        "twice",
    ],
)
def test_large_documents_are_refused_soon(data: bytes, kind: Any) -> None:
    """A mebibyte of the worst that fits the body limit is refused within a second."""
    assert refused(data, kind).is_json


def error_of(data: bytes, kind: Any) -> MalformedError | None:
    """How a document is refused, if it is."""
    try:
        decode(data, kind)
    except MalformedError as error:
        return error
    return None


@settings(deadline=None)
@given(st.binary(max_size=60), st.sampled_from(sorted(STRUCTS)))
def test_any_bytes(data: bytes, name: str) -> None:
    """No bytes lead to anything but an object or a `MalformedError`."""
    error = error_of(data, STRUCTS[name])
    assert error is None or error.error.path.startswith("$")


@settings(deadline=None)
@given(json_values, st.sampled_from(sorted(STRUCTS)))
def test_any_json(value: Any, name: str) -> None:
    """No JSON leads to anything but an object or an error of the shape."""
    error = error_of(msgspec.json.encode(value), STRUCTS[name])
    assert error is None or error.is_json


def places(value: Any, path: str = "$") -> Iterator[tuple[Any, Any, str]]:
    """Each place in a JSON value: the object or list that holds it, its key there, its path."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in pairs:
        inner = f"{path}[{key}]" if isinstance(value, list) else f"{path}.{key}"
        yield value, key, inner
        yield from places(item, inner)


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_one_wrong_value_is_found(data: st.DataObject) -> None:
    """Whatever stands in one place of a good document, the error names that place or one inside it."""
    name = data.draw(st.sampled_from(EXACT))
    document = plain(name)
    holder, key, path = data.draw(st.sampled_from(list(places(document))))
    holder[key] = data.draw(json_values)
    error = error_of(written(document), kind_of(name))
    assert error is None or (error.is_json and error.error.path.startswith(as_told(path)))


def as_told(path: str) -> str:
    """The path with `[...]` for keys that are free: a language, the name of a part."""
    return re.sub(r"(translations\[\d+\]|checks)\.[^.\[]+", r"\1[...]", path)
