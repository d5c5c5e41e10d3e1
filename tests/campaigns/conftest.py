from collections.abc import Iterator

import pytest
from py_mini_racer import MiniRacer

from campaigns.javascript import JavaScript


@pytest.fixture(scope="session")
def javascript() -> Iterator[JavaScript]:
    """V8."""
    engine = MiniRacer()
    yield JavaScript(engine)
    engine.close()
