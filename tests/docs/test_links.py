"""Links between pages, as those follow them who read the repository itself instead of the site."""

import re
from collections.abc import Iterator
from pathlib import Path

from docs.blocks import PAGES, ROOT

_LINK = re.compile(r"\]\((?!\w+:)([^)\s#]*)(?:#([^)\s]+))?\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_MADE = "<!-- made: "


def links() -> Iterator[tuple[Path, Path, str]]:
    """Each link from a page to something in the repository, and the heading that it names."""
    for page in [*PAGES, ROOT / "CHANGELOG.md"]:
        for place, anchor in _LINK.findall(re.sub(r"`[^`\n]*`", "", page.read_text("utf-8"))):
            yield page, (page.parent / place).resolve() if place else page, anchor


def anchors(page: Path) -> set[str]:
    """The anchors that a page's headings get."""
    headings = _HEADING.findall(page.read_text("utf-8"))
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_links_lead_to_what_is_in_the_repository() -> None:
    """Every link leads to a file or folder that is there, and to a heading in it, unless that is made for the site."""
    found = list(links())
    assert len(found) > 100
    assert [f"{page.name}: {target}" for page, target, _ in found if not target.exists()] == []
    lost = [
        f"{page.name}: {target.name}#{anchor}"
        for page, target, anchor in found
        if anchor and _MADE not in target.read_text("utf-8") and anchor not in anchors(target)
    ]
    assert lost == []
