"""Why a cart is checked: codes for programs, sentences for people."""

from enum import StrEnum

from msgspec import field

from smarts.wire.model import Model

MIN_AGE = "MIN_AGE"
"""Goods that are not for every age; the parameter `age` says from how many years on."""

FAULT_FOUND = "CHECK_FAILED"
"""The check of this cart before found a fault."""

NODE = "STORE"
"""The store's own system wants the check."""


class Reason(Model, frozen=True):
    """Why a cart is checked, or a product refused: a code for programs, a sentence for people.

    With code and `parameters` the sentence can be made in any language; `line_id` is the line that it is about.
    """

    code: str
    message: str
    parameters: dict[str, str] = field(default_factory=dict)
    line_id: str | None = None

    def __hash__(self) -> int:
        return hash((self.code, self.message, self.line_id))


class Rule(StrEnum):
    """A rule of a policy, by the code that its reason has."""

    ESTIMATE = "STORE_ESTIMATE"
    SHARE = "STORE_SHARE"
    FIRST_PURCHASE = "STORE_FIRST_PURCHASE"
    TOTAL = "STORE_TOTAL"
    PIECES = "STORE_PIECES"
    GOODS = "STORE_GOODS"
    ELSEWHERE = "STORE_ELSEWHERE"
    AFTER_FAILED = "STORE_AFTER_FAILED"
    LEFT = "STORE_LEFT"
    AGE = "STORE_AGE"
    UNANSWERED = "STORE_UNANSWERED"


SENTENCES = {
    Rule.ESTIMATE: "This purchase was chosen by chance",
    Rule.SHARE: "This purchase was chosen by chance",
    Rule.FIRST_PURCHASE: "The first purchase in a store is checked",
    Rule.TOTAL: "Purchases over {total} {currency} are checked",
    Rule.PIECES: "Purchases of more than {pieces} pieces are checked",
    Rule.GOODS: "Some of the goods in this purchase are checked more often",
    Rule.ELSEWHERE: "A purchase is checked where another one is under way elsewhere",
    Rule.AFTER_FAILED: "Purchases after a check that failed are checked",
    Rule.LEFT: "A check was due before and did not take place",
    Rule.AGE: "The store checks everything where there is a limit of age",
    Rule.UNANSWERED: "The store's system does not answer, so staff look at the purchase",
}


def reason(rule: Rule, **parameters: str) -> Reason:
    """The reason that a rule gives, for the shopper to read."""
    return Reason(rule, SENTENCES[rule].format(**parameters), parameters)
