"""Nodes that are broken in their offers."""

from collections.abc import Callable
from typing import Any

from kit.broken.breakage import Breakage, breakage
from kit.broken.ways import always, answering, failing
from smarts.wire.operations import FIND_OFFERS


def _offers(
    words: str, breaks: str, change: Callable[[Any], Any], when: Callable[[Any], bool] = always
) -> Breakage:
    return breakage(
        f"has offers {words}", breaks, answering(FIND_OFFERS, lambda offers, _: change(offers), when)
    )


def _each(words: str, breaks: str, change: Callable[[Any], Any], kind: str = "") -> Breakage:
    def changed(offers: Any) -> Any:
        return [offer | change(offer) if kind in ("", offer["type"]) else offer for offer in offers]

    return _offers(words, breaks, changed)


def _fails(words: str, breaks: str, when: Callable[[Any], Any], status: int = 422) -> Breakage:
    return breakage(f"finds no offers {words}", breaks, failing(FIND_OFFERS, when, status))


def _is_general(asked: Any) -> bool:
    return asked.get("classification") == "GENERAL"


BREAKAGES = (
    _offers("in an object", "offers.answer.list", lambda offers: {"offers": offers}),
    _each("without a type", "offers.answer.shape", lambda _: {"type": "GIFT"}),
    _each("with a price of text", "offers.answer.shape", lambda _: {"offerPrice": "1.27"}, "DISCOUNT"),
    _each("with titles of text", "offers.answer.shape", lambda _: {"title": "Rye bread"}),
    _offers("twice", "offers.answer.ids", lambda offers: offers * 2),
    _each("without words", "offers.offer.title", lambda _: {"title": {"originalText": " "}}),
    _each(
        "that end first", "offers.offer.days", lambda _: {"startDate": "2026-11-29", "endDate": "2026-11-23"}
    ),
    _each(
        "with a picture that runs",
        "offers.offer.image",
        lambda _: {"imageUri": "javascript:alert(1)"},
        "DISCOUNT",
    ),
    _each(
        "with a picture on its disk",
        "offers.offer.image",
        lambda _: {"imageUri": "file:///offers/rye.webp"},
        "DEFAULT",
    ),
    _each(
        "for less than nothing left",
        "offers.discount.percentage offers.discount.sense",
        lambda _: {"discountPercentage": 150},
        "DISCOUNT",
    ),
    _each(
        "that pay the shopper",
        "offers.discount.prices offers.discount.sense",
        lambda _: {"offerPrice": -1},
        "DISCOUNT",
    ),
    _each(
        "that lower no price",
        "offers.discount.sense",
        lambda offer: {"offerPrice": offer["defaultPrice"]},
        "DISCOUNT",
    ),
    _fails("for everybody", "offers.search.general offers.search.both", _is_general),
    _fails(
        "for one shopper",
        "offers.search.personal offers.search.both",
        lambda asked: asked.get("classification") == "PERSONAL",
    ),
    _offers(
        "for everybody alone",
        "offers.search.both",
        lambda offers: [*offers, offers[0] | {"id": "x"}],
        _is_general,
    ),
    _fails("with cards", "offers.search.cards", lambda asked: asked.get("loyaltyCards"), 500),
    _fails("for nobody", "offers.search.nobody", lambda asked: "personId" not in asked),
)
