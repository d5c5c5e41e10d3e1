"""What the kit says of our own gateway."""

import pytest

from kit.gateway.checked import Checked
from smarts.kit.requirement import Side
from smarts.kit.requirements import REQUIREMENTS
from smarts.kit.runner import Outcome

pytestmark = pytest.mark.xdist_group("gateway under check")


async def test_the_gateway_meets_every_requirement(checked: Checked) -> None:
    """Nothing fails, and nothing is left unseen: two stores and a manager's token are all that the kit needs."""
    requirements = [each for each in REQUIREMENTS.values() if each.side is Side.GATEWAY]
    results = await checked.run(requirements)
    assert len(results) > 100
    assert [result for result in results if result.outcome is not Outcome.PASSED] == []
