"""Checks of purchase control: the lock, the results that end it, the document that can be asked for again."""

from datetime import datetime, timedelta
from uuid import uuid4

from smarts.kit.gateway.goods import Document
from smarts.kit.gateway.looks import check
from smarts.kit.gateway.stage import Stage, document_of, require, require_status
from smarts.kit.gateway.stories import Locked, locked, purchase
from smarts.kit.subject import Case

_LOCK = timedelta(hours=4)


async def _after(stage: Stage, status: str) -> tuple[Locked, Document]:
    """A cart that was locked, and what it became by a result."""
    begun = await locked(stage)
    require_status(await stage.result(begun.invoice_id, status), 200, 204)
    return begun, await begun.shopper.look(begun.cart)


async def _require_payable(stage: Stage, status: str) -> None:
    begun, cart = await _after(stage, status)
    require(cart["state"] == "READY", f"a cart that is READY after {status}", cart["state"])
    await begun.shopper.pay(cart)


async def _require_unpayable(stage: Stage, status: str) -> None:
    begun, cart = await _after(stage, status)
    require(
        cart["state"] not in ("LOCKED", "READY", "PAID"),
        f"a cart that is neither LOCKED nor READY after {status}",
        cart["state"],
    )
    require_status(await begun.shopper.tries_to_pay(cart), 409)


@check("gateway.result.passed")
async def passed(case: Case) -> None:
    """Pays after PASSED."""
    await _require_payable(Stage(case), "PASSED")


@check("gateway.result.failed-allow-payment")
async def failed_yet_may_pay(case: Case) -> None:
    """Pays after FAILED_ALLOW_PAYMENT."""
    await _require_payable(Stage(case), "FAILED_ALLOW_PAYMENT")


@check("gateway.result.failed")
async def failed(case: Case) -> None:
    """Tries to pay after FAILED."""
    await _require_unpayable(Stage(case), "FAILED")


@check("gateway.result.exipred")
async def exipred(case: Case) -> None:
    """Tries to pay after EXIPRED."""
    await _require_unpayable(Stage(case), "EXIPRED")


@check("gateway.result.expired")
async def expired(case: Case) -> None:
    """Tries to pay after EXPIRED."""
    await _require_unpayable(Stage(case), "EXPIRED")


@check("gateway.result.pending")
async def pending(case: Case) -> None:
    """Looks at the cart after PENDING, and ends the check then."""
    stage = Stage(case)
    begun, cart = await _after(stage, "PENDING")
    require(cart["state"] == "LOCKED", "a cart that is LOCKED after PENDING", cart["state"])
    require_status(await stage.result(begun.invoice_id, "PASSED"), 200, 204)


@check("gateway.result.products")
async def changed_products(case: Case) -> None:
    """Takes one row out and makes another one piece more."""
    stage = Stage(case)
    begun = await locked(stage)
    [row, *_] = begun.asked.json()["products"]
    answer = await stage.result(begun.invoice_id, "PASSED", products=[row | {"amount": 3}])
    require_status(answer, 200, 204)
    cart = await begun.shopper.look(begun.cart)
    amounts = {line["product"]["barcode"]: line["quantity"] for line in cart["lines"]}
    require(amounts == {row["barcode"]: 3}, f"3 of {row['barcode']} alone in the cart", amounts)


@check("gateway.result.strings")
async def strings(case: Case) -> None:
    """Sends amounts and prices as strings."""
    stage = Stage(case)
    begun = await locked(stage)
    rows = [
        row | {"amount": str(row["amount"]), "rowPrice": str(row["rowPrice"])}
        for row in begun.asked.json()["products"]
    ]
    require_status(await stage.result(begun.invoice_id, "PASSED", products=rows), 200, 204)
    cart = await begun.shopper.look(begun.cart)
    amounts = sorted(line["quantity"] for line in cart["lines"])
    require(amounts == [1, 2], "the amounts 1 and 2 in the cart", amounts)


@check("gateway.result.closed")
async def closed(case: Case) -> None:
    """Sends a second result."""
    stage = Stage(case)
    begun, _ = await _after(stage, "PASSED")
    require_status(await stage.result(begun.invoice_id, "FAILED"), 409)
    cart = await begun.shopper.look(begun.cart)
    require(cart["state"] == "READY", "a cart that is still READY", cart["state"])


@check("gateway.result.unknown")
async def unknown(case: Case) -> None:
    """Sends a result for nothing."""
    require_status(await Stage(case).result(str(uuid4()), "PASSED"), 404)


@check("gateway.result.repeated")
async def repeated(case: Case) -> None:
    """Sends a result twice, as a merchant does who lost the answer."""
    stage, key = Stage(case), str(uuid4())
    begun = await locked(stage)
    first = await stage.result(begun.invoice_id, "PASSED", key=key)
    require_status(first, 200, 204)
    again = await stage.result(begun.invoice_id, "PASSED", key=key)
    require_status(again, first.status)
    require(again.body == first.body, "the same answer", again.body)


@check("gateway.result.key-reused")
async def key_reused(case: Case) -> None:
    """Sends two results under one key."""
    stage, key = Stage(case), str(uuid4())
    one, other = await locked(stage), await locked(stage)
    require_status(await stage.result(one.invoice_id, "PASSED", key=key), 200, 204)
    require_status(await stage.result(other.invoice_id, "PASSED", key=key), 409)
    cart = await other.shopper.look(other.cart)
    require(cart["state"] == "LOCKED", "the other cart still LOCKED", cart["state"])


@check("gateway.resend.document")
async def resent(case: Case) -> None:
    """Compares the document with the one that the node got."""
    story = await purchase(Stage(case))
    require(story.resent == story.asked.json(), "the document that reached the node", story.resent)


@check("gateway.resend.harmless")
async def resend_changes_nothing(case: Case) -> None:
    """Asks twice, and looks at the cart and the node."""
    stage = Stage(case)
    begun = await locked(stage)
    before = await begun.shopper.look(begun.cart)
    first = document_of(await stage.resend(begun.invoice_id), 200)
    second = document_of(await stage.resend(begun.invoice_id), 200)
    require(first == second, "the same document again", second)
    after = await begun.shopper.look(begun.cart)
    require(
        before == after,
        "the cart as it was",
        {key: after[key] for key in after if after[key] != before.get(key)},
    )
    asked = len(stage.node.heard("/control/check", begun.shopper.person_id))
    require(asked == 1, "a node that was asked once", f"asked {asked} times")


@check("gateway.resend.after-result")
async def resend_after_the_result(case: Case) -> None:
    """Asks when the purchase is paid."""
    stage = Stage(case)
    story = await purchase(stage)
    again = document_of(await stage.resend(story.invoice_id), 200)
    require(again == story.asked.json(), "the document that reached the node", again)


@check("gateway.resend.unknown")
async def resend_unknown(case: Case) -> None:
    """Asks for the document of nothing."""
    require_status(await Stage(case).resend(str(uuid4())), 404)


@check("gateway.check.no")
async def unchecked(case: Case) -> None:
    """Checks out where the node decides NO."""
    stage = Stage(case)
    shopper = await stage.shopper()
    cart = await shopper.check_out(await shopper.cart(stage.node.goods.sell()))
    require(cart["state"] == "READY", "a cart that is READY", cart["state"])
    await stage.node.wait_for("/control/check", shopper.person_id)


@check("gateway.check.lock")
async def lock(case: Case) -> None:
    """Tries to scan, to change, to check out around and to pay in a locked cart."""
    stage = Stage(case)
    begun = await locked(stage)
    shopper, cart = begun.shopper, begun.cart
    line = f"/carts/{cart['id']}/lines/{cart['lines'][0]['lineId']}"
    require_status(await shopper.tries_to_scan(cart, stage.node.goods.sell()), 409)
    require_status(await shopper.send("PATCH", line, {"quantity": 1}), 409)
    require_status(await shopper.send("DELETE", line), 409)
    require_status(await shopper.tries_to_pay(cart), 409)
    again = await shopper.check_out(cart)
    require(again["state"] == "LOCKED", "a cart that is LOCKED after another checkout", again["state"])


@check("gateway.check.age")
async def age(case: Case) -> None:
    """Checks out where the node decides AGE."""
    begun = await locked(Stage(case), "AGE")
    decision = (begun.cart.get("check") or {}).get("decision")
    require(decision == "AGE", "the decision AGE in the cart's check", decision)


@check("gateway.check.expiry")
async def expiry(case: Case) -> None:
    """Looks when the lock expires, and tries to end it at once."""
    stage = Stage(case)
    begun = await locked(stage)
    told = begun.cart.get("check") or {}
    lasts = datetime.fromisoformat(told["expiresAt"]) - datetime.fromisoformat(told["lockedAt"])
    require(lasts == _LOCK, "a lock of four hours", lasts)
    require_status(await begun.shopper.send("POST", f"/carts/{begun.cart['id']}/unlock"), 409)
