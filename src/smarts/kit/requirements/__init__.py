"""Everything that the contract requires: a file an area, and the one list of all."""

from collections.abc import Mapping

from smarts.kit.requirement import Requirement, by_id
from smarts.kit.requirements import (
    errors,
    gateway_merchant,
    gateway_node,
    goods,
    node,
    products,
    times,
    tokens,
)

REQUIREMENTS: Mapping[str, Requirement] = by_id(
    (
        *node.REQUIREMENTS,
        *tokens.REQUIREMENTS,
        *errors.REQUIREMENTS,
        *products.REQUIREMENTS,
        *goods.REQUIREMENTS,
        *times.REQUIREMENTS,
        *gateway_merchant.REQUIREMENTS,
        *gateway_node.REQUIREMENTS,
    )
)
