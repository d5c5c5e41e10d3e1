"""The walk-throughs in the documentation: every command in them is run, and prints what stands below it."""

import asyncio
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli.commands import Demo, empty_place, environment, surely_ended

# They change the switches of one store, so they take turns.
pytestmark = pytest.mark.xdist_group("walkthroughs")

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "how-to" / "walkthroughs"
DOCUMENTS = sorted(set(FOLDER.glob("*.md")) - {FOLDER / "index.md"})
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_MARK = "=== the next command ==="


@dataclass(frozen=True)
class Step:
    """A command, and the lines that it is said to print; `…` stands for whatever differs from time to time."""

    command: str
    printed: list[str]


def steps_in(document: Path) -> list[Step]:
    """The commands of a document, in order: a line with `$ `, and those that begin with `> ` below it."""
    steps: list[Step] = []
    for line in "".join(_BLOCK.findall(document.read_text())).splitlines():
        if line.startswith("$ "):
            steps.append(Step(line[2:], []))
        elif line.startswith("> ") and not steps[-1].printed:
            steps[-1] = Step(f"{steps[-1].command}\n{line[2:]}", [])
        elif line:
            steps[-1].printed.append(line)
    return steps


def fits(printed: str, expected: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, expected.split("…"))), printed) is not None


@pytest.fixture(scope="session")
async def demo() -> AsyncIterator[Demo]:
    """The one demo in which all documents are walked through."""
    with empty_place() as place, surely_ended(await Demo.start(place)) as demo:
        yield demo


async def outputs(demo: Demo, steps: list[Step]) -> list[str]:
    """What each command prints, all of them run in one shell."""
    place = demo.place
    settings = environment(
        SMARTS_DEMO_FACTS=str(place.facts_file), SMARTS_DATA=str(place.data / "postgresql"),
        SMARTS_ALLOW_PRIVATE_NODES="true",
    )  # fmt: skip
    settings["PATH"] = f"{Path(sys.executable).parent}:{settings['PATH']}"
    script = "".join(f"{step.command}\necho '{_MARK}'\n" for step in steps)
    shell = await asyncio.create_subprocess_exec(
        "bash", "-c", script, cwd=ROOT, env=settings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    output, _ = await shell.communicate()
    return output.decode().split(f"{_MARK}\n")[:-1]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.stem)
async def test_the_commands_print_what_the_document_says(demo: Demo, document: Path) -> None:
    """Each command of a walk-through, in one shell from top to bottom, prints the lines that stand below it."""
    steps = steps_in(document)
    assert steps, "a walk-through without commands"
    printed = await outputs(demo, steps)
    assert len(printed) == len(steps), printed[-1:]
    for step, output in zip(steps, printed, strict=True):
        lines = output.splitlines()
        right = len(lines) == len(step.printed) and all(map(fits, lines, step.printed))
        assert right, f"$ {step.command}\nprinted:\n{output}\nbut should print:\n" + "\n".join(step.printed)


def test_every_document_is_in_the_list() -> None:
    """The list of walk-throughs names all that there are, and no other."""
    listed = set(re.findall(r"\]\((\w+\.md)\)", (FOLDER / "index.md").read_text()))
    assert listed == {document.name for document in DOCUMENTS}
