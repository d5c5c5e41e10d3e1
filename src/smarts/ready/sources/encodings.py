"""Which encoding a text is in: byte order marks, UTF-8, UTF-16, else the code page in which its letters make sense."""

from codecs import (
    BOM_UTF8,
    BOM_UTF16_BE,
    BOM_UTF16_LE,
    BOM_UTF32_BE,
    BOM_UTF32_LE,
    getincrementaldecoder,
)
from collections import Counter
from itertools import pairwise

_MARKS = (
    (BOM_UTF32_LE, "utf-32"),
    (BOM_UTF32_BE, "utf-32"),
    (BOM_UTF8, "utf-8-sig"),
    (BOM_UTF16_LE, "utf-16"),
    (BOM_UTF16_BE, "utf-16"),
)
# The letters outside ASCII of languages that shops write in, by code page; of two that fit, the first one counts.
_LETTERS = {
    "cp1252": (
        "äöüß",
        "õäöüšž",
        "åäöæø",
        "éèêëàâçîïôûùœæ",
        "áéíóúñü¿¡",
        "ãáâàçéêíóõôú",
        "àèéìòù",
        "ðþæöáéíóúý",
    ),
    "cp1257": ("õäöüšž", "āčēģīķļņšūž", "ąčęėįšųūž", "ąćęłńóśźż"),
    "cp1251": ("абвгдеёжзийклмнопрстуфхцчшщъыьэюя", "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя"),
    "cp1250": ("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áéíóöőúüű", "čćđšž", "ăâîșşțţ"),
    "koi8-r": ("абвгдеёжзийклмнопрстуфхцчшщъыьэюя",),
    "cp866": ("абвгдеёжзийклмнопрстуфхцчшщъыьэюя",),
}
_HARMLESS = set("€£§°©®™«»„“”‘’‚…–—·•×№½¼¾²³´`¨ \xa0\xad")
_MIX = 0.6  # a capital in the middle of a word counts as so many letters that are wrong


def find_encoding(sample: bytes) -> str | None:
    """The name of a codec that reads the sample best; `None` where it is not text at all.

    `sample` is the beginning of a text, and may end within a letter.
    """
    for mark, encoding in _MARKS:
        if sample.startswith(mark):
            return encoding
    if b"\0" in sample:
        return _wide(sample)
    if _is_utf8(sample):
        return "utf-8"
    return max(_LETTERS, key=lambda encoding: _sense(sample, encoding))


def _wide(sample: bytes) -> str | None:
    """UTF-16 without a mark: every second byte of the ASCII signs in it (delimiters, digits) is NUL."""
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    few, many = sorted((even, odd))
    if few * 20 > many or many * 10 < len(sample) // 2:
        return None
    return "utf-16-be" if even > odd else "utf-16-le"


def _is_utf8(sample: bytes) -> bool:
    """Whether most letters outside ASCII are UTF-8, which is no chance; lists may be put together of two."""
    text = getincrementaldecoder("utf-8")("replace").decode(sample)
    return 2 * text.count("\ufffd") <= sum(not sign.isascii() for sign in text)


def _sense(sample: bytes, encoding: str) -> float:
    """How much of the sample are letters of one language, read in this encoding."""
    text = sample.decode(encoding, errors="replace")
    signs = Counter(sign for sign in text if not sign.isascii() and sign not in _HARMLESS)
    total = signs.total() or 1
    mixed = sum(a.islower() and b.isupper() and not b.isascii() for a, b in pairwise(text))
    best = max(
        sum(count for sign, count in signs.items() if sign.lower() in letters)
        for letters in _LETTERS[encoding]
    )
    return (best - _MIX * mixed) / total
