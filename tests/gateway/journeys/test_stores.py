"""Stores are set up over the API, and shoppers see where they are."""

from typing import Any

import pytest

from gateway.journeys.club import ClubWorld
from gateway.journeys.world import BREAD, World
from smarts.gateway.parties import Role

TALLINN = {"latitude": 59.437, "longitude": 24.7536}
BARE = {"name": "Uus", "timeZone": "Europe/Tallinn"}
NEW: dict[str, Any] = {
    "name": "Uus pood",
    "address": {"level1": "Eesti", "level3": "Tartu", "level5": "Riia", "level6": "1", "postalCode": "51004"},
    "vatNumber": "EE 100 594 102",
    "registrationNumber": "10137319",
    "timeZone": "Europe/Riga",
    "currency": "USD",
    "place": TALLINN,
    "switches": {"merchantSideInvoicing": True, "featuresOff": ["offers"]},
    "nodeUrl": "http://127.0.0.1:9",
    "nodeToken": "secret-of-the-node",
}


async def test_a_manager_adds_a_store_with_all_that_it_is(world: World) -> None:
    """It is the manager's merchant's; the node's token is never told again; repeated with a key it is one store."""
    manager = await world.staff(Role.MANAGER)
    added = await manager.post("/manage/v1/stores", NEW, **{"Idempotency-Key": "k" * 20})
    assert added.status == 201, added.text
    again = await manager.post("/manage/v1/stores", NEW, **{"Idempotency-Key": "k" * 20})
    assert again.body == added.body
    assert "secret-of-the-node" not in added.text
    seen = await manager.get(f"/manage/v1/stores/{added.body['institutionId']}")
    assert seen.body == added.body
    expected = {**NEW, "vatNumber": "EE100594102"}
    del expected["nodeToken"], expected["switches"]
    assert {name: seen.body[name] for name in expected} == expected
    assert seen.body["switches"] == {
        "merchantSidePurchaseControl": True,
        "merchantSideInvoicing": True,
        "featuresOff": ["offers"],
    }
    assert len((await manager.get("/manage/v1/stores")).body) == 2
    token = await manager.post(f"/manage/v1/stores/{added.body['institutionId']}/token")
    body = {"invoiceId": "x", "institutionId": added.body["institutionId"]}
    assert (await world.as_store(token.body["accessToken"]).post("/v1/control/resend", body)).status == 404


async def test_an_operator_says_whose_a_new_store_is(world: World) -> None:
    """By the merchant's name, known or new; a manager cannot give a store to somebody else."""
    manager = await world.staff(Role.MANAGER)
    async with world.gateway.database.transaction() as tx:
        token = await world.gateway.people.add_staff(tx, "Olga", Role.OPERATOR, None, frozenset())
    manager_headers, manager.headers = manager.headers, {"Authorization": f"Bearer {token}"}
    operator = manager
    assert (await operator.post("/manage/v1/stores", BARE)).body["errors"][0]["path"] == "$.merchant"
    ours = BARE | {"merchant": f"Merchant of {world.institution_id}"}
    added = await operator.post("/manage/v1/stores", ours)
    assert added.status == 201
    other = await operator.post("/manage/v1/stores", BARE | {"merchant": "Somebody new"})
    manager.headers = manager_headers
    assert (await manager.get(f"/manage/v1/stores/{added.body['institutionId']}")).status == 200
    assert (await manager.get(f"/manage/v1/stores/{other.body['institutionId']}")).status == 404
    assert (await manager.post("/manage/v1/stores", ours)).body["errors"][0]["path"] == "$.merchant"


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        ({"name": "  "}, "$.name"),
        ({"address": {"level1": ""}}, "$.address.level1"),
        ({"address": {}}, "$.address"),
        ({"vatNumber": "EE100594103"}, "$.vatNumber"),
        ({"registrationNumber": "?"}, "$.registrationNumber"),
        ({"timeZone": "Europe/Nowhere"}, "$.timeZone"),
        ({"currency": "SEK"}, "$.currency"),
        ({"place": {"latitude": 90.1, "longitude": 0}}, "$.place.latitude"),
        ({"place": {"latitude": 1}}, "$.place"),
        ({"switches": {"featuresOff": ["product-search"]}}, "$.switches.featuresOff[0]"),
        ({"nodeUrl": "http://127.0.0.1:9"}, "$.nodeToken"),
        ({"nodeUrl": "ftp://x", "nodeToken": "t"}, "$.nodeUrl"),
    ],
)
async def test_what_makes_no_sense_is_refused_at_its_field(
    world: World, changed: dict[str, Any], path: str
) -> None:
    """A store is neither added nor changed with it, and the answer names the field."""
    manager = await world.staff(Role.MANAGER)
    before = (await manager.get("/manage/v1/stores")).body
    added = await manager.post("/manage/v1/stores", BARE | changed)
    altered = await manager.call("PATCH", f"/manage/v1/stores/{world.institution_id}", changed)
    for reply in (added, altered):
        assert (reply.status, [each["path"] for each in reply.body["errors"]]) == (422, [path]), reply.text
    assert (await manager.get("/manage/v1/stores")).body == before


async def test_null_takes_away_and_what_is_not_named_stays(world: World) -> None:
    """Place, address and numbers come and go one by one."""
    manager = await world.staff(Role.MANAGER)
    path = f"/manage/v1/stores/{world.institution_id}"
    told = {name: NEW[name] for name in ("address", "vatNumber", "registrationNumber", "place")}
    full = (await manager.call("PATCH", path, told)).body
    assert full["place"] == TALLINN
    for name in told:
        left = (await manager.call("PATCH", path, {name: None})).body
        del full[name]
        assert left == full


async def test_a_currency_stays_once_somebody_has_shopped(world: World) -> None:
    """Until then it may change; the same one again is no change."""
    manager, shopper = await world.staff(Role.MANAGER), await world.shopper()
    path = f"/manage/v1/stores/{world.institution_id}"
    for currency in ("USD", "EUR"):
        assert (await manager.call("PATCH", path, {"currency": currency})).body["currency"] == currency
    await shopper.cart(world.institution_id, BREAD)
    refused = await manager.call("PATCH", path, {"currency": "USD"})
    assert [each["path"] for each in refused.body["errors"]] == ["$.currency"]
    assert (await manager.call("PATCH", path, {"currency": "EUR"})).status == 200


async def test_the_name_on_invoices_follows_the_stores(world: World) -> None:
    """Unless the seller is called otherwise."""
    manager = await world.staff(Role.MANAGER)
    path = f"/manage/v1/stores/{world.institution_id}"
    await manager.call("PATCH", path, {"name": "Uus nimi"})
    store = await world.gateway.stores.get(world.institution_id)
    assert (store.name, store.seller.seller_name) == ("Uus nimi", "Uus nimi")


async def test_shoppers_are_told_where_a_store_is(world: World) -> None:
    """In the list and alone; a store without a place tells none."""
    manager, shopper = await world.staff(Role.MANAGER), await world.shopper()
    path = f"/shop/v1/stores/{world.institution_id}"
    assert "place" not in (await shopper.get(path)).body
    await manager.call("PATCH", f"/manage/v1/stores/{world.institution_id}", {"place": TALLINN})
    assert (await shopper.get(path)).body["place"] == TALLINN
    assert (await shopper.get("/shop/v1/stores?limit=500")).body[-1]["place"] == TALLINN
    assert (await shopper.get("/shop/v1/stores/nowhere")).status == 404


async def test_a_feature_that_is_switched_off_is_not_used(club: ClubWorld) -> None:
    """The node names cards, yet shoppers are offered none and the node is not asked; switched on again they are."""
    shopper, path = await club.world.shopper(), f"/manage/v1/stores/{club.store_id}"
    card = await club.define()
    off = {"switches": {"featuresOff": ["loyalty-cards"]}}
    assert (await club.manager.call("PATCH", path, off)).status == 200
    shown = (await shopper.get(f"/shop/v1/stores/{club.store_id}")).body["features"]
    assert "loyalty-cards" not in shown
    assert "loyalty-bonus" in shown
    assert (await shopper.get(f"/shop/v1/stores/{club.store_id}/loyalty-cards")).body == []
    assert (await club.link(shopper, card)).body["type"] == "cards-absent"
    assert club.merchant.registrations == []
    await club.manager.call("PATCH", path, {"switches": {"featuresOff": []}})
    assert (await club.link(shopper, card)).status == 201
