"""Checks of merchant side invoicing: the store's receipt, and the word that it is paid."""

from smarts.kit.gateway.goods import Document
from smarts.kit.gateway.looks import check, money, require_document
from smarts.kit.gateway.played_node import DOWN, Reply
from smarts.kit.gateway.stage import Shopper, Stage, require, require_status
from smarts.kit.gateway.stories import paid_cart, receipted
from smarts.kit.gateway.usual import receipt_for
from smarts.kit.subject import Case


@check("gateway.receipt.request")
async def request(case: Case) -> None:
    """Looks at the cart as the node was asked for a receipt of it."""
    stage = Stage(case)
    story = await receipted(stage)
    told = story.asked.json()
    require_document("CreateReceiptRequest", told, story.asked.name)
    seen = (told["invoiceId"], told["personId"], told["institutionId"])
    wanted = (story.ready["invoiceId"], story.shopper.person_id, stage.subject.second_store().institution_id)
    require(seen == wanted, f"the cart's ids {wanted}", seen)


async def _cart_and_request(stage: Stage, person: Shopper) -> tuple[Document, Document]:
    """A cart in the store that makes receipts, and the request for one that is like the one to come."""
    store = stage.subject.second_store()
    cart = await person.cart(stage.node.goods.sell("3.10"), store=store)
    rows = [
        {
            "id": line["product"]["id"],
            "barcode": line["product"]["barcode"],
            "productName": "Conformance",
            "amount": line["quantity"],
            "rowPrice": line["rowTotal"],
        }
        for line in cart["lines"]
    ]
    ids = {
        "invoiceId": cart["invoiceId"],
        "personId": person.person_id,
        "institutionId": store.institution_id,
    }
    return cart, ids | {"products": rows}


@check("gateway.receipt.shown")
async def shown(case: Case) -> None:
    """Makes a receipt that is cheaper than the cart was."""
    stage = Stage(case)
    shopper = await stage.shopper()
    cart, wanted = await _cart_and_request(stage, shopper)
    rows = [row | {"rowPrice": 2.60} for row in wanted["products"]]
    receipt = receipt_for(wanted | {"products": rows})
    stage.node.answer("/receipt", shopper.person_id, Reply(document=receipt))
    ready = await shopper.check_out(cart)
    told = (ready.get("receipt") or {}).get("institutionInvoiceId")
    require(told == receipt["institutionInvoiceId"], "the node's receipt in the cart", ready.get("receipt"))
    total = money(ready["total"]["totalToPay"])
    require(total == money(2.60), "2.60 to pay", total)
    paid = await shopper.pay(ready)
    [confirmation, *_] = await stage.node.wait_for("/receipt/confirm", paid["invoiceId"], accepted=True)
    require(
        money(confirmation.json()["total"]) == money(2.60), "2.60 in the confirmation", confirmation.json()
    )


@check("gateway.receipt.confirmed")
async def confirmation(case: Case) -> None:
    """Looks at the word that a receipt is paid."""
    stage = Stage(case)
    story = await receipted(stage)
    [received, *_] = await stage.node.wait_for("/receipt/confirm", story.paid["invoiceId"], accepted=True)
    told = received.json()
    require_document("ReceiptPaymentConfirmationRequest", told, received.name)
    receipt = story.ready["receipt"]
    seen = {
        name: told.get(name) for name in ("invoiceId", "institutionInvoiceId", "institutionId", "currency")
    }
    wanted = {name: receipt.get(name) for name in seen}
    require(seen == wanted, str(wanted), seen)
    require(money(told["total"]) == money(receipt["total"]), f"the total {receipt['total']}", told["total"])


@check("gateway.receipt.retry")
async def retried(case: Case) -> None:
    """Takes a confirmation at the second time only."""
    stage = Stage(case)
    shopper = await stage.shopper()
    cart = await shopper.cart(stage.node.goods.sell(), store=stage.subject.second_store())
    ready = await shopper.check_out(cart)
    stage.node.answer("/receipt/confirm", ready["invoiceId"], DOWN)
    await shopper.pay(ready)
    first, again, *_ = await stage.node.wait_for("/receipt/confirm", ready["invoiceId"], count=2)
    require(again.json() == first.json(), "the same document again", again.json())


@check("gateway.receipt.no-invoice")
async def no_invoice(case: Case) -> None:
    """Looks for invoices of a receipt's purchase, once somebody else's has come."""
    stage = Stage(case)
    story = await receipted(stage)
    await stage.node.wait_for("/receipt/confirm", story.paid["invoiceId"], accepted=True)
    other = await paid_cart(stage)
    await stage.node.wait_for("/invoice", other["invoiceId"], accepted=True)
    sent = stage.node.heard("/invoice", story.shopper.person_id)
    require(not sent, "no invoice beside the receipt", [each.json()["id"] for each in sent])


@check("gateway.receipt.nonsense")
async def nonsense(case: Case) -> None:
    """Makes receipts of another invoice, for other goods, below zero."""
    stage = Stage(case)
    shopper = await stage.shopper()
    cart, wanted = await _cart_and_request(stage, shopper)
    changes: tuple[Document, ...] = ({"invoiceId": "another"}, {"products": []}, {"total": -1})
    for change in changes:
        reply = Reply(document=receipt_for(wanted) | change)
        stage.node.answer("/receipt", shopper.person_id, reply)
        answer = await shopper.send("POST", f"/carts/{cart['id']}/checkout")
        require_status(answer, 502)
        cart = await shopper.look(cart)
        require(cart["state"] not in ("READY", "PAID"), "a cart that is not READY", cart["state"])
