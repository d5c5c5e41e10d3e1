"""How much of something is let through: so many at once, so many a second, so many repetitions a call."""

import asyncio
from collections import deque


class NoPlaceError(Exception):
    """It would take too long until there is a place."""


class Places:
    """So many at once; who comes later stands in a line, as long and for as long as they say."""

    def __init__(self) -> None:
        self.taken = 0
        self._line = deque[asyncio.Future[None]]()

    @property
    def waiting(self) -> int:
        """How many stand in the line."""
        return len(self._line)

    async def take(self, most: int, line: int, patience: float) -> None:
        """Takes a place of `most` that there are, until it is given back.

        Raises:
            NoPlaceError: there are `line` in the line already, or `patience` seconds went by.
        """
        if self.taken < most and not self._line:
            self.taken += 1
        else:
            await self._wait(line, patience)

    def give_back(self, most: int) -> None:
        """Gives back a place, of `most` that there are, to whoever is next in the line."""
        self.taken -= 1
        self._let_in(most)

    async def _wait(self, line: int, patience: float) -> None:
        if len(self._line) >= line:
            raise NoPlaceError
        turn = asyncio.get_running_loop().create_future()
        self._line.append(turn)
        try:
            async with asyncio.timeout(patience):
                await turn
        except TimeoutError:
            self._leave(turn)
            raise NoPlaceError from None
        except asyncio.CancelledError:
            self._leave(turn)
            raise

    def _leave(self, turn: asyncio.Future[None]) -> None:
        """Somebody waits no longer; a place that came to them just now goes to the next one."""
        if turn.done() and not turn.cancelled():
            self.taken -= 1
            self._let_in(self.taken + 1)
        elif turn in self._line:
            self._line.remove(turn)

    def _let_in(self, most: int) -> None:
        while self._line and self.taken < most:
            turn = self._line.popleft()
            if not turn.done():
                self.taken += 1
                turn.set_result(None)


class Bucket:
    """A token bucket: `rate` a second go through, and after a rest as many at once as `seconds` let in."""

    def __init__(self, seconds: float = 2.0) -> None:
        self._seconds = seconds
        self._full_at = 0.0

    def take(self, now: float, rate: float, patience: float) -> float | None:
        """In how many seconds it is our turn; None where that is later than `patience`, and then nothing is taken.

        `now` never goes back.
        """
        turn = max(self._full_at, now) + 1 / rate
        wait = max(turn - now - max(self._seconds, 1 / rate), 0.0)
        if wait > patience:
            return None
        self._full_at = turn
        return wait


class Retries:
    """A retry budget: each call earns a share of a repetition, so that a failing node gets little more than usual."""

    def __init__(self, share: float = 0.1, most: float = 10.0) -> None:
        self._share = share
        self._most = most
        self._left = most

    def earn(self) -> None:
        """A call is made."""
        self._left = min(self._left + self._share, self._most)

    def spend(self) -> bool:
        """Whether a call may be repeated; that is spent then."""
        if self._left < 1:
            return False
        self._left -= 1
        return True
