"""Linking a loyalty card: the node confirms or refuses it, nobody takes over another's, a card can be unlinked."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from gateway.journeys.club import (
    BONUS_CARD,
    FRIEND_CARD,
    NUMBER,
    OTHER_NUMBER,
    WORDS,
    Club,
    ClubWorld,
    Gate,
    club_world,
    confirmed,
    numbers,
)
from gateway.journeys.test_bad_input import BAD_NODES, is_problem
from gateway.journeys.world import NODE_TOKEN, Merchant
from smarts.node import Node

CARDS = "/shop/v1/loyalty-cards"


async def test_a_shopper_sees_a_card_links_it_and_has_it(club: ClubWorld) -> None:
    """The card is shown with the ways to verify it, the node gets what was typed, and the linked card is listed."""
    card_id = await club.define()
    shopper = await club.world.shopper(name="Mari", email="mari@example.com")
    in_store = f"/shop/v1/stores/{club.store_id}/loyalty-cards"
    (shown,) = (await shopper.get(in_store)).body
    assert {name: shown[name] for name in BONUS_CARD} == BONUS_CARD | {
        "name": {"originalText": "Kliendikaart", "translations": [{"EN": "Club card"}]}
    }
    assert (shown["id"], shown["linked"]) == (card_id, False)

    reply = await club.link(shopper, card_id, "49001010001")
    assert reply.status == 201, reply.text
    assert (reply.body["id"], reply.body["cardNumber"]) == (card_id, NUMBER)
    assert (reply.body["bonus"], reply.body["currency"]) == (3.4, "EUR")
    (asked,) = club.merchant.registrations
    assert (asked.value, asked.person_email, asked.person_name) == (
        "49001010001",
        "mari@example.com",
        "Mari",
    )
    assert asked.loyalty_card.id == card_id

    assert (await shopper.get(in_store)).body[0]["linked"] is True
    (linked,) = (await shopper.get(CARDS)).body
    assert (linked["id"], linked["cardNumber"], linked["institutionId"]) == (card_id, NUMBER, club.store_id)
    assert (linked["bonus"], linked["currency"], linked["bonusUnknown"]) == (3.4, "EUR", None)
    (bonus,) = club.merchant.bonus_requests
    assert (bonus.card.id, bonus.card.card_number) == (card_id, NUMBER)


async def test_a_card_without_bonus_is_never_asked_for_one(club: ClubWorld) -> None:
    """The node of a DEFAULT card is not asked, and the card has no bonus and no word why."""
    card_id = (await club.manager.post("/manage/v1/loyalty-kinds", FRIEND_CARD)).body["id"]
    shopper = await club.member(card_id)
    (linked,) = (await shopper.get(CARDS)).body
    assert (linked["bonus"], linked["bonusUnknown"]) == (None, None)
    assert not club.merchant.bonus_requests


async def test_a_refused_card_is_told_in_the_nodes_words(club: ClubWorld) -> None:
    """422 with what the node says to the shopper, and nothing is linked."""
    shopper, card_id = await club.world.shopper(), await club.define()
    reply = await club.link(shopper, card_id, "000")
    assert is_problem(reply, 422)
    assert (reply.body["type"], reply.body["detail"]) == ("card-refused", WORDS)
    assert await numbers(shopper) == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("$", b"{}"),
        ("$", b"[]"),
        ("$.value", b'{"cardId": "a", "institutionId": "b", "value": ""}'),
        ("$.value", b'{"cardId": "a", "institutionId": "b", "value": 5}'),
        ("$.value", b'{"cardId": "a", "institutionId": "b", "value": "a\\u0000"}'),
        ("$.value", b'{"cardId": "a", "institutionId": "b", "value": "%s"}' % (b"9" * 201)),
        ("$.cardId", b'{"cardId": "", "institutionId": "b", "value": "77"}'),
    ],
)
async def test_a_bad_request_names_the_field(club: ClubWorld, path: str, body: bytes) -> None:
    """422 with the JSON path of what is wrong."""
    reply = await (await club.world.shopper()).post(CARDS, body)
    assert is_problem(reply, 422), reply.text
    assert reply.body["errors"][0]["path"] == path


@pytest.mark.parametrize(
    ("node", "status"), [pytest.param(app, status, id=name) for name, app, status in BAD_NODES]
)
async def test_a_bad_node_links_nothing_and_never_fails_the_list(
    database_url: str, node: Callable[..., Awaitable[None]], status: int
) -> None:
    """Linking is a 502, 503 or 504; cards that are linked already are listed, with a word why there is no bonus."""
    switch: list[Any] = []
    good = Node(Club(), token=NODE_TOKEN, name="good", version="1")

    async def sometimes(scope: Any, receive: Any, send: Any) -> None:
        await (switch[0] if switch else good)(scope, receive, send)

    async with club_world(database_url, node=sometimes) as club:
        card_id = await club.define()
        holder, other = await club.member(card_id), await club.world.shopper()
        switch.append(node)
        reply = await club.link(other, card_id, "88")
        assert is_problem(reply, status), reply.text
        (card,) = (await holder.get(CARDS)).body
        # After the first question that failed the node may not even be asked.
        words = {502: "node-nonsense", 503: "node-down", 504: "node-slow"}
        assert (card["cardNumber"], card["bonus"]) == (NUMBER, None)
        assert card["bonusUnknown"] in (words[status], "node-down")
        await club.world.node_returned(switch.clear)
        assert await numbers(other) == []
        assert (await club.link(other, card_id, "88")).status == 201


@pytest.mark.parametrize(
    "answer",
    [confirmed(""), confirmed("  "), confirmed("9" * 101), confirmed("92\n00"), confirmed(code="123456789")],
)
async def test_a_card_that_makes_no_sense_is_refused_and_reported(club: ClubWorld, answer: Any) -> None:
    """502, nothing linked, and the store's manager can read why."""
    shopper, card_id = await club.world.shopper(), await club.define()
    club.merchant.known["77"] = answer
    assert is_problem(await club.link(shopper, card_id), 502)
    assert await numbers(shopper) == []
    reports = (await club.manager.get(f"/manage/v1/stores/{club.store_id}/reports")).body
    assert [report["operation"] for report in reports] == ["card.loyalty"]


async def test_a_node_without_cards_is_said_so(database_url: str) -> None:
    """409 `cards-absent`: the store's system has no such feature."""
    plain = Node(Merchant(), token=NODE_TOKEN, name="plain", version="1")
    async with club_world(database_url, node=plain) as club:
        shopper, card_id = await club.world.shopper(), await club.define()
        reply = await club.link(shopper, card_id)
        assert (reply.status, reply.body["type"]) == (409, "cards-absent")


async def test_a_repeated_request_with_a_key_is_carried_out_once(club: ClubWorld) -> None:
    """The same key gives the same answer, and the node is not asked again; another body with it is a 409."""
    shopper, card_id = await club.world.shopper(), await club.define()
    key = {"Idempotency-Key": "link-1"}
    first = await club.link(shopper, card_id, **key)
    again = await club.link(shopper, card_id, **key)
    assert (first.status, first.text) == (201, again.text)
    assert len(club.merchant.registrations) == 1
    other = await club.link(shopper, card_id, "88", **key)
    assert (other.status, other.body["type"]) == (409, "idempotency-key-reused")


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "link-2"}])
async def test_the_same_shopper_twice_in_the_same_instant_has_the_card_once(
    club: ClubWorld, headers: dict[str, str]
) -> None:
    """Both requests are answered alike, with and without a key, and so is one that comes later."""
    shopper, card_id = await club.world.shopper(), await club.define()
    both = asyncio.Barrier(2)
    club.merchant.before_registering = both.wait
    one, two = await asyncio.gather(*(club.link(shopper, card_id, **headers) for _ in range(2)))
    club.merchant.before_registering = None
    later = await club.link(shopper, card_id, **headers)
    assert [reply.status for reply in (one, two, later)] == [201, 201, 201]
    assert one.text == two.text == later.text
    assert await numbers(shopper) == [NUMBER]


async def test_of_two_shoppers_in_the_same_instant_one_gets_the_card(club: ClubWorld) -> None:
    """The node confirms both, yet exactly one has the card and the other is told that it is taken."""
    card_id = await club.define()
    both = asyncio.Barrier(2)
    club.merchant.before_registering = both.wait
    for _ in range(5):
        shoppers = [await club.world.shopper() for _ in range(2)]
        replies = await asyncio.gather(*(club.link(shopper, card_id) for shopper in shoppers))
        assert sorted(reply.status for reply in replies) == [201, 409]
        loser = next(reply for reply in replies if reply.status == 409)
        assert loser.body["type"] == "card-taken"
        winner = shoppers[[reply.status for reply in replies].index(201)]
        assert sorted([await numbers(shopper) for shopper in shoppers]) == [[], [NUMBER]]
        assert (await winner.call("DELETE", f"{CARDS}/{card_id}")).status == 204


async def test_a_linked_card_is_taken_over_only_once_it_is_unlinked(club: ClubWorld) -> None:
    """Whatever verifies the card, another's is a 409 until its holder lets it go."""
    card_id = await club.define()
    holder, other = await club.member(card_id), await club.world.shopper()
    for value in ("77", "49001010001"):
        assert (await club.link(other, card_id, value)).body["type"] == "card-taken"
    assert is_problem(await other.call("DELETE", f"{CARDS}/{card_id}"), 404)
    assert await numbers(holder) == [NUMBER]

    assert (await holder.call("DELETE", f"{CARDS}/{card_id}")).status == 204
    assert is_problem(await holder.call("DELETE", f"{CARDS}/{card_id}"), 404)
    assert (await club.link(other, card_id)).status == 201
    assert (await numbers(holder), await numbers(other)) == ([], [NUMBER])


async def test_the_same_number_of_another_kind_is_another_card(club: ClubWorld) -> None:
    """Two kinds may give the same number to two shoppers."""
    one, two = await club.define(), await club.define(primary=False)
    await club.member(one)
    await club.member(two)


async def test_a_shopper_has_one_card_of_a_kind(club: ClubWorld) -> None:
    """Another number is a 409 that names the linked one, until that is unlinked."""
    card_id = await club.define()
    shopper = await club.member(card_id)
    reply = await club.link(shopper, card_id, "88")
    assert (reply.status, reply.body["type"]) == (409, "card-another")
    assert NUMBER in reply.body["detail"]
    await shopper.call("DELETE", f"{CARDS}/{card_id}")
    assert (await club.link(shopper, card_id, "88")).body["cardNumber"] == OTHER_NUMBER


async def test_guessing_ends_after_ten_refusals(club: ClubWorld) -> None:
    """The eleventh guess is a 429 that says when to try again, the node is not asked; others go on."""
    card_id = await club.define()
    guesser = await club.world.shopper()
    assert [(await club.link(guesser, card_id, f"x{n}")).status for n in range(10)] == [422] * 10
    reply = await club.link(guesser, card_id)
    assert is_problem(reply, 429)
    assert 3500 < int(reply.headers["Retry-After"]) <= 3600
    assert len(club.merchant.registrations) == 10
    await club.member(card_id)


async def test_guessing_many_at_once_is_no_way_around(club: ClubWorld) -> None:
    """Of thirty guesses in the same instant the node is asked no more than ten."""
    card_id = await club.define()
    guesser = await club.world.shopper()
    replies = await asyncio.gather(*(club.link(guesser, card_id, f"x{n}") for n in range(30)))
    assert sorted(reply.status for reply in replies) == [422] * 10 + [429] * 20
    assert len(club.merchant.registrations) == 10


async def test_cards_of_others_count_as_guesses_and_own_ones_do_not(club: ClubWorld) -> None:
    """Who finds taken cards is stopped too; who links and unlinks the own one is not."""
    card_id = await club.define()
    shopper = await club.member(card_id, "88")
    for _ in range(11):
        assert (await club.link(shopper, card_id, "88")).status == 201
    await club.member(card_id)
    guesser = await club.world.shopper()
    replies = [await club.link(guesser, card_id) for _ in range(11)]
    assert [reply.status for reply in replies] == [409] * 10 + [429]


async def test_cards_are_linked_only_where_they_are_shown(club: ClubWorld) -> None:
    """An unknown card, another store's, another merchant's and a retired one are 404, and the node is not asked."""
    elsewhere, _ = await club.world.add_store("http://127.0.0.1:9")
    shopper, card_id = await club.world.shopper(), await club.define()
    body = {"cardId": card_id, "institutionId": elsewhere, "value": "77"}
    assert is_problem(await shopper.post(CARDS, body), 404)
    assert is_problem(await shopper.post(CARDS, body | {"institutionId": "none"}), 404)
    assert is_problem(await club.link(shopper, "none"), 404)
    assert (await shopper.get(f"/shop/v1/stores/{elsewhere}/loyalty-cards")).body == []
    await club.manager.call("DELETE", f"/manage/v1/loyalty-kinds/{card_id}")
    assert is_problem(await club.link(shopper, card_id), 404)
    assert not club.merchant.registrations


async def test_a_link_that_takes_long_is_not_begun_twice(club: ClubWorld) -> None:
    """While the node thinks, the list shows nothing; the card is there as soon as the node has confirmed it."""
    shopper, card_id = await club.world.shopper(), await club.define()
    gate = Gate()
    club.merchant.before_registering = gate
    linking = asyncio.create_task(club.link(shopper, card_id))
    await gate.reached.wait()
    assert await numbers(shopper) == []
    gate.open.set()
    assert (await linking).status == 201
    assert (await numbers(shopper), len(club.merchant.registrations)) == ([NUMBER], 1)


async def test_the_list_of_cards_is_paged(club: ClubWorld) -> None:
    """The card linked last comes first, and a page begins after the last card of the one before."""
    kinds = [await club.define(primary=False) for _ in range(3)]
    shopper = await club.world.shopper()
    for kind_id in kinds:
        assert (await club.link(shopper, kind_id)).status == 201
    first = (await shopper.get(f"{CARDS}?limit=2")).body
    rest = (await shopper.get(f"{CARDS}?limit=2&after={first[-1]['id']}")).body
    assert [card["id"] for card in first + rest] == kinds[::-1]


async def test_cards_need_a_shopper(club: ClubWorld) -> None:
    """Without a token nothing is linked, listed or unlinked."""
    stranger = club.world.as_store()
    for reply in (await stranger.get(CARDS), await stranger.post(CARDS, {}), await club.manager.get(CARDS)):
        assert is_problem(reply, 401)
