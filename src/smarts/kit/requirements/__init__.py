"""Everything that the contract requires: a file an area, and the one list of all."""

from collections.abc import Mapping

from smarts.kit.requirement import Requirement, by_id
from smarts.kit.requirements import (
    control,
    errors,
    gateway_merchant,
    gateway_node,
    goods,
    invoices,
    loyalty,
    node,
    offers,
    orders,
    products,
    receipts,
    stories,
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
        *control.REQUIREMENTS,
        *invoices.REQUIREMENTS,
        *receipts.REQUIREMENTS,
        *loyalty.REQUIREMENTS,
        *orders.REQUIREMENTS,
        *offers.REQUIREMENTS,
        *stories.REQUIREMENTS,
        *gateway_merchant.REQUIREMENTS,
        *gateway_node.REQUIREMENTS,
    )
)
