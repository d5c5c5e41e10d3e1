"""The campaign standard (section 5): codes, operations, and what a cart costs. No input or output of its own."""

from smarts.campaigns.code import Buyer, CampaignCode, Client, CodeRefusedError, Kind
from smarts.campaigns.conflicts import Conflict, Oddity, conflicts_in, conflicts_of
from smarts.campaigns.effects import CampaignEffect, Reason
from smarts.campaigns.hints import Hint, Nudge, nearest_hints
from smarts.campaigns.operation import BadResultError, Operation, compile_operation
from smarts.campaigns.pricing import PricedCart, PricedLine, price_cart
from smarts.campaigns.rows import LARGEST_SUM, CartLine
from smarts.campaigns.sentences import RefusedError, Sentence
from smarts.campaigns.syntax import OperationRefusedError
from smarts.campaigns.trying import Basket, Candidate, Step, Trial, ladder, try_campaign
from smarts.campaigns.turns import Stretch, totals_by_place

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
    "Conflict",
    "Hint",
    "Kind",
    "Nudge",
    "Oddity",
    "Operation",
    "OperationRefusedError",
    "PricedCart",
    "PricedLine",
    "Reason",
    "RefusedError",
    "Sentence",
    "Step",
    "Stretch",
    "Trial",
    "compile_operation",
    "conflicts_in",
    "conflicts_of",
    "ladder",
    "nearest_hints",
    "price_cart",
    "totals_by_place",
    "try_campaign",
]
