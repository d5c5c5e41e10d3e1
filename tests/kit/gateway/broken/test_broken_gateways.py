"""The kit is proven by gateways that are broken in one way each."""

from collections.abc import Callable

import pytest

from kit.broken.caught import note
from kit.gateway.broken import merchant, node
from kit.gateway.broken.bends import Broken
from kit.gateway.checked import Checked
from smarts.kit.check import checks
from smarts.kit.requirement import Side
from smarts.kit.requirements import REQUIREMENTS
from smarts.kit.runner import Outcome

pytestmark = pytest.mark.xdist_group("gateway under check")

BROKEN = (*merchant.BROKEN, *node.BROKEN)
_PATIENCE = 2.5


@pytest.mark.parametrize("broken", BROKEN, ids=str)
async def test_a_broken_gateway_is_caught(
    checked: Checked, broken: Broken, record_property: Callable[[str, object], None]
) -> None:
    """What a gateway breaks is found by the check of just that requirement, and told without anybody's token."""
    seen, checked.subject.node.received = checked.subject.node.received, []
    try:
        broken.bend(checked)
        [result] = await checked.run([REQUIREMENTS[broken.requirement]], patience=_PATIENCE)
    finally:
        checked.front.behave()
        checked.back.behave()
        checked.subject.node.received = seen
    note(record_property, caught=result.outcome is Outcome.FAILED)
    assert result.outcome is Outcome.FAILED, result.reason
    told = (result.expected, result.seen, result.exchange.request.curl() if result.exchange else "")
    assert not [token for token in checked.tokens if token in "".join(told)]


def test_every_requirement_is_checked() -> None:
    """Each requirement has a check, and each check a requirement."""
    required = {each.id for each in REQUIREMENTS.values() if each.side is Side.GATEWAY}
    assert required == {id_ for id_ in checks() if id_.startswith("gateway.")}


def test_every_requirement_is_broken_by_somebody() -> None:
    """No requirement of gateways goes unproven, and nobody breaks what is not required."""
    required = {each.id for each in REQUIREMENTS.values() if each.side is Side.GATEWAY}
    assert {broken.requirement for broken in BROKEN} == required
