"""How a node is, by what its store objects tell of their parts."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

import structlog

from smarts.wire.nodes import HealthStatus, NodeHealthResponse, PartHealth

HealthCheck = Callable[[], Awaitable[Mapping[str, PartHealth]]]

_PATIENCE = 1.5  # seconds; the gateway's own is the deadline of the operation, 2
_FROM_BEST = list(HealthStatus)
_log = structlog.get_logger(__name__)


async def node_health(checks: Mapping[str, HealthCheck]) -> NodeHealthResponse:
    """All parts together; the node is as well as its worst part.

    The answer's status is 200 however the node is: that it answers is one thing, what it answers another.
    """
    answers = await asyncio.gather(*(_parts(name, check) for name, check in checks.items()))
    parts = {name: part for answer in answers for name, part in answer.items()}
    return NodeHealthResponse(_worst(part.status for part in parts.values()), parts)


async def _parts(name: str, check: HealthCheck) -> Mapping[str, PartHealth]:
    try:
        async with asyncio.timeout(_PATIENCE):
            return await check()
    except TimeoutError:
        return {name: PartHealth(HealthStatus.DOWN, f"did not tell within {_PATIENCE} s")}
    except Exception:  # noqa: BLE001 - a part that cannot tell how it is is not well
        _log.exception("health check failed", part=name)
        return {name: PartHealth(HealthStatus.DOWN, "the health check failed")}


def _worst(statuses: Iterable[Any]) -> HealthStatus:
    return max(statuses, key=_FROM_BEST.index, default=HealthStatus.UP)
