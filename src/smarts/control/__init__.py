"""Purchase control as data: policies, what they decide on, and their decisions. No input or output, no clock, no dice.

All chance comes from a seed that is given, so that the same inputs give the same decision for ever.
"""

from smarts.control.cart import CheckedCart, CheckedLine
from smarts.control.decision import Inputs, Outcome, age_asked, decide, inputs_digest, replayed
from smarts.control.history import AgeSeen, Depth, Ending, History, PastCheck, PastPurchase, UnderWay
from smarts.control.knowledge import GoodsFact, Knowledge, LookedAt, added, lessons
from smarts.control.pace import Pace
from smarts.control.policy import (
    AgeCheck,
    GoodsRule,
    HoursRule,
    InspectedCheck,
    LargeRule,
    Limits,
    LoyaltyRule,
    Pause,
    Policy,
    RiskRule,
    Unanswered,
)
from smarts.control.reasons import Reason, Rule
from smarts.control.rescans import RescanPiece, RescanRule, grows
from smarts.control.risk import risk_factor
from smarts.control.rulings import Chances, Ruling, rulings
from smarts.control.seed import Seed
from smarts.control.soundness import unsound

__all__ = [
    "AgeCheck",
    "AgeSeen",
    "Chances",
    "CheckedCart",
    "CheckedLine",
    "Depth",
    "Ending",
    "GoodsFact",
    "GoodsRule",
    "History",
    "HoursRule",
    "Inputs",
    "InspectedCheck",
    "Knowledge",
    "LargeRule",
    "Limits",
    "LookedAt",
    "LoyaltyRule",
    "Outcome",
    "Pace",
    "PastCheck",
    "PastPurchase",
    "Pause",
    "Policy",
    "Reason",
    "RescanPiece",
    "RescanRule",
    "RiskRule",
    "Rule",
    "Ruling",
    "Seed",
    "Unanswered",
    "UnderWay",
    "added",
    "age_asked",
    "decide",
    "grows",
    "inputs_digest",
    "lessons",
    "replayed",
    "risk_factor",
    "rulings",
    "unsound",
]
