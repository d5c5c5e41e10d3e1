"""Rows that change rarely and are read all the time."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Generic, TypeVar

T = TypeVar("T")


class Remembered(Generic[T]):
    """What was read for a key, for `seconds`: so long another process may still see what was there before."""

    def __init__(
        self, read: Callable[[str], Awaitable[T]], *, seconds: float = 2.0, most: int = 20_000
    ) -> None:
        self._read = read
        self._seconds = seconds
        self._most = most
        self._rows: OrderedDict[str, tuple[float, T]] = OrderedDict()
        self._forgotten = 0

    async def get(self, key: str) -> T:
        """The row, read anew where it is not remembered."""
        found = self._rows.get(key)
        if found and found[0] > monotonic():
            return found[1]
        forgotten = self._forgotten
        row = await self._read(key)
        if forgotten != self._forgotten:
            return row  # it may have been read before the change that was made meanwhile
        self._rows[key] = (monotonic() + self._seconds, row)
        self._rows.move_to_end(key)
        if len(self._rows) > self._most:
            self._rows.popitem(last=False)
        return row

    def forget(self, key: str) -> None:
        """Reads the row anew next time, since this process changed it."""
        self._rows.pop(key, None)
        self._forgotten += 1
