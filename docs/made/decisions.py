"""The list of decisions, out of their pages."""

from pathlib import Path

from made.markdown import link

_FOLDER = Path(__file__).parents[1] / "decisions"


def markdown() -> str:
    """Every decision, by its number."""
    return "\n".join(f"- {link(_title(page), page.name)}" for page in sorted(_FOLDER.glob("0*.md")))


def _title(page: Path) -> str:
    return page.read_text("utf-8").partition("\n")[0].removeprefix("# ")
