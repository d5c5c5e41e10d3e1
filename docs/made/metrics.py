"""What is counted for Prometheus."""

from made.markdown import table
from smarts.gateway.web.measures import Measures


def markdown() -> str:
    """Every metric, by name."""
    rows = sorted(
        (_told(each.name, each.type), each.type, each.documentation) for each in Measures().registry.collect()
    )
    return table(("name", "type", "what it says"), rows)


_ENDINGS = {"counter": "_total", "info": "_info"}


def _told(name: str, kind: str) -> str:
    return f"`{name}{_ENDINGS.get(kind, '')}`"
