"""Checks of loyalty cards and their bonus."""

from decimal import Decimal

from smarts.kit import documents
from smarts.kit.carts import Json
from smarts.kit.check import Unseen, check
from smarts.kit.exchange import Answer
from smarts.kit.expect import document, excerpt, needed, read, require_refusal, require_status
from smarts.kit.subject import Case
from smarts.kit.sums import number
from smarts.kit.verdicts import needs, problem_of, require, require_alike, require_words
from smarts.wire.operations import CARD_BONUS, REGISTER_CARD

# The same in every run, since a card that was linked once stays linked.
HOLDER, STRANGER = "conformance-card-holder", "conformance-stranger"
_ODD = (
    "",
    " ",
    "0",
    "-1",
    "9" * 5_000,
    "' or '1'='1",
    "%s%n{0}$(id)",
    "kaart\n\t",
    "🂡" * 50,
    "‮1234",
    "../../etc",
)
_LONGEST_REFUSAL = 500  # characters
_INSIDE = ("Traceback", "Exception", "stack", "SQLSTATE", "  at ", "null pointer")


async def _refused(case: Case) -> Answer:
    """The answer to something that proves no card."""
    return await case.ask(REGISTER_CARD, _nonsense(case))


def _nonsense(case: Case) -> Json:
    return documents.registration(case, documents.new_id(), case.subject.person_id)


async def _link(case: Case) -> Json:
    """The answer when the operator's card is linked to a shopper of ours."""
    found: Json = await document(case, REGISTER_CARD, _registration(case, HOLDER))
    return found


async def linked_card(case: Case) -> Json:
    """The operator's card, linked to a shopper of ours, as it travels with requests."""
    with needed("cards.linked.shape"):
        card_number = (await _link(case))["cardNumber"]
    kind = _registration(case, HOLDER)["loyaltyCard"]["id"]
    return {"id": kind, "cardNumber": card_number, "useBonusOnPayment": False}


def _registration(case: Case, person_id: str) -> Json:
    if not case.subject.card:
        raise Unseen("no card that may be linked is known; name what proves one with --card")
    return documents.registration(case, case.subject.card, person_id)


@check("cards.refused.status")
async def refused(case: Case) -> None:
    """Types something that is nobody's."""
    require_status(await _refused(case), 422)


@check("cards.refused.words")
async def words(case: Case) -> None:
    """Reads the refusal."""
    answer = await _refused(case)
    with needed("cards.refused.status"):
        require_refusal(answer)
    require_words(answer)


@check("cards.refused.odd")
async def odd(case: Case) -> None:
    """Types what people and machines type by mistake, or on purpose."""
    for value in _ODD:
        request = documents.registration(case, value, case.subject.person_id)
        answer = await case.ask(REGISTER_CARD, request)
        require_status(answer, 422, words=f"422 for {value[:20]!r}")


@check("cards.refused.plain")
async def plain(case: Case) -> None:
    """Looks for what only the node's makers understand."""
    await needs(case, "cards.refused.words")
    detail = str(problem_of(await _refused(case)).get("detail"))
    require(
        len(detail) <= _LONGEST_REFUSAL, f"at most {_LONGEST_REFUSAL} characters", f"{len(detail)} characters"
    )
    found = [inside for inside in _INSIDE if inside.lower() in detail.lower()]
    require(not found, "a sentence for a shopper", detail)


@check("cards.spelling.card-number")
async def spelling_of_the_number(case: Case) -> None:
    """Asks for a card that is proven by its number, in both spellings."""
    await _require_either_spelling(
        case, {"validationTypes": ["CARD_NUMER"]}, {"validationTypes": ["CARD_NUMBER"]}
    )


@check("cards.spelling.validation-type")
async def spelling_of_the_types(case: Case) -> None:
    """Names the ways under both names of the field."""
    ways = documents.golden(case, "LoyaltyCard")["validationTypes"]
    await _require_either_spelling(case, {"validationTypes": ways}, {"validationType": ways})


async def _require_either_spelling(case: Case, usual: Json, other: Json) -> None:
    request = _nonsense(case)
    kind = request["loyaltyCard"]
    del kind["validationTypes"]
    answers = [
        await case.ask(REGISTER_CARD, request | {"loyaltyCard": kind | ways}) for ways in (usual, other)
    ]
    require_alike(answers[1], answers[0])


@check("cards.person.unnamed")
async def unnamed(case: Case) -> None:
    """Leaves out who the shopper is."""
    request = _nonsense(case)
    usual = await case.ask(REGISTER_CARD, request)
    unnamed_request = {name: request[name] for name in ("loyaltyCard", "value", "personId")}
    require_alike(await case.ask(REGISTER_CARD, unnamed_request), usual)


@check("cards.linked.shape")
async def linked(case: Case) -> None:
    """Links the operator's card."""
    found = await _link(case)
    require(bool(found["cardNumber"].strip()), "a cardNumber that is not empty", found)


@check("cards.linked.again")
async def linked_again(case: Case) -> None:
    """Links the operator's card twice."""
    card = await linked_card(case)
    again = (await _link(case))["cardNumber"]
    require(again == card["cardNumber"], f"the card {card['cardNumber']!r} again", repr(again))


@check("cards.linked.by-another")
async def linked_by_another(case: Case) -> None:
    """Links the operator's card to a shopper, and asks for it as another one."""
    await linked_card(case)
    require_status(await case.ask(REGISTER_CARD, _registration(case, STRANGER)), 422)


async def bonus_on(case: Case, card: Json) -> Decimal:
    """The bonus on the operator's card, at which a check looks."""
    with needed("bonus.answer.shape"):
        return number(read(await _bonus(case, card, HOLDER), CARD_BONUS), "bonus")


async def _bonus(case: Case, card: Json, person_id: str) -> Answer:
    return await case.ask(CARD_BONUS, documents.bonus_request(case, card, person_id))


@check("bonus.answer.shape")
async def bonus_shape(case: Case) -> None:
    """Looks at the bonus on the operator's card by its schema."""
    read(await _bonus(case, await linked_card(case), HOLDER), CARD_BONUS)


@check("bonus.answer.sense")
async def bonus_sense(case: Case) -> None:
    """Looks at the bonus on the operator's card."""
    bonus = await bonus_on(case, await linked_card(case))
    require(bonus >= 0, "a bonus of 0 or more", bonus)


@check("bonus.unknown.clean")
async def unknown_card(case: Case) -> None:
    """Asks for the bonus on a card that is nobody's."""
    answer = await _bonus(case, documents.unknown_card(case), case.subject.person_id)
    if answer.status == 200:
        bonus = number(read(answer, CARD_BONUS), "bonus")
        require(bonus == 0, "a bonus of 0, or a refusal", excerpt(answer))
    else:
        require_refusal(answer)


@check("bonus.unknown.status")
async def unknown_card_status(case: Case) -> None:
    """Asks for the bonus on a card that is nobody's."""
    require_status(await _bonus(case, documents.unknown_card(case), case.subject.person_id), 404)


@check("bonus.anothers")
async def anothers(case: Case) -> None:
    """Links the operator's card, and asks for its bonus as another shopper."""
    require_refusal(await _bonus(case, await linked_card(case), STRANGER))
