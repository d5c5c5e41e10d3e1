"""The command line where only the base and some extras are installed."""

import asyncio
import re
import tomllib
from collections.abc import Iterable
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from cli.commands import smarts
from smarts.cli.extras import missing_extra

PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
NEED = {
    ("demo",): "gateway",
    ("worker",): "gateway",
    ("store", "list"): "gateway",
    ("worker", "--help"): "gateway",
    ("node", "check", "--list"): "kit",
    ("gateway", "check", "--list"): "kit",
    ("node", "run", "--help"): "ready",
}
BLOCKER = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {absent!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Absent())
"""


def distributions(requirements: Iterable[str]) -> set[str]:
    return {canonical(re.split(r"[^\w.-]", requirement)[0]) for requirement in requirements}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def without(folder: Path, *extras: str) -> str:
    """A PYTHONPATH with which the libraries of these extras are as good as not installed."""
    gone = distributions(each for extra in extras for each in PROJECT["optional-dependencies"][extra])
    kept = PROJECT["optional-dependencies"].keys() - {*extras}
    gone -= distributions(PROJECT["dependencies"])
    gone -= distributions(each for extra in kept for each in PROJECT["optional-dependencies"][extra])
    modules = {name for name, owners in packages_distributions().items() if {*map(canonical, owners)} & gone}
    assert gone <= {canonical(owner) for name in modules for owner in packages_distributions()[name]}
    (folder / "sitecustomize.py").write_text(BLOCKER.format(absent=modules))
    return f"{folder}:{Path(__file__).parents[2] / 'src'}"


async def test_the_base_alone_makes_a_node_shows_all_commands_and_says_which_extra_one_needs(
    tmp_path: Path,
) -> None:
    """Help needs no extra; a command whose libraries are absent exits with 1 and how to get them."""
    path = without(tmp_path, *PROJECT["optional-dependencies"])
    helps = await asyncio.gather(
        *(smarts(*words, "--help", PYTHONPATH=path) for words in ((), ("store",), ("gateway",), ("node",)))
    )
    assert {(ended.code, ended.err) for ended in helps} == {(0, "")}
    assert "worker" in helps[0].out
    made = await smarts("node", "new", "my-shop", f"--directory={tmp_path}", PYTHONPATH=path)
    assert (made.code, made.err) == (0, "")
    refused = await asyncio.gather(*(smarts(*words, PYTHONPATH=path) for words in NEED))
    for (words, extra), ended in zip(NEED.items(), refused, strict=True):
        told = f'smarts: this needs the extra "{extra}": pip install "smarts[{extra}]"\n'
        assert (ended.code, ended.out, ended.err) == (1, "", told), words


async def test_traces_that_cannot_be_exported_are_told(tmp_path: Path) -> None:
    """Where traces are asked for and what exports them is not installed, nothing starts as if all were well."""
    path = without(tmp_path, "telemetry")
    ended = await smarts("worker", PYTHONPATH=path, OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:1")
    told = 'smarts: traces are wanted (OTEL_EXPORTER_OTLP_ENDPOINT): pip install "smarts[telemetry]"\n'
    assert (ended.code, ended.err) == (1, told)


@pytest.mark.parametrize("extra", ["kit", "ready"])
async def test_one_extra_is_enough_for_what_needs_it(tmp_path: Path, extra: str) -> None:
    """Checking needs nothing of the gateway and the ready node, and serving a file nothing of the others."""
    path = without(tmp_path, *PROJECT["optional-dependencies"].keys() - {extra})
    for words in (words for words, needed in NEED.items() if needed == extra):
        ended = await smarts(*words, PYTHONPATH=path)
        assert (ended.code, ended.err) == (0, ""), words


@pytest.mark.parametrize("name", ["smarts.gateway.gone", "json.gone"])
def test_another_failure_to_load_is_not_taken_for_a_missing_extra(name: str) -> None:
    """A part of Smarts that is not there, or something that no part with an extra wanted, is a mistake to be seen."""
    assert missing_extra(ModuleNotFoundError(name=name)) is None
