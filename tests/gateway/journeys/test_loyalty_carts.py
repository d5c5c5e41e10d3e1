"""Linked cards in a cart: they travel with every request, bring members' prices and campaigns, and may pay."""

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import pytest

from gateway.journeys.club import (
    FRIEND_CARD,
    NUMBER,
    OTHER_NUMBER,
    Club,
    ClubWorld,
    Gate,
    club_world,
)
from gateway.journeys.test_bad_input import BAD_NODES, is_problem
from gateway.journeys.world import BREAD, MILK, NODE_TOKEN, Shopper, product, until
from smarts.gateway.parties import Switches
from smarts.node import Node
from smarts.wire.control import Decision
from smarts.wire.loyalty import ClientCard
from smarts.wire.products import Campaign

CARDS = "/shop/v1/loyalty-cards"
RECEIPTS = Switches(merchant_side_invoicing=True)


def total(cart: dict[str, Any]) -> float:
    """What the shopper pays."""
    paid: float = cart["total"]["totalToPay"]
    return paid


def used(cart: dict[str, Any]) -> list[tuple[str, bool]]:
    """The cards that a cart uses, and whether their bonus pays."""
    return [(card["cardNumber"], card["useBonusOnPayment"]) for card in cart["loyaltyCards"]]


def members_pay_less(club: ClubWorld) -> None:
    """Bread costs members 0.99 instead of 1.49, milk 1.00 instead of 1.24."""
    club.merchant.member_prices = {
        BREAD: product(BREAD, "Rukkileib", "0.99"),
        MILK: product(MILK, "Piim", "1.00", rate="9"),
    }


async def unlink(shopper: Shopper, card_id: str) -> None:
    """The shopper lets a card go."""
    assert (await shopper.call("DELETE", f"{CARDS}/{card_id}")).status == 204


async def test_the_card_travels_with_every_request(club: ClubWorld) -> None:
    """Search, categories, offers, check and invoice hold the linked card; before it was linked none did."""
    store = f"/shop/v1/stores/{club.store_id}"
    card_id = await club.define()
    shopper = await club.world.shopper()

    async def shop() -> None:
        for path in ("/products", "/categories", "/offers"):
            assert (await shopper.get(store + path)).status == 200
        cart = await shopper.check_out(await shopper.cart(club.store_id, BREAD))
        assert (await shopper.pay(cart)).status == 200

    await shop()
    places = {"barcode", "page", "page's request", "categories", "offers", "check"}
    assert club.merchant.asked_with == dict.fromkeys(places, ())
    assert (await club.link(shopper, card_id)).status == 201
    await shop()
    card = (ClientCard(card_id, NUMBER),)
    assert club.merchant.asked_with == dict.fromkeys(places, card)
    await until(lambda: len(club.merchant.invoices) == 2)
    assert [invoice.buyer.loyalty_cards for invoice in club.merchant.invoices] == [(), card]


async def test_the_card_travels_with_the_request_for_a_receipt(club: ClubWorld) -> None:
    """Where the store makes the receipt, it is told which cards the shopper uses."""
    await club.world.change_store(switches=RECEIPTS)
    card_id = await club.define()
    shopper = await club.member(card_id)
    await shopper.check_out(await shopper.cart(club.store_id, BREAD))
    assert club.merchant.asked_with["receipt"] == (ClientCard(card_id, NUMBER),)


async def test_the_primary_card_comes_first(club: ClubWorld) -> None:
    """Of several linked cards a cart names the primary one first, whichever was linked first."""
    second, first = await club.define(primary=False), await club.define()
    shopper = await club.member(second, "88")
    assert (await club.link(shopper, first)).status == 201
    cart = await shopper.cart(club.store_id)
    assert [card["id"] for card in cart["loyaltyCards"]] == [first, second]


async def test_members_pay_members_prices(club: ClubWorld) -> None:
    """A new cart uses the shopper's cards at once, so that the node asks less; without a card it does not."""
    members_pay_less(club)
    shopper = await club.member(await club.define())
    cart = await shopper.cart(club.store_id, BREAD, MILK)
    assert (used(cart), total(cart)) == ([(NUMBER, False)], 1.99)
    assert total(await (await club.world.shopper()).cart(club.store_id, BREAD, MILK)) == 2.73


async def test_a_campaign_for_a_card_strikes_for_its_holders(club: ClubWorld) -> None:
    """`C00000077…` halves the price for who has a card with the code 77, up to the invoice; for nobody else."""
    for_77 = Campaign("Club", "C00000077002", "unitPrice / 2")
    tenth = Campaign("Tenth off for 77", "B00000077501", "total * 0.9")
    club.merchant.add(product("4740000000052", "Sai", "2.00", campaigns=(for_77,)))
    await club.world.change_store(campaigns=(tenth,))
    card_id = await club.define()
    member, other_code = await club.member(card_id), await club.member(card_id, "88")
    stranger = await club.world.shopper(email="a@example.org")
    for shopper in (other_code, stranger):
        assert total(await shopper.cart(club.store_id, "4740000000052")) == 2
    cart = await member.cart(club.store_id, "4740000000052")
    assert (total(cart), [each["name"] for each in cart["campaigns"]]) == (0.9, ["Tenth off for 77"])
    assert (await member.pay(await member.check_out(cart))).status == 200
    (invoice,) = await until(lambda: club.merchant.invoices)
    assert invoice.total.total_to_pay == Decimal("0.90")
    assert [each.name for each in invoice.products[0].campaigns] == ["Club"]


async def test_who_has_linked_a_card_is_a_client(club: ClubWorld) -> None:
    """Without an email `U` campaigns strike, with a card of the merchant `C` ones do, even where it is not used."""
    for_clients = Campaign("Clients", "C00000000002", "unitPrice / 2")
    for_others = Campaign("Others", "U00000000002", "unitPrice * 2")
    club.merchant.add(product("4740000000052", "Sai", "2.00", campaigns=(for_clients, for_others)))
    card_id = await club.define()
    shopper = await club.world.shopper()
    assert total(await shopper.cart(club.store_id, "4740000000052")) == 4
    assert (await club.link(shopper, card_id)).status == 201
    cart = await shopper.cart(club.store_id, "4740000000052")
    assert total(cart) == 1
    assert total((await club.use(shopper, cart)).body) == 1
    await unlink(shopper, card_id)
    assert total(await shopper.cart(club.store_id, "4740000000052")) == 4


async def test_the_shopper_chooses_which_cards_a_cart_uses(club: ClubWorld) -> None:
    """Without cards the prices are everybody's, with them members' again; a READY cart is OPEN then."""
    members_pay_less(club)
    card_id = await club.define()
    shopper = await club.member(card_id)
    cart = await shopper.check_out(await shopper.cart(club.store_id, BREAD, MILK, BREAD))
    assert (cart["state"], total(cart)) == ("READY", 2.98)
    without = (await club.use(shopper, cart)).body
    assert (without["state"], used(without), total(without)) == ("OPEN", [], 4.22)
    again = (await club.use(shopper, cart, card_id)).body
    assert (used(again), total(again)) == ([(NUMBER, False)], 2.98)
    assert [line["quantity"] for line in again["lines"]] == [2, 1]
    assert (await shopper.look(cart)) == again


async def test_the_same_cards_again_change_nothing(club: ClubWorld) -> None:
    """A cart that uses just these cards stays READY, and the node is not asked."""
    card_id = await club.define()
    shopper = await club.member(card_id)
    cart = await shopper.check_out(await shopper.cart(club.store_id, BREAD))
    club.merchant.asked_with.clear()
    assert (await club.use(shopper, cart, card_id)).body == cart
    assert not club.merchant.asked_with


async def test_bonus_pays_what_the_receipt_says(club: ClubWorld) -> None:
    """The node is told that the bonus pays, the receipt tells what was used and earned, the rest is paid."""
    await club.world.change_store(switches=RECEIPTS)
    card_id = await club.define()
    shopper = await club.member(card_id)
    cart = await shopper.cart(club.store_id, BREAD)
    cart = (await club.use(shopper, cart, {"id": card_id, "useBonusOnPayment": True})).body
    assert used(cart) == [(NUMBER, True)]
    ready = await shopper.check_out(cart)
    assert club.merchant.asked_with["receipt"] == (ClientCard(card_id, NUMBER, True),)
    (card,) = ready["receipt"]["loyaltyCards"]
    assert (card["bonusUsed"], card["bonusEarned"], total(ready)) == (1, 0.05, 0.49)
    paid = await shopper.pay(ready)
    assert (paid.status, paid.body["payment"]["amount"]) == (200, 0.49)
    (confirmed,) = await until(lambda: club.merchant.confirmations)
    assert confirmed.total == Decimal("0.49")
    assert not club.merchant.invoices


async def test_bonus_pays_only_where_the_store_makes_the_receipt(club: ClubWorld) -> None:
    """409 with the reason; and where the store has stopped to make receipts, the checkout goes on without the bonus."""
    card_id = await club.define()
    shopper = await club.member(card_id)
    cart = await shopper.cart(club.store_id, BREAD)
    bonus = {"id": card_id, "useBonusOnPayment": True}
    reply = await club.use(shopper, cart, bonus)
    assert (reply.status, reply.body["type"]) == (409, "bonus-needs-receipt")
    assert "receipt" in reply.body["detail"]
    await club.world.change_store(switches=RECEIPTS)
    assert (await club.use(shopper, cart, bonus)).status == 200
    await club.world.change_store(switches=Switches())
    assert used(await shopper.check_out(cart)) == [(NUMBER, False)]


async def test_cards_that_cannot_be_used_name_the_field(club: ClubWorld) -> None:
    """422 with the path of the card: not linked, named twice, without a bonus that pays, or no list at all."""
    await club.world.change_store(switches=RECEIPTS)
    card_id = await club.define()
    plain = await club.define(primary=False, canUseBonusPointsForPayment=False)
    friend = (await club.manager.post("/manage/v1/loyalty-kinds", FRIEND_CARD)).body["id"]
    await club.member(card_id, "88")
    shopper = await club.member(card_id)
    assert (await club.link(shopper, plain)).status == 201
    cart = await shopper.cart(club.store_id, BREAD)
    for path, cards in (
        ("$.cards[0].id", [friend]),
        ("$.cards[1].id", [card_id, "none"]),
        ("$.cards[1].id", [card_id, card_id]),
        ("$.cards[0].useBonusOnPayment", [{"id": plain, "useBonusOnPayment": True}]),
        ("$.cards[0].useBonusOnPayment", [{"id": card_id, "useBonusOnPayment": "yes"}]),
        ("$.cards[0]", [{"useBonusOnPayment": True}]),
        ("$.cards", [card_id] * 101),
    ):
        reply = await club.use(shopper, cart, *cards)
        assert is_problem(reply, 422), reply.text
        assert reply.body["errors"][0]["path"] == path
    assert await shopper.look(cart) == cart


async def test_a_card_of_another_store_is_not_used(club: ClubWorld) -> None:
    """A new cart uses the cards that count in its store alone."""
    await club.member(await club.define())
    elsewhere, _ = await club.world.add_store("http://127.0.0.1:9")
    shopper = await club.member(await club.define(primary=False))
    assert (await shopper.cart(elsewhere))["loyaltyCards"] == []


async def test_cards_of_a_locked_or_finished_cart_stay(club: ClubWorld) -> None:
    """409 while staff check and when the cart is paid; another's cart is not found."""
    card_id = await club.define()
    shopper = await club.member(card_id)
    club.merchant.decision = Decision.FULL
    locked = await shopper.check_out(await shopper.cart(club.store_id, BREAD))
    reply = await club.use(shopper, locked)
    assert (reply.status, reply.body["type"]) == (409, "cart-locked")
    club.merchant.decision = Decision.NO
    ready = await shopper.check_out(await shopper.cart(club.store_id, BREAD))
    assert (await shopper.pay(ready)).status == 200
    reply = await club.use(shopper, ready)
    assert (reply.status, reply.body["type"]) == (409, "cart-closed")
    assert is_problem(await club.use(await club.world.shopper(), ready), 404)


async def test_goods_that_are_no_longer_sold_keep_the_cards_as_they_are(club: ClubWorld) -> None:
    """422 that names the line, since nobody can say what it costs now; without the line the cards can change."""
    members_pay_less(club)
    card_id = await club.define()
    shopper = await club.member(card_id)
    cart = await shopper.cart(club.store_id, BREAD, MILK)
    del club.merchant.products[MILK]
    reply = await club.use(shopper, cart)
    assert is_problem(reply, 422)
    line_id = cart["lines"][1]["lineId"]
    assert (reply.body["type"], line_id in reply.body["errors"][0]["path"]) == ("product-refused", True)
    assert await shopper.look(cart) == cart
    await shopper.call("DELETE", f"/shop/v1/carts/{cart['id']}/lines/{line_id}")
    assert total((await club.use(shopper, cart)).body) == 1.49


@pytest.mark.parametrize(
    ("node", "status"), [pytest.param(app, status, id=name) for name, app, status in BAD_NODES]
)
async def test_a_bad_node_leaves_the_cart_as_it_was(
    database_url: str, node: Callable[..., Awaitable[None]], status: int
) -> None:
    """Without the node nobody knows the prices: 502, 503 or 504, and the cart keeps its cards."""
    switch: list[Any] = []
    good = Node(Club(), token=NODE_TOKEN, name="good", version="1")

    async def sometimes(scope: Any, receive: Any, send: Any) -> None:
        await (switch[0] if switch else good)(scope, receive, send)

    async with club_world(database_url, node=sometimes) as club:
        card_id = await club.define()
        shopper = await club.member(card_id)
        cart = await shopper.cart(club.store_id, BREAD, MILK)
        switch.append(node)
        assert is_problem(await club.use(shopper, cart), status)
        assert await shopper.look(cart) == cart
        await club.world.node_returned(switch.clear)
        assert used((await club.use(shopper, cart)).body) == []


async def test_an_unlinked_card_is_dropped_at_the_checkout(club: ClubWorld) -> None:
    """The goods cost what they cost without it, its campaigns no longer strike, and the node is not told of it."""
    members_pay_less(club)
    clients = Campaign("Clients", "C00000000501", "total * 0.5")
    await club.world.change_store(campaigns=(clients,))
    card_id = await club.define()
    shopper = await club.member(card_id)
    cart = await shopper.cart(club.store_id, BREAD, MILK)
    assert total(cart) == 1.0
    await unlink(shopper, card_id)
    ready = await shopper.check_out(cart)
    assert (ready["state"], used(ready), total(ready)) == ("READY", [], 2.73)
    assert (club.merchant.asked_with["check"], club.merchant.asked_with["barcode"]) == ((), ())


async def test_another_card_under_the_same_kind_is_not_the_one_in_the_cart(club: ClubWorld) -> None:
    """Who unlinks a card and links another number does not go on with the first one."""
    card_id = await club.define()
    shopper = await club.member(card_id)
    cart = await shopper.cart(club.store_id, BREAD)
    await unlink(shopper, card_id)
    assert (await club.link(shopper, card_id, "88")).status == 201
    assert used(await shopper.check_out(cart)) == []
    assert used((await club.use(shopper, cart, card_id)).body) == [(OTHER_NUMBER, False)]


async def test_a_cart_from_before_uses_a_card_when_told(club: ClubWorld) -> None:
    """A card that is linked while shopping is used once the shopper says so."""
    members_pay_less(club)
    card_id = await club.define()
    shopper = await club.world.shopper()
    cart = await shopper.cart(club.store_id, BREAD)
    assert (await club.link(shopper, card_id)).status == 201
    assert total(await shopper.look(cart)) == 1.49
    assert total((await club.use(shopper, cart, card_id)).body) == 0.99


async def test_a_scan_under_way_does_not_bring_a_price_of_other_cards(club: ClubWorld) -> None:
    """A price that was asked for with a card is not put into a cart that no longer uses it: 409, scan again."""
    members_pay_less(club)
    shopper = await club.member(await club.define())
    cart = await shopper.cart(club.store_id)
    gate = Gate()
    club.merchant.before_selling = gate
    scanning = asyncio.create_task(shopper.post(f"/shop/v1/carts/{cart['id']}/lines", {"barcode": BREAD}))
    await gate.reached.wait()
    club.merchant.before_selling = None
    assert (await club.use(shopper, cart)).status == 200
    gate.open.set()
    reply = await scanning
    assert (reply.status, reply.body["type"], reply.body["retryable"]) == (409, "cart-changed", True)
    assert total(await shopper.scan(cart, BREAD)) == 1.49


async def test_goods_scanned_while_prices_are_asked_anew_cost_what_the_cards_make_of_them(
    club: ClubWorld,
) -> None:
    """Changing the cards and scanning at the same instant: every line's price fits the cards that are used then."""
    members_pay_less(club)
    card_id = await club.define()
    shopper = await club.member(card_id)
    for _ in range(5):
        cart = await shopper.cart(club.store_id, BREAD)
        lines = f"/shop/v1/carts/{cart['id']}/lines"
        replies = await asyncio.gather(
            club.use(shopper, cart), shopper.post(lines, {"barcode": MILK}), club.use(shopper, cart, card_id)
        )
        assert {reply.status for reply in replies} <= {200, 409}
        seen = await shopper.look(cart)
        prices = {BREAD: 0.99, MILK: 1.0} if seen["loyaltyCards"] else {BREAD: 1.49, MILK: 1.24}
        assert total(seen) == pytest.approx(sum(prices[line["product"]["barcode"]] for line in seen["lines"]))
