"""Rows that change rarely and are read all the time."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from time import monotonic
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Remembered(Generic[T]):
    """What was read for a key, for `seconds`: so long another process may still see what was there before.

    Those who ask while it is being read wait for that one reading, and share its failure.
    """

    def __init__(
        self, read: Callable[[str], Coroutine[Any, Any, T]], *, seconds: float = 2.0, most: int = 20_000
    ) -> None:
        self._read = read
        self._seconds = seconds
        self._most = most
        self._rows: OrderedDict[str, tuple[float, T]] = OrderedDict()
        self._readings: dict[str, asyncio.Task[T]] = {}

    async def get(self, key: str) -> T:
        """The row, read anew where it is not remembered."""
        found = self._rows.get(key)
        if found and found[0] > monotonic():
            return found[1]
        reading = self._readings.get(key)
        if reading is None:
            reading = self._readings[key] = asyncio.create_task(self._read(key))
            reading.add_done_callback(lambda ended: self._ended(key, ended))
        return await asyncio.shield(reading)  # who waits no longer leaves it to the others

    def _ended(self, key: str, reading: asyncio.Task[T]) -> None:
        if self._readings.get(key) is not reading:
            return  # it may have been read before the change that was made meanwhile
        del self._readings[key]
        if reading.cancelled() or reading.exception():
            return
        self._rows[key] = (monotonic() + self._seconds, reading.result())
        self._rows.move_to_end(key)
        if len(self._rows) > self._most:
            self._rows.popitem(last=False)

    def forget(self, key: str) -> None:
        """Reads the row anew next time, since this process changed it."""
        self._rows.pop(key, None)
        self._readings.pop(key, None)
