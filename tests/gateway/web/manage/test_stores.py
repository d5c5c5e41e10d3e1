"""A store's settings, a new store, and the poster for its door."""

import re
from html import unescape
from typing import Any
from urllib.parse import quote

import pytest
from msgspec.structs import asdict

from gateway.journeys.world import BREAD, NODE_TOKEN, World
from gateway.web.browsing import Browser
from gateway.web.manage.parts import filled, form_at, marked, secret
from smarts.gateway.parties import NodeLimits, Place, SparedFeature, Switches
from smarts.wire.shipments import Address

ADDRESS = {
    "level1": "Eesti",
    "level3": "Tallinn",
    "level5": "Näidise tänav",
    "level6": "1",
    "postalCode": "10000",
}
FIELDS = {
    "name": " Uus nimi ",
    "vatNumber": "ee 100 594 102",
    "registrationNumber": "10137319",
    "timeZone": "Europe/Riga",
    "currency": "USD",
    "latitude": "59,437",
    "longitude": "−24.75",
    "uses": "offers",
    "atOnce": "4",
    "perSecond": "50",
    "patienceSeconds": "1,5",
    **ADDRESS,
}


async def test_all_of_a_store_is_set_and_shown_again(world: World, manager: Browser, here: str) -> None:
    """What was typed is what the store is; the page shows it as it would be typed, and saving that changes nothing."""
    fields = await form_at(manager, f"{here}/settings", merchantSideInvoicing="on", **FIELDS)
    saved = await manager.post(f"{here}/settings", fields)
    assert (saved.status, marked(saved)) == (303, []), saved.text
    store = await world.gateway.stores.get(world.institution_id)
    expected = Address("Eesti", level3="Tallinn", level5="Näidise tänav", level6="1", postal_code="10000")
    assert (store.name, store.seller.address, store.seller.vat_number, store.seller.reg_number) == (
        *("Uus nimi", expected, "EE100594102", "10137319"),
    )
    assert (store.time_zone, store.currency, store.place) == (
        *("Europe/Riga", "USD", Place(latitude=59.437, longitude=-24.75)),
    )
    off = tuple(feature for feature in SparedFeature if feature != "offers")
    assert store.switches == Switches(merchant_side_invoicing=True, features_off=off)
    assert store.node_limits == NodeLimits(at_once=4, per_second=50, patience_seconds=1.5)
    assert (await manager.post(f"{here}/settings", await form_at(manager, f"{here}/settings"))).status == 303
    assert asdict(await world.gateway.stores.get(world.institution_id)) == asdict(store)
    emptied = dict.fromkeys((*ADDRESS, "vatNumber", "registrationNumber", "latitude", "longitude"), "")
    await manager.post(f"{here}/settings", await form_at(manager, f"{here}/settings", **emptied))
    store = await world.gateway.stores.get(world.institution_id)
    assert (store.seller.address, store.seller.vat_number, store.seller.reg_number, store.place) == (
        None,
    ) * 4


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        ({"level3": "Tallinn"}, ["level1"]),
        ({"level1": "Eesti", "level8": "x" * 201}, ["level8"]),
        ({"level1": "Eesti", "postalCode": "1" * 21}, ["postalCode"]),
        ({"vatNumber": "EE100594103"}, ["vatNumber"]),
        ({"registrationNumber": "?"}, ["registrationNumber"]),
        ({"timeZone": "Europe/Nowhere"}, ["timeZone"]),
        ({"timeZone": ""}, ["timeZone"]),
        ({"currency": "SEK"}, ["currency"]),
        ({"latitude": "59.4"}, ["longitude"]),
        ({"latitude": "91", "longitude": "0"}, ["latitude"]),
        ({"latitude": "NaN", "longitude": "0"}, ["latitude"]),
        ({"latitude": "north", "longitude": "0"}, ["latitude"]),
        ({"atOnce": "0"}, ["atOnce"]),
        ({"perSecond": "5001"}, ["perSecond"]),
        ({"patienceSeconds": "at once"}, ["patienceSeconds"]),
    ],
)
async def test_what_is_wrong_with_a_store_is_told_at_its_field(
    world: World, manager: Browser, here: str, changed: dict[str, str], fields: list[str]
) -> None:
    """The page has what was typed, nothing is saved, and a new store with it is not made either."""
    before = await world.gateway.stores.get(world.institution_id)
    for path in (f"{here}/settings", "/manage/new"):
        sent = await form_at(manager, path, **{"name": "Typed", **changed})
        page = await manager.post(path, sent)
        assert (page.status, marked(page)) == (422, fields), path
        assert 'value="Typed"' in page.text
    world.gateway.stores.forget(world.institution_id)
    assert await world.gateway.stores.page(10, None) == [before]


async def test_the_currency_is_fixed_once_somebody_has_shopped(
    world: World, manager: Browser, here: str
) -> None:
    """The page says so instead of offering others, and who sends one all the same is refused at the field."""
    assert '<select id="f-currency"' in (await manager.get(f"{here}/settings")).text
    shopper = await world.shopper()
    await shopper.cart(world.institution_id, BREAD)
    page = await manager.get(f"{here}/settings")
    assert "It stays, since somebody has shopped in the store." in page.text
    assert (await manager.post(f"{here}/settings", filled(page))).status == 303
    refused = await manager.post(f"{here}/settings", [*filled(page), ("currency", "USD")])
    assert (refused.status, marked(refused)) == (422, ["currency"])


async def test_a_new_store_ends_at_its_node_with_its_token(world: World, manager: Browser) -> None:
    """The store is the manager's; the token works and is shown once; the form sent again makes no second store."""
    node = {"nodeUrl": "http://127.0.0.1:9", "nodeToken": NODE_TOKEN}
    fields = await form_at(manager, "/manage/new", **node, **FIELDS)
    page = await manager.post("/manage/new", fields)
    assert page.status == 200, page.text
    assert "The store is there." in page.text
    new, _ = await world.gateway.stores.page(10, None)
    body: dict[str, Any] = {"invoiceId": "x", "institutionId": new.institution_id}
    assert (await world.as_store(secret(page.text)).post("/v1/control/resend", body)).status == 404
    assert (new.name, new.currency, new.place) == (
        "Uus nimi",
        "USD",
        Place(latitude=59.437, longitude=-24.75),
    )
    again = await manager.post("/manage/new", fields)
    assert (again.status, again.location) == (303, f"/manage/stores/{new.institution_id}")
    assert len(await world.gateway.stores.page(10, None)) == 2


async def test_nobody_takes_over_a_store_by_its_id(world: World, manager: Browser) -> None:
    """The form's id is one that no store has, or the manager's own."""
    other, _ = await world.add_store("http://127.0.0.1:9", name="Somebody else's")
    fields = await form_at(manager, "/manage/new", id=other, name="Mine now")
    assert (await manager.post("/manage/new", fields)).status == 404
    assert (await world.gateway.stores.get(other)).name == "Somebody else's"
    nonsense = await form_at(manager, "/manage/new", id="nonsense", name="Mine now")
    assert (await manager.post("/manage/new", nonsense)).status == 422


async def test_an_operator_names_the_merchant(world: World, operator: Browser) -> None:
    """Those that are there are offered; none is told at its field; a new one comes with its first store."""
    page = await operator.get("/manage/new")
    assert f'<option value="Merchant of {world.institution_id}">' in page.text
    nobodys = await operator.post("/manage/new", await form_at(operator, "/manage/new", name="Uus"))
    assert (nobodys.status, marked(nobodys)) == (422, ["merchant"])
    fields = await form_at(operator, "/manage/new", name="Uus", merchant="Somebody new")
    assert (await operator.post("/manage/new", fields)).status == 200
    assert "Somebody new" in await world.gateway.stores.merchants()


async def test_the_poster_leads_to_the_store_under_the_sites_own_address(
    world: World, manager: Browser, here: str
) -> None:
    """Its code is the absolute address of the shop at the door, and it speaks all three languages."""
    page = (await manager.get(f"{here}/door")).text
    address = f"{world.url}/shop?store={world.institution_id}"
    code = re.search(r'<img src="(/shop/code.svg[^"]+)" alt="([^"]+)"', page)
    assert code
    assert unescape(code[2]) == address
    assert unescape(code[1]) == f"/shop/code.svg?text={quote(address)}"
    assert (await manager.get(unescape(code[1]))).status == 200
    for language in ("et", "en", "ru"):
        assert f'<section lang="{language}">' in page
    assert "Skanni seda koodi telefoniga." in page
