"""The price of what is scanned, asked for at that moment; and what is done where the shop system does not answer."""

import asyncio
import time

from smarts.caller import CallFailed, TooSlow
from smarts.edge.problems import NODE_DOWN
from smarts.ready.connectors.goods import Good, Goods
from smarts.ready.connectors.mirror import Kept, Mirror
from smarts.ready.connectors.settings import ShopSettings

_AT_ONCE = 8  # scans that wait for the shop system together
_PAUSE = 5.0  # seconds in which a shop system that did not answer is not asked again
_LONGEST_PAUSE = 60.0


class LivePrices:
    """What a barcode leads to now.

    Where the shop system answers in time, what it says counts. Where it does not, what it last said counts for
    `price_seconds`; after that nothing is sold, for a price that nobody vouches for is not charged.
    """

    def __init__(self, name: str, goods: Goods, mirror: Mirror, settings: ShopSettings) -> None:
        self._name = name
        self._goods = goods
        self._mirror = mirror
        self._settings = settings
        self._places = asyncio.Semaphore(_AT_ONCE)
        self._not_before = 0.0

    async def find(self, barcode: str) -> Kept | None:
        """What has a barcode, if anything that is sold has it.

        Raises:
            ProblemError: 503 where the shop system does not answer, and its last word is too old.
        """
        kept = self._mirror.find(barcode)
        if self._settings.live_prices and self._may_ask():
            try:
                return await self._ask(barcode, kept)
            except CallFailed as failure:
                pause = min(failure.retry_after or _PAUSE, _LONGEST_PAUSE)
                self._not_before = time.monotonic() + pause
        return self.last_word(kept)

    def _may_ask(self) -> bool:
        return time.monotonic() >= self._not_before and not self._places.locked()

    async def _ask(self, barcode: str, kept: Kept | None) -> Kept | None:
        async with self._places:
            at = time.time()
            good = await self._one(barcode, kept)
            await asyncio.to_thread(self._remember, good, kept, at)
        if good is None or good.cells is None:
            return None
        known = kept.cells if kept and kept.key == good.key else {}
        return Kept(good.key, {**known, **good.cells}, good.fault, 0.0)

    async def _one(self, barcode: str, kept: Kept | None) -> Good | None:
        """What the shop system says in time, with however many requests."""
        seconds = self._settings.live_seconds
        try:
            async with asyncio.timeout(seconds):
                return await self._goods.one(barcode, kept.key if kept else None, seconds)
        except TimeoutError:
            raise TooSlow(f"{self._name} did not answer within {seconds:g} s") from None

    def _remember(self, good: Good | None, kept: Kept | None, at: float) -> None:
        if kept is not None and (good is None or good.key != kept.key):
            self._mirror.forget(kept.key)
        if good is not None:
            self._mirror.keep([good], at)

    def last_word(self, kept: Kept | None) -> Kept | None:
        """What the shop system last said of something, or last did not mention.

        Raises:
            ProblemError: 503 where that is too long ago.
        """
        age = self._mirror.age if kept is None else kept.age
        if age > self._settings.price_seconds:
            raise NODE_DOWN.error(
                f"{self._name} does not answer, and nobody vouches for the price", retry_after=_PAUSE
            )
        return kept
