"""The primary is lost in two ways while shoppers shop on three gateways and two databases."""

import subprocess
import sys
from pathlib import Path

import pytest

from cluster.namespaces import why_impossible
from cluster.packages import missing

TESTS = Path(__file__).parents[1]

pytestmark = [pytest.mark.xdist_group("crash"), pytest.mark.timeout(600)]


@pytest.mark.parametrize("deed", ["primary-killed", "primary-alone"])
def test_nothing_acknowledged_is_lost_with_the_primary(deed: str) -> None:
    """The standby takes over, the lost machine comes back as its standby, live events reach all, all books agree.

    A machine that lost its power knows nothing of its time as the primary. One that lost sight of the others does,
    and must not become it once more when it sees them again.

    How long that takes is for `make cluster-demo` to say, on a machine that does nothing else.
    """
    why_not = " ".join(missing()) or why_impossible()
    if why_not:
        pytest.skip(f"no cluster here: {why_not}")
    command = [sys.executable, "-m", "cluster", "--only", deed]
    ran = subprocess.run(command, cwd=TESTS, capture_output=True, text=True, timeout=500)
    assert "0 promises not kept" in ran.stdout, ran.stdout[-6000:] + ran.stderr[-2000:]
    assert "one > two" in ran.stdout
