"""A store's check policy: at the checkout, over the API, and tried on what was before."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from gateway.journeys.world import APPLES, BEER, BREAD, MILK, Client, Shopper, World, product
from smarts.control import AgeCheck, Policy, Seed
from smarts.gateway.parties import Role, Switches
from smarts.gateway.storage.installation import secret
from smarts.wire.codec import decode, encode
from smarts.wire.control import Decision
from smarts.wire.products import MinAge

NONE: dict[str, Any] = decode(encode(Policy()), dict[str, Any])


def codes(cart: dict[str, Any]) -> list[str]:
    return [reason["code"] for reason in cart["check"]["reasons"]] if cart.get("check") else []


async def out(world: World, shopper: Shopper, *barcodes: str) -> dict[str, Any]:
    return await shopper.check_out(await shopper.cart(world.institution_id, *barcodes))


async def passed(world: World, cart: dict[str, Any]) -> None:
    worker = await world.staff(Role.WORKER, world.institution_id)
    reply = await worker.post(f"/work/v1/checks/{cart['invoiceId']}/result", {"status": "PASSED"})
    assert reply.status == 204


async def bought(world: World, shopper: Shopper, *barcodes: str) -> dict[str, Any]:
    """A purchase that is paid for, after a check where it needs one."""
    cart = await out(world, shopper, *barcodes)
    if cart["state"] == "LOCKED":
        await passed(world, cart)
    assert (await shopper.pay(cart)).body["state"] == "PAID"
    return cart


async def tried(manager: Client, world: World, **rules: Any) -> dict[str, Any]:
    path = f"/manage/v1/stores/{world.institution_id}/check-policy/trial"
    reply = await manager.post(path, rules)
    assert reply.status == 200, reply.text
    found: dict[str, Any] = reply.body
    return found


@pytest.mark.parametrize("merchant_side", [True, False])
async def test_rules_of_the_store_lock_a_cart_with_and_without_merchant_side_control(
    world: World, merchant_side: bool
) -> None:
    """A cart over a limit is checked in full although the node says NO or is not asked; one at the limit is not."""
    await world.change_store(switches=Switches(merchant_side_purchase_control=merchant_side))
    await world.set_policy(Policy(total_over=Decimal("2.73"), pieces_over=2))
    shopper = await world.shopper()
    at_the_limits = await out(world, shopper, BREAD, MILK)
    assert (at_the_limits["state"], at_the_limits["total"]["totalToPay"]) == ("READY", 2.73)
    over = await out(world, shopper, MILK, MILK, MILK)
    assert (over["state"], over["check"]["decision"]) == ("LOCKED", "FULL")
    assert over["check"]["reasons"] == [
        {
            "code": "STORE_TOTAL",
            "message": "Purchases over 2.73 EUR are checked",
            "parameters": {"total": "2.73", "currency": "EUR"},
        },
        {
            "code": "STORE_PIECES",
            "message": "Purchases of more than 2 pieces are checked",
            "parameters": {"pieces": "2"},
        },
    ]
    await passed(world, over)
    assert (await shopper.pay(over)).body["state"] == "PAID"


async def test_weighed_goods_count_as_one_piece(world: World) -> None:
    """Three and a half kilograms of apples are one piece, two breads are two."""
    await world.set_policy(Policy(pieces_over=3))
    shopper = await world.shopper()
    cart = await shopper.cart(world.institution_id, BREAD, BREAD)
    cart = await shopper.scan(cart, APPLES, quantity=3.5)
    assert (await shopper.check_out(cart))["state"] == "READY"
    await shopper.scan(cart, BREAD)
    assert codes(await shopper.check_out(cart)) == ["STORE_PIECES"]


async def test_the_first_purchase_in_a_store_is_checked_until_it_is_paid(world: World) -> None:
    """Giving up does not count as a purchase, nor does one in another store; a paid one does."""
    await world.set_policy(Policy(first_purchases=1))
    shopper = await world.shopper()
    given_up = await out(world, shopper, BREAD)
    assert codes(given_up) == ["STORE_FIRST_PURCHASE"]
    await shopper.call("DELETE", f"/shop/v1/carts/{given_up['id']}")
    assert "STORE_FIRST_PURCHASE" in codes(await bought(world, shopper, BREAD))
    assert (await out(world, shopper, MILK))["state"] == "READY"
    assert codes(await out(world, await world.shopper(), MILK)) == ["STORE_FIRST_PURCHASE"]


async def test_an_age_limit_may_lead_to_a_check_of_everything_and_never_to_none(world: World) -> None:
    """Beer is looked at for the age whatever the rules are; where the manager wishes, for everything."""
    world.merchant.add(product(BEER, "Õlu", "1.80", inspections=(MinAge(age=18),)))
    shopper = await world.shopper()
    cart = await out(world, shopper, BEER)
    assert (cart["check"]["decision"], codes(cart)) == ("AGE", ["MIN_AGE"])
    await world.set_policy(Policy(age=AgeCheck.FULL))
    cart = await out(world, await world.shopper(), BEER, BREAD)
    assert (cart["check"]["decision"], codes(cart)) == ("FULL", ["MIN_AGE", "STORE_AGE"])
    age = cart["check"]["reasons"][0]
    assert age["parameters"] == {"age": "18"}
    assert age["lineId"] == next(
        line["lineId"] for line in cart["lines"] if line["product"]["barcode"] == BEER
    )


async def test_reasons_of_node_goods_and_store_add_up(world: World) -> None:
    """The strictest counts, and the shopper is told each reason."""
    await world.set_policy(Policy(total_over=Decimal(1)))
    world.merchant.add(product(BEER, "Õlu", "1.80", inspections=(MinAge(age=18),)))
    world.merchant.decision = Decision.AGE
    cart = await out(world, await world.shopper(), BEER)
    assert cart["check"]["decision"] == "FULL"
    assert codes(cart) == ["MIN_AGE", "STORE", "STORE_TOTAL"]


async def drawn_by(world: World, share: Decimal, *, chosen: bool) -> Shopper:
    """A shopper whom the chance of this share chooses, or does not, for the first purchase."""
    async with world.gateway.database.connection() as connection:
        own = await secret(connection)
    while True:
        shopper = await world.shopper()
        cart = await shopper.cart(world.institution_id)
        if (drawn(own, world, cart, None) < share) is chosen:
            return shopper


def drawn(own: str, world: World, cart: dict[str, Any], latest: str | None) -> Fraction:
    """What a shopper draws for the store's share until the purchase after the `latest` is paid."""
    return Seed.of(own, "check", world.institution_id, cart["personId"], latest or "").draw("share")


async def test_nobody_draws_again_until_something_is_paid(world: World) -> None:
    """Who is chosen stays so with another basket, another cart, after a check and after giving up; who is not, too."""
    share = Decimal("0.5")
    await world.set_policy(Policy(share=share, left_check_hours=0))
    for chosen in (True, False):
        shopper = await drawn_by(world, share, chosen=chosen)
        expected = ["STORE_SHARE"] if chosen else []
        for goods in ((BREAD,), (MILK,), (BREAD, MILK), (MILK, APPLES)):
            cart = await out(world, shopper, *goods)
            assert codes(cart) == expected
            await shopper.call("DELETE", f"/shop/v1/carts/{cart['id']}")
        cart = await out(world, shopper, BREAD)
        if chosen:
            await passed(world, cart)
        cart = await shopper.scan(cart, MILK)
        assert codes(await shopper.check_out(cart)) == expected


async def test_every_purchase_draws_anew_and_nobody_is_chosen_three_times_running(world: World) -> None:
    """Of one shopper's purchases those are checked that the secret has it of, but for the third one running."""
    share = Decimal("0.8")
    await world.set_policy(Policy(share=share))
    async with world.gateway.database.connection() as connection:
        own = await secret(connection)
    shopper, latest, checked = await world.shopper(), None, [False, False]
    for _ in range(12):
        cart = await bought(world, shopper, BREAD)
        expected = drawn(own, world, cart, latest) < share and not all(checked[-2:])
        assert (codes(cart) == ["STORE_SHARE"]) is expected
        checked.append(expected)
        latest = cart["invoiceId"]
    assert not any(all(checked[place : place + 3]) for place in range(len(checked) - 2))


async def test_every_change_is_a_version_of_its_own(world: World) -> None:
    """A manager sets the policy whole; what was before can be read for ever, with who saved it and when."""
    manager = await world.staff(Role.MANAGER)
    path = f"/manage/v1/stores/{world.institution_id}/check-policy"
    first = (await manager.get(path)).body
    assert (first["version"], first["policy"], first["savedAt"]) == (0, NONE, None)
    rules = {"share": 0.025, "firstPurchases": 3, "totalOver": 99.9, "piecesOver": 40, "age": "FULL"}
    reply = await manager.call("PUT", path, {"policy": rules, "basedOn": 0})
    assert (reply.status, reply.body["version"], reply.body["policy"]) == (200, 1, NONE | rules)
    late = await manager.call("PUT", path, {"policy": {}, "basedOn": 0})
    assert (late.status, late.body["type"]) == (409, "policy-changed")
    assert (await manager.call("PUT", path, {"policy": {}})).body["policy"] == NONE
    versions = (await manager.get(f"{path}/versions")).body
    assert [each["version"] for each in versions] == [2, 1]
    assert all(each["savedBy"] and each["savedAt"] for each in versions)
    assert [each["version"] for each in (await manager.get(f"{path}/versions?before=2")).body] == [1]
    assert (await manager.get(f"{path}/versions/1")).body["policy"] == NONE | rules
    for unknown in ("3", "-1", "x", "9" * 20, "0" * 190 + "1", "\u0661"):
        assert (await manager.get(f"{path}/versions/{unknown}")).status == 404


async def test_a_policy_that_makes_no_sense_is_refused_by_field(world: World) -> None:
    """Saved or tried, over the API; and rules of old are not taken for set where they no longer are."""
    manager = await world.staff(Role.MANAGER)
    path = f"/manage/v1/stores/{world.institution_id}/check-policy"
    for wrong, field in (
        ({"share": 1.5}, "share"),
        ({"share": "NaN"}, "share"),
        ({"totalOver": -1}, "totalOver"),
        ({"piecesOver": -1}, "piecesOver"),
        ({"age": "NO"}, "age"),
        ({"firstPurchases": "yes"}, "firstPurchases"),
        ({"unanswered": "NOBODY"}, "unanswered"),
        ({"goods": [{"name": "Spirits"}]}, "goods[0]"),
        ({"hours": [{"weekdays": [], "start": "20:00", "end": "22:00", "share": 1}]}, "hours[0].weekdays"),
        (
            {"hours": [{"weekdays": ["MONDAY"], "start": "25:00", "end": "22:00", "share": 1}]},
            "hours[0].start",
        ),
        ({"pause": {"until": "2020-01-01T00:00:00Z"}}, "pause.until"),
        ({"limits": {"inARow": 3}}, "limits.inARow"),
    ):
        reply = await manager.call("PUT", path, {"policy": wrong})
        assert (reply.status, reply.body["errors"][0]["path"]) == (422, f"$.policy.{field}")
        reply = await manager.post(f"{path}/trial", wrong)
        assert (reply.status, reply.body["errors"][0]["path"]) == (422, f"$.{field}")
    assert (await manager.get(path)).body["version"] == 0
    old = await manager.call(
        "PATCH", f"/manage/v1/stores/{world.institution_id}", {"checkRules": {"share": 1}}
    )
    assert (old.status, old.body["errors"][0]["path"]) == (422, "$.checkRules")


async def test_rules_are_tried_on_past_carts_without_changing_anything(world: World) -> None:
    """Three carts of 1.49, 2.73 and 4.50 with beer: each rule tells what it would have done, beside what happened."""
    world.merchant.add(product(BEER, "Õlu", "1.77", inspections=(MinAge(age=18),)))
    manager, regular = await world.staff(Role.MANAGER), await world.shopper()
    assert (await tried(manager, world, share=1))["carts"] == 0
    first = await bought(world, regular, BREAD)
    await bought(world, regular, BREAD, MILK)
    await bought(world, await world.shopper(), BREAD, MILK, BEER)
    happened = {"full": 0, "part": 0, "age": 1, "no": 2}
    for rules, decisions, reasons in (
        ({}, happened, {"MIN_AGE": 1}),
        ({"share": 1}, {"full": 3, "part": 0, "age": 0, "no": 0}, {"STORE_SHARE": 3, "MIN_AGE": 1}),
        ({"firstPurchases": 1}, {"full": 2, "part": 0, "age": 0, "no": 1}, {"STORE_FIRST_PURCHASE": 2, "MIN_AGE": 1}),
        ({"totalOver": 1.49}, {"full": 2, "part": 0, "age": 0, "no": 1}, {"STORE_TOTAL": 2, "MIN_AGE": 1}),
        ({"piecesOver": 2}, {"full": 1, "part": 0, "age": 0, "no": 2}, {"STORE_PIECES": 1, "MIN_AGE": 1}),
        ({"age": "FULL"}, {"full": 1, "part": 0, "age": 0, "no": 2}, {"STORE_AGE": 1, "MIN_AGE": 1}),
        ({"totalOver": 2.73, "piecesOver": 1}, {"full": 2, "part": 0, "age": 0, "no": 1},
         {"STORE_PIECES": 2, "STORE_TOTAL": 1, "MIN_AGE": 1}),
    ):  # fmt: skip
        trial = await tried(manager, world, togetherMinutes=0, **rules)
        assert (trial["carts"], trial["rules"], trial["happened"]) == (3, decisions, happened)
        assert {each["code"]: each["carts"] for each in trial["reasons"]} == reasons
    assert trial["since"] >= first["createdAt"]
    assert (await world.gateway.policies.current(world.institution_id)).version == 0


async def test_a_trial_chooses_by_chance_whom_the_rule_would_have_chosen(world: World) -> None:
    """The share is tried with the very draws that count at a checkout."""
    share, manager = Decimal("0.5"), await world.staff(Role.MANAGER)
    await world.set_policy(Policy(share=share))
    shopper = await world.shopper()
    carts = [await bought(world, shopper, BREAD) for _ in range(6)]
    checked = sum(codes(cart) == ["STORE_SHARE"] for cart in carts)
    trial = await tried(manager, world, share=0.5)
    assert trial["rules"] == trial["happened"] == {"full": checked, "part": 0, "age": 0, "no": 6 - checked}


async def test_a_cart_that_was_checked_out_twice_counts_once(world: World) -> None:
    """As it was the last time."""
    manager, shopper = await world.staff(Role.MANAGER), await world.shopper()
    cart = await out(world, shopper, BREAD)
    await shopper.check_out(await shopper.scan(cart, MILK))
    assert (await tried(manager, world, piecesOver=1))["rules"] == {"full": 1, "part": 0, "age": 0, "no": 0}


async def test_another_merchants_rules_are_hidden(world: World) -> None:
    """A manager neither reads nor tries rules of a store that is not theirs, and workers try none."""
    other, _ = await world.add_store("http://127.0.0.1:9")
    manager = await world.staff(Role.MANAGER)
    worker = await world.staff(Role.WORKER, world.institution_id)
    assert (await manager.post(f"/manage/v1/stores/{other}/check-policy/trial", NONE)).status == 404
    own = f"/manage/v1/stores/{world.institution_id}/check-policy/trial"
    assert (await worker.post(own, NONE)).status == 403


async def test_the_latest_purchase_is_found_by_an_index(world: World) -> None:
    """Neither a shopper's purchases in other stores nor other shoppers' in this one are looked through."""
    other, _ = await world.add_store("http://127.0.0.1:9")
    async with world.gateway.database.transaction() as tx:
        await tx.execute(
            "INSERT INTO invoices (id, institution_id, person_id, store_name, currency, total, vat, paid_at)"
            " SELECT 'i' || n, CASE WHEN n % 2 = 0 THEN $1 ELSE $2 END, 'p' || n % 4, '', 'EUR', 1, 0,"
            " now() - n * interval '1 minute' FROM generate_series(1, 4000) AS n",
            world.institution_id,
            other,
        )
        await tx.execute("ANALYZE invoices")
        plan = await tx.fetch(
            "EXPLAIN SELECT id FROM invoices WHERE person_id = 'p1' AND institution_id = $1"
            " ORDER BY paid_at DESC, id DESC LIMIT 50".replace("$1", f"'{world.institution_id}'")
        )
    assert any("person_id_institution_id" in row[0] for row in plan), plan
