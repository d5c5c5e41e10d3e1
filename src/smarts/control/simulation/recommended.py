"""The policy that is simulated where no other is named: what a store could begin with."""

from decimal import Decimal

from smarts.control.policy import LargeRule, Policy, RiskRule
from smarts.control.rescans import RescanRule

RECOMMENDED = Policy(
    share=Decimal("0.01"),
    large=(
        LargeRule(over=Decimal(40), share=Decimal("0.02")),
        LargeRule(over=Decimal(80), share=Decimal("0.04")),
    ),
    after_failed=20,
    rescan=RescanRule(seconds=45),
    risk=RiskRule(
        passed=Decimal("0.05"),
        corrected=Decimal(5),
        failed=Decimal(10),
        forget_days=60,
        least=Decimal("0.5"),
        most=Decimal(10),
    ),
)
"""Few by chance, more of large purchases, and often those of shoppers in whose carts something was missing of late."""
