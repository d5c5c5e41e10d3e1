from datetime import date

import pytest

from smarts.demo.catalogue import read_price_list, read_promotions
from smarts.wire.products import Campaign

PROMOTION = (
    '{"barcode": "96385074", "name": "1 € off", "code": "B00000000002", '
    '"operation": "amount >= 1 ? unitPrice - 0.8 : unitPrice", "start": "2017-05-08", "end": "2017-06-25"}'
)
FREE = '{"barcode": "96385074", "name": "Free", "code": "B00000000001", "operation": "amount - 1"}'


@pytest.fixture
def promotions(tmp_path):
    path = tmp_path / "promotions.jsonl"
    path.write_text("\n".join([PROMOTION, FREE, "", "{}", "none"]), "utf-8")
    return path


def test_promotions_on_products(tmp_path, promotions):
    """Campaigns from a file come with their products, in the file's order."""
    prices = tmp_path / "prices.csv"
    columns = "barcode,name,lang,category,quantity,unit,price,currency,country"
    prices.write_text(f"{columns}\n96385074,Tee,et,,,,2.49,EUR,EE\n", "utf-8")
    (tea,) = read_price_list(prices, read_promotions(promotions, None).campaigns).catalogue.products
    assert [campaign.name for campaign in tea.campaigns] == ["1 € off", "Free"]
    assert tea.campaigns[1] == Campaign("Free", "B00000000001", "amount - 1")


@pytest.mark.parametrize(
    ("day", "names"),
    [
        (date(2017, 5, 7), ["Free"]),
        (date(2017, 5, 8), ["1 € off", "Free"]),
        (date(2017, 6, 25), ["1 € off", "Free"]),
        (date(2017, 6, 26), ["Free"]),
        (None, ["1 € off", "Free"]),
    ],
)
def test_promotions_of_a_day(promotions, day, names):
    """A campaign runs from its start to its end, both included; without a day all run."""
    found = read_promotions(promotions, day)
    assert [campaign.name for campaign in found.campaigns["96385074"]] == names


def test_lines_that_are_no_campaigns(promotions):
    """Lines that are no campaigns are counted and left out."""
    assert read_promotions(promotions, date(2018, 1, 1)).left_out == {"not a campaign": 3, "not running": 1}
