"""A node looked at as a whole: what it says of itself, then everything that is required of it."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import smarts.kit.checks  # noqa: F401 - registers the checks
from smarts.edge.failures import ExplainedError
from smarts.kit.asked import page
from smarts.kit.check import checks
from smarts.kit.exchange import Exchange
from smarts.kit.requirement import Requirement, Side
from smarts.kit.requirements import REQUIREMENTS
from smarts.kit.runner import Result, run
from smarts.kit.subject import Case, Subject
from smarts.wire import operations
from smarts.wire.nodes import Feature
from smarts.wire.operations import Operation

SECONDS = 300.0  # for a whole run, unless another time is asked for
ALWAYS = (Feature.NODE, Feature.PRODUCT_SEARCH)


class UnreachableError(ExplainedError):
    """There is no node to look at: nobody listens at the address, or the token is refused."""


@dataclass(frozen=True)
class Examination:
    """What was found out; `name` and `version` are what the node, or the gateway, says of itself."""

    address: str
    name: str
    version: str
    declared: Collection[Feature]
    results: list[Result]
    side: Side = Side.NODE


def chosen(choices: Collection[str], side: Side = Side.NODE) -> list[Requirement]:
    """The requirements of one side that are chosen by ids and beginnings of ids.

    Raises:
        ValueError: a choice chooses nothing.
    """
    of_side = [requirement for requirement in REQUIREMENTS.values() if requirement.side is side]
    for choice in choices:
        if not any(requirement.chosen_by([choice]) for requirement in of_side):
            raise ValueError(f"There is no requirement {choice}; --list shows all.")
    return [requirement for requirement in of_side if requirement.chosen_by(choices)]


async def examine(
    subject: Subject,
    requirements: Iterable[Requirement],
    *,
    seconds: float = SECONDS,
    on_start: Callable[[Requirement], None] = lambda _: None,
    on_result: Callable[[Result], None] = lambda _: None,
) -> Examination:
    """Looks at a node; what is not done after so many seconds in all is unfinished.

    Raises:
        UnreachableError: nobody listens at the address, or the token is refused everywhere.
    """
    said = await _introduction(subject)
    subject.declared = declared_in(said)
    results = await run(
        subject,
        requirements,
        checks(),
        subject.declared,
        seconds=seconds,
        on_start=on_start,
        on_result=on_result,
    )
    name, version = (str(said.get(field, "")) for field in ("name", "version"))
    return Examination(subject.address, name, version, subject.declared, results)


def declared_in(version: Mapping[str, Any]) -> tuple[Feature, ...]:
    """The features that a version document declares, as far as the contract knows them, and those of every node."""
    named = version.get("features")
    names = {name for name in named if isinstance(name, str)} if isinstance(named, list) else set()
    return tuple(feature for feature in Feature if feature in ALWAYS or feature.value in names)


async def _introduction(subject: Subject) -> Mapping[str, Any]:
    case = Case(subject)
    exchange = await _asked(case, operations.VERSION)
    if not exchange.reached:
        raise UnreachableError(f"nobody answers at {subject.address}: {exchange.trouble}")
    if _is_locked_out(exchange) and _is_locked_out(await _asked(case, operations.PRODUCT_SEARCH, page(case))):
        raise UnreachableError(f"the node at {subject.address} refuses this token")
    return _object_in(exchange)


async def _asked(case: Case, operation: Operation, document: Any = None) -> Exchange:
    return await case.send(case.request(operation, document), operation.deadline)


def _is_locked_out(exchange: Exchange) -> bool:
    return exchange.answer is not None and exchange.answer.status in (401, 403)


def _object_in(exchange: Exchange) -> Mapping[str, Any]:
    try:
        found = exchange.answer.json() if exchange.answer else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
