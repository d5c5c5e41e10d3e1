"""Inputs made of good ones: spoiled in bytes, in their JSON, or as a whole; and some made of nothing."""

import json
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

LONGEST = 200_000
_MOST_CHANGES = 4
WORDS: tuple[bytes, ...] = (
    *(b"", b"\0", b"\\u0000", b"\xff", b"\xc3\x28", b"\xed\xa0\x80", b"\\ud800", b"\xef\xbb\xbf", "\u202e".encode()),
    *(b"null", b"true", b"NaN", b"Infinity", b"-Infinity", b"-0", b"1e400", b"1e-400", b"0.1e1", b"9" * 400),
    *(b"9223372036854775808", b"1_000", "\u0661".encode(), "\uff11".encode(), b"0x10", b"010", b"1,5", b"1E5"),
    *(b'"', b"'", b"`", b"\\", b"{", b"}", b"[", b"]", b"(", b")", b",", b";", b":", b"&", b"=", b"%", b"%00", b"+"),
    *(b"%C0%80", b"\r\n", b"\n", b"\t", b" ", b"\x1d", b"../", b"//", b"<script>", b"' OR 1=1 --", b"${HOME}"),
    *(b"%s%n", b"{0}", b"__class__", b"2026-02-30", b"0000-00-00", b"9999-12-31", b"1969-12-31T23:59:60Z"),
    *(b"24:00", b"99:99", b"UTC+99", b"Europe/Nowhere", b"data:", b"http://169.254.169.254/"),
    *(b"file:///etc/passwd", b"t=1,v1=00", b"v1,AAAA", b"sep=;", b"PK\x03\x04", b"\x1f\x8b"),
)  # fmt: skip
_VALUES: tuple[Any, ...] = (
    *(
        None,
        True,
        False,
        0,
        -1,
        1.5,
        10**15,
        10**40,
        -(10**40),
        1e308,
        "",
        " ",
        "\0",
        "\ud800",
        "é" * 300,
        "9" * 100,
    ),
    *(
        [],
        {},
        [[]],
        {"": {}},
        "NaN",
        "1_000",
        "2026-02-30",
        "UTC+99",
        "Europe/Tallinn",
        "EXIPRED",
        "DISCOUNT",
    ),
)


def spoiled(random: Random, seeds: Sequence[bytes]) -> bytes:
    """An input, by chance."""
    if not seeds or random.random() < 0.05:
        return random.randbytes(int(random.paretovariate(0.6)) % 4000)
    data = random.choice(seeds)
    if random.random() < 0.5 and data[:1] in (b"{", b"["):
        data = _in_json(random, data)
    for _ in range(random.randint(0, _MOST_CHANGES)):
        data = random.choice(_CHANGES)(random, data, seeds)
    return data[:LONGEST]


def _in_json(random: Random, data: bytes) -> bytes:
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return data
    _change_somewhere(random, document)
    return json.dumps(document, ensure_ascii=random.random() < 0.5).encode(errors="surrogatepass")


def _change_somewhere(random: Random, document: Any) -> None:
    """Goes down by chance and changes what it comes to."""
    while True:
        keys = list(document) if isinstance(document, dict) else list(range(len(document)))
        if not keys:
            return
        key = random.choice(keys)
        if isinstance(document[key], dict | list) and random.random() < 0.7:
            document = document[key]
            continue
        _change(random, document, key)
        return


def _change(random: Random, document: Any, key: Any) -> None:
    what = random.random()
    if what < 0.15:
        del document[key]
    elif what < 0.25 and isinstance(document, list):
        document.extend([document[key]] * random.choice((1, 10, 1000)))
    elif what < 0.35:
        for _ in range(random.choice((1, 50, 300))):
            document[key] = [document[key]]
            document, key = document[key], 0
    else:
        document[key] = random.choice(_VALUES)


def _place(random: Random, data: bytes) -> int:
    return random.randint(0, len(data))


def _flip(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    if not data:
        return data
    at = random.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << random.randrange(8)]) + data[at + 1 :]


def _insert(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    at = _place(random, data)
    return data[:at] + random.choice(WORDS) + data[at:]


def _overwrite(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    at, word = _place(random, data), random.choice(WORDS)
    return data[:at] + word + data[at + len(word) :]


def _cut(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    start, end = sorted((_place(random, data), _place(random, data)))
    return data[:start] + data[end:]


def _repeat(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    start = _place(random, data)
    part = data[start : start + random.choice((1, 2, 8, 64))]
    return data[:start] + part * random.choice((2, 20, 500)) + data[start:]


def _splice(random: Random, data: bytes, seeds: Sequence[bytes]) -> bytes:
    other = random.choice(seeds)
    return data[: _place(random, data)] + other[_place(random, other) :]


def _number(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    digits = [at for at, byte in enumerate(data) if 48 <= byte <= 57]
    if not digits:
        return data
    at = random.choice(digits)
    return data[:at] + random.choice((b"9" * 20, b"-1", b"0", b"1e9", b"0.000001")) + data[at + 1 :]


def _nest(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    at, depth = _place(random, data), random.choice((10, 600, 20_000))
    return data[:at] + random.choice((b"[", b'{"a":', b"(", b"-", b"!", b"a?b:")) * depth + data[at:]


_CHANGES: tuple[Callable[[Random, bytes, Sequence[bytes]], bytes], ...] = (
    _flip,
    _insert,
    _overwrite,
    _cut,
    _repeat,
    _splice,
    _number,
    _nest,
)
