"""The gateway's settings, out of what reads them."""

from made.markdown import table
from smarts.gateway.settings import variables


def markdown() -> str:
    """Every variable of the environment with its default."""
    rows = (
        (f"`{each.name}`", f"`{each.default}`" if each.default else "–", each.meaning) for each in variables()
    )
    return table(("variable", "where it is not set", "what it says"), rows)
