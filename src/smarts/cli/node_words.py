"""What is known of a store's node, in lines for people."""

from collections.abc import Iterator, Mapping

from smarts.gateway.nodes.model import NodeRecord


def node_words(node: NodeRecord | None) -> Mapping[str, str]:
    """A line by its name; what a stranger's node said of itself cannot do anything to the terminal."""
    lines = _lines(node) if node else [("node", "there is none")]
    return {name: "".join(sign if sign.isprintable() else "�" for sign in line) for name, line in lines}


def _lines(node: NodeRecord) -> Iterator[tuple[str, str]]:
    yield "node", f"{node.state} since {node.since.written()}"
    if node.version:
        told = node.version
        yield "nodeVersion", f"{told.name} {told.version}, contract {told.contract}"
        yield "nodeFeatures", ", ".join(told.features) or "none but product search"
    if node.health and node.health.checks:
        parts = (
            f"{name} {part.status}" + (f" ({part.detail})" if part.detail else "")
            for name, part in node.health.checks.items()
        )
        yield "nodeHealth", ", ".join(parts)
    if node.failure and node.failed_at:
        yield "nodeFailure", f"{node.failed_at.written()} {node.failure}"
