"""A gateway looked at as a whole, around which the kit plays everybody else."""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import smarts.kit.gateway.checks  # noqa: F401 - registers the checks
from smarts.kit.check import checks
from smarts.kit.client import Client
from smarts.kit.examination import SECONDS, Examination, UnreachableError
from smarts.kit.exchange import Request
from smarts.kit.gateway.played_node import PlayedNode
from smarts.kit.gateway.set_up import await_node, by_hand, set_up, tear_down
from smarts.kit.gateway.subject import GatewaySubject, Manager, PlayedStore
from smarts.kit.requirement import Requirement, Side
from smarts.kit.runner import Result, run
from smarts.kit.subject import Case
from smarts.wire.nodes import Feature

_INTRODUCTION_SECONDS = 10.0
_REACH_SECONDS = 20.0  # in which a gateway has to find a played node that nobody has to set up


@dataclass(frozen=True)
class Stores:
    """Where the kit plays: in stores that it makes as a manager, or in those that somebody has set up for it."""

    manager: Manager | None = None
    store: PlayedStore | None = None
    other: PlayedStore | None = None
    wait: float = 300.0


@asynccontextmanager
async def playing(
    url: str,
    node: PlayedNode,
    stores: Stores,
    *,
    announced: str = "",
    tell: Callable[[str], None] = lambda _: None,
) -> AsyncIterator[GatewaySubject]:
    """The gateway at an address, with stores whose node the kit plays; `announced` is where the gateway finds it.

    `tell` is told in words what somebody has to do, and what is left behind.

    Raises:
        UnreachableError: nobody answers there.
        SetUpError: there are no stores to play in.
    """
    store = stores.store or PlayedStore("", "")
    async with Client() as client:
        subject = GatewaySubject(
            client,
            f"{url}/v1",
            store.access_token,
            institution_id=store.institution_id,
            declared=tuple(Feature),
            url=url,
            node=node,
            store=store,
            other=stores.other,
        )
        await _introduction(subject)
        address = announced or node.address
        if stores.manager is None:
            tell(
                by_hand(
                    node, address, store.institution_id, stores.other.institution_id if stores.other else ""
                )
            )
            await await_node(subject, seconds=stores.wait)
            yield subject
            return
        await set_up(subject, stores.manager, address)
        try:
            await await_node(subject, seconds=min(stores.wait, _REACH_SECONDS))
            yield subject
        finally:
            left = await tear_down(subject, stores.manager)
            tell(f"The stores {' and '.join(left)} were made for this check, and stay.")


async def examine_gateway(
    subject: GatewaySubject,
    requirements: Iterable[Requirement],
    *,
    seconds: float = SECONDS,
    on_start: Callable[[Requirement], None] = lambda _: None,
    on_result: Callable[[Result], None] = lambda _: None,
) -> Examination:
    """Looks at a gateway; what is not done after so many seconds in all is unfinished."""
    said = await _introduction(subject)
    results = await run(
        subject,
        requirements,
        checks(),
        subject.declared,
        seconds=seconds,
        on_start=on_start,
        on_result=on_result,
    )
    name, version = (str(said.get(field, "")) for field in ("title", "version"))
    return Examination(subject.url, name, version, subject.declared, results, Side.GATEWAY)


async def _introduction(subject: GatewaySubject) -> dict[str, Any]:
    """What the gateway's own description says of it; nothing where it has none."""
    request = Request("GET", f"{subject.url}/openapi.json", {"Accept": "application/json"})
    exchange = await Case(subject).send(request, _INTRODUCTION_SECONDS)
    if not exchange.reached:
        raise UnreachableError(f"nobody answers at {subject.url}: {exchange.trouble}")
    try:
        found = exchange.answer.json()["info"] if exchange.answer else {}
    except (ValueError, RecursionError, LookupError, TypeError):
        return {}
    return found if isinstance(found, dict) else {}
