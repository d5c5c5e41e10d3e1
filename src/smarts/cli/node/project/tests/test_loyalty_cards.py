from conftest import Ask
from documents import document

from club import BONUS, HOLDERS

NUMBER = next(iter(BONUS))


def test_a_card_belongs_to_whoever_links_it_first(ask: Ask) -> None:
    HOLDERS.clear()
    first = document("LoyaltyCardRegistrationRequest", value=NUMBER, personId="first")
    linked = [ask("/card/loyalty", first) for _ in range(2)]
    assert [(answer.status, answer.document["cardNumber"]) for answer in linked] == [(200, NUMBER)] * 2
    assert ask("/card/loyalty", {**first, "personId": "second"}).status == 422


def test_an_unknown_card_is_refused_with_words_for_the_shopper(ask: Ask) -> None:
    refused = ask("/card/loyalty", document("LoyaltyCardRegistrationRequest", value="0"))
    assert refused.status == 422
    assert refused.document["detail"]
