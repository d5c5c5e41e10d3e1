"""Why a cart is checked, as its staff read it."""

import json
import re
from collections.abc import AsyncIterator
from datetime import datetime
from decimal import Decimal
from html import unescape

import pytest
from msgspec.structs import replace

from gateway.journeys.world import BEER, BREAD, World, product, small_world
from gateway.web.browsing import signed_in
from smarts.control import Policy
from smarts.gateway.carts.inspections import born_by
from smarts.gateway.parties import Role, Switches
from smarts.wire.control import Decision
from smarts.wire.products import MaxAmount, MinAge
from smarts.wire.text import Translatable
from smarts.wire.times import TimeZone


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    """A store that checks everything."""
    async with small_world(database_url) as made:
        made.merchant.decision = Decision.FULL
        yield made


async def test_whoever_checks_an_age_sees_for_which_goods_and_the_latest_birthday(world: World) -> None:
    """By the store's own clocks, which may show another day than the reader's; goods in the reader's language."""
    zone = TimeZone("Pacific/Kiritimati")  # 14 hours ahead
    await world.change_store(time_zone=zone, switches=Switches(merchant_side_purchase_control=False))
    beer = product(BEER, "Õlu", "1.80", inspections=(MinAge(age=18),))
    cider = replace(
        product("4740000000069", "Siider", "2.10", inspections=(MinAge(age=18),)),
        translatable_name=Translatable.of("Siider", EN="Cider"),
    )
    spirit = product("4740000000076", "Viin", "9.90", inspections=(MinAge(age=20),))
    world.merchant.add(beer, cider, spirit)
    shopper = await world.shopper()
    goods = (BREAD, BEER, cider.barcode, spirit.barcode)
    invoice = (await shopper.check_out(await shopper.cart(world.institution_id, *goods)))["invoiceId"]
    async with signed_in(world, Role.WORKER) as staff:
        page = (await staff.get(f"/work/checks/{invoice}")).text
    told = re.findall(
        r'<span class="age">(\d+)\+</span>.*?<strong>(.*?)</strong>.*?<small>(.*?)</small>', page, re.DOTALL
    )
    today = datetime.now(zone.zone).date()
    assert told == [
        (str(age), f"{born_by(age, today):%d.%m.%Y}", names)
        for age, names in ((20, "Viin"), (18, "Õlu, Cider"))
    ]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["Rukkileib: at most 1.5 can be bought", "More than €1.00", "More than 1 pieces",
                "The shopper's first purchase here", "The store's system wants it checked"]),
        ("et", ["Rukkileib: võib osta kuni 1,5", "Üle 1,00\N{NO-BREAK SPACE}€", "Üle 1 tüki",
                "Ostja esimene ost siin poes", "Poe süsteem soovib kontrolli"]),
        ("ru", ["Rukkileib: можно купить не больше 1,5", "Больше 1,00\N{NO-BREAK SPACE}€", "Больше 1 шт.",
                "Первая покупка покупателя здесь", "Система магазина просит проверить покупку"]),
    ],
)  # fmt: skip
async def test_reasons_are_told_in_the_readers_words(world: World, language: str, words: list[str]) -> None:
    """With the goods that they are about, and sums and amounts as people of the language write them."""
    rules = Policy(first_purchases=1, total_over=Decimal(1), pieces_over=1)
    await world.set_policy(rules)
    world.merchant.add(product(BREAD, "Rukkileib", "1.49", inspections=(MaxAmount(amount=Decimal("1.5")),)))
    shopper = await world.shopper()
    invoice = (await shopper.check_out(await shopper.cart(world.institution_id, BREAD, BREAD)))["invoiceId"]
    async with signed_in(world, Role.WORKER) as staff:
        page = unescape((await staff.get(f"/work/checks/{invoice}?lang={language}")).text)
    assert [each for each in words if each not in page] == []


async def test_carts_that_an_older_release_locked_tell_their_reasons_too(world: World) -> None:
    """Their reasons have a sentence and nothing else."""
    shopper = await world.shopper()
    cart = await shopper.check_out(await shopper.cart(world.institution_id, BREAD))
    old = [
        {"code": "MIN_AGE", "message": "18+: staff check your age"},
        {"code": "STORE", "message": "The store checks this purchase"},
    ]
    async with world.gateway.database.transaction() as tx:
        await tx.execute(
            "UPDATE carts SET head = jsonb_set(head::jsonb, '{check,reasons}', $2::jsonb)::json WHERE id = $1",
            cart["id"],
            json.dumps(old),
        )
    async with signed_in(world, Role.WORKER) as staff:
        page = (await staff.get(f"/work/checks/{cart['invoiceId']}?lang=et")).text
    assert "18+: staff check your age" in page
    assert "Pood kontrollib seda ostu" in page


async def test_what_went_wrong_is_told_in_the_readers_language(world: World) -> None:
    """A check that is over is told so in words of the language, without the sentence that programs are told."""
    shopper = await world.shopper()
    invoice = (await shopper.check_out(await shopper.cart(world.institution_id, BREAD)))["invoiceId"]
    async with signed_in(world, Role.WORKER) as staff:
        fields = {"csrf": (await staff.get("/work?lang=et")).csrf(), "status": "PASSED"}
        assert (await staff.post(f"/work/checks/{invoice}/result", fields)).status == 303
        page = await staff.post(f"/work/checks/{invoice}/result", fields)
    assert page.status == 409
    assert "See kontroll on läbi" in page.text
    assert "The check is PASSED" not in page.text
