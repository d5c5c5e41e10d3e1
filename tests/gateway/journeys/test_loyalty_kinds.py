"""Managers define the merchant's loyalty cards: what shoppers see of them, who may change them, what is refused."""

import asyncio
from base64 import b64encode
from hashlib import sha256
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from gateway.journeys.club import BONUS_CARD, FRIEND_CARD, NUMBER, ClubWorld, numbers
from gateway.journeys.test_bad_input import is_problem
from gateway.journeys.world import Client
from smarts.gateway.parties import Role

KINDS, IMAGES = "/manage/v1/loyalty-kinds", "/manage/v1/images"
PNG = b"\x89PNG\r\n\x1a\n" + b"picture" * 10
JPEG = b"\xff\xd8\xff\xe0" + b"picture" * 10
WEBP = b"RIFF\x10\x00\x00\x00WEBPVP8 picture"


def image(media_type: str, data: bytes) -> dict[str, str]:
    """An image as it is sent."""
    return {"mediaType": media_type, "data": b64encode(data).decode()}


async def other_manager(club: ClubWorld) -> Client:
    """The manager of another merchant."""
    gateway = club.world.gateway
    async with gateway.database.transaction() as tx:
        merchant_id = await gateway.stores.merchant(tx, "Another merchant")
        token = await gateway.people.add_staff(tx, "Other", Role.MANAGER, merchant_id, frozenset())
    return Client(club.world.session, club.world.url, {"Authorization": f"Bearer {token}"})


async def second_store(club: ClubWorld) -> str:
    """Another store of the same merchant."""
    stores = club.world.gateway.stores
    store = msgspec.structs.replace(await stores.get(club.store_id), institution_id=str(uuid4()))
    async with club.world.gateway.database.transaction() as tx:
        await stores.put(tx, store)
    return store.institution_id


async def shown_in(club: ClubWorld, institution_id: str) -> list[str]:
    """The ids of the cards that shoppers see in a store."""
    shopper = await club.world.shopper()
    return [
        card["id"] for card in (await shopper.get(f"/shop/v1/stores/{institution_id}/loyalty-cards")).body
    ]


async def test_a_card_is_defined_changed_and_listed(club: ClubWorld) -> None:
    """What the manager says is what is listed; a change keeps the id."""
    defined = await club.manager.post(KINDS, BONUS_CARD | {"description": {"originalText": "Kogu boonust"}})
    assert defined.status == 201, defined.text
    card = defined.body
    assert (card["type"], card["validationTypes"]) == ("BONUS", ["CARD_NUMER", "IDCODE"])
    assert (card["institutionIds"], card["retiredAt"]) == ([], None)
    assert (await club.manager.get(KINDS)).body == [card]

    changed = await club.manager.call("PUT", f"{KINDS}/{card['id']}", FRIEND_CARD)
    assert changed.status == 200, changed.text
    assert (changed.body["id"], changed.body["type"]) == (card["id"], "DEFAULT")
    assert (changed.body["primary"], changed.body["canUseBonusPointsForPayment"]) == (False, None)
    assert (await club.manager.get(KINDS)).body == [changed.body]


async def test_a_definition_with_a_key_is_carried_out_once(club: ClubWorld) -> None:
    """The same key defines one card, also when both requests come at once."""
    key = {"Idempotency-Key": "define-1"}
    replies = await asyncio.gather(*(club.manager.post(KINDS, BONUS_CARD, **key) for _ in range(2)))
    assert [reply.status for reply in replies] == [201, 201]
    assert replies[0].text == replies[1].text
    assert len((await club.manager.get(KINDS)).body) == 1


async def test_the_list_is_paged(club: ClubWorld) -> None:
    """Newest first, and a page begins after the last card of the one before."""
    kinds = [await club.define(primary=False) for _ in range(3)]
    first = (await club.manager.get(f"{KINDS}?limit=2")).body
    rest = (await club.manager.get(f"{KINDS}?after={first[-1]['id']}")).body
    assert [card["id"] for card in first + rest] == kinds[::-1]


async def test_a_card_for_some_stores_is_shown_only_there(club: ClubWorld) -> None:
    """Without stores a card is for all; the primary one comes first, the others newest first."""
    second = await second_store(club)
    everywhere = await club.define(primary=False)
    here = await club.define(institutionIds=[club.store_id])
    newest = await club.define(primary=False)
    assert await shown_in(club, club.store_id) == [here, newest, everywhere]
    assert await shown_in(club, second) == [newest, everywhere]


async def test_a_store_has_one_primary_card(club: ClubWorld) -> None:
    """A second one that shares a store is a 409 that names the first; in another store, or later, it is fine."""
    second = await second_store(club)
    first = await club.define(institutionIds=[club.store_id])
    for body in (BONUS_CARD, BONUS_CARD | {"institutionIds": [second, club.store_id]}):
        reply = await club.manager.post(KINDS, body)
        assert (reply.status, reply.body["type"]) == (409, "primary-taken")
        assert first in reply.body["detail"]
    await club.define(institutionIds=[second])
    assert (await club.manager.call("PUT", f"{KINDS}/{first}", FRIEND_CARD)).status == 200
    await club.define(institutionIds=[club.store_id])


async def test_of_two_primary_cards_in_the_same_instant_one_is_defined(club: ClubWorld) -> None:
    """Whoever comes second is refused, however close."""
    for _ in range(5):
        replies = await asyncio.gather(*(club.manager.post(KINDS, BONUS_CARD) for _ in range(3)))
        assert sorted(reply.status for reply in replies) == [201, 409, 409]
        made = next(reply.body["id"] for reply in replies if reply.status == 201)
        assert (await club.manager.call("DELETE", f"{KINDS}/{made}")).status == 204


async def test_a_retired_card_is_linked_by_nobody_and_kept_by_those_who_have_it(club: ClubWorld) -> None:
    """It is no longer shown in the store and cannot change; linked ones count in new carts as before."""
    card_id = await club.define()
    member = await club.member(card_id)
    for _ in range(2):
        assert (await club.manager.call("DELETE", f"{KINDS}/{card_id}")).status == 204
    assert await shown_in(club, club.store_id) == []
    (kind,) = (await club.manager.get(KINDS)).body
    assert kind["retiredAt"]
    change = await club.manager.call("PUT", f"{KINDS}/{card_id}", BONUS_CARD)
    assert (change.status, change.body["type"]) == (409, "card-retired")
    assert await numbers(member) == [NUMBER]
    cart = await member.cart(club.store_id)
    assert [card["cardNumber"] for card in cart["loyaltyCards"]] == [NUMBER]
    await club.define()


async def test_another_merchants_manager_sees_and_changes_nothing(club: ClubWorld) -> None:
    """Cards of others are not listed and 404; cards for others' stores cannot be defined."""
    card_id = await club.define()
    other = await other_manager(club)
    assert (await other.get(KINDS)).body == []
    assert is_problem(await other.call("PUT", f"{KINDS}/{card_id}", FRIEND_CARD), 404)
    assert is_problem(await other.call("DELETE", f"{KINDS}/{card_id}"), 404)
    reply = await other.post(KINDS, BONUS_CARD | {"institutionIds": [club.store_id]})
    assert is_problem(reply, 422)
    assert reply.body["errors"][0]["path"] == "$.institutionIds[0]"
    own = (await other.post(KINDS, BONUS_CARD)).body["id"]
    assert await shown_in(club, club.store_id) == [card_id]
    moved = await other.call("PUT", f"{KINDS}/{own}", BONUS_CARD | {"institutionIds": [club.store_id]})
    assert is_problem(moved, 422)


async def test_who_may_define_cards(club: ClubWorld) -> None:
    """Shoppers and workers may not; an operator has to name stores, all of one merchant."""
    worker = await club.world.staff(Role.WORKER, club.store_id)
    assert is_problem(await worker.post(KINDS, BONUS_CARD), 403)
    assert is_problem(await (await club.world.shopper()).post(KINDS, BONUS_CARD), 401)
    operator = await club.world.staff(Role.OPERATOR)
    elsewhere, _ = await club.world.add_store("http://127.0.0.1:9")
    made = await operator.post(KINDS, BONUS_CARD | {"institutionIds": [club.store_id]})
    assert made.status == 201, made.text
    assert (await club.manager.get(KINDS)).body == (await operator.get(KINDS)).body == [made.body]
    both = await operator.post(KINDS, BONUS_CARD | {"institutionIds": [club.store_id, elsewhere]})
    assert (both.status, both.body["errors"][0]["path"]) == (422, "$.institutionIds")


async def test_an_operator_moves_no_card_to_another_merchant(club: ClubWorld) -> None:
    """A card stays its merchant's: stores of another one are a 422."""
    card_id = await club.define()
    elsewhere, _ = await club.world.add_store("http://127.0.0.1:9")
    operator = await club.world.staff(Role.OPERATOR)
    reply = await operator.call("PUT", f"{KINDS}/{card_id}", BONUS_CARD | {"institutionIds": [elsewhere]})
    assert (reply.status, reply.body["errors"][0]["path"]) == (422, "$.institutionIds")
    fine = await operator.call("PUT", f"{KINDS}/{card_id}", BONUS_CARD)
    assert fine.status == 200


@pytest.mark.parametrize(
    ("path", "changes"),
    [
        ("$.type", {"type": "GOLD"}),
        ("$.validationTypes", {"validationTypes": []}),
        ("$.validationTypes[0]", {"validationTypes": ["FACE"]}),
        ("$.colors[1]", {"colors": ["#0B3D2E", "red"]}),
        ("$.colors[0]", {"colors": ["#0B3D2E\n"]}),
        ("$.colors[0]", {"colors": ["#12345"]}),
        ("$.colorTheme", {"colorTheme": "PINK"}),
        ("$.primary", {"primary": "yes"}),
        ("$.name", {"name": "Kaart"}),
        ("$.name.originalText", {"name": {"originalText": " "}}),
        ("$.name", {"name": {"originalText": "x" * 101}}),
        ("$.name", {"name": {"originalText": "x", "translations": [{"EN": "x" * 101}]}}),
        ("$.name.translations", {"name": {"originalText": "x", "translations": [{"EN": "y"}] * 51}}),
        ("$.description.originalText", {"description": {"originalText": ""}}),
        ("$.canUseBonusPointsForPayment", {"type": "DEFAULT"}),
        ("$.imageId", {"imageId": "none"}),
        ("$.institutionIds[0]", {"institutionIds": ["none"]}),
    ],
)
async def test_a_card_that_makes_no_sense_names_the_field(
    club: ClubWorld, path: str, changes: dict[str, Any]
) -> None:
    """422 with the JSON path of what is wrong, and nothing is defined."""
    reply = await club.manager.post(KINDS, BONUS_CARD | changes)
    assert is_problem(reply, 422), reply.text
    assert reply.body["errors"][0]["path"] == path
    assert (await club.manager.get(KINDS)).body == []


@pytest.mark.parametrize(
    ("media_type", "data"), [("image/png", PNG), ("image/jpeg", JPEG), ("image/webp", WEBP)]
)
async def test_an_image_is_served_as_it_came(club: ClubWorld, media_type: str, data: bytes) -> None:
    """Anybody gets its bytes under an id that is made of them, to be kept for ever and never taken for another type."""
    kept = await club.manager.post(IMAGES, image(media_type, data))
    assert (kept.status, kept.body["imageId"]) == (201, sha256(data).hexdigest())
    again = await club.manager.post(IMAGES, image(media_type, data))
    assert again.body == kept.body
    async with club.world.session.get(f"{club.world.url}/shop/v1/images/{kept.body['imageId']}") as served:
        assert (served.status, await served.read()) == (200, data)
        assert served.headers["Content-Type"] == media_type
        assert served.headers["X-Content-Type-Options"] == "nosniff"
        assert "immutable" in served.headers["Cache-Control"]
    card_id = await club.define(imageId=kept.body["imageId"])
    shopper = await club.world.shopper()
    (shown,) = (await shopper.get(f"/shop/v1/stores/{club.store_id}/loyalty-cards")).body
    assert (shown["id"], shown["imageId"]) == (card_id, kept.body["imageId"])


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("$.mediaType", image("image/svg+xml", b"<svg/>")),
        ("$.data", image("image/png", JPEG)),
        ("$.data", image("image/jpeg", WEBP)),
        ("$.data", image("image/webp", PNG)),
        ("$.data", image("image/png", b"")),
        ("$.data", image("image/png", PNG + bytes(256 * 1024))),
        ("$.data", {"mediaType": "image/png", "data": "no base64!"}),
    ],
)
async def test_what_is_no_image_is_refused(club: ClubWorld, path: str, body: dict[str, str]) -> None:
    """Another type, bytes that are not what they are said to be, or too many of them: 422 with the field."""
    reply = await club.manager.post(IMAGES, body)
    assert is_problem(reply, 422), reply.text
    assert reply.body["errors"][0]["path"] == path


async def test_images_are_only_added_by_managers(club: ClubWorld) -> None:
    """A worker and a stranger are refused; an image that is not there is a 404."""
    worker = await club.world.staff(Role.WORKER, club.store_id)
    assert is_problem(await worker.post(IMAGES, image("image/png", PNG)), 403)
    assert is_problem(await club.world.as_store().post(IMAGES, image("image/png", PNG)), 401)
    assert is_problem(await club.manager.get(f"/shop/v1/images/{sha256(PNG).hexdigest()}"), 404)
