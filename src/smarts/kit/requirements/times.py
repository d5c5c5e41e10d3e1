"""How fast a node is required to be: the deadlines are the gateway's patience."""

from smarts.kit.requirement import must, should
from smarts.wire.nodes import Feature

REQUIREMENTS = (
    must(
        "times.deadline",
        "2",
        Feature.PRODUCT_SEARCH,
        "Of twenty requests of each kind all are answered in time.",
    ),
    should(
        "times.brisk",
        "2",
        Feature.PRODUCT_SEARCH,
        "Nineteen of twenty requests take at most a fifth of that time.",
    ),
)
