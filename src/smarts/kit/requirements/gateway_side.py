"""How the gateway's requirements are written down."""

from smarts.kit.requirement import Level, Requirement, Side
from smarts.wire.nodes import Feature


def must(name: str, clause: str, feature: Feature, text: str) -> Requirement:
    """What a gateway must do."""
    return Requirement(f"gateway.{name}", clause, Level.MUST, feature, text, Side.GATEWAY)


def should(name: str, clause: str, feature: Feature, text: str) -> Requirement:
    """What a gateway should do."""
    return Requirement(f"gateway.{name}", clause, Level.SHOULD, feature, text, Side.GATEWAY)
