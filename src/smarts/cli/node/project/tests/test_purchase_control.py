from conftest import Ask
from documents import cart

from goods import goods
from purchase_control import has_age_limit


def test_goods_with_an_age_limit_have_the_age_looked_at(ask: Ask) -> None:
    for product in goods.products:
        answer = ask("/control/check", cart("PurchaseControlCheckRequest", product))
        assert answer.document == {"decision": "AGE" if has_age_limit(product.barcode) else "NO"}
