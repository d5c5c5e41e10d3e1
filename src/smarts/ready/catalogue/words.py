"""Words as they are searched for: without case, accents and signs, letters apart from digits."""

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import chain

from smarts.node.names import sort_key

_WORD = re.compile(r"[^\d ]+|\d+")  # of plain texts, in which all other signs are spaces
_FOLDED = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
_SPECIAL = frozenset(map(chr, _FOLDED))
_LATIN = str.maketrans(
    dict(zip("абвгдезийклмнопрстуфыэіў", "abvgdeziiklmnoprstufyeiu", strict=True))
    | {
        "ж": "z",
        "х": "h",
        "ц": "c",
        "ч": "c",
        "ш": "s",
        "щ": "s",
        "ъ": "",
        "ь": "",
        "ю": "ju",
        "я": "ja",
        "є": "je",
    }
)  # what accents are on in š, ž, č goes here, since it is folded away on the other side too
BEGINNINGS = 3
"""What words begin with, so many letters of it and the first one alone, are words of the index: they begin too many
words to look each of them up."""

_BEGINNING = re.compile(rf"([^ ]{{1,{BEGINNINGS}}})[^ ]* ?")
_MOST = 64  # words of one text
_KEPT = 1 << 16


@lru_cache(16)
def plain(text: str) -> str:
    """What a text is sorted by and its words are found in, which is done one after the other."""
    return sort_key(text, "")


def words_of(text: str) -> list[str]:
    """The words of a text, in its order."""
    letters = plain(text)
    if not letters.isascii() and not _SPECIAL.isdisjoint(letters):
        letters = letters.translate(_FOLDED)
    return _WORD.findall(letters)[:_MOST]


def beginnings(words: str) -> str:
    """What words with spaces between begin with, as words of the index."""
    begun: list[str] = _BEGINNING.findall(words)
    return " ".join([*begun, *{beginning[0] for beginning in begun}])


def distinct_words(texts: Iterable[str]) -> list[str]:
    """The words of all texts, each once, in their order."""
    return list(dict.fromkeys(chain.from_iterable(map(words_of, texts))))


@lru_cache(_KEPT)
def in_latin(word: str) -> str:
    """A Cyrillic word in Latin letters; any other word as it is."""
    return word if word.isascii() else word.translate(_LATIN)
