"""A store's own rules: which carts its staff look at, whatever node and goods ask for (contract section 6.2)."""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from smarts.edge.problems import WRONG_SHAPE
from smarts.gateway.parties import AgeCheck, CheckRules, Unanswered
from smarts.wire.control import Decision
from smarts.wire.errors import FieldError
from smarts.wire.model import Model, none
from smarts.wire.money import Number

LARGEST_TOTAL = Decimal(1_000_000)
MOST_PIECES = 100_000
_THOUSANDTH = Decimal("0.001")
_CENT = Decimal("0.01")
_BITS = 53  # as many as a double holds exactly


class StoreRule(StrEnum):
    """A rule that struck, by the code that the reasons of a check have for it."""

    SHARE = "STORE_SHARE"
    FIRST_PURCHASE = "STORE_FIRST_PURCHASE"
    TOTAL = "STORE_TOTAL"
    PIECES = "STORE_PIECES"
    AGE = "STORE_AGE"
    UNANSWERED = "STORE_UNANSWERED"


class Facts(Model, frozen=True, kw_only=True):
    """What a check was decided on apart from the store's rules, so that other rules can be tried on it later.

    `decision` and `reasons` (their codes) are what node and goods asked for; `total` is of the goods alone. The node
    may have left it `unanswered` although it should have decided.
    """

    person_id: str
    total: Number
    pieces: int
    decision: Decision
    reasons: tuple[str, ...] = none()
    unanswered: bool = False


@dataclass(frozen=True)
class Past:
    """What was before a purchase: whether it is the shopper's first in the store, and the chance drawn since."""

    first: bool
    chance: float


UNASKED = Past(first=False, chance=1.0)
"""Stands in where no rule asks for what was before: no rule strikes on it."""


def ask_for_the_past(rules: CheckRules) -> bool:
    """Whether the rules depend on what the shopper bought before."""
    return rules.first_purchase or rules.share > 0


def past(secret: str, institution_id: str, person_id: str, latest_invoice_id: str | None) -> Past:
    """What follows from the latest purchase before, if there was one.

    The chance is a number in [0, 1) that nobody can tell without the secret. It stays the same until the shopper has
    paid for something: neither another basket nor another cart draws anew (docs/decisions/0009).
    """
    subject = "\n".join(("check", institution_id, person_id, latest_invoice_id or ""))
    digest = hmac.digest(secret.encode(), subject.encode(), "sha256")
    drawn = int.from_bytes(digest[:8], "big") >> (64 - _BITS)
    return Past(first=latest_invoice_id is None, chance=drawn / 2**_BITS)


def leave_the_unanswered_to_staff(rules: CheckRules) -> bool:
    """Whether staff look at what the node left undecided: nobody gets through because nothing was asked of anybody."""
    some_rule = (
        rules.share or rules.first_purchase or rules.total_over is not None or rules.pieces_over is not None
    )
    return rules.unanswered is Unanswered.STAFF or not some_rule


def struck(rules: CheckRules, facts: Facts, before: Past) -> tuple[StoreRule, ...]:
    """The rules that ask for a check of everything."""
    found = {
        StoreRule.SHARE: before.chance < rules.share,
        StoreRule.FIRST_PURCHASE: rules.first_purchase and before.first,
        StoreRule.TOTAL: rules.total_over is not None and facts.total > rules.total_over,
        StoreRule.PIECES: rules.pieces_over is not None and facts.pieces > rules.pieces_over,
        StoreRule.AGE: rules.age is AgeCheck.FULL and facts.decision is Decision.AGE,
        StoreRule.UNANSWERED: facts.unanswered and leave_the_unanswered_to_staff(rules),
    }
    return tuple(rule for rule, strikes in found.items() if strikes)


def decided(facts: Facts, rules_struck: tuple[StoreRule, ...]) -> Decision:
    """The check of a cart: of everything where a rule of the store struck, else what node and goods asked for."""
    return Decision.FULL if rules_struck else facts.decision


def require_sound(rules: CheckRules, path: str = "$") -> None:
    """Refuses rules that say nothing: with a 422 that names each field, below `path`."""
    wrong = tuple(FieldError(f"{path}.{field}", message) for field, message in _unsound(rules))
    if wrong:
        raise WRONG_SHAPE.error(f"{wrong[0].path}: {wrong[0].message}", errors=wrong)


def _unsound(rules: CheckRules) -> Iterable[tuple[str, str]]:
    if not 0 <= rules.share <= 1 or rules.share % _THOUSANDTH:
        yield "share", "Expected a share from 0 to 1, in thousandths"
    total = rules.total_over
    if total is not None and (not 0 <= total <= LARGEST_TOTAL or total % _CENT):
        yield "totalOver", f"Expected an amount from 0 to {LARGEST_TOTAL} in whole cents"
    if rules.pieces_over is not None and rules.pieces_over > MOST_PIECES:
        yield "piecesOver", f"Expected at most {MOST_PIECES} pieces"
