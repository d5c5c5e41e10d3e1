from conftest import Ask

from goods import goods


def test_everybody_sees_an_offer_on_something_that_is_sold(ask: Ask) -> None:
    offers = ask("/offer/search", {"institutionId": "store"}).document
    related = [offer["relatedProduct"]["barcode"] for offer in offers if offer["type"] == "PRODUCT_RELATED"]
    assert all(map(goods.find, related))


def test_a_discount_is_one(ask: Ask) -> None:
    offers = ask("/offer/search", {"institutionId": "store", "classification": "GENERAL"}).document
    (discount,) = [offer for offer in offers if offer["type"] == "DISCOUNT"]
    assert discount["offerPrice"] < discount["defaultPrice"]


def test_nothing_is_offered_to_one_shopper_alone(ask: Ask) -> None:
    assert ask("/offer/search", {"institutionId": "store", "classification": "PERSONAL"}).document == []
