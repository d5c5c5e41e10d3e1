from conftest import Ask

from club import BONUS, HOLDERS

NUMBER, BONUS_ON_IT = next(iter(BONUS.items()))
QUESTION = {"institutionId": "store", "personId": "holder", "card": {"id": "card", "cardNumber": NUMBER}}


def test_the_holder_of_a_card_is_told_its_bonus(ask: Ask) -> None:
    HOLDERS[NUMBER] = "holder"
    assert ask("/card/loyalty/bonus", QUESTION).document["bonus"] == float(BONUS_ON_IT)


def test_nobody_else_is_told_it(ask: Ask) -> None:
    HOLDERS[NUMBER] = "holder"
    assert ask("/card/loyalty/bonus", {**QUESTION, "personId": "another"}).status == 404
