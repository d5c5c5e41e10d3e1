"""Checks of loyalty cards, their bonus, and of offers."""

from smarts.kit.check import Unseen
from smarts.kit.gateway.looks import check, money, require_document
from smarts.kit.gateway.played_node import Reply
from smarts.kit.gateway.stage import Stage, require, require_status
from smarts.kit.gateway.stories import TYPED, card_kind, link, linked
from smarts.kit.gateway.usual import BONUS
from smarts.kit.subject import Case

_WORDS = "This number belongs to nobody at our till"
_REFUSED = {
    "type": "refused",
    "title": "The store refuses this.",
    "status": 422,
    "detail": _WORDS,
    "errors": [],
}


@check("gateway.card.request")
async def registration(case: Case) -> None:
    """Looks at the registration of a card."""
    story = await linked(Stage(case))
    told = story.registration.json()
    require_document("LoyaltyCardRegistrationRequest", told, story.registration.name)
    seen = {
        "value": told.get("value"),
        "personId": told.get("personId"),
        "personEmail": told.get("personEmail"),
        "personName": told.get("personName"),
        "loyaltyCard.id": told["loyaltyCard"].get("id"),
    }
    wanted = {
        "value": TYPED,
        "personId": story.shopper.person_id,
        "personEmail": "mari@example.com",
        "personName": "Mari",
        "loyaltyCard.id": story.kind["id"],
    }
    require(seen == wanted, str(wanted), seen)


@check("gateway.card.refused")
async def refused(case: Case) -> None:
    """Refuses a card in words for the shopper."""
    stage = Stage(case)
    shopper = await stage.shopper()
    kind = await card_kind(stage, shopper)
    reply = Reply(422, _REFUSED, content_type="application/problem+json")
    stage.node.answer("/card/loyalty", shopper.person_id, reply)
    answer = await link(stage, shopper, kind)
    require_status(answer, 422)
    require(_WORDS in answer.body.decode(), f"the words “{_WORDS}”", answer.body.decode())


@check("gateway.card.once")
async def once(case: Case) -> None:
    """Loses the answer to a registration."""
    stage = Stage(case)
    shopper = await stage.shopper()
    kind = await card_kind(stage, shopper)
    stage.node.answer("/card/loyalty", shopper.person_id, Reply(500), times=5)
    require_status(await link(stage, shopper, kind), 502, 503, 504)
    sent = len(stage.node.heard("/card/loyalty", shopper.person_id))
    require(sent == 1, "one registration", f"{sent} of them")


@check("gateway.card.travels")
async def travels(case: Case) -> None:
    """Scans and checks out with a linked card."""
    stage = Stage(case)
    story = await linked(stage)
    barcode = stage.node.goods.sell()
    cart = await story.shopper.check_out(await story.shopper.cart(barcode))
    [scan, *_] = stage.node.heard("/product/search/barcode", barcode)
    [check_, *_] = stage.node.heard("/control/check", cart["invoiceId"])
    wanted = (story.kind["id"], story.card["cardNumber"])
    for received in (scan, check_):
        cards = [
            (card.get("id"), card.get("cardNumber")) for card in received.json().get("loyaltyCards") or []
        ]
        require(wanted in cards, f"the card {wanted} in {received.name}", cards)


@check("gateway.card.bonus")
async def bonus(case: Case) -> None:
    """Looks at one's cards."""
    stage = Stage(case)
    story = await linked(stage)
    if story.kind.get("type") != "BONUS":
        raise Unseen("the store has no card that collects a bonus")
    cards = await story.shopper.does("GET", "/loyalty-cards")
    [received, *_] = await stage.node.wait_for("/card/loyalty/bonus", story.shopper.person_id)
    told = received.json()
    require_document("LoyaltyCardBonusRequest", told, received.name)
    number = told["card"].get("cardNumber")
    require(number == story.card["cardNumber"], f"the card {story.card['cardNumber']}", number)
    shown = next((card.get("bonus") for card in cards if card["id"] == story.kind["id"]), None)
    require(shown is not None and money(shown) == money(BONUS), f"a bonus of {BONUS}", shown)


@check("gateway.offers.request")
async def offers_request(case: Case) -> None:
    """Looks at the question for offers."""
    stage = Stage(case)
    shopper, store = await stage.shopper(), stage.subject.store.institution_id
    await shopper.does("GET", f"/stores/{store}/offers")
    [received, *_] = await stage.node.wait_for("/offer/search", shopper.person_id)
    told = received.json()
    require_document("OfferSearchRequest", told, received.name)
    seen = (told.get("institutionId"), told.get("personId"), told.get("langCode"))
    require(seen == (store, shopper.person_id, "EN"), f"{store}, the shopper, EN", seen)


@check("gateway.offers.shown")
async def offers_shown(case: Case) -> None:
    """Looks at offers as the shopper."""
    stage = Stage(case)
    shopper = await stage.shopper()
    shown = await shopper.does("GET", f"/stores/{stage.subject.store.institution_id}/offers")
    kinds = sorted(str(offer.get("type")) for offer in shown)
    require(kinds == ["DEFAULT", "DISCOUNT"], "a DISCOUNT and a DEFAULT offer", kinds)
