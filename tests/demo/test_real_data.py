from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from smarts.campaigns.code import Buyer
from smarts.campaigns.pricing import price_cart
from smarts.campaigns.rows import CartLine
from smarts.demo.catalogue import institution_campaigns, read_price_list, read_promotions
from smarts.demo.replay.baskets import choose, read_baskets
from smarts.demo.replay.reckoning import Reckoning, read_offers, read_prices, total_shares
from smarts.wire.money import Currency

DATA = Path(__file__).parents[3] / "shared" / "data"
PRODUCTS, CAMPAIGNS = DATA / "products.csv.gz", DATA / "promotions_ee_demo.jsonl.gz"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"needs the real data in {DATA}")


@pytest.fixture(scope="module")
def prices():
    return read_price_list(PRODUCTS, read_promotions(CAMPAIGNS, None).campaigns)


def test_every_priced_estonian_product(prices):
    """Every Estonian row with a price is sold, with its campaigns, and each other row is counted."""
    sold = prices.catalogue.products
    assert len(sold) == 16_842
    assert Counter(bool(product.campaigns) for product in sold)[True] == 1_557
    assert len(sold) + sum(prices.left_out.values()) == 314_240
    assert prices.left_out.keys() == {"no price", "another country"}


def test_real_baskets(prices):
    """Carts priced by the campaign standard cost what an independent sum says, for 1,000 real baskets."""
    reckoning = Reckoning(
        read_prices(PRODUCTS), read_offers(CAMPAIGNS), total_shares(institution_campaigns())
    )
    baskets = read_baskets(DATA / "baskets.csv.gz", DATA / "item_map.csv.gz")
    chosen = choose(baskets, 1000, 7, lambda basket: reckoning.is_struck(basket.contents))
    assert sum(reckoning.is_struck(basket.contents) for basket in chosen) >= 250
    for basket in chosen:
        cart = [
            CartLine(barcode, prices.catalogue.find(barcode), amount)
            for barcode, amount in basket.contents.items()
        ]
        priced = price_cart(cart, institution_campaigns(), Buyer(client=False), Currency.EUR)
        assert priced.total.total_to_pay == reckoning.total(basket.contents) > Decimal(0), basket.id
