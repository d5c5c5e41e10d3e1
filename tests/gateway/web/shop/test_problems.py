"""What can go wrong for a shopper is told in the shopper's language."""

import re
from importlib.resources import files

import pytest

from gateway.journeys.world import World
from smarts.edge.problems import METHOD_NOT_ALLOWED, NOT_JSON, NOT_JSON_TYPE, NOT_MEDIA_TYPE

# The app itself would be wrong: it asks for what is there, and sends JSON and pictures.
_OF_PROGRAMS = {kind.type for kind in (METHOD_NOT_ALLOWED, NOT_JSON, NOT_JSON_TYPE, NOT_MEDIA_TYPE)}
_SCRIPT = files("smarts.gateway.web") / "static" / "shop" / "words.js"


@pytest.fixture
def told() -> set[str]:
    """The types of problems for which the app has a sentence."""
    found = re.search(
        r"^const PROBLEMS = \{$(.*?)^\};$", _SCRIPT.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    assert found
    return set(re.findall(r'^  "?([a-z-]+)"?: \(\) => _\("', found[1], re.MULTILINE))


async def test_every_problem_of_the_shoppers_routes_has_a_sentence(world: World, told: set[str]) -> None:
    """Whatever the API may answer a shopper with stands in the app's table; what is new there is noticed here."""
    async with world.session.get(f"{world.url}/openapi.json") as response:
        document = await response.json()
    answered = {
        kind
        for path, operations in document["paths"].items()
        if path.startswith("/shop/v1")
        for operation in operations.values()
        for response in operation["responses"].values()
        for kind in response.get("content", {}).get("application/problem+json", {}).get("examples", {})
    }
    assert len(answered) > 30
    assert answered - told - _OF_PROGRAMS == set()
