"""Our own nodes keep the contract: each example meets whatever it has something to show for."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from serving import serving
from smarts.kit.client import Client
from smarts.kit.examination import chosen, examine
from smarts.kit.runner import Outcome
from smarts.kit.score import score
from smarts.kit.subject import Subject

EXAMPLES = Path(__file__).parents[2] / "examples"
MOUNTED = ["in_fastapi", "in_starlette", "in_django"]


@pytest.fixture(autouse=True)
def _examples_on_the_path(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(str(EXAMPLES))
    yield
    sys.modules.pop("more_features", None)  # it remembers


@pytest.mark.parametrize("name", ["alone", "functions", "from_a_list", "more_features", *MOUNTED])
async def test_examples_keep_the_contract(name: str, client: Client) -> None:
    """An example's score is 100 %, alone, of functions, and below a path of another application."""
    module = importlib.import_module(name)
    app, prefix = (module.app, "/smarts") if name in MOUNTED else (module.node, "")
    async with serving(app) as address:
        results = (await examine(Subject(client, address + prefix, module.TOKEN), chosen(()))).results
    failed = [f"{each.requirement.id}: {each.seen}" for each in results if each.outcome is Outcome.FAILED]
    assert failed == []
    assert score(results).percent == 100
