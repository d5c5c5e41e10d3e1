"""The checks of gateways: a file an area; importing this package registers all."""

from smarts.kit.gateway.checks import (
    campaigns,
    errors,
    goods,
    invoices,
    loyalty,
    orders,
    receipts,
    results,
    sending,
    trouble,
)

__all__ = [
    "campaigns",
    "errors",
    "goods",
    "invoices",
    "loyalty",
    "orders",
    "receipts",
    "results",
    "sending",
    "trouble",
]
