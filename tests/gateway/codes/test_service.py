"""Decoding is bounded, and nobody else waits for it."""

import asyncio
import random
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from time import perf_counter

import pytest
from PIL import Image
from zxingcpp import BarcodeFormat

from gateway.codes.drawn import code_picture, encoded
from smarts.gateway.codes.rules import Format, FoundCode
from smarts.gateway.codes.service import Codes
from smarts.wire.errors import ProblemError

EASY = code_picture("48512343", BarcodeFormat.EAN8)
READ = (FoundCode(format=Format.EAN_8, text="48512343", barcode="48512343"),)


@pytest.fixture(scope="module")
def hard() -> bytes:
    """A picture that takes long: noise, as large as is allowed."""
    return encoded(Image.frombytes("L", (1400, 1400), random.Random(1).randbytes(1400 * 1400)))


@pytest.fixture
def narrow() -> Iterator[Codes]:
    """One picture at a time, none waiting, and little patience."""
    with closing(Codes(threads=1, waiting=0, patience=timedelta(milliseconds=20))) as codes:
        yield codes


async def problem_of(codes: Codes, picture: bytes) -> tuple[int, str, float | None]:
    with pytest.raises(ProblemError) as caught:
        await codes.decode(picture)
    return caught.value.problem.status, caught.value.problem.type, caught.value.retry_after


async def test_codes_of_a_picture() -> None:
    """What is found comes with its meaning; what is no picture is the sender's mistake."""
    with closing(Codes()) as codes:
        assert await codes.decode(EASY) == READ
        assert await problem_of(codes, b"no picture") == (422, "wrong-shape", None)


async def test_too_many_pictures_are_refused_at_once(narrow: Codes, hard: bytes) -> None:
    """Whoever finds no place is told to try again, and the place is free when the picture before is done with."""
    first = asyncio.create_task(problem_of(narrow, hard))
    await asyncio.sleep(0)
    assert await problem_of(narrow, EASY) == (503, "decoder-busy", 1)
    assert not first.done()
    assert await first == (503, "decoder-busy", 1), "the first one ran out of patience"
    async with asyncio.timeout(10):
        while True:
            try:
                assert await narrow.decode(EASY) == READ
                return
            except ProblemError:
                await asyncio.sleep(0.01)


async def test_nobody_who_waits_keeps_a_place(hard: bytes) -> None:
    """Pictures that waited in vain are given up, so that as many places are free as before."""
    with closing(Codes(threads=1, waiting=3, patience=timedelta(milliseconds=20))) as codes:
        for _ in range(5):
            problems = await asyncio.gather(*(problem_of(codes, hard) for _ in range(4)))
            assert problems == [(503, "decoder-busy", 1)] * 4


async def test_the_event_loop_goes_on(hard: bytes) -> None:
    """While pictures are decoded, everybody else is served."""
    longest, last = 0.0, perf_counter()
    with closing(Codes(threads=2)) as codes:
        decoding = asyncio.gather(*(codes.decode(hard) for _ in range(4)))
        while not decoding.done():
            await asyncio.sleep(0.001)
            longest, last = max(longest, perf_counter() - last), perf_counter()
        took = perf_counter() - last
    assert await decoding == [()] * 4
    assert longest < 0.1, took
