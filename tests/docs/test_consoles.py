"""The consoles in the documentation: every command in them is run, and prints what stands below it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cli.commands import Demo, empty_place, surely_ended
from docs.blocks import PAGES, ROOT, run_of
from docs.consoles import Step, outputs, steps_of

# They change the switches of one store, so they take turns.
pytestmark = pytest.mark.xdist_group("walkthroughs")

_ELSEWHERE = {page for page in PAGES if "<!-- in an empty folder -->" in page.read_text("utf-8")}
# Walk-throughs come first, since some of them list all stores, and other pages add one.
_PAGES = sorted(
    dict.fromkeys(block.page for block in run_of("console")),
    key=lambda page: page.parent.name != "walkthroughs",
)


@pytest.fixture(scope="session")
async def demo() -> AsyncIterator[Demo]:
    """The one demo beside which all pages are run."""
    with empty_place() as place, surely_ended(await Demo.start(place)) as demo:
        yield demo


@pytest.mark.timeout(300)  # the first one waits for the demo, too
@pytest.mark.parametrize("page", _PAGES, ids=lambda page: str(page.relative_to(ROOT).with_suffix("")))
async def test_the_commands_print_what_the_page_says(demo: Demo, page: Path, tmp_path: Path) -> None:
    """Each command of a page, in one shell from top to bottom, prints the lines that stand below it."""
    steps = steps_of([block for block in run_of("console") if block.page == page])
    folder = tmp_path if page in _ELSEWHERE else ROOT
    printed = await outputs(demo, steps, folder)
    for step, output in zip(steps, printed, strict=False):
        assert step.is_right(output), (
            f"$ {step.command}\nprinted:\n{output}\nbut should print:\n" + "\n".join(step.printed)
        )
    assert len(printed) == len(steps), f"the shell ended at $ {steps[len(printed)].command}"


@pytest.mark.parametrize(
    ("said", "output", "right"),
    [
        ((), "", True),
        ((), "something\n", False),
        (("one",), "one\n", True),
        (("one",), "one\ntwo\n", False),
        (("a … c",), "a b c", True),
        (("…",), "", True),
        (("…",), "any\nlines\n", True),
        (("first", "…", "last"), "first\n\nbetween\nlast\n", True),
        (("first", "…", "last"), "first\nlast\nmore\n", False),
        (("a.c",), "abc\n", False),
    ],
)
def test_what_is_printed_is_compared_line_by_line(said: tuple[str, ...], output: str, right: bool) -> None:
    """Everything that is printed has to be said; only `…` stands for something else."""
    assert Step("true", said).is_right(output) is right
