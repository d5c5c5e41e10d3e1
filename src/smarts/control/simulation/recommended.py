"""The policy that is simulated where no other is named: what a store could begin with."""

from decimal import Decimal

from smarts.control.policy import LargeRule, Policy, RiskRule
from smarts.control.rescans import RescanRule

RECOMMENDED = Policy(
    share=Decimal("0.01"),
    large=(LargeRule(over=Decimal(30), share=Decimal("0.03")),),
    after_failed=5,
    rescan=RescanRule(seconds=30),
    risk=RiskRule(
        passed=Decimal(3),
        corrected=Decimal(10),
        failed=Decimal(10),
        forget_days=60,
        least=Decimal("0.2"),
        most=Decimal(10),
    ),
)
"""Few by chance, more of large purchases, seldom who was fine of late, often who had something missing."""
