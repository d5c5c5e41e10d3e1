"""A JSON list taken apart before anything in it is read, so that one broken element hides no other."""

import re
from collections.abc import Iterator
from json import JSONDecodeError, JSONDecoder

from msgspec import ValidationError

_BLANKS = r"[ \t\n\r]*"
_OPENING = re.compile(rf"{_BLANKS}\[{_BLANKS}")
_COMMA = re.compile(rf"{_BLANKS},{_BLANKS}")
_CLOSING = re.compile(rf"{_BLANKS}\]{_BLANKS}\Z")
# Whatever an element holds is passed over: numbers of any size, and characters that no text may have.
_element = JSONDecoder(parse_int=str, parse_float=str, strict=False).raw_decode


class Pieces(tuple[bytes, ...]):
    """The elements of a list, each as it came: what no document may hold is found when it is decoded."""

    __slots__ = ()

    @classmethod
    def of(cls, data: bytes) -> "Pieces":
        """Takes a list apart.

        Raises:
            JSONDecodeError: it is no JSON at all.
            ValidationError: it is no list.
        """
        text = data.decode(errors="surrogateescape")  # what is not UTF-8 belongs to one of the elements
        return cls(piece.encode(errors="surrogateescape") for piece in _pieces(text))


def _pieces(text: str) -> Iterator[str]:
    opening = _OPENING.match(text)
    if opening is None:
        raise ValidationError("Expected `array`")
    place = opening.end()
    if _CLOSING.match(text, place):
        return
    while True:
        _, end = _element(text, place)
        yield text[place:end]
        comma = _COMMA.match(text, end)
        if comma is None:
            break
        place = comma.end()
    if not _CLOSING.match(text, end):
        raise JSONDecodeError("Expected `,` or the end of the list", text, end)
