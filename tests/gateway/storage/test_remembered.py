"""What is read often: one reading for all who ask at a time, and nothing from before a change."""

import asyncio

import pytest

from smarts.gateway.storage.remembered import Remembered


class Shelf:
    """Something to read from, slowly: a reading gives what is there when it begins, as soon as it is let go on."""

    def __init__(self) -> None:
        self.there = "old"
        self.readings = 0
        self.begun, self.go_on = asyncio.Event(), asyncio.Event()
        self.remembered = Remembered(self._read)

    async def _read(self, key: str) -> str:
        self.readings += 1
        found = f"{key}: {self.there}"
        self.begun.set()
        await self.go_on.wait()
        if self.there == "broken":
            raise ConnectionError("not now")
        return found

    async def begin(self, key: str, count: int = 1) -> list[asyncio.Task[str]]:
        """So many who ask; a reading has begun when this ends."""
        asking = [asyncio.create_task(self.remembered.get(key)) for _ in range(count)]
        await self.begun.wait()
        return asking


async def test_those_who_ask_at_once_share_one_reading() -> None:
    shelf = Shelf()
    asking = await shelf.begin("a", 20) + await shelf.begin("b", 3)
    shelf.go_on.set()
    assert await asyncio.gather(*asking) == ["a: old"] * 20 + ["b: old"] * 3
    assert await shelf.remembered.get("a") == "a: old"
    assert shelf.readings == 2


async def test_who_gives_up_leaves_the_reading_to_the_others() -> None:
    shelf = Shelf()
    first, second = await shelf.begin("a", 2)
    first.cancel()
    await asyncio.wait([first])
    shelf.go_on.set()
    assert await second == "a: old"
    assert shelf.readings == 1


async def test_a_failure_is_shared_and_not_remembered() -> None:
    shelf = Shelf()
    asking = await shelf.begin("a", 2)
    shelf.there = "broken"
    shelf.go_on.set()
    for each in asking:
        with pytest.raises(ConnectionError):
            await each
    shelf.there = "mended"
    assert await shelf.remembered.get("a") == "a: mended"


async def test_what_was_read_before_a_change_is_not_told_after_it() -> None:
    shelf = Shelf()
    (before,) = await shelf.begin("a")
    shelf.there = "new"
    shelf.begun.clear()
    shelf.remembered.forget("a")
    (after,) = await shelf.begin("a")
    shelf.go_on.set()
    assert [await before, await after] == ["a: old", "a: new"]
    assert await shelf.remembered.get("a") == "a: new"
