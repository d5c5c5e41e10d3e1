"""Checks of campaigns: the printed examples, as shoppers see their prices."""

from decimal import Decimal

from smarts.kit.check import Unseen
from smarts.kit.gateway.goods import campaign
from smarts.kit.gateway.looks import check, money
from smarts.kit.gateway.stage import Shopper, Stage, require
from smarts.kit.gateway.stories import linked
from smarts.kit.subject import Case

_SECOND_FREE = "amount >= 2 ? amount - (Math.floor(amount / 2) * 1) : amount"
_HALF_A_EURO_OFF = "amount >= 5 ? unitPrice – 0.5 : unitPrice"
_HALF = "unitPrice * 0.5"


async def _costs(
    stage: Stage, shopper: Shopper, total: str, amount: int, code: str, operation: str
) -> Decimal:
    """What so many pieces of something with a campaign cost a shopper."""
    barcode = stage.node.goods.sell(total, campaigns=[campaign(code, operation)])
    cart = await shopper.scan(await shopper.cart(), barcode, amount)
    return money(cart["total"]["totalToPay"])


def _require_price(seen: Decimal, wanted: str, what: str) -> None:
    require(seen == Decimal(wanted), f"{wanted} for {what}", seen)


@check("gateway.campaign.amount")
async def second_piece_free(case: Case) -> None:
    """Puts one, two and five pieces into carts."""
    stage = Stage(case)
    shopper = await stage.shopper()
    for amount, wanted in ((1, "2.00"), (2, "2.00"), (5, "6.00")):
        seen = await _costs(stage, shopper, "2.00", amount, "B00000000001", _SECOND_FREE)
        _require_price(seen, wanted, f"{amount} pieces at 2.00")


@check("gateway.campaign.unit-price")
async def half_a_euro_off(case: Case) -> None:
    """Puts four and five pieces into carts; 2.48 with 24 % VAT are 2.00 without."""
    stage = Stage(case)
    shopper = await stage.shopper()
    for amount, wanted in ((4, "9.92"), (5, "9.30")):
        seen = await _costs(stage, shopper, "2.48", amount, "B00000000002", _HALF_A_EURO_OFF)
        _require_price(seen, wanted, f"{amount} pieces at 2.48")


@check("gateway.campaign.row")
async def row_alone(case: Case) -> None:
    """Buys 50 euros net of something with a 501 campaign, beside something without; 62.00 are 50.00 net."""
    stage = Stage(case)
    shopper = await stage.shopper()
    goods = stage.node.goods
    with_it = goods.sell("62.00", campaigns=[campaign("B00000000501", "total >= 50 ? total * 0.9 : total")])
    cart = await shopper.cart(with_it, goods.sell("10.00"))
    wanted = {with_it: Decimal("55.80")}
    seen = {line["product"]["barcode"]: money(line["rowTotal"]) for line in cart["lines"]}
    require(seen[with_it] == wanted[with_it], "55.80 for the row of the campaign", seen)
    other = [total for barcode, total in seen.items() if barcode != with_it]
    require(other == [Decimal("10.00")], "10.00 for the other row", seen)


@check("gateway.campaign.amount-total")
async def amount_based_total(case: Case) -> None:
    """Puts two and three pieces into carts; 2.48 with 24 % VAT are 2.00 without."""
    stage = Stage(case)
    shopper = await stage.shopper()
    for amount, wanted in ((2, "4.96"), (3, "6.20")):
        operation = "amount >= 3 ? total - 1 : total"
        seen = await _costs(stage, shopper, "2.48", amount, "B00000000502", operation)
        _require_price(seen, wanted, f"{amount} pieces at 2.48")


@check("gateway.campaign.clients")
async def clients(case: Case) -> None:
    """Puts the same into the carts of a client and of somebody unauthenticated."""
    stage = Stage(case)
    client, nobody = await stage.shopper(email="mari@example.com"), await stage.shopper()
    for letter, of_client, of_nobody in (("C", "1.00", "2.00"), ("U", "2.00", "1.00"), ("B", "1.00", "1.00")):
        for shopper, wanted, who in ((client, of_client, "a client"), (nobody, of_nobody, "nobody")):
            seen = await _costs(stage, shopper, "2.00", 1, f"{letter}00000000002", _HALF)
            _require_price(seen, wanted, f"{who} with a campaign {letter}")


@check("gateway.campaign.card")
async def card(case: Case) -> None:
    """Puts the same into the carts of a holder of the card with the code 77, and of somebody without."""
    stage = Stage(case)
    holder, nobody = (await linked(stage)).shopper, await stage.shopper(email="mari@example.com")
    for shopper, code, wanted in ((holder, "77", "1.00"), (nobody, "77", "2.00"), (holder, "78", "2.00")):
        seen = await _costs(stage, shopper, "2.00", 1, f"C{code.zfill(8)}002", _HALF)
        _require_price(seen, wanted, f"a campaign for the card {code}")


@check("gateway.campaign.invoice")
async def invoice(case: Case) -> None:
    """Buys for 50.00 and for less, without VAT, in the store that the kit gave its campaign."""
    stage = Stage(case)
    if stage.subject.manager is None:
        raise Unseen("the kit may not set the store's campaigns without --manager-token")
    for total, wanted in (("62.00", "60.76"), ("61.00", "61.00")):
        cart = await (await stage.shopper()).cart(stage.node.goods.sell(total))
        _require_price(money(cart["total"]["totalToPay"]), wanted, f"goods for {total}")


@check("gateway.campaign.broken")
async def broken(case: Case) -> None:
    """Buys something whose campaigns are broken, each in another way."""
    stage = Stage(case)
    shopper = await stage.shopper()
    for operation in ("unitPrice *", "process.exit()", "unitPrice / 0", "0 - unitPrice", "while (true) {}"):
        seen = await _costs(stage, shopper, "2.00", 1, "B00000000002", operation)
        _require_price(seen, "2.00", f"the operation `{operation}`")
