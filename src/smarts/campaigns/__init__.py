"""The campaign standard (section 5): codes, operations, and what a cart costs. No input or output of its own."""

from smarts.campaigns.code import Buyer, CampaignCode, Client, CodeRefusedError, Kind
from smarts.campaigns.effects import CampaignEffect, Reason
from smarts.campaigns.operation import BadResultError, Operation, compile_operation
from smarts.campaigns.pricing import PricedCart, PricedLine, price_cart
from smarts.campaigns.rows import LARGEST_SUM, CartLine
from smarts.campaigns.syntax import OperationRefusedError

__all__ = [
    "LARGEST_SUM",
    "BadResultError",
    "Buyer",
    "CampaignCode",
    "CampaignEffect",
    "CartLine",
    "Client",
    "CodeRefusedError",
    "Kind",
    "Operation",
    "OperationRefusedError",
    "PricedCart",
    "PricedLine",
    "Reason",
    "compile_operation",
    "price_cart",
]
