"""Stories that the kit plays once and many checks look at."""

from dataclasses import dataclass
from typing import Any

from smarts.kit.check import Unmet, Unseen
from smarts.kit.gateway.goods import Document
from smarts.kit.gateway.played_node import Received, Reply
from smarts.kit.gateway.stage import Shopper, Stage, document_of, require_status
from smarts.kit.gateway.subject import PlayedStore

TYPED = "9200 0007 7001 8"
_ADDRESS = {"level1": "Eesti", "level5": "Pikk 1", "postalCode": "10123"}
_COURIER = {"method": "COURIER", "contactName": "Mari", "contactPhone": "+372 5555 5555", "address": _ADDRESS}


@dataclass
class Locked:
    """A cart that waits for a check: as the shopper sees it, and as the node was asked to decide on it."""

    shopper: Shopper
    cart: Document
    asked: Received

    @property
    def invoice_id(self) -> str:
        """The id that all documents of the purchase share."""
        return str(self.cart["invoiceId"])


@dataclass
class Purchase(Locked):
    """A whole purchase: scanned, checked, passed, paid."""

    paid: Document
    resent: Any


@dataclass
class Ordered:
    """An order: its shopper, and the paid cart that it was made from."""

    shopper: Shopper
    cart: Document
    order_id: str


@dataclass
class Receipted:
    """A purchase on the store's own receipt, and the request for that receipt."""

    shopper: Shopper
    ready: Document
    paid: Document
    asked: Received


@dataclass
class Linked:
    """A shopper with a loyalty card."""

    shopper: Shopper
    card: Document
    kind: Document
    registration: Received


async def locked(stage: Stage, decision: str = "FULL") -> Locked:
    """A new cart that waits for its check."""
    goods = stage.node.goods
    shopper = await stage.shopper(name="Conformance")
    stage.node.answer("/control/check", shopper.person_id, Reply(document={"decision": decision}))
    cart = await shopper.cart(goods.sell("1.49"), goods.sell("2.30", rate="9"))
    cart = await shopper.scan(cart, cart["lines"][0]["product"]["barcode"])
    cart = await shopper.check_out(cart)
    if cart.get("state") != "LOCKED":
        raise Unmet(f"a cart that is LOCKED when the node decides {decision}", str(cart.get("state")))
    [asked, *_] = await stage.node.wait_for("/control/check", shopper.person_id)
    return Locked(shopper, cart, asked)


async def purchase(stage: Stage) -> Purchase:
    """The story of a purchase that is checked, which is played once."""

    async def tell() -> Purchase:
        begun = await locked(stage)
        resent = document_of(await stage.resend(begun.invoice_id), 200)
        require_status(await stage.result(begun.invoice_id, "PASSED"), 200, 204)
        paid = await begun.shopper.pay(begun.cart)
        return Purchase(begun.shopper, begun.cart, begun.asked, paid, resent)

    return await stage.subject.story("purchase", tell)


async def invoiced(stage: Stage) -> tuple[Purchase, Received]:
    """The same purchase, and its invoice as the node took it."""
    story = await purchase(stage)

    async def tell() -> Received:
        [invoice, *_] = await stage.node.wait_for("/invoice", story.shopper.person_id, accepted=True)
        return invoice

    return story, await stage.subject.story("invoice", tell)


async def paid_cart(
    stage: Stage, shopper: Shopper | None = None, store: PlayedStore | None = None
) -> Document:
    """A new cart that is paid for, of goods that nobody checks."""
    shopper = shopper or await stage.shopper()
    cart = await shopper.check_out(await shopper.cart(stage.node.goods.sell(), store=store))
    return await shopper.pay(cart)


async def ordered(
    stage: Stage, *, store: PlayedStore | None = None, shopper: Shopper | None = None
) -> Ordered:
    """A new order by courier."""
    shopper = shopper or await stage.shopper(name="Mari")
    cart = await shopper.cart(stage.node.goods.sell("8.40"), store=store)
    answer = await shopper.send("PUT", f"/carts/{cart['id']}/shipment", _COURIER)
    if answer.status == 422 and b"$.method" in answer.body:
        raise Unseen("the store does not deliver by courier")
    cart = await shopper.pay(await shopper.check_out(document_of(answer, 200)))
    if not cart.get("orderId"):
        raise Unmet("a paid cart that names its order", "orderId is missing")
    return Ordered(shopper, cart, cart["orderId"])


async def sent(stage: Stage, order: Ordered) -> Received:
    """An order as the node took it."""
    [document, *_] = await stage.node.wait_for("/pickup/order", order.order_id, accepted=True)
    return document


async def an_order(stage: Stage) -> Ordered:
    """An order that no check changes, which is made once."""
    return await stage.subject.story("order", lambda: ordered(stage))


async def an_order_sent(stage: Stage) -> tuple[Ordered, Received]:
    """The same order, also as the node took it."""
    order = await an_order(stage)
    return order, await stage.subject.story("order sent", lambda: sent(stage, order))


async def receipted(stage: Stage) -> Receipted:
    """The story of a purchase in the store that makes its own receipts, which is played once."""

    async def tell() -> Receipted:
        shopper = await stage.shopper()
        cart = await shopper.cart(stage.node.goods.sell("3.10"), store=stage.subject.second_store())
        ready = await shopper.check_out(cart)
        asked = await stage.node.wait_for("/receipt", shopper.person_id)
        return Receipted(shopper, ready, await shopper.pay(ready), asked[-1])

    return await stage.subject.story("receipt", tell)


async def card_kind(stage: Stage, shopper: Shopper) -> Document:
    """A kind of card that can be linked in the store; one that collects a bonus, if there is any."""
    kinds = await shopper.does("GET", f"/stores/{stage.subject.store.institution_id}/loyalty-cards")
    if not kinds:
        raise Unseen("the store has no loyalty card that can be linked")
    return next((kind for kind in kinds if kind.get("type") == "BONUS"), kinds[0])


async def link(stage: Stage, shopper: Shopper, kind: Document) -> Any:
    """Links a card of a kind; gives the answer."""
    told = {"cardId": kind["id"], "institutionId": stage.subject.store.institution_id, "value": TYPED}
    return await shopper.send("POST", "/loyalty-cards", told)


async def linked(stage: Stage) -> Linked:
    """The story of a shopper who links a card, which is played once; each time with another number."""

    async def tell() -> Linked:
        shopper = await stage.shopper(name="Mari", email="mari@example.com")
        kind = await card_kind(stage, shopper)
        number = f"9200{shopper.person_id[-8:]}"
        registered = Reply(document={"cardNumber": number, "machineReadableCode": "77", "bonus": 3.4})
        stage.node.answer("/card/loyalty", shopper.person_id, registered)
        card = document_of(await link(stage, shopper, kind), 201)
        [registration, *_] = stage.node.heard("/card/loyalty", shopper.person_id)
        return Linked(shopper, card, kind, registration)

    return await stage.subject.story("card", tell)
