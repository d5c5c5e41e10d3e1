"""Looks at a shop system: at what has changed every now and then, and at everything more rarely."""

import asyncio
import time
from collections.abc import Mapping

import structlog

from smarts.caller import CallFailed, Nonsense
from smarts.ready.connectors.goods import Goods
from smarts.ready.connectors.mirror import Mirror
from smarts.ready.connectors.settings import ShopSettings
from smarts.wire.nodes import HealthStatus, PartHealth

_log = structlog.get_logger(__name__)
_LONGEST_WAIT = 3600.0


class Looking:
    """Keeps the mirror of one shop system fresh. A look that fails is made again."""

    def __init__(self, name: str, goods: Goods, mirror: Mirror, settings: ShopSettings) -> None:
        self._name = name
        self._goods = goods
        self._mirror = mirror
        self._settings = settings
        self._failure: str | None = None

    async def run(self) -> None:
        """Looks until it is cancelled."""
        while True:
            seconds = await self._look_safely()
            await asyncio.sleep(seconds)

    async def look(self) -> None:
        """One look, at everything where that is due.

        Raises:
            CallFailed: it did not come to its end.
        """
        at = time.time()
        is_all = at - self._mirror.all_looked_at >= self._settings.look_at_all_every
        since = None if is_all else self._mirror.since
        look = self._mirror.begin_look()
        newest, is_whole, count = self._mirror.since or "", True, 0
        async for page in self._goods.look(since):
            await asyncio.to_thread(self._mirror.keep, page.goods, at, look)
            newest = max([newest, *(good.changed for good in page.goods)])
            is_whole = is_whole and page.is_whole
            count += sum(good.cells is not None for good in page.goods)
            if count > self._settings.most_products:
                raise Nonsense(
                    f"{self._name} has more than {self._settings.most_products} products", retryable=False
                )
        if not is_whole:
            raise Nonsense(f"{self._name} changed while it was looked at")
        all_seen = since is None
        await asyncio.to_thread(self._mirror.end_look, at, look, newest or None, is_whole=all_seen)

    def health(self) -> Mapping[str, PartHealth]:
        """How the last look went."""
        if self._failure is not None:
            status = HealthStatus.DEGRADED if self._mirror.is_filled else HealthStatus.DOWN
            return {self._name: PartHealth(status, self._failure)}
        return {self._name: PartHealth(HealthStatus.UP, f"{self._mirror.count} products")}

    async def _look_safely(self) -> float:
        """Looks, and gives the seconds until the next look."""
        try:
            await self.look()
        except Exception as error:  # noqa: BLE001 - whatever it is, the next look may go well
            failure = _told(error)
            if self._failure != failure.detail:
                _log.warning("look failed", shop=self._name, reason=failure.detail)
            self._failure = failure.detail
            return min(max(failure.retry_after or 0.0, self._settings.look_every), _LONGEST_WAIT)
        if self._failure is not None:
            _log.info("looks go well again", shop=self._name)
        self._failure = None
        return self._settings.look_every


def _told(error: Exception) -> CallFailed:
    if isinstance(error, CallFailed):
        return error
    _log.error("look failed", exc_info=error)
    return CallFailed(f"the look failed: {type(error).__name__}")
