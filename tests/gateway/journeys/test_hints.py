"""Near misses and reasons why not, as the shopper's API tells them."""

from typing import Any

import pytest

from gateway.journeys.world import Shopper, World, product
from smarts.wire.products import Campaign, InspectionAction, MaxAmount, MinAge

SAI = "4740000000052"
FROM_FIVE = Campaign("Viis", "B00000000002", "amount >= 5 ? unitPrice - 0.5 : unitPrice")


async def cart_of(world: World, quantity: int, shopper: Shopper, **sold: Any) -> dict[str, Any]:
    world.merchant.add(product(SAI, "Sai", "2.98", campaigns=(FROM_FIVE,), **sold))
    return await shopper.scan(await shopper.cart(world.institution_id), SAI, quantity=quantity)


@pytest.mark.parametrize(
    ("language", "hinted", "why_not"),
    [
        ("EN", "3 more and each costs 0.62 EUR less.", "It counts from 5 pieces on."),
        ("ET", "Võtke veel 3 ja igaüks maksab 0,62 EUR vähem.", "Kehtib alates kogusest 5."),
        ("RU", "Возьмите ещё 3, и каждая единица станет дешевле на 0,62 EUR.", "Действует от количества 5."),
    ],
)
async def test_a_hint_followed_costs_what_it_said(
    world: World, language: str, hinted: str, why_not: str
) -> None:
    """The cart tells what three more would save, and why not yet, in the shopper's language; the price is kept."""
    shopper = await world.shopper(langCode=language)
    cart = await cart_of(world, 2, shopper)
    [hint], [line] = cart["hints"], cart["lines"]
    assert (hint["lineId"], hint["quantity"], hint["words"]) == (line["lineId"], 5, hinted)
    assert [(each["reason"], each["words"]) for each in line["campaigns"]] == [("UNCHANGED", why_not)]
    path = f"/shop/v1/carts/{cart['id']}/lines/{hint['lineId']}"
    followed = (await shopper.call("PATCH", path, {"quantity": hint["quantity"]})).body
    assert followed["total"]["totalToPay"] == hint["total"] == 11.8  # 5 * (2.98 - 0.5 and its VAT)
    assert followed["lines"][0]["rowTotal"] == hint["rowTotal"]
    assert followed["hints"] == []


@pytest.mark.parametrize(
    ("rule", "quantity"),
    [
        (MinAge(age=18), 4),
        (MaxAmount(amount=4, action=InspectionAction.INSPECT), 4),
    ],
)
async def test_nobody_is_told_to_take_what_is_looked_at(world: World, rule: Any, quantity: int) -> None:
    """Goods with an age limit, or of which more would be checked, are never hinted at."""
    cart = await cart_of(world, quantity, await world.shopper(), inspections=(rule,))
    assert (len(cart["lines"]), cart["hints"]) == (1, [])


async def test_a_hint_about_the_whole_purchase(world: World) -> None:
    """A store's limit that a little more reaches is promised with what is then paid, while the cart is open."""
    store = Campaign("Kümnes", "B00000000501", "total >= 9.5 ? total * 0.9 : total")
    await world.change_store(campaigns=(store,))
    world.merchant.add(product(SAI, "Sai", "2.98"))
    shopper = await world.shopper(langCode="EN")
    cart = await shopper.scan(await shopper.cart(world.institution_id), SAI, quantity=3)
    [hint] = cart["hints"]
    assert hint["words"] == "1 more and the purchase costs 10.73 EUR: 1.19 EUR saved."
    assert [each["parameters"]["fromWithVat"] for each in cart["campaigns"]] == ["11.78"]
    cart = await shopper.scan(cart, SAI)
    assert (cart["total"]["totalToPay"], cart["hints"]) == (hint["total"], [])
    assert (await shopper.check_out(await shopper.scan(cart, SAI)))["hints"] == []
