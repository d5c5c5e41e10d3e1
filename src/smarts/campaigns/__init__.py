"""The campaign standard (section 5): codes, operations, and what a cart costs. No input or output of its own."""

from smarts.campaigns.code import Buyer, CampaignCode, Client, CodeRefusedError, Kind
from smarts.campaigns.effects import CampaignEffect, Reason
from smarts.campaigns.operation import BadResultError, Operation, compile_operation
from smarts.campaigns.pricing import PricedCart, PricedLine, price_cart
from smarts.campaigns.rows import LARGEST_SUM, CartLine
from smarts.campaigns.sentences import RefusedError, Sentence
from smarts.campaigns.syntax import OperationRefusedError
from smarts.campaigns.trying import Basket, Candidate, Step, Trial, ladder, try_campaign

__all__ = [
    "LARGEST_SUM",
    "BadResultError",
    "Basket",
    "Buyer",
    "CampaignCode",
    "CampaignEffect",
    "Candidate",
    "CartLine",
    "Client",
    "CodeRefusedError",
    "Kind",
    "Operation",
    "OperationRefusedError",
    "PricedCart",
    "PricedLine",
    "Reason",
    "RefusedError",
    "Sentence",
    "Step",
    "Trial",
    "compile_operation",
    "ladder",
    "price_cart",
    "try_campaign",
]
