"""Nodes that are broken in loyalty cards and their bonus."""

from collections.abc import Callable
from itertools import count
from typing import Any

from kit.broken.breakage import Breakage, breakage, remembering
from kit.broken.layer import How
from kit.broken.ways import (
    always,
    answering,
    failing,
    instead_of_refusing,
    putting,
    refusing,
    without,
)
from smarts.kit.checks.loyalty import STRANGER
from smarts.wire.operations import CARD_BONUS, REGISTER_CARD

_CARD = {"cardNumber": "9200000770018"}
_TRACE = "Traceback (most recent call last): java.lang.NullPointerException at Cards.find(Cards.java:17)"


def _card(words: str, breaks: str, how: How) -> Breakage:
    return breakage(f"{words}, of a card", breaks, how)


def _refused(change: Callable[[Any], Any], status: int = 0) -> How:
    return refusing(REGISTER_CARD, change, status)


def _fails(when: Callable[[Any], Any] = always, status: int = 500) -> How:
    return failing(REGISTER_CARD, when, status)


def _ways(request: Any) -> Any:
    card = request["loyaltyCard"]
    return card.get("validationTypes", ()) if isinstance(card, dict) else ()


def _has_other_name(request: Any) -> bool:
    return isinstance(request["loyaltyCard"], dict) and "validationType" in request["loyaltyCard"]


def _gives_new_numbers() -> How:
    numbers = count(1)
    return answering(REGISTER_CARD, lambda found, _: found | {"cardNumber": f"92{next(numbers)}"})


_CARDS = (
    _card(
        "refuses with 403",
        "cards.refused.status cards.refused.odd cards.linked.by-another",
        _refused(dict, 403),
    ),
    _card(
        "takes everything",
        "cards.refused.status cards.refused.odd cards.linked.by-another",
        instead_of_refusing(REGISTER_CARD, 200, _CARD),
    ),
    _card(
        "refuses without a word", "cards.refused.words", _refused(lambda problem: without(problem, "detail"))
    ),
    _card(
        "fails where much was typed", "cards.refused.odd", _fails(lambda asked: len(asked["value"]) > 1_000)
    ),
    _card("fails where nothing was typed", "cards.refused.odd", _fails(lambda asked: not asked["value"])),
    _card(
        "tells of its inside", "cards.refused.plain", _refused(lambda problem: problem | {"detail": _TRACE})
    ),
    _card(
        "tells a long story",
        "cards.refused.plain",
        _refused(lambda problem: problem | {"detail": "No. " * 200}),
    ),
    _card(
        "reads the number's way in one spelling",
        "cards.spelling.card-number",
        _fails(lambda asked: "CARD_NUMBER" in _ways(asked), 422),
    ),
    _card("reads the ways under one name", "cards.spelling.validation-type", _fails(_has_other_name, 422)),
    _card(
        "wants an email address",
        "cards.person.unnamed",
        _fails(lambda asked: "personEmail" not in asked, 400),
    ),
    _card(
        "gives no number",
        "cards.linked.shape",
        answering(REGISTER_CARD, lambda found, _: without(found, "cardNumber")),
    ),
    _card("gives a blank number", "cards.linked.shape", putting(REGISTER_CARD, cardNumber=" ")),
    remembering("gives new numbers, of a card", "cards.linked.again", _gives_new_numbers),
    _card(
        "gives it to everybody",
        "cards.linked.by-another",
        instead_of_refusing(REGISTER_CARD, 200, _CARD, lambda asked: asked["personId"] == STRANGER),
    ),
)
_BONUS = (
    breakage("tells the bonus as text", "bonus.answer.shape", putting(CARD_BONUS, bonus="3.40")),
    breakage("tells the bonus in points", "bonus.answer.shape", putting(CARD_BONUS, currency="POINTS")),
    breakage("tells of debts", "bonus.answer.sense", putting(CARD_BONUS, bonus=-3.4)),
    breakage(
        "fails at unknown cards",
        "bonus.unknown.clean bonus.unknown.status bonus.anothers",
        refusing(CARD_BONUS, dict, 500),
    ),
    breakage(
        "gives a bonus to all",
        "bonus.unknown.clean bonus.unknown.status bonus.anothers",
        instead_of_refusing(CARD_BONUS, 200, {"bonus": 5}),
    ),
    breakage(
        "knows no bonus in place of no card",
        "bonus.unknown.status bonus.anothers",
        instead_of_refusing(CARD_BONUS, 200, {"bonus": 0}),
    ),
    breakage(
        "tells anybody the bonus",
        "bonus.anothers",
        instead_of_refusing(CARD_BONUS, 200, {"bonus": 3.4}, lambda asked: asked["personId"] == STRANGER),
    ),
)
BREAKAGES = (*_CARDS, *_BONUS)
