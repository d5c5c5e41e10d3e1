"""A card that was unlinked after the check-out: neither its bonus nor its prices pay for the cart."""

from decimal import Decimal
from typing import Any

import pytest

from gateway.journeys import club as club_parts
from gateway.journeys.club import NUMBER, ClubWorld
from gateway.journeys.world import BREAD, Reply, Shopper, product, until
from smarts.gateway.parties import Switches

RECEIPTS = Switches(merchant_side_invoicing=True)


def with_bonus(card_id: str) -> dict[str, Any]:
    return {"id": card_id, "useBonusOnPayment": True}


async def unlink(shopper: Shopper, card_id: str) -> None:
    """The shopper lets a card go."""
    assert (await shopper.call("DELETE", f"/shop/v1/loyalty-cards/{card_id}")).status == 204


def is_changed(reply: Reply) -> bool:
    """Whether the cart has to be looked at again."""
    return (reply.status, reply.body["type"]) == (409, "cart-changed")


async def paid_in_all(club: ClubWorld, cart: dict[str, Any]) -> float:
    """What the shopper was charged for a cart, as the manager sees it."""
    path = f"/manage/v1/stores/{club.store_id}/payments/{cart['invoiceId']}"
    reply = await club.manager.get(path)
    return float(reply.body["charged"]) if reply.status == 200 else 0.0


@pytest.mark.parametrize("bonus", ["1.00", "1.49"], ids=["a part", "all"])
async def test_the_bonus_of_an_unlinked_card_pays_for_nothing(
    club: ClubWorld, monkeypatch: pytest.MonkeyPatch, bonus: str
) -> None:
    """The payment is refused and nothing taken; the open cart has no card any more, and costs what it costs."""
    monkeypatch.setattr(club_parts, "BONUS_USED", Decimal(bonus))
    await club.world.change_store(switches=RECEIPTS)
    card_id = await club.define()
    shopper = await club.member(card_id)
    cart = await shopper.cart(club.store_id, BREAD)
    assert (await club.use(shopper, cart, with_bonus(card_id))).status == 200
    ready = await shopper.check_out(cart)
    assert ready["receipt"]["total"] == float(Decimal("1.49") - Decimal(bonus))

    await unlink(shopper, card_id)
    assert (await club.member(card_id)) is not shopper
    assert is_changed(await shopper.pay(ready))
    reopened = await shopper.look(cart)
    assert (reopened["state"], reopened["loyaltyCards"], reopened["payment"]) == ("OPEN", [], None)
    assert await paid_in_all(club, ready) == 0

    again = await shopper.check_out(cart)
    assert again["receipt"]["total"] == 1.49
    assert (await shopper.pay(again)).status == 200
    assert await paid_in_all(club, again) == 1.49
    (confirmed,) = await until(lambda: club.merchant.confirmations)
    assert confirmed.invoice_id == again["invoiceId"]


async def test_members_prices_end_with_the_card(club: ClubWorld) -> None:
    """Also where the gateway makes the invoice, the goods of a cart that was ready cost what others pay."""
    club.merchant.member_prices = {BREAD: product(BREAD, "Rukkileib", "0.99")}
    card_id = await club.define()
    shopper = await club.member(card_id)
    ready = await shopper.check_out(await shopper.cart(club.store_id, BREAD))
    assert ready["total"]["totalToPay"] == 0.99
    await unlink(shopper, card_id)
    assert is_changed(await shopper.pay(ready))
    again = await shopper.check_out(ready)
    assert again["total"]["totalToPay"] == 1.49
    assert (await shopper.pay(again)).status == 200


async def test_a_card_that_was_linked_anew_is_still_linked(club: ClubWorld) -> None:
    """The same card of the same shopper pays as it was shown; one more card changes nothing that was checked out."""
    card_id, other_id = await club.define(), await club.define(primary=False)
    shopper = await club.member(card_id)
    ready = await shopper.check_out(await shopper.cart(club.store_id, BREAD))
    await unlink(shopper, card_id)
    assert (await club.link(shopper, card_id)).status == 201
    assert (await club.link(shopper, other_id, "88")).status == 201
    paid = await shopper.pay(ready)
    assert (paid.status, [card["cardNumber"] for card in paid.body["loyaltyCards"]]) == (200, [NUMBER])


async def test_another_number_of_the_same_kind_is_another_card(club: ClubWorld) -> None:
    """A shopper who links somebody else's number instead does not pay with the one that was shown."""
    card_id = await club.define()
    shopper = await club.member(card_id)
    ready = await shopper.check_out(await shopper.cart(club.store_id, BREAD))
    await unlink(shopper, card_id)
    assert (await club.link(shopper, card_id, "88")).status == 201
    assert is_changed(await shopper.pay(ready))
    assert (await shopper.look(ready))["loyaltyCards"] == []
