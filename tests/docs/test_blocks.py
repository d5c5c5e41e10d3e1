"""Every block of code that people read is run by the tests, by its kind; consoles are in `test_consoles`."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from docs.blocks import BLOCKS, PAGES, ROOT, Block, run_of
from smarts.ready.settings import Settings
from smarts.wire.codec import decode
from wire.documents import kind_of

# Diagrams and pictures of what there is are text; nothing that could be run may be called so.
KINDS = {"console", "json", "python", "text", "toml"}
EXAMPLES = [path.read_text("utf-8") for path in (ROOT / "examples").rglob("*.py")]
PYTHON = list(dict.fromkeys(block.page for block in run_of("python")))
MAY_NOT_BE_RUN = 6


def test_no_block_is_overlooked() -> None:
    """Blocks stand at the beginning of lines, between three backquotes, or else nobody would run them."""
    fences = re.compile(r"^[ >]*(?:```|~~~)", re.MULTILINE)
    for page in PAGES:
        found = len(fences.findall(page.read_text("utf-8")))
        assert found == 2 * sum(block.page == page for block in BLOCKS), page


def test_there_is_no_kind_that_nobody_runs() -> None:
    """Each block is of a kind that is run, or is text without a command in it."""
    assert len(BLOCKS) > 60
    assert [str(block) for block in BLOCKS if block.kind not in KINDS] == []
    commands = re.compile(r"^(\$|>>>|import |from \w+ import|curl |smarts )", re.MULTILINE)
    assert [str(block) for block in BLOCKS if block.kind == "text" and commands.search(block.text)] == []


def test_what_cannot_be_run_says_why() -> None:
    """Such blocks are few, and each has a sentence about it beside its kind."""
    left_out = [block for block in BLOCKS if block.not_run]
    assert [str(block) for block in left_out if len(block.not_run.split()) < 5] == []
    assert len(left_out) <= MAY_NOT_BE_RUN, Counter(str(block) for block in left_out)


@pytest.mark.parametrize("page", PYTHON, ids=lambda page: str(page.relative_to(ROOT).with_suffix("")))
def test_python_works(page: Path) -> None:
    """A piece stands in an example that the tests run, word for word, or is run here, after those above it."""
    names: dict[str, Any] = {"__name__": "page"}
    for block in run_of("python"):
        if block.page == page and not any(block.text in example for example in EXAMPLES):
            exec(compile("\n" * block.line + block.text, str(page), "exec"), names)  # the page is ours


@pytest.mark.parametrize("block", run_of("json"), ids=str)
def test_documents_are_what_they_are_said_to_be(block: Block) -> None:
    """A JSON document names the data object that it is one of, and can be read as that."""
    decode(block.text.encode(), kind_of(block.of))


@pytest.mark.parametrize("block", run_of("toml"), ids=str)
def test_settings_are_read(block: Block, tmp_path: Path) -> None:
    """Settings of a ready node are such as it takes, with anything in the variables that they name."""
    file = tmp_path / "store.toml"
    file.write_text(block.text, "utf-8")
    Settings.read(file, dict.fromkeys(re.findall(r"\$\{(\w+)\}", block.text), "something-long-enough"))
