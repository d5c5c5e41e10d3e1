"""Campaigns tried before they count, over the API."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from gateway.journeys.test_bad_input import is_problem
from gateway.journeys.world import APPLES, BREAD, MILK, Client, World, product, small_world
from smarts.gateway.parties import Role
from smarts.wire.products import Campaign

DEAR = "4740000000999"


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    """A store that sells something dear too: 100 without VAT."""
    async with small_world(database_url) as made:
        made.merchant.add(product(DEAR, "Teler", "124.00"))
        yield made


@pytest.fixture
async def manager(world: World) -> Client:
    return await world.staff(Role.MANAGER)


def campaign(operation: str, code: str = "B00000000501") -> dict[str, str]:
    return {"name": "Sügis", "code": code, "operation": operation}


async def post(world: World, manager: Client, path: str, body: Any) -> Any:
    reply = await manager.post(f"/manage/v1/stores/{world.institution_id}/campaigns/{path}", body)
    assert reply.status == 200, reply.text
    return reply.body


async def sold(world: World, *barcodes: str, **about: Any) -> dict[str, Any]:
    shopper = await world.shopper(**about)
    cart = await shopper.check_out(await shopper.cart(world.institution_id, *barcodes))
    paid = await shopper.pay(cart)
    assert paid.status == 200, paid.text
    return dict(paid.body)


async def test_the_effect_on_goods_of_the_store(world: World, manager: Client) -> None:
    """The sums are those that the shopper would see, and nothing is changed by asking."""
    tried = campaign("total >= 50 ? total * 0.9 : total")
    lines = [{"barcode": DEAR}, {"barcode": APPLES, "quantity": 0.5}]
    told = await post(world, manager, "effect", {"campaign": tried, "lines": lines})
    assert (told["before"], told["effect"]["reason"]) == (125.5, "CHANGED_TOTAL")
    assert (told["after"], told["change"]) == (112.95, -12.55)
    assert [(line["barcode"], line["before"]) for line in told["lines"]] == [(DEAR, 124), (APPLES, 1.5)]
    assert sum(line["after"] for line in told["lines"]) == pytest.approx(told["after"])
    steps = {step["inputs"][0]: step["result"] for step in told["ladder"]}
    assert (steps[49.99], steps[50], steps[100]) == (49.99, 45, 90)
    assert (await world.gateway.stores.get(world.institution_id)).campaigns == ()
    await world.change_store(campaigns=(Campaign(**tried),))
    shopper = await world.shopper()
    cart = await shopper.scan(await shopper.cart(world.institution_id, DEAR), APPLES, quantity=0.5)
    assert cart["total"]["totalToPay"] == told["after"]


@pytest.mark.parametrize(
    ("tried", "shopper", "reason"),
    [
        (campaign("total * 0.9", "C00000000501"), {}, "CLIENTS_ONLY"),
        (campaign("total * 0.9", "C00000000501"), {"client": True}, "CHANGED_TOTAL"),
        (campaign("total * 0.9", "B00000SKP501"), {"client": True}, "CARD_ONLY"),
        (campaign("total * 0.9", "B00000SKP501"), {"client": True, "cardCodes": ["SKP"]}, "CHANGED_TOTAL"),
        (campaign("total >= 1000 ? 1 : total"), {}, "UNCHANGED"),
        (campaign("total - 1000"), {}, "BAD_RESULT"),
        (campaign("amount >= 16 ? total - 1 : total", "B00000000502"), {}, "CHANGED_TOTAL"),
    ],
)
async def test_why_and_why_not(world: World, manager: Client, tried: Any, shopper: Any, reason: str) -> None:
    """On goods that no store sells it is told why a campaign strikes, or not, for this shopper."""
    told = await post(world, manager, "effect", {"campaign": tried, "shopper": shopper})
    assert told["effect"]["reason"] == reason
    assert (told["change"] != 0) == (reason == "CHANGED_TOTAL")
    assert "flaw" not in told


async def test_what_can_never_work_is_named_with_its_place(world: World, manager: Client) -> None:
    """The flaw says what to mend and at which character; the store's own document names those that it has already."""
    told = await post(world, manager, "effect", {"campaign": campaign("total * oops")})
    assert told["flaw"] == {
        "field": "operation",
        "message": "`oops` is unknown: there is total.",
        "position": 9,
    }
    path = f"/manage/v1/stores/{world.institution_id}"
    listed = [campaign("total"), campaign("amount", "B00000000001")]
    changed = await manager.call("PATCH", path, {"campaigns": listed})
    assert [(flaw["place"], flaw["field"]) for flaw in changed.body["campaignFlaws"]] == [(1, "kind")]


async def test_its_place_among_the_others(world: World, manager: Client) -> None:
    """A campaign is tried in the stead of the one that it replaces, else behind all others."""
    await world.change_store(
        campaigns=(Campaign("a", "B00000000501", "total - 10"), Campaign("b", "B00000000501", "total * 0.5"))
    )
    body = {"campaign": campaign("total - 20"), "lines": [{"barcode": DEAR}]}
    first = await post(world, manager, "effect", body | {"replaces": 0})
    last = await post(world, manager, "effect", body)
    assert (first["before"], first["after"]) == (62, 49.6)  # (100 - 20) / 2, with 24 % VAT
    assert (last["before"], last["after"]) == (55.8, 31)  # (100 - 10) / 2 - 20, with 24 % VAT


async def test_past_carts(world: World, manager: Client) -> None:
    """In how many paid carts it would have struck, by how much in all and each, and why not in the others."""
    await sold(world, BREAD)
    await sold(world, DEAR, email="klient@pood.ee")
    dear = await sold(world, DEAR, DEAR, email="teine@pood.ee")
    await (await world.shopper()).cart(world.institution_id, DEAR)
    tried = campaign("total >= 50 ? total - 10 : total", "C00000000501")
    told = await post(world, manager, "trial", {"campaign": tried})
    assert (told["carts"], told["struck"], told["before"]) == (3, 2, 373.49)
    assert (told["change"], told["average"]) == (-24.8, -12.4)  # 10 without VAT is 12.40
    assert {each["reason"]: each["carts"] for each in told["reasons"]} == {
        "CHANGED_TOTAL": 2,
        "CLIENTS_ONLY": 1,
    }
    named = await post(world, manager, "trial", {"campaign": tried, "cartIds": [dear["id"]]})
    assert (named["carts"], named["struck"]) == (1, 1)
    latest = await post(world, manager, "trial", {"campaign": tried, "limit": 1})
    assert (latest["carts"], latest["before"]) == (1, 248)


async def test_a_new_version_takes_the_place_of_the_old_one_in_past_carts(
    world: World, manager: Client
) -> None:
    """What a cart was sold with is not counted twice: the old version is left out, the new one stands for it."""
    await world.change_store(campaigns=(Campaign("old", "B00000000501", "total * 0.5"),))
    await sold(world, DEAR)
    told = await post(world, manager, "trial", {"campaign": campaign("total - 10"), "replaces": 0})
    assert (told["before"], told["change"]) == (124, -12.4)


async def test_faults_in_past_carts(world: World, manager: Client) -> None:
    """In how many carts the operation gave what no sum can be, in words."""
    await sold(world, BREAD)
    await sold(world, MILK)
    told = await post(world, manager, "trial", {"campaign": campaign("0 / 0")})
    assert [(error["reason"], error["carts"]) for error in told["errors"]] == [("BAD_RESULT", 1)] * 2
    assert "The operation gave NaN for total" in told["errors"][0]["words"]


@pytest.mark.parametrize(
    ("path", "body", "status", "place"),
    [
        ("effect", {"replaces": 0}, 422, "$.replaces"),
        ("effect", {"lines": [{"barcode": BREAD}, {"barcode": "nothing"}]}, 422, "$.lines[1].barcode"),
        ("effect", {"lines": [{"barcode": BREAD, "quantity": 0.5}]}, 422, "$.lines[0].quantity"),
        ("effect", {"lines": [{"barcode": BREAD}], "cartId": "x"}, 422, "$.lines"),
        ("effect", {"cartId": "nobody's"}, 404, None),
        ("effect", {"shopper": {"cardCodes": ["too long a code"]}}, 422, "$.shopper.cardCodes[0]"),
        ("trial", {"cartIds": ["nobody's"]}, 404, None),
        ("trial", {"cartIds": []}, 422, "$.cartIds"),
        ("trial", {"limit": 501}, 422, "$.limit"),
    ],
)
async def test_what_makes_no_sense_is_named(
    world: World, manager: Client, path: str, body: Any, status: int, place: str | None
) -> None:
    """A wrong field is named; another store's carts look as if they did not exist."""
    address = f"/manage/v1/stores/{world.institution_id}/campaigns/{path}"
    reply = await manager.post(address, {"campaign": campaign("total")} | body)
    assert is_problem(reply, status), reply.text
    if place:
        assert reply.body["errors"][0]["path"] == place


async def test_strangers_try_nothing(world: World, manager: Client) -> None:
    """Another merchant's store, and its carts, are out of reach; workers do not change campaigns."""
    cart = await sold(world, BREAD)
    other, _ = await world.add_store("http://127.0.0.1:9")
    body = {"campaign": campaign("total")}
    worker = await world.staff(Role.WORKER, world.institution_id)
    for path in ("effect", "trial"):
        assert (await manager.post(f"/manage/v1/stores/{other}/campaigns/{path}", body)).status == 404
        here = f"/manage/v1/stores/{world.institution_id}/campaigns/{path}"
        assert (await worker.post(here, body)).status == 403
    store = await world.gateway.stores.get(other)
    async with world.gateway.database.transaction() as tx:
        token = await world.gateway.people.add_staff(tx, "X", Role.MANAGER, store.merchant_id, frozenset())
    stranger = Client(world.session, world.url, {"Authorization": f"Bearer {token}"})
    address = f"/manage/v1/stores/{other}/campaigns/trial"
    assert (await stranger.post(address, body | {"cartIds": [cart["id"]]})).status == 404


async def test_before_and_after(world: World, manager: Client) -> None:
    """A changed campaign's turnover, discounts and carts stand beside those of the version that was sold with."""
    await world.change_store(
        campaigns=(Campaign("old", "B00000000501", "total >= 50 ? total * 0.5 : total"),)
    )
    await sold(world, DEAR)
    await sold(world, BREAD)
    changed = campaign("total >= 1 ? total - 1 : total")
    told = await post(world, manager, "trial", {"campaign": changed, "replaces": 0})
    assert told["was"] == {"turnover": 63.49, "discount": 62, "carts": 1}
    assert told["would"] == {"turnover": 123.01, "discount": 2.48, "carts": 2}  # 1 without VAT is 1.24
    assert (told["cheaper"], told["dearer"]) == (1, 1)
    added = await post(world, manager, "trial", {"campaign": changed})
    assert (added["was"]["carts"], added["was"]["turnover"]) == (0, 63.49)


async def test_every_campaign_of_every_line_is_explained(world: World, manager: Client) -> None:
    """The manager sees what each operation was given and gave, and why not, of goods and of a cart as it was sold."""
    five = Campaign("five", "B00000000002", "amount >= 5 ? unitPrice - 1 : unitPrice")
    world.merchant.add(product(DEAR, "Teler", "124.00", campaigns=(five,)))
    await world.change_store(
        campaigns=(
            Campaign("ten off", "B00000000501", "total - 10"),
            Campaign("clients", "C00000000501", "total * 0.5"),
            Campaign("broken", "B00000000501", "total *"),
        )
    )
    path = "explanation"
    told = await post(world, manager, path, {"lines": [{"barcode": DEAR, "quantity": 2}]})
    [line] = told["lines"]
    [of_line] = line["campaigns"]
    assert (of_line["reason"], of_line["inputs"], of_line["result"]) == ("UNCHANGED", [2, 100], 100)
    assert (of_line["parameters"]["from"], of_line["words"]) == ("5", "It counts from 5 pieces on.")
    ten, clients, broken = told["campaigns"]
    assert (ten["inputs"], ten["result"], ten["before"], ten["after"]) == ([200], 190, 248, 235.6)
    assert (clients["reason"], broken["reason"]) == ("CLIENTS_ONLY", "BAD_OPERATION")
    cart = await sold(world, BREAD, email="klient@pood.ee")
    await world.change_store(campaigns=())
    then = await post(world, manager, path, {"cartId": cart["id"]})
    assert then["total"] == cart["total"]["totalToPay"]
    assert [each["reason"] for each in then["campaigns"]] == ["BAD_RESULT", "CHANGED_TOTAL", "BAD_OPERATION"]


async def test_what_is_odd_is_told_when_it_is_typed_and_when_it_is_saved(
    world: World, manager: Client
) -> None:
    """Each conflict has its place, field, word and sentence; the campaign is saved all the same."""
    listed = [campaign("total >= 50 ? total - 10 : total"), campaign("total * 0.5")]
    path = f"/manage/v1/stores/{world.institution_id}"
    saved = await manager.call("PATCH", path, {"campaigns": listed})
    assert [(each["place"], each["other"], each["code"]) for each in saved.body["campaignConflicts"]] == [
        (0, 1, "TOGETHER")
    ]
    told = await post(world, manager, "effect", {"campaign": campaign("total - 100"), "replaces": 1})
    assert [(each["code"], each["field"]) for each in told["conflicts"]] == [
        ("NO_PRICE", "operation"),
        ("FREE", "operation"),
        ("TOGETHER", "operation"),
    ]


async def test_the_order_of_campaigns_is_shown(world: World, manager: Client) -> None:
    """What a cart would cost with the campaign at each place of the list."""
    await world.change_store(
        campaigns=(Campaign("a", "B00000000501", "total - 10"), Campaign("b", "B00000000501", "total * 0.5"))
    )
    told = await post(
        world, manager, "effect", {"campaign": campaign("total - 20"), "lines": [{"barcode": DEAR}]}
    )
    assert told["places"] == [
        {"first": 0, "last": 1, "total": 43.4},  # (100 - 20 - 10) / 2 with 24 % VAT, in either order
        {"first": 2, "last": 2, "total": 31},  # (100 - 10) / 2 - 20 with 24 % VAT
    ]
