"""`smarts gateway check`: proves a gateway against the contract."""

import asyncio
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Annotated

from cyclopts import Parameter

from smarts.cli.output import CommandFailedError, complain, tell_people
from smarts.cli.parameters import NewFile, NodeAddress, Text
from smarts.cli.proving import List, Seconds, Telling, list_requirements
from smarts.kit.examination import SECONDS, Examination, chosen
from smarts.kit.gateway.examination import Stores, examine_gateway, playing
from smarts.kit.gateway.played_node import PlayedNode
from smarts.kit.gateway.subject import Manager, PlayedStore
from smarts.kit.report.people import Tree
from smarts.kit.report.repeating import CommandLines
from smarts.kit.requirement import Requirement, Side


def _choice(_: object, values: Sequence[str]) -> None:
    chosen(values, Side.GATEWAY)


def _listen(_: object, value: str) -> None:
    host, _, port = value.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise ValueError("Expected HOST:PORT, such as 127.0.0.1:9000; port 0 is any free one")


Choices = Annotated[list[str], Parameter(name="--only", negative="", validator=_choice)]
Listen = Annotated[str, Parameter(validator=_listen)]


@dataclass(frozen=True)
class _Plan:
    url: str | None
    stores: Stores
    listen: str
    announce: str
    node_token: str
    requirements: Sequence[Requirement]
    seconds: float


def check(
    url: NodeAddress | None = None,
    /,
    *,
    manager_token: Annotated[Text | None, Parameter(env_var="SMARTS_MANAGER_TOKEN")] = None,
    token: Annotated[Text | None, Parameter(env_var="SMARTS_ACCESS_TOKEN")] = None,
    institution: Text | None = None,
    other_token: Text | None = None,
    other_institution: Text | None = None,
    listen: Listen = "127.0.0.1:0",
    announce: NodeAddress | None = None,
    node_token: Text | None = None,
    wait: Seconds = 300,
    only: Choices = [],  # noqa: B006 - cyclopts reads it
    seconds: Seconds = SECONDS,
    strict: bool = False,
    json: bool = False,
    json_file: NewFile | None = None,
    junit: NewFile | None = None,
    list_: List = False,
) -> None:
    """Check a gateway against the contract: what merchants call, and what it sends to their nodes.

    The kit plays a node, shoppers and a merchant around it. Without an address a whole gateway is started for the time
    of the check. At another one it makes stores of its own with a manager's token; or it plays in a store that
    somebody has set up for it, and says how. Shoppers and purchases stay: use a gateway that is there for trying.

    Example: `smarts gateway check http://127.0.0.1:8080 --manager-token secret`.

    Parameters
    ----------
    url:
        The gateway's address.
    manager_token:
        The token of a manager, or of an operator, with which the kit makes two stores.
    token:
        Without a manager's token: the access token of a store whose node the kit plays.
    institution:
        The store's id.
    other_token:
        The access token of a second store, which makes its own receipts; without it less is looked at.
    other_institution:
        The second store's id.
    listen:
        Where the played node listens, HOST:PORT; port 0 is any free one.
    announce:
        The address at which the gateway finds the played node, where that is another one.
    node_token:
        The token that the gateway has to show to the played node; else a new one.
    wait:
        For how many seconds somebody may set the stores up, until a scan reaches the played node.
    only:
        The id of a requirement, or the beginning of ids, such as gateway.invoice; may be repeated.
    seconds:
        How long the whole may take; what is not finished then counts as failed.
    strict:
        Fail also where something is not as it should be.
    json:
        Print the report as JSON instead.
    json_file:
        Write the report as JSON to this file, too.
    junit:
        Write a JUnit report to this file, too.
    list_:
        Only list the requirements.
    """
    requirements = chosen(only, Side.GATEWAY)
    if list_:
        list_requirements(requirements, as_json=json)
        return
    store, other = _store(institution, token), _store(other_institution, other_token)
    if url and not manager_token and not store:
        _misused("tell a --manager-token, or the --institution and its --token")
    if bool(other_institution) != bool(other_token):
        _misused("--other-institution and --other-token go together")
    stores = Stores(Manager(manager_token) if manager_token else None, store, other, wait)
    plan = _Plan(url, stores, listen, announce or "", node_token or token_urlsafe(24), requirements, seconds)
    telling = Telling(strict, json, json_file, junit, CommandLines())
    telling.conclude(asyncio.run(_examined(plan, telling.tree(requirements))))


def _store(institution_id: str | None, token: str | None) -> PlayedStore | None:
    return PlayedStore(institution_id, token) if institution_id and token else None


def _misused(message: str) -> None:
    complain(message)
    sys.exit(2)


async def _examined(plan: _Plan, tree: Tree | None) -> Examination:
    host, _, port = plan.listen.rpartition(":")
    async with AsyncExitStack() as stack:
        node = PlayedNode(plan.node_token, host=host.strip("[]"), port=int(port))
        try:
            await stack.enter_async_context(node)
        except OSError as error:
            raise CommandFailedError(f"--listen {plan.listen} cannot be used: {error.strerror}") from None
        if plan.url is None:
            from smarts.cli.gateway.own import (
                own_gateway,
            )  # another gateway is checked without having one here

            url, manager_token = await stack.enter_async_context(own_gateway())
            played = playing(url, node, Stores(Manager(manager_token)), announced=plan.announce)
        else:
            url = plan.url.rstrip("/")
            played = playing(url, node, plan.stores, announced=plan.announce, tell=tell_people)
        subject = await stack.enter_async_context(played)
        if tree is None:
            return await examine_gateway(subject, plan.requirements, seconds=plan.seconds)
        stack.enter_context(tree)
        return await examine_gateway(
            subject, plan.requirements, seconds=plan.seconds, on_start=tree.begin, on_result=tree.add
        )
