"""A list is taken apart without a look at what is in its elements."""

from time import perf_counter
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smarts.wire.codec import decode
from smarts.wire.errors import MalformedError
from smarts.wire.pieces import Pieces
from wire.strategies import json_values

blanks = st.text(" \t\r\n", max_size=3).map(str.encode)


@given(st.lists(json_values), st.data())
def test_each_element_comes_as_it_was_written(values: list[Any], data: st.DataObject) -> None:
    """Whatever it is, and whatever blanks are around it."""
    written = [msgspec.json.encode(value) for value in values]
    spaced = [data.draw(blanks) + each + data.draw(blanks) for each in written]
    around = data.draw(blanks)
    assert decode(around + b"[" + (b",".join(spaced) or around) + b"]" + around, Pieces) == tuple(written)


HIDDEN = {
    "no utf-8": b'{"a":"\xff"}',
    "latin-1": '"õ"'.encode("latin-1"),
    "utf-8 of a surrogate": b'"\xed\xa0\x80"',
    "nul": b'"\\u0000"',
    "raw nul": b'"\x00"',
    "raw line break": b'"\n"',
    "lone surrogate": b'"\\ud800"',
    "lone low surrogate": b'{"\\udc00":1}',
    "huge number": b"1e999999",
    "long number": b"1" * 10_000,
}


@pytest.mark.parametrize("what", HIDDEN)
def test_a_broken_element_leaves_the_others_as_they_are(what: str) -> None:
    """It is one element like the others, and is refused when it is read by itself."""
    broken, good = HIDDEN[what], '"või"'.encode()
    assert decode(b"[" + good + b", " + broken + b"," + good + b"]", Pieces) == (good, broken, good)
    with pytest.raises(MalformedError):
        decode(broken, str)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[",
        b"[1",
        b"[1,]",
        b"[,1]",
        b"[1 2]",
        b"[1] 2",
        b'[{"a" 1}]',
        b"[1]]",
        b"hello",
        b"[" * 4_000_000,
    ],
)
def test_what_is_no_json_is_refused_at_once(data: bytes) -> None:
    """Where one element ends and the next begins cannot be told, so nothing is."""
    began = perf_counter()
    with pytest.raises(MalformedError) as refused:
        decode(data, Pieces)
    assert not refused.value.is_json
    assert perf_counter() - began < 1


@pytest.mark.parametrize("data", [b"{}", b"1", b"null", b'"[1]"'])
def test_what_is_no_list_is_refused(data: bytes) -> None:
    """It is JSON of the wrong shape."""
    with pytest.raises(MalformedError, match="Expected `array`") as refused:
        decode(data, Pieces)
    assert refused.value.is_json
