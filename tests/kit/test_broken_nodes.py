"""The kit is proven by nodes that are broken in one way each: it must say of each what is broken, and nothing else."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from demo.parts import MARI, TOKEN
from kit.broken.breakage import Breakage
from kit.broken.caught import note
from kit.broken.collection import BREAKAGES
from kit.broken.raw import proxy
from serving import serving
from smarts.demo.catalogue import example_barcodes, invented_catalogue
from smarts.kit.check import checks
from smarts.kit.client import Client
from smarts.kit.examination import chosen, examine
from smarts.kit.requirement import Side
from smarts.kit.requirements import REQUIREMENTS
from smarts.kit.runner import BROKEN_CHECK, Outcome, Result
from smarts.kit.score import score
from smarts.kit.subject import Subject

# One of each kind of goods, so that there is something to look at.
BARCODES = example_barcodes(invented_catalogue())
# A good node that has every feature cannot show how it refuses one that it does not have.
NEEDS_LESS = {"node.features.absent"}
# Proven below by a proxy: a server does not tell an application how a header was spelled.
SEEN_ON_THE_WIRE = {"tokens.header"}
CARD = {"card": MARI.number, "card_kind": MARI.card}


def told(results: list[Result]) -> str:
    return "\n".join(
        f"{result.requirement.id}: expected {result.expected}, seen {result.seen} {result.reason}"
        for result in results
        if result.outcome is not Outcome.PASSED
    )


async def test_a_good_node_meets_everything(good_node: str, client: Client) -> None:
    """The demo store, which has every feature, meets each requirement, and each was looked at."""
    examination = await examine(Subject(client, good_node, TOKEN, barcodes=BARCODES, **CARD), chosen(()))
    unmet = {result.requirement.id for result in examination.results if result.outcome is not Outcome.PASSED}
    assert unmet == NEEDS_LESS, told(examination.results)
    assert score(examination.results).percent == 100


@pytest.mark.parametrize("broken", BREAKAGES, ids=lambda broken: broken.words)
async def test_a_broken_node_is_caught(
    broken: Breakage, good_app: Any, client: Client, record_property: Callable[[str, object], None]
) -> None:
    """The kit finds what is broken, no less and no more, and never fails over it."""
    async with serving(broken.around(good_app)) as address:
        subject = Subject(client, address, TOKEN, barcodes=BARCODES, patience=broken.patience, **CARD)
        results = (await examine(subject, chosen(broken.choices))).results
    failed = {result.requirement.id for result in results if result.outcome is Outcome.FAILED}
    failing_checks = [result for result in results if result.reason.startswith(BROKEN_CHECK)]
    note(record_property, caught=failed == broken.breaks and not failing_checks)
    assert not failing_checks
    assert failed == broken.breaks, told(results)


async def test_a_header_in_capitals(
    good_node: str, client: Client, record_property: Callable[[str, object], None]
) -> None:
    """A node that knows the token's header in one spelling only is caught."""
    refusal = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    async with proxy(good_node, lambda head: refusal if b"ACCESSTOKEN" in head else None) as address:
        results = (await examine(Subject(client, address, TOKEN), chosen(["tokens"]))).results
    failed = {result.requirement.id for result in results if result.outcome is Outcome.FAILED}
    note(record_property, caught=failed == SEEN_ON_THE_WIRE)
    assert failed == SEEN_ON_THE_WIRE, told(results)


def test_every_requirement_is_broken_by_some_node() -> None:
    """A requirement that no broken node fails is not proven, and a node that breaks none proves nothing."""
    broken = {id_ for each in BREAKAGES for id_ in each.breaks}
    of_nodes = {id_ for id_, requirement in REQUIREMENTS.items() if requirement.side is Side.NODE}
    assert broken | SEEN_ON_THE_WIRE == of_nodes
    assert all(each.breaks for each in BREAKAGES)


def test_every_requirement_is_checked() -> None:
    """Each requirement of nodes has a check, and each check a requirement."""
    assert {requirement.id for requirement in chosen(())} <= set(checks()) <= set(REQUIREMENTS)


def test_every_broken_node_is_another_one() -> None:
    """No two of the broken nodes are told in the same words, and there are at least 60."""
    assert not [words for words, count in Counter(each.words for each in BREAKAGES).items() if count > 1]
    assert len(BREAKAGES) >= 60
