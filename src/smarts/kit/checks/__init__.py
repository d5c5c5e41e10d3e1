"""The checks of nodes: a file an area; importing this package registers all."""

from smarts.kit.checks import (
    control,
    errors,
    fields,
    finding,
    goods,
    invoices,
    loyalty,
    node,
    offers,
    orders,
    products,
    receipt_sums,
    receipts,
    stories,
    times,
    tokens,
)

__all__ = [
    "control",
    "errors",
    "fields",
    "finding",
    "goods",
    "invoices",
    "loyalty",
    "node",
    "offers",
    "orders",
    "products",
    "receipt_sums",
    "receipts",
    "stories",
    "times",
    "tokens",
]
