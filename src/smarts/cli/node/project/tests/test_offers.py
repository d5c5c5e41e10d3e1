from conftest import Ask

from goods import goods


def test_everybody_sees_an_offer_on_something_that_is_sold(ask: Ask) -> None:
    (offer,) = ask("/offer/search", {"institutionId": "store"}).document
    assert goods.find(offer["relatedProduct"]["barcode"])


def test_nothing_is_offered_to_one_shopper_alone(ask: Ask) -> None:
    assert ask("/offer/search", {"institutionId": "store", "classification": "PERSONAL"}).document == []
