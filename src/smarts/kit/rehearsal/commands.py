"""The commands of a rehearsal; importing this module puts them into the table."""

import asyncio
import json
from decimal import Decimal, InvalidOperation

from smarts.kit.rehearsal.documents import change, document_for, plain
from smarts.kit.rehearsal.play import COMMANDS, Misplayed, Play, command, shown_price
from smarts.kit.rehearsal.stage import Played
from smarts.kit.rehearsal.visit import moved
from smarts.wire import operations
from smarts.wire.codec import decode
from smarts.wire.control import CheckStatus, Decision, PurchaseControlResult
from smarts.wire.examples import example
from smarts.wire.loyalty import ClientCard
from smarts.wire.nodes import Feature
from smarts.wire.operations import Operation
from smarts.wire.orders import Order
from smarts.wire.products import Product
from smarts.wire.shipments import Shipment, ShipmentStatus

LONGEST_WAIT = 600.0  # seconds that a result of a check is waited for at most


async def _send(play: Play, operation: Operation, **values: object) -> Played:
    document = document_for(operation, play.visit)
    for name, value in values.items():
        document[name] = value
    return play.heard(await play.stage.send(operation, document))


@command("version", "ask what the node is and can do")
async def version(play: Play) -> None:
    """Keeps the features that it names."""
    played = await _send(play, operations.VERSION)
    if played.document:
        known = {feature.value: feature for feature in Feature}
        named = {known[name] for name in played.document.features if name in known}
        play.features = frozenset(named | {Feature.NODE, Feature.PRODUCT_SEARCH})


@command("health", "ask how the node is")
async def health(play: Play) -> None:
    """Asks."""
    await _send(play, operations.HEALTH)


@command("list [PAGE]", "ask for a page of the product list")
async def page(play: Play, number: str = "1") -> None:
    """Keeps barcodes that can be scanned without naming one."""
    document = document_for(operations.PRODUCT_SEARCH, play.visit) | {"page": _whole(number)}
    played = play.heard(await play.stage.send(operations.PRODUCT_SEARCH, document))
    if played.document:
        play.barcodes += [product.barcode for product in played.document.result if _is_plain(product)]


@command("search NAME…", "search products by name")
async def search(play: Play, *words: str) -> None:
    """Asks."""
    await _send(play, operations.PRODUCTS_BY_NAME, name=" ".join(words))


@command("categories", "ask for the categories")
async def categories(play: Play) -> None:
    """Asks."""
    await _send(play, operations.CATEGORIES)


@command("scan [BARCODE] [QUANTITY]", "ask for a product by its barcode, and put it into the cart")
async def scan(play: Play, barcode: str = "", quantity: str = "1") -> None:
    """Without a barcode it is the next one of those listed."""
    amount = _amount(quantity)
    if not barcode and not play.barcodes:
        await page(play)
    played = await _send(play, operations.PRODUCT_BY_BARCODE, barcode=barcode or _next_barcode(play))
    if played.document:
        play.visit.put(played.document, amount)
        _say_cart(play)


@command("cart", "show what is in the cart, and what it costs")
async def cart(play: Play) -> None:
    """Sends nothing."""
    _say_cart(play)


@command("card VALUE", "link a loyalty card by what the shopper types")
async def card(play: Play, value: str) -> None:
    """From then on the card travels with requests."""
    played = await _send(play, operations.REGISTER_CARD, value=value)
    if played.document:
        number = played.document.card_number
        play.visit.cards = (ClientCard(number, number, False),)
        play.visit.card_codes = frozenset(filter(None, [played.document.machine_readable_code]))


@command("bonus", "ask for the bonus on the linked card")
async def bonus(play: Play) -> None:
    """Asks."""
    if not play.visit.cards:
        raise Misplayed("No card is linked: card VALUE links one")
    await _send(play, operations.CARD_BONUS, card=plain(play.visit.cards[0]))


@command("offers", "ask for offers")
async def offers(play: Play) -> None:
    """Asks."""
    await _send(play, operations.FIND_OFFERS)


@command("check", "let the node decide whether the cart is checked")
async def check(play: Play) -> None:
    """Says what a shopper would see."""
    _require_goods(play)
    play.visit.check, play.visit.result = play.visit.check_request(), None
    play.returned.clear()
    played = await _send(play, operations.CHECK_PURCHASE)
    if played.document:
        locked = played.document.decision is not Decision.NO
        play.say("The shopper's app is locked until the result comes." if locked else "The shopper may pay.")


@command("result [STATUS]", "play the staff: the check has ended as PASSED, FAILED …")
async def result(play: Play, status: str = "PASSED") -> None:
    """Sends nothing: the merchant's system would send it to the gateway."""
    if not play.visit.check:
        raise Misplayed("There is no check: check asks the node for one")
    play.visit.result = PurchaseControlResult(
        invoice_id=play.visit.invoice_id, institution_id=play.visit.institution_id, status=CheckStatus(status)
    )
    play.say(f"The result of the check is {play.visit.result.status}.")


@command("wait [SECONDS]", "wait until the merchant's system sends the result of the check")
async def wait(play: Play, seconds: str = "60") -> None:
    """The result comes to the rehearsal's own gateway address."""
    try:
        async with asyncio.timeout(min(float(_amount(seconds)), LONGEST_WAIT)):
            await play.returned.wait()
    except TimeoutError:
        raise Misplayed(f"No result came within {seconds} s") from None


@command("ship [METHOD]", "have the cart delivered: COURIER, PARCEL or PICKUP")
async def ship(play: Play, method: str = "COURIER") -> None:
    """Sends nothing; the way stands in the documents that follow."""
    goldens = {"COURIER": "Shipment.courier", "PARCEL": "Shipment", "PICKUP": "Shipment.pickup"}
    if method not in goldens:
        raise Misplayed(f"Expected one of {', '.join(goldens)}, got {method}")
    play.visit.shipment = decode(example(goldens[method]), Shipment)
    play.say(f"The cart will be delivered: {method}.")


@command("receipt", "let the store make the receipt of the cart")
async def receipt(play: Play) -> None:
    """Keeps it, to be confirmed."""
    _require_goods(play)
    played = await _send(play, operations.CREATE_RECEIPT)
    if played.document:
        play.visit.receipt = played.document
        play.say(f"The shopper pays {shown_price(played.document.total)} {played.document.currency}.")


@command("confirm", "tell the node that its receipt is paid")
async def confirm(play: Play) -> None:
    """The same can be sent again with repeat."""
    if not play.visit.receipt:
        raise Misplayed("There is no receipt to confirm: receipt asks for one")
    await _send(play, operations.CONFIRM_RECEIPT)


@command("invoice", "send the paid invoice of the cart")
async def invoice(play: Play) -> None:
    """The same can be sent again with repeat."""
    _require_goods(play)
    await _send(play, operations.RECEIVE_INVOICE)


@command("order", "send the order of the cart")
async def order(play: Play) -> None:
    """Keeps it, to be changed with status."""
    _require_goods(play)
    made = play.visit.order()
    play.visit.orders[made.id] = made
    play.heard(await play.stage.send(operations.RECEIVE_ORDER, plain(made)))


@command("status STATUS", "change the order's status, and tell the node")
async def status(play: Play, name: str) -> None:
    """It is the latest order's."""
    if not play.visit.orders:
        raise Misplayed("There is no order yet: order sends one")
    changed = moved(_latest(play), ShipmentStatus(name), "Rehearsal")
    play.visit.orders[changed.id] = changed
    play.heard(await play.stage.send(operations.RECEIVE_ORDER_UPDATE, plain(changed)))


@command("leave", "end the visit and begin another one")
async def leave(play: Play) -> None:
    """Cards stay linked."""
    play.visit.leave()


@command("show [NUMBER]", "show an exchange again, the latest unless a number is given")
async def show(play: Play, number: str = "") -> None:
    """Sends nothing."""
    play.stage.show(play.stage.at(_number(play, number)))


@command("repeat [NUMBER] [TIMES]", "send an exchange's request again, as it was")
async def repeat(play: Play, number: str = "", times: str = "1") -> None:
    """So that a node shows that the same may come again."""
    chosen = _number(play, number)
    for _ in range(min(_whole(times), 100)):
        play.heard(await play.stage.again(chosen))


@command("edit [NUMBER] [PATH=VALUE …]", "change an exchange's request, in an editor or by path, and send it")
async def edit(play: Play, *words: str) -> None:
    """Without paths the editor of $VISUAL or $EDITOR opens."""
    number = next((word for word in words if "=" not in word), "")
    changes = [word for word in words if "=" in word]
    chosen = _number(play, number)
    body = play.stage.at(chosen).exchange.request.body
    if body is None:
        raise Misplayed("That request has no body")
    play.heard(await play.stage.again(chosen, await _edited(play, body, changes)))


@command("curl [NUMBER]", "print a command line that sends the same request")
async def curl(play: Play, number: str = "") -> None:
    """The token is the variable $TOKEN."""
    play.say(play.stage.at(_number(play, number)).exchange.request.curl())


@command("expect STATUS", "say that the latest answer has this status, such as 404: then it is no failure")
async def expect(play: Play, code: str) -> None:
    """For scripts."""
    seen = play.unjudged
    play.unjudged = None
    if seen is None:
        raise Misplayed("Nothing was answered yet")
    if seen.status != _whole(code):
        play.failures += 1
        play.say(f"Expected {code}, seen {seen.status or seen.complaint}.")


@command("help", "list the commands")
async def help_(play: Play) -> None:
    """Sends nothing."""
    width = max(len(row.usage) for row in COMMANDS.values())
    for row in COMMANDS.values():
        play.say(f"{row.usage:{width}}  {row.words}")


@command("quit", "end the rehearsal")
async def quit_(play: Play) -> None:
    """Sends nothing."""
    play.is_over = True


async def _edited(play: Play, body: bytes, changes: list[str]) -> bytes:
    if not changes:
        return await play.edit(body)
    document = json.loads(body)
    for assignment in changes:
        change(document, assignment)
    return json.dumps(document, ensure_ascii=False).encode()


def _say_cart(play: Play) -> None:
    prices = play.visit.priced()
    for line in prices.lines:
        name = line.line.product.translatable_name.in_language(play.visit.language)
        play.say(f"  {line.line.quantity} × {name}: {shown_price(line.row_total)}")
        for effect in line.effects:
            play.say(f"      {effect.words}")
    play.say(f"  Total: {shown_price(prices.total.total_to_pay)} {prices.currency}")


def _next_barcode(play: Play) -> str:
    if not play.barcodes:
        raise Misplayed("The node lists no product: name a barcode")
    play.barcodes.append(play.barcodes.pop(0))
    return play.barcodes[-1]


def _is_plain(product: Product) -> bool:
    return not (product.weight_item or product.inspections)


def _latest(play: Play) -> Order:
    return next(reversed(play.visit.orders.values()))


def _require_goods(play: Play) -> None:
    if not play.visit.lines:
        raise Misplayed("The cart is empty: scan puts something into it")


def _number(play: Play, text: str) -> int:
    return _whole(text) if text else len(play.stage.played)


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise Misplayed(f"Expected a whole number, got {text}")
    return int(text)


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal(0)
    if not (amount.is_finite() and 0 < amount < 100_000):
        raise Misplayed(f"Expected a number above zero, got {text}")
    return amount
