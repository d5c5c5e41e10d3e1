"""What is done to the machines, one thing after the other, while shoppers shop."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

from . import network
from .cluster import Cluster
from .machine import Machine

Deed = Callable[[Cluster], AbstractAsyncContextManager[None]]


@dataclass(frozen=True)
class Scenario:
    """A deed, for how many seconds it lasts, and how long shoppers may be without an answer."""

    name: str
    what: str
    deed: Deed
    lasts: float
    may_take: float
    """Seconds in which no shopper is served; what is promised."""


async def _primary(cluster: Cluster) -> Machine:
    return await cluster.found("a primary", cluster.primary)


async def _standby(cluster: Cluster) -> Machine:
    return await cluster.found("a standby", cluster.standby)


@asynccontextmanager
async def _nothing(_: Cluster) -> AsyncIterator[None]:
    yield


@asynccontextmanager
async def _primary_loses_power(cluster: Cluster) -> AsyncIterator[None]:
    machine = await _primary(cluster)
    await asyncio.gather(network.cut(machine.name), machine.lose_power())
    yield
    await network.mend(machine.name)
    machine.switch_on()


@asynccontextmanager
async def _primary_is_cut_off(cluster: Cluster) -> AsyncIterator[None]:
    async with _cut_off(await _primary(cluster)):
        yield


@asynccontextmanager
async def _primary_is_seen_by_gateways_alone(cluster: Cluster) -> AsyncIterator[None]:
    machine = await _primary(cluster)
    others = [
        each.address for each in (*cluster.layout.databases, cluster.layout.witness) if each is not machine
    ]
    await network.cut_between(machine.name, others)
    yield
    await network.mend_between(machine.name, others)


@asynccontextmanager
async def _standby_is_cut_off(cluster: Cluster) -> AsyncIterator[None]:
    async with _cut_off(await _standby(cluster)):
        yield


@asynccontextmanager
async def _cut_off(machine: Machine) -> AsyncIterator[None]:
    await network.cut(machine.name)
    yield
    await network.mend(machine.name)


@asynccontextmanager
async def _killed(machine: Machine) -> AsyncIterator[None]:
    await machine.kill()
    yield


def _gateway_killed(cluster: Cluster) -> AbstractAsyncContextManager[None]:
    return _killed(cluster.layout.gateways[0])


def _gateway_cut_off(cluster: Cluster) -> AbstractAsyncContextManager[None]:
    return _cut_off(cluster.layout.gateways[1])


def _worker_killed(cluster: Cluster) -> AbstractAsyncContextManager[None]:
    return _killed(cluster.layout.workers[0])


def _worker_cut_off(cluster: Cluster) -> AbstractAsyncContextManager[None]:
    return _cut_off(cluster.layout.workers[1])


_A_RETRY = 8.0  # an app waits no longer for an answer before it asks again
_FAILOVER = 30.0

SCENARIOS = {
    each.name: each
    for each in (
        Scenario("calm", "nothing happens", _nothing, 10, _A_RETRY),
        Scenario("gateway-killed", "a gateway is killed", _gateway_killed, 8, _A_RETRY),
        Scenario("gateway-cut-off", "a gateway's cable is pulled", _gateway_cut_off, 15, _A_RETRY),
        Scenario("worker-killed", "a worker is killed", _worker_killed, 8, _A_RETRY),
        Scenario("worker-cut-off", "a worker's cable is pulled", _worker_cut_off, 15, _A_RETRY),
        Scenario("primary-killed", "the primary's machine loses power", _primary_loses_power, 35, _FAILOVER),
        Scenario("primary-cut-off", "the primary's cable is pulled", _primary_is_cut_off, 35, _FAILOVER),
        Scenario(
            "primary-alone",
            "gateways alone reach the primary",
            _primary_is_seen_by_gateways_alone,
            35,
            _FAILOVER,
        ),
        Scenario("standby-cut-off", "the standby's cable is pulled", _standby_is_cut_off, 20, _FAILOVER),
    )
}
