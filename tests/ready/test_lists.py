"""Campaigns, cards and offers of the settings and of files, as the gateway sees them."""

from datetime import timedelta
from hashlib import sha256

import pytest

from ready.parts import BEER, BREAD, CHOCOLATE, Clock, calling, client_card, ready_store
from smarts.ready.campaign_lists import read_campaigns
from smarts.ready.sources import SourceError
from smarts.wire.products import OrderBy, PageRequest, ProductSearchRequest

CAMPAIGNS = """
[[campaigns]]
name = "Today only"
code = "B00000000001"
operation = "amount"
barcodes = ["4740000000018"]
from = 2026-11-30
until = 2026-11-30
[[campaigns]]
name = "Everything"
code = "B00000000002"
operation = "unitPrice"
[[campaigns]]
file = "campaigns.csv"
"""
FILE = """name;code;operation;barcodes;categories;from;until
Sweets;B00000000501;total * 0.9;;Maius;2026-11-01;2026-12-31
Drinks;B00000000502;amount > 5 ? total * 0.9 : total;4740000000025; ;;
"""


async def names(node, barcode):
    product = await node.post("/product/search/barcode", {"barcode": barcode})
    return [each["name"] for each in product["campaigns"]]


async def test_products_carry_the_campaigns_of_the_day(tmp_path):
    """By barcode, category or everywhere, in the order as listed; a day later what is over has gone."""
    (tmp_path / "campaigns.csv").write_text(FILE)
    clock = Clock()
    async with calling(ready_store(tmp_path, CAMPAIGNS, clock=clock)) as node:
        assert await names(node, BREAD) == ["Today only", "Everything"]
        assert await names(node, CHOCOLATE) == ["Everything", "Sweets"]
        assert await names(node, BEER) == ["Everything", "Drinks"]
        clock.now += timedelta(hours=14, minutes=59)  # 23:59 in Tallinn
        assert await names(node, BREAD) == ["Today only", "Everything"]
        clock.now += timedelta(minutes=1)
        assert await names(node, BREAD) == ["Everything"]
        found = await node.post("/product/search/name", {"name": "rukki"})
        assert [each["name"] for each in found[0]["campaigns"]] == ["Everything"]
        page = PageRequest(
            request=ProductSearchRequest(), order_by=OrderBy.DESCENDING, order_field_name="price"
        )
        first = (await node.post("/product/search", page))["result"][0]
        assert [each["name"] for each in first["campaigns"]] == ["Everything", "Sweets"]


async def test_a_list_that_changes_counts_at_once(tmp_path):
    """A file of campaigns is read anew when it changed; one that can no longer be read leaves all as it was."""
    file = tmp_path / "campaigns.csv"
    file.write_text(FILE)
    store = ready_store(tmp_path, '[[campaigns]]\nfile = "campaigns.csv"')
    async with calling(store) as node:
        assert await names(node, CHOCOLATE) == ["Sweets"]
        file.write_text(FILE.replace("Sweets", "More sweets"))
        store.look_after_lists()
        assert await names(node, CHOCOLATE) == ["More sweets"]
        file.write_text("nothing;of;use\n1;2;3\n")
        store.look_after_lists()
        assert await names(node, CHOCOLATE) == ["More sweets"]
        file.unlink()
        store.look_after_lists()
        assert await names(node, CHOCOLATE) == ["More sweets"]


@pytest.mark.parametrize(
    ("line", "column", "words"),
    [
        (";B00000000001;amount;;;;", "name", "text"),
        ("a;B001;amount;;;;", "code", "12 characters"),
        ("a;B00000000009;amount;;;;", "code", "009"),
        ("a;B00000000001;amount +;;;;", "operation", "operation"),
        ("a;B00000000001;amount;;;24.12.2026;", "from", "2026-12-24"),
        ("a;B00000000001;amount;;;2026-12-24;2026-12-23", "until", "until"),
    ],
)
def test_bad_rows_of_campaigns(tmp_path, line, column, words):
    """A bad row is told by its line, its column and why; the good rows count."""
    file = tmp_path / "campaigns.csv"
    file.write_text(FILE + line + "\n")
    listed = read_campaigns(file)
    assert len(listed.items) == 2
    (complaint,) = listed.complaints
    assert (complaint.row, complaint.column) == (4, column)
    assert words in complaint.reason


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name,code\na,b\n", "operation"),
        ("name,code,operation,colour\na,b,c,d\n", "colour"),
        (None, "campaigns.csv"),
    ],
)
def test_lists_that_are_none(tmp_path, text, words):
    """A list without a column that it needs, with one that nobody knows, or that is not there is refused as a whole."""
    file = tmp_path / "campaigns.csv"
    if text:
        file.write_text(text)
    with pytest.raises(SourceError, match=words):
        read_campaigns(file)


CARDS = """number,code,phone,email,id_code,bonus,kind
9200 0007,77,+372 5555 1234,Mari@Example.com,,3.40,bonus
9200 0008,77,5555 9999,,,2,bonus
9200 0009,,5555 9999,,sha256:b18f04f2e3b1ab21a5d5a1b6d2bb7f3b4bd4f5fc0cd86ae3fa5c25ed0d7c02e1,,
9200 0007,,,,,,
bad,123456789,,,,,
bad2,,,,,many,
"""


def asking(value, *ways, person="mari", kind="bonus"):
    card = {"id": kind, "type": "BONUS", "name": {"originalText": "x"}, "validationTypes": list(ways)}
    return {"loyaltyCard": card, "value": value, "personId": person}


async def test_cards_of_a_list(tmp_path, database_section):
    """A card is linked by what its holder knows however it is spelled, by one shopper only, who may do so again."""
    (tmp_path / "cards.csv").write_text(CARDS)
    text = '[loyalty]\nfile = "cards.csv"\nbonus = true\n' + database_section
    store = ready_store(tmp_path, text)
    assert [(each.row, each.column) for each in store.card_file.listed.complaints] == [
        (5, "number"),
        (6, "code"),
        (7, "bonus"),
    ]
    async with calling(store) as node:
        linked = await node.post("/card/loyalty", asking("5555-1234", "PHONE"))
        assert linked == {"cardNumber": "92000007", "machineReadableCode": "77", "bonus": 3.4}
        assert await node.post("/card/loyalty", asking("mari@example.COM ", "EMAIL")) == linked
        taken = await node.post("/card/loyalty", asking("92000007", "CARD_NUMER", person="juri"), status=422)
        assert "already linked" in taken["detail"]
        for nobodys in (
            asking("5555 9999", "PHONE"),
            asking("92000007", "CARD_NUMER", kind="other"),
            asking("1"),
        ):
            assert "no such card" in (await node.post("/card/loyalty", nobodys, status=422))["detail"]
        bonus = {"institutionId": "s", "card": client_card("92000007"), "personId": "mari"}
        assert await node.post("/card/loyalty/bonus", bonus) == {"bonus": 3.4, "currency": "EUR"}
        await node.post("/card/loyalty/bonus", bonus | {"personId": "juri"}, status=404)


async def test_a_digest_in_a_list_of_cards(tmp_path):
    """What a shopper types is compared with a digest where the list has one, so that the list need not hold it."""
    digest = sha256(b"49001010000").hexdigest()
    (tmp_path / "cards.csv").write_text(f"number,id_code\n1,SHA256:{digest.upper()}\n")
    async with calling(ready_store(tmp_path, '[loyalty]\nfile = "cards.csv"')) as node:
        assert (await node.post("/card/loyalty", asking("4900101-0000", "IDCODE")))["cardNumber"] == "1"
        await node.post("/card/loyalty", asking(digest, "IDCODE", person="thief"), status=422)


OFFERS = """
[loyalty]
file = "cards.csv"
[[offers]]
id = "join"
title = { ET = "Tule!", EN = "Come!" }
description = "Sõnad"
[[offers]]
id = "cheese"
title = "Juust"
image = "https://images.example.com/a.webp"
price = 5.00
usual_price = 7.50
until = 2026-12-24
[[offers]]
id = "friends"
title = "Sõpradele"
barcode = "4740000000032"
cards = ["77"]
[[offers]]
id = "gone"
title = "Ei müü enam"
barcode = "4740000000099"
"""


async def test_offers_of_the_settings(tmp_path):
    """Everybody gets the general ones, holders of a card theirs too; goods that are not sold are not offered."""
    (tmp_path / "cards.csv").write_text("number,code\n1,77\n")
    async with calling(ready_store(tmp_path, OFFERS)) as node:
        await node.post("/card/loyalty", asking("1", person="mari"))

        async def ids(person, **more):
            about = {"institutionId": "s", "personId": person, "loyaltyCards": [client_card("1")]}
            return [each["id"] for each in await node.post("/offer/search", about | more)]

        assert await ids("mari") == ["join", "cheese", "friends"]
        assert await ids("juri") == ["join", "cheese"]
        assert await ids("mari", classification="PERSONAL") == ["friends"]
        assert await ids("mari", classification="GENERAL") == ["join", "cheese"]
        join, cheese, friends = await node.post(
            "/offer/search", {"institutionId": "s", "personId": "mari", "loyaltyCards": [client_card("1")]}
        )
    assert join["type"] == "DEFAULT"
    assert join["title"] == {"originalText": "Tule!", "translations": [{"ET": "Tule!"}, {"EN": "Come!"}]}
    assert (cheese["type"], cheese["discountPercentage"], cheese["offerPrice"]) == ("DISCOUNT", 33, 5)
    assert cheese["endDate"] == "2026-12-24"
    assert friends["relatedProduct"]["barcode"] == CHOCOLATE
