"""Names as people search for them and sort them: without case and accents, by their language's own alphabet."""

import unicodedata
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from itertools import islice

from smarts.wire.text import Translatable

# Languages in which a letter with an accent has a place of its own; in all others it stands where it does without.
_ALPHABETS = {
    "ET": "abcdefghijklmnopqrsšzžtuvwõäöüxy",
    "FI": "abcdefghijklmnopqrstuvwxyzåäö",
    "LT": "abcčdefghiyjklmnopqrsštuvwxzž",
    "LV": "abcčdefgģhiyjkķlļmnņopqrsštuvwxzž",
    "RU": "абвгдежзийклмнопрстуфхцчшщъыьэюя",
    "SV": "abcdefghijklmnopqrstuvwxyzåäö",
}
_AFTER_DIGITS = ord("9") + 1  # the alphabet's letters stand here, before those of all other alphabets


def fold(text: str) -> str:
    """The text without case and accents, as it is searched for."""
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))


def all_names(text: Translatable) -> set[str]:
    """The text in all its languages."""
    return {text.original_text, *(name for names in text.translations for name in names.values())}


def sort_key(text: str, language: str) -> str:
    """What texts are sorted by in a language: digits, the language's letters, other letters; signs are spaces."""
    signs = unicodedata.normalize("NFC", text).casefold()
    return " ".join(signs.translate(_alphabet(language)).split())


def has_alphabet(language: str) -> bool:
    """Whether the language has an order of letters of its own."""
    return language in _ALPHABETS


@cache
def _alphabet(language: str) -> "_Alphabet":
    return _Alphabet(_ALPHABETS[language] if has_alphabet(language) else "")


class _Alphabet(dict[int, str]):
    """What stands for each sign in a sort key; a table for `str.translate` that finds out about new signs itself."""

    def __init__(self, letters: str) -> None:
        super().__init__((ord(letter), chr(_AFTER_DIGITS + place)) for place, letter in enumerate(letters))

    def __missing__(self, sign: int) -> str:
        self[sign] = "".join(self.get(ord(base)) or _letter_or_space(base) for base in fold(chr(sign)))
        return self[sign]


def _letter_or_space(sign: str) -> str:
    return sign if sign.isalnum() else " "


class NameIndex:
    """Places of names by the words in them, so that beginnings of words are found by halving."""

    def __init__(self, names: Iterable[Translatable]) -> None:
        places = defaultdict(list)
        for place, name in enumerate(names):
            for word in {word for text in all_names(name) for word in _words(text)}:
                places[word].append(place)
        self._places = dict(places)
        self._sorted = sorted(places)

    def find(self, text: str) -> set[int]:
        """The places of names in which each of the text's words begins a word; none for a text without words."""
        found = [self._beginning_with(word) for word in _words(text)]
        return set.intersection(*found) if found else set()

    def _beginning_with(self, beginning: str) -> set[int]:
        found: set[int] = set()
        for word in islice(self._sorted, bisect_left(self._sorted, beginning), None):
            if not word.startswith(beginning):
                break
            found.update(self._places[word])
        return found


def _words(text: str) -> list[str]:
    return "".join(map(_letter_or_space, fold(text))).split()
