"""Pieces of Markdown."""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; bars in its cells are kept."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def link(text: str, target: str) -> str:
    """A link; brackets in its text are kept."""
    return f"[{text}]({target})"


def anchor(heading: str) -> str:
    """The anchor that a heading gets, as on GitHub."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def document(value: Any) -> str:
    """A JSON document, set out over lines."""
    return f"```json\n{json.dumps(value, indent=2, ensure_ascii=False)}\n```"


def folded(summary: str, content: str) -> str:
    """What is shown at a click."""
    return f"<details><summary>{summary}</summary>\n\n{content}\n\n</details>"


def paragraphs(parts: Iterable[str]) -> str:
    """Paragraphs, with a blank line between two."""
    return "\n\n".join(part for part in parts if part)
