"""What may enter a decision is written down, and nothing else does."""

import inspect
import re
import typing
from pathlib import Path
from types import NoneType
from typing import Any

import msgspec
import pytest

import smarts.control
from smarts.control import CheckedCart, History, Inputs, decide

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "checks.md"
PERSONAL = (
    "person",
    "shopper",
    "name",
    "email",
    "phone",
    "address",
    "birth",
    "card_number",
    "lang",
    "device",
    "ip",
)


def written() -> set[str]:
    """The fields of the list in the documentation."""
    table = PAGE.read_text().partition("<!-- what may enter -->")[2].partition("<!-- end -->")[0]
    rows = [row.split("|")[1] for row in table.strip().splitlines()[2:]]
    return {field for row in rows for field in re.findall(r"`([\w.]+)`", row)}


def fields_of(kind: Any, path: str) -> set[str]:
    """The paths of all that a type holds, lists and unions seen through, as JSON names them."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        hints = typing.get_type_hints(kind)
        named = zip(kind.__struct_fields__, kind.__struct_encode_fields__, strict=True)
        return set().union(*(fields_of(hints[name], f"{path}.{encoded}") for name, encoded in named))
    inner = [each for each in typing.get_args(kind) if each not in (Ellipsis, NoneType)]
    structs = [each for each in inner if isinstance(each, type) and issubclass(each, msgspec.Struct)]
    return set().union(*(fields_of(each, path) for each in structs)) if structs else {path}


def test_what_may_enter_is_what_is_written_down() -> None:
    """Whoever adds a field to what a decision sees has to write into the documentation why."""
    assert fields_of(CheckedCart, "cart") | fields_of(History, "history") | {"seed"} == written()
    assert set(Inputs.__struct_fields__) == {"cart", "history", "seed", "knowledge"}
    assert list(inspect.signature(decide).parameters) == ["policy", "cart", "history", "seed", "knowledge"]


@pytest.mark.parametrize("field", sorted(fields_of(CheckedCart, "cart") | fields_of(History, "history")))
def test_no_field_tells_who_the_shopper_is(field: str) -> None:
    """None is called like anything by which people are known."""
    words = re.sub(r"([A-Z])", r"_\1", field.rpartition(".")[2]).lower().split("_")
    assert not set(words) & set(PERSONAL)


def test_decisions_see_no_clock_no_dice_no_database() -> None:
    """The package imports nothing that could bring in anything else than what is given; simulations stand above it."""
    package = Path(smarts.control.__file__).parent
    sources = [each.read_text() for each in package.rglob("*.py") if "simulation" not in each.parts]
    imported = {
        name for source in sources for name in re.findall(r"^(?:from|import) ([\w.]+)", source, re.MULTILINE)
    }
    assert not any(name.startswith("smarts.control.simulation") for name in imported)
    outside = {
        name
        for name in imported
        if not name.startswith(("smarts.control", "smarts.wire", "smarts.campaigns"))
    }
    assert outside.isdisjoint(
        {"random", "secrets", "os", "time", "socket", "asyncio", "asyncpg", "uuid", "pathlib"}
    )
    code = "\n".join(sources)
    assert not re.search(r"\b(?:now|utcnow|today)\(\)|datetime\.now", code)
