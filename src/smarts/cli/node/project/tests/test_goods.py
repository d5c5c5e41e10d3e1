from conftest import Ask

from goods import goods

FIRST = goods.products[0]


def test_a_barcode_finds_its_product(ask: Ask) -> None:
    answer = ask("/product/search/barcode", {"barcode": FIRST.barcode})
    assert (answer.status, answer.document["id"]) == (200, FIRST.id)


def test_what_is_not_sold_is_not_found(ask: Ask) -> None:
    assert ask("/product/search/barcode", {"barcode": "0"}).status == 404


def test_a_name_finds_its_product(ask: Ask) -> None:
    answer = ask("/product/search/name", {"name": FIRST.translatable_name.original_text})
    assert FIRST.barcode in [product["barcode"] for product in answer.document]


def test_all_goods_are_on_the_pages(ask: Ask) -> None:
    answer = ask("/product/search", {"page": 1, "limit": 1, "request": {}})
    assert (len(answer.document["result"]), answer.document["totalCount"]) == (1, len(goods.products))


def test_the_categories_of_the_goods_are_there(ask: Ask) -> None:
    categories = {category["id"] for category in ask("/product/search/category", {}).document}
    assert categories >= {category.id for product in goods.products for category in product.categories}


def test_nobody_without_the_token_is_answered(ask: Ask) -> None:
    assert ask("/version", token="another").status == 401
