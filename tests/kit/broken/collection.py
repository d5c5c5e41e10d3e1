"""All broken nodes: a file an area, as the requirements have."""

from kit.broken import (
    control,
    errors,
    fields,
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
from kit.broken.breakage import Breakage

BREAKAGES: tuple[Breakage, ...] = (
    *node.BREAKAGES,
    *tokens.BREAKAGES,
    *errors.BREAKAGES,
    *products.BREAKAGES,
    *goods.BREAKAGES,
    *times.BREAKAGES,
    *control.BREAKAGES,
    *invoices.BREAKAGES,
    *receipts.BREAKAGES,
    *loyalty.BREAKAGES,
    *orders.BREAKAGES,
    *offers.BREAKAGES,
    *fields.BREAKAGES,
    *stories.BREAKAGES,
)
