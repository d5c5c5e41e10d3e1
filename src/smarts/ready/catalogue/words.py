"""Words as they are searched for: without case, accents and signs, letters apart from digits."""

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import chain

from smarts.node.names import fold

_WORD = re.compile(r"[^\W\d_]+|\d+")
_FOLDED = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
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
_MOST = 64  # words of one text
_KEPT = 1 << 16


class _Plain(dict[int, str]):
    """What stands for each sign; a table for `str.translate`, much faster over a million names than folding each."""

    def __missing__(self, sign: int) -> str:
        self[sign] = fold(chr(sign)).translate(_FOLDED)
        return self[sign]


_PLAIN = _Plain()


def words_of(text: str) -> list[str]:
    """The words of a text, in its order."""
    plain = text.lower() if text.isascii() else text.translate(_PLAIN)
    return _WORD.findall(plain)[:_MOST]


def distinct_words(texts: Iterable[str]) -> list[str]:
    """The words of all texts, each once, in their order."""
    return list(dict.fromkeys(chain.from_iterable(map(words_of, texts))))


@lru_cache(_KEPT)
def in_latin(word: str) -> str:
    """A Cyrillic word in Latin letters; any other word as it is."""
    return word if word.isascii() else word.translate(_LATIN)


@lru_cache(_KEPT)
def beginnings_of(word: str, longest: int) -> str:
    """The beginnings of a word up to a length, with spaces between."""
    return " ".join(word[:length] for length in range(1, min(len(word), longest) + 1))
