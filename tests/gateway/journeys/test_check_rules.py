"""A store's own rules for checks: at the checkout, over the API, and tried on what was before."""

from decimal import Decimal
from typing import Any

import pytest

from gateway.journeys.world import APPLES, BEER, BREAD, MILK, Client, Shopper, World, product
from smarts.gateway.control.rules import past
from smarts.gateway.parties import AgeCheck, CheckRules, Role, Switches
from smarts.gateway.storage.installation import secret
from smarts.wire.control import Decision
from smarts.wire.products import MinAge

NONE: dict[str, Any] = {
    "share": 0,
    "firstPurchase": False,
    "totalOver": None,
    "piecesOver": None,
    "age": "AGE",
    "unanswered": "STAFF",
}


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
    path = f"/manage/v1/stores/{world.institution_id}/check-rules/trial"
    reply = await manager.post(path, NONE | rules)
    assert reply.status == 200, reply.text
    found: dict[str, Any] = reply.body
    return found


@pytest.mark.parametrize("merchant_side", [True, False])
async def test_rules_of_the_store_lock_a_cart_with_and_without_merchant_side_control(
    world: World, merchant_side: bool
) -> None:
    """A cart over a limit is checked in full although the node says NO or is not asked; one at the limit is not."""
    await world.change_store(
        switches=Switches(merchant_side_purchase_control=merchant_side),
        check_rules=CheckRules(total_over=Decimal("2.73"), pieces_over=2),
    )
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
    await world.change_store(check_rules=CheckRules(pieces_over=3))
    shopper = await world.shopper()
    cart = await shopper.cart(world.institution_id, BREAD, BREAD)
    cart = await shopper.scan(cart, APPLES, quantity=3.5)
    assert (await shopper.check_out(cart))["state"] == "READY"
    await shopper.scan(cart, BREAD)
    assert codes(await shopper.check_out(cart)) == ["STORE_PIECES"]


async def test_the_first_purchase_in_a_store_is_checked_until_it_is_paid(world: World) -> None:
    """Giving up does not count as a purchase, nor does one in another store; a paid one does."""
    await world.change_store(check_rules=CheckRules(first_purchase=True))
    shopper = await world.shopper()
    given_up = await out(world, shopper, BREAD)
    assert codes(given_up) == ["STORE_FIRST_PURCHASE"]
    await shopper.call("DELETE", f"/shop/v1/carts/{given_up['id']}")
    await bought(world, shopper, BREAD)
    assert (await out(world, shopper, MILK))["state"] == "READY"
    assert codes(await out(world, await world.shopper(), MILK)) == ["STORE_FIRST_PURCHASE"]


async def test_an_age_limit_may_lead_to_a_check_of_everything_and_never_to_none(world: World) -> None:
    """Beer is looked at for the age whatever the rules are; where the manager wishes, for everything."""
    world.merchant.add(product(BEER, "Õlu", "1.80", inspections=(MinAge(age=18),)))
    shopper = await world.shopper()
    cart = await out(world, shopper, BEER)
    assert (cart["check"]["decision"], codes(cart)) == ("AGE", ["MIN_AGE"])
    await world.change_store(check_rules=CheckRules(age=AgeCheck.FULL))
    cart = await out(world, await world.shopper(), BEER, BREAD)
    assert (cart["check"]["decision"], codes(cart)) == ("FULL", ["MIN_AGE", "STORE_AGE"])
    age = cart["check"]["reasons"][0]
    assert age["parameters"] == {"age": "18"}
    assert age["lineId"] == next(
        line["lineId"] for line in cart["lines"] if line["product"]["barcode"] == BEER
    )


async def test_reasons_of_node_goods_and_store_add_up(world: World) -> None:
    """The strictest counts, and the shopper is told each reason."""
    await world.change_store(check_rules=CheckRules(total_over=Decimal(1)))
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
        before = past(own, world.institution_id, cart["personId"], None)
        if (before.chance < share) is chosen:
            return shopper


async def test_nobody_draws_again_until_something_is_paid(world: World) -> None:
    """Who is chosen stays so with another basket, another cart, after a check and after giving up; who is not, too."""
    share = Decimal("0.5")
    await world.change_store(check_rules=CheckRules(share=share))
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


async def test_every_purchase_draws_anew(world: World) -> None:
    """Of many purchases of one shopper some are checked and some are not, as the secret has it."""
    share = Decimal("0.5")
    await world.change_store(check_rules=CheckRules(share=share))
    async with world.gateway.database.connection() as connection:
        own = await secret(connection)
    shopper, latest = await world.shopper(), None
    for _ in range(6):
        cart = await bought(world, shopper, BREAD)
        before = past(own, world.institution_id, cart["personId"], latest)
        assert (codes(cart) == ["STORE_SHARE"]) is (before.chance < share)
        latest = cart["invoiceId"]


async def test_rules_are_read_and_changed_over_the_api(world: World) -> None:
    """A manager sets them whole; other changes leave them; what makes no sense is refused by field."""
    manager = await world.staff(Role.MANAGER)
    path = f"/manage/v1/stores/{world.institution_id}"
    assert (await manager.get(path)).body["checkRules"] == NONE
    rules = {
        "share": 0.025, "firstPurchase": True, "totalOver": 99.9, "piecesOver": 40, "age": "FULL",
        "unanswered": "RULES",
    }  # fmt: skip
    assert (await manager.call("PATCH", path, {"checkRules": rules})).body["checkRules"] == rules
    await manager.call("PATCH", path, {"name": "Another"})
    assert (await manager.get(path)).body["checkRules"] == rules
    for wrong, field in (
        ({"share": 1.5}, "share"),
        ({"share": "NaN"}, "share"),
        ({"totalOver": -1}, "totalOver"),
        ({"piecesOver": -1}, "piecesOver"),
        ({"age": "NO"}, "age"),
        ({"firstPurchase": "yes"}, "firstPurchase"),
        ({"unanswered": "NOBODY"}, "unanswered"),
    ):
        reply = await manager.call("PATCH", path, {"checkRules": wrong})
        assert (reply.status, reply.body["errors"][0]["path"]) == (422, f"$.checkRules.{field}")
        reply = await manager.post(f"{path}/check-rules/trial", wrong)
        assert (reply.status, reply.body["errors"][0]["path"]) == (422, f"$.{field}")
    assert (await manager.get(path)).body["checkRules"] == rules
    assert (await manager.call("PATCH", path, {"checkRules": {}})).body["checkRules"] == NONE


async def test_rules_are_tried_on_past_carts_without_changing_anything(world: World) -> None:
    """Three carts of 1.49, 2.73 and 4.50 with beer: each rule tells what it would have done, beside what happened."""
    world.merchant.add(product(BEER, "Õlu", "1.77", inspections=(MinAge(age=18),)))
    manager, regular = await world.staff(Role.MANAGER), await world.shopper()
    assert (await tried(manager, world, share=1))["carts"] == 0
    first = await bought(world, regular, BREAD)
    await bought(world, regular, BREAD, MILK)
    await bought(world, await world.shopper(), BREAD, MILK, BEER)
    happened = {"full": 0, "age": 1, "no": 2}
    for rules, decisions, reasons in (
        ({}, happened, {"MIN_AGE": 1}),
        ({"share": 1}, {"full": 3, "age": 0, "no": 0}, {"STORE_SHARE": 3, "MIN_AGE": 1}),
        ({"firstPurchase": True}, {"full": 2, "age": 0, "no": 1}, {"STORE_FIRST_PURCHASE": 2, "MIN_AGE": 1}),
        ({"totalOver": 1.49}, {"full": 2, "age": 0, "no": 1}, {"STORE_TOTAL": 2, "MIN_AGE": 1}),
        ({"piecesOver": 2}, {"full": 1, "age": 0, "no": 2}, {"STORE_PIECES": 1, "MIN_AGE": 1}),
        ({"age": "FULL"}, {"full": 1, "age": 0, "no": 2}, {"STORE_AGE": 1, "MIN_AGE": 1}),
        ({"totalOver": 2.73, "piecesOver": 1}, {"full": 2, "age": 0, "no": 1},
         {"STORE_PIECES": 2, "STORE_TOTAL": 1, "MIN_AGE": 1}),
    ):  # fmt: skip
        trial = await tried(manager, world, **rules)
        assert (trial["carts"], trial["rules"], trial["happened"]) == (3, decisions, happened)
        assert {each["code"]: each["carts"] for each in trial["reasons"]} == reasons
    assert trial["since"] >= first["createdAt"]
    store = await world.gateway.stores.get(world.institution_id)
    assert store.check_rules == CheckRules()


async def test_a_trial_chooses_by_chance_whom_the_rule_would_have_chosen(world: World) -> None:
    """The share is tried with the very draws that count at a checkout."""
    share, manager = Decimal("0.5"), await world.staff(Role.MANAGER)
    await world.change_store(check_rules=CheckRules(share=share))
    shopper = await world.shopper()
    carts = [await bought(world, shopper, BREAD) for _ in range(6)]
    checked = sum(codes(cart) == ["STORE_SHARE"] for cart in carts)
    trial = await tried(manager, world, share=0.5)
    assert trial["rules"] == trial["happened"] == {"full": checked, "age": 0, "no": 6 - checked}


async def test_a_cart_that_was_checked_out_twice_counts_once(world: World) -> None:
    """As it was the last time."""
    manager, shopper = await world.staff(Role.MANAGER), await world.shopper()
    cart = await out(world, shopper, BREAD)
    await shopper.check_out(await shopper.scan(cart, MILK))
    assert (await tried(manager, world, piecesOver=1))["rules"] == {"full": 1, "age": 0, "no": 0}


async def test_another_merchants_rules_are_hidden(world: World) -> None:
    """A manager neither reads nor tries rules of a store that is not theirs, and workers try none."""
    other, _ = await world.add_store("http://127.0.0.1:9")
    manager = await world.staff(Role.MANAGER)
    worker = await world.staff(Role.WORKER, world.institution_id)
    assert (await manager.post(f"/manage/v1/stores/{other}/check-rules/trial", NONE)).status == 404
    own = f"/manage/v1/stores/{world.institution_id}/check-rules/trial"
    assert (await worker.post(own, NONE)).status == 403


async def test_what_checks_were_decided_on_is_forgotten_with_the_person(world: World) -> None:
    """It is among what a shopper may see, and an erased shopper's carts are tried no more."""
    manager, shopper = await world.staff(Role.MANAGER), await world.shopper()
    cart = await bought(world, shopper, BREAD, MILK)
    (record,) = (await shopper.get("/shop/v1/shoppers/me/data")).body["checks"]
    assert record["facts"] == {
        "personId": cart["personId"], "total": 2.73, "pieces": 2, "decision": "NO", "reasons": [],
    }  # fmt: skip
    assert (await shopper.call("DELETE", "/shop/v1/shoppers/me")).status == 204
    assert (await tried(manager, world, share=1))["carts"] == 0


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
            "EXPLAIN SELECT id FROM invoices WHERE person_id = 'p1' AND institution_id = $1 AND paid_at < now()"
            " ORDER BY paid_at DESC, id DESC LIMIT 1".replace("$1", f"'{world.institution_id}'")
        )
    assert any("person_id_institution_id" in row[0] for row in plan), plan
