"""One run with a hundred faults, for all tests that look at what came of it."""

import pytest

from crash.run import Options, Report, run

_SEED = 20261128


@pytest.fixture(scope="session")
async def hundred() -> Report:
    """What came of it; a machine that is busy has three times as long."""
    return await run(Options(faults=100, seconds=75, seed=_SEED, overtime=3, stores_each=2), print)
