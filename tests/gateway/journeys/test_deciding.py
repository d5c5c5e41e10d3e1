"""Decisions on real carts: what enters them, how they are made anew, and what is forgotten of them."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

from gateway.journeys.test_check_policies import bought, codes, out, passed
from gateway.journeys.world import BREAD, MILK, Client, World
from smarts.control import Limits, Policy, RiskRule
from smarts.gateway.parties import Role
from smarts.gateway.storage.database import Database
from smarts.wire.control import Decision

CHECKS_ALL = Policy(pieces_over=0, left_check_hours=0, together_minutes=0)


async def why(world: World, manager: Client, cart: dict[str, Any]) -> dict[str, Any]:
    """What the manager is told of a decision."""
    reply = await manager.get(f"/manage/v1/stores/{world.institution_id}/checks/{cart['invoiceId']}/why")
    assert reply.status == 200, reply.text
    found: dict[str, Any] = reply.body
    return found


async def change(database: Database, statement: str, *values: Any) -> None:
    async with database.transaction() as tx:
        await tx.execute(statement, *values)


async def failed(world: World, cart: dict[str, Any]) -> None:
    worker = await world.staff(Role.WORKER, world.institution_id)
    result = {"status": "FAILED_ALLOW_PAYMENT"}
    assert (await worker.post(f"/work/v1/checks/{cart['invoiceId']}/result", result)).status == 204


async def test_a_decision_is_made_anew_from_what_was_kept(world: World) -> None:
    """By the version that counted then: it comes out the same, and what each rule compared is told."""
    manager, shopper = await world.staff(Role.MANAGER), await world.shopper()
    await world.set_policy(Policy(total_over=Decimal("1.50"), share=Decimal("0.5")))
    cart = await out(world, shopper, BREAD, MILK)
    await world.set_policy(Policy())
    told = await why(world, manager, cart)
    assert (told["policyVersion"], told["same"]) == (1, True)
    assert told["outcome"]["reasons"] == cart["check"]["reasons"]
    rulings = {each["rule"]: each for each in told["rulings"]}
    assert rulings["STORE_TOTAL"]["struck"] is True
    assert rulings["STORE_TOTAL"]["values"] == {"total": "2.73", "over": "1.50"}
    assert rulings["STORE_SHARE"]["struck"] is (
        Decimal(rulings["STORE_SHARE"]["values"]["drawn"]) < Decimal("0.5")
    )
    assert (told["inputs"]["cart"]["pieces"], len(bytes.fromhex(told["digest"]))) == (2, 32)


async def test_why_a_cart_was_not_checked_is_told_as_well(world: World) -> None:
    """A limit that was not reached is there with what it compared."""
    manager = await world.staff(Role.MANAGER)
    await world.set_policy(Policy(pieces_over=5))
    cart = await out(world, await world.shopper(), BREAD)
    told = await why(world, manager, cart)
    assert (told["outcome"]["decision"], told["same"]) == ("NO", True)
    pieces = next(each for each in told["rulings"] if each["rule"] == "STORE_PIECES")
    assert (pieces["struck"], pieces["values"]) == (False, {"pieces": "1", "over": "5"})


async def test_whoever_changes_what_was_kept_is_found_out(world: World) -> None:
    """Inputs, outcome or policy: the decision no longer comes out as it did, or the digest is another one."""
    manager, shopper = await world.staff(Role.MANAGER), await world.shopper()
    await world.set_policy(Policy(pieces_over=1))
    cart = await out(world, shopper, BREAD, MILK)
    database = world.gateway.database
    for spoil, mend in (
        ("UPDATE check_decisions SET inputs = replace(inputs::text, '\"pieces\":2', '\"pieces\":3')::json",
         "UPDATE check_decisions SET inputs = replace(inputs::text, '\"pieces\":3', '\"pieces\":2')::json"),
        ("UPDATE check_decisions SET outcome = replace(outcome::text, 'FULL', 'NO')::json",
         "UPDATE check_decisions SET outcome = replace(outcome::text, '\"NO\"', '\"FULL\"')::json"),
        ("UPDATE check_policies SET policy = replace(policy::text, '\"piecesOver\":1', '\"piecesOver\":0')::json",
         "UPDATE check_policies SET policy = replace(policy::text, '\"piecesOver\":0', '\"piecesOver\":1')::json"),
    ):  # fmt: skip
        await change(database, spoil)
        assert (await why(world, manager, cart))["same"] is False
        await change(database, mend)
        assert (await why(world, manager, cart))["same"] is True


async def test_nothing_of_who_the_shopper_is_enters(world: World) -> None:
    """Neither name nor email, phone, language nor any id of the shopper is in what a decision came from."""
    manager = await world.staff(Role.MANAGER)
    shopper = await world.shopper(name="Mari Maasikas", email="mari@maasikas.ee", phone="+372 5550 1234")
    await world.set_policy(CHECKS_ALL)
    await bought(world, shopper, BREAD)
    cart = await out(world, shopper, MILK)
    inputs = json.dumps((await why(world, manager, cart))["inputs"])
    assert '"bought": 1' in inputs
    for personal in ("Mari", "maasikas", "5550", cart["personId"], cart["id"], cart["langCode"] + '"'):
        assert personal not in inputs


async def test_inputs_are_forgotten_with_the_person(world: World) -> None:
    """A shopper sees all but the seed, and is gone with one request; version and digest alone stay."""
    manager, shopper = await world.staff(Role.MANAGER), await world.shopper()
    await world.set_policy(CHECKS_ALL)
    cart = await bought(world, shopper, BREAD)
    (record,) = (await shopper.get("/shop/v1/shoppers/me/data")).body["checks"]
    assert (record["cart"]["total"], record["history"]["purchases"]) == (1.49, [])
    told = await why(world, manager, cart)
    assert told["inputs"]["seed"] not in json.dumps(record)
    assert (await shopper.call("DELETE", "/shop/v1/shoppers/me")).status == 204
    after = await why(world, manager, cart)
    assert (after["inputs"], after["outcome"], after["same"], after["rulings"]) == (None, None, None, [])
    assert (after["digest"], after["policyVersion"]) == (told["digest"], 1)
    async with world.gateway.database.connection() as connection:
        assert (
            await connection.fetchval("SELECT count(*) FROM check_decisions WHERE person_id IS NOT NULL") == 0
        )


async def test_inputs_are_forgotten_in_time(world: World) -> None:
    """After two months, whoever it was of; what is younger stays."""
    manager, shopper = await world.staff(Role.MANAGER), await world.shopper()
    await world.set_policy(CHECKS_ALL)
    old, young = await bought(world, shopper, BREAD), await bought(world, shopper, MILK)
    await change(
        world.gateway.database,
        "UPDATE check_decisions SET decided_at = decided_at - $2::interval WHERE invoice_id = $1",
        old["invoiceId"],
        timedelta(days=63),
    )
    await world.gateway.housekeeping.tidy()
    assert (await why(world, manager, old))["inputs"] is None
    assert (await why(world, manager, young))["same"] is True


async def test_earlier_checks_change_how_likely_chance_is(world: World) -> None:
    """A failed one makes it more likely in this store, a passed one less; another shopper is not touched by either."""
    manager = await world.staff(Role.MANAGER)
    risky, honest = await world.shopper(), await world.shopper()
    await world.set_policy(CHECKS_ALL)
    cart = await out(world, risky, BREAD)
    await failed(world, cart)
    assert (await risky.pay(cart)).body["state"] == "PAID"
    await bought(world, honest, BREAD)
    rule = RiskRule(passed=Decimal(1), corrected=Decimal(1), failed=Decimal(1))
    await world.set_policy(Policy(share=Decimal("0.2"), risk=rule, together_minutes=0))
    likely = [
        (await why(world, manager, await out(world, shopper, MILK)))["outcome"]["chances"]["share"]
        for shopper in (risky, honest, await world.shopper())
    ]
    assert likely[0] > 0.35
    assert likely[1] < 0.12
    assert likely[2] == 0.2


async def test_purchases_after_a_failed_check_are_checked_until_there_were_enough(world: World) -> None:
    """Two of them, and not the third one."""
    shopper = await world.shopper()
    await world.set_policy(CHECKS_ALL)
    cart = await out(world, shopper, BREAD)
    await failed(world, cart)
    assert (await shopper.pay(cart)).body["state"] == "PAID"
    await world.set_policy(Policy(after_failed=2))
    for expected in (["STORE_AFTER_FAILED"], ["STORE_AFTER_FAILED"], []):
        assert codes(await bought(world, shopper, MILK)) == expected


async def test_a_check_is_not_escaped_by_giving_the_cart_up(world: World) -> None:
    """The node said FULL and says NO for the next cart: that is checked all the same, and the one after it is not."""
    shopper = await world.shopper()
    world.merchant.decision = Decision.FULL
    left = await out(world, shopper, BREAD)
    await shopper.call("DELETE", f"/shop/v1/carts/{left['id']}")
    world.merchant.decision = Decision.NO
    again = await out(world, shopper, BREAD)
    assert codes(again) == ["STORE_LEFT"]
    await passed(world, again)
    assert (await shopper.pay(again)).body["state"] == "PAID"
    assert (await out(world, shopper, MILK))["state"] == "READY"


async def test_a_purchase_is_not_split_to_stay_below_a_limit(world: World) -> None:
    """Three pieces are checked, also as two and one; another shopper's do not count."""
    shopper = await world.shopper()
    await world.set_policy(Policy(pieces_over=2))
    assert codes(await bought(world, shopper, BREAD, MILK)) == []
    assert codes(await out(world, shopper, BREAD)) == ["STORE_PIECES"]
    assert codes(await out(world, await world.shopper(), BREAD)) == []


async def test_shopping_in_two_stores_of_a_merchant_at_once_is_noticed(world: World) -> None:
    """While there are goods in both carts; a cart without goods, and one of another merchant's store, are nothing."""
    store = await world.gateway.stores.get(world.institution_id)
    node = await world.gateway.registry.target(world.institution_id)
    assert node
    branch, _ = await world.add_store(node.base_url)
    stranger, _ = await world.add_store(node.base_url)
    async with world.gateway.database.transaction() as tx:
        await tx.execute("UPDATE institutions SET merchant_id = $2 WHERE id = $1", branch, store.merchant_id)
    await world.set_policy(Policy(elsewhere_minutes=30))
    shopper = await world.shopper()
    await shopper.cart(stranger, BREAD)
    assert codes(await out(world, shopper, BREAD)) == []
    away = await shopper.cart(branch)
    assert codes(await out(world, shopper, MILK)) == []
    await shopper.scan(away, BREAD)
    assert codes(await out(world, shopper, MILK, MILK)) == ["STORE_ELSEWHERE"]


async def test_how_long_a_lock_holds_is_the_policys(world: World) -> None:
    """And that of the installation where it says nothing."""
    await world.set_policy(Policy(pieces_over=0, lock_minutes=15, limits=Limits()))
    cart = await out(world, await world.shopper(), BREAD)
    locked, ends = cart["check"]["lockedAt"], cart["check"]["expiresAt"]
    assert locked[:10] <= ends[:10]
    minutes = (int(ends[11:13]) * 60 + int(ends[14:16]) - int(locked[11:13]) * 60 - int(locked[14:16])) % 1440
    assert minutes == 15
