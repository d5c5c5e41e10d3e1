"""The blocks of code on the pages that people read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
_FENCE = re.compile(r"^```(?P<kind>\w*)(?P<attributes>[^\n]*)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')


@dataclass(frozen=True)
class Block:
    """A fenced block: `console`, `python` and so on, and what is said beside its kind.

    `not_run` is why it cannot be run, `of` is what a document is one of.
    """

    page: Path
    line: int
    kind: str
    text: str
    not_run: str = ""
    of: str = ""

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks_of(page: Path) -> Iterator[Block]:
    """The blocks of a page, in order."""
    text = page.read_text("utf-8")
    for found in _FENCE.finditer(text):
        attributes = dict(_ATTRIBUTE.findall(found["attributes"]))
        yield Block(
            page,
            text.count("\n", 0, found.start()) + 1,
            found["kind"],
            found["text"],
            attributes.get("not-run", ""),
            attributes.get("of", ""),
        )


BLOCKS = [block for page in PAGES for block in blocks_of(page)]


def run_of(kind: str) -> list[Block]:
    """The blocks of a kind that can be run."""
    return [block for block in BLOCKS if block.kind == kind and not block.not_run]
