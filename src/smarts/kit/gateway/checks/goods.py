"""Checks of scans, searches, inspections, and of what is read of products."""

from datetime import UTC, datetime
from typing import Any

from smarts.kit.gateway.goods import Document
from smarts.kit.gateway.looks import check, money, require_document
from smarts.kit.gateway.stage import Shopper, Stage, require, require_status
from smarts.kit.subject import Case

_ALWAYS = {
    "time": "00:00:00",
    "timezone": "Europe/Tallinn",
}  # after which it always is, but for one second a day


@check("gateway.scan.product")
async def product(case: Case) -> None:
    """Compares a scanned product with what the node said of it."""
    stage = Stage(case)
    barcode = stage.node.goods.sell("12.34")
    cart = await (await stage.shopper()).cart(barcode)
    seen, told = cart["lines"][0]["product"], stage.node.goods.find(barcode) or {}
    for name in ("id", "barcode", "translatableName", "price"):
        require(seen.get(name) == told[name], f"{name} {told[name]}", seen.get(name))
    total = money(cart["total"]["totalToPay"])
    require(total == money(12.34), "12.34 to pay", total)


@check("gateway.scan.unknown")
async def unknown(case: Case) -> None:
    """Scans what nobody sells."""
    stage = Stage(case)
    shopper = await stage.shopper()
    answer = await shopper.tries_to_scan(await shopper.cart(), stage.node.goods.unsold())
    require_status(answer, 404)


@check("gateway.search.page")
async def page(case: Case) -> None:
    """Looks at the second page of what is called so."""
    stage = Stage(case)
    shopper, store = await stage.shopper(), stage.subject.store.institution_id
    name = f"bread-{shopper.person_id}"
    stage.node.goods.sell()
    found = await shopper.does("GET", f"/stores/{store}/products?name={name}&page=2&limit=7")
    [received, *_] = await stage.node.wait_for("/product/search", name)
    told = received.json()
    require_document("PageRequest", told, received.name)
    seen: tuple[Any, ...] = (told.get("page"), told.get("limit"), told["request"].get("institutionId"))
    require(seen == (2, 7, store), f"page 2, limit 7, store {store}", seen)
    require(found.get("result"), "the products that the node found", found)


@check("gateway.search.categories")
async def categories(case: Case) -> None:
    """Looks at the categories."""
    stage = Stage(case)
    shopper, store = await stage.shopper(), stage.subject.store.institution_id
    shown = await shopper.does("GET", f"/stores/{store}/categories")
    [received, *_] = await stage.node.wait_for("/product/search/category", shopper.person_id)
    require_document("ProductSearchRequest", received.json(), received.name)
    ids = [category.get("id") for category in shown]
    require(ids == ["bread"], "the category bread", ids)


async def _scan(stage: Stage, *inspections: Document) -> tuple[Shopper, Document, Any]:
    shopper = await stage.shopper()
    cart = await shopper.cart()
    barcode = stage.node.goods.sell(inspections=inspections)
    return shopper, cart, await shopper.tries_to_scan(cart, barcode)


async def _require_refused(stage: Stage, *inspections: Document) -> None:
    _, _, answer = await _scan(stage, *inspections)
    require_status(answer, 422)
    detail = answer.json().get("detail")
    require(detail, "a reason in detail", detail)


async def _require_checked(stage: Stage, decision: str, *inspections: Document) -> None:
    shopper, cart, answer = await _scan(stage, *inspections)
    require_status(answer, 200)
    cart = await shopper.check_out(cart)
    seen = (cart["state"], (cart.get("check") or {}).get("decision"))
    require(seen == ("LOCKED", decision), f"a cart that is LOCKED for {decision}", seen)


@check("gateway.inspection.inspect")
async def inspect(case: Case) -> None:
    """Buys beer, which the node itself would let pass."""
    await _require_checked(Stage(case), "AGE", {"type": "MIN_AGE", "action": "INSPECT", "age": 18})


@check("gateway.inspection.no-action")
async def no_action(case: Case) -> None:
    """Buys beer whose inspection has no action."""
    await _require_checked(Stage(case), "AGE", {"type": "MIN_AGE", "age": 18})


@check("gateway.inspection.restrict")
async def restrict(case: Case) -> None:
    """Scans what may not be sold now."""
    await _require_refused(Stage(case), {"type": "MAX_TIME", "action": "RESTRICT", **_ALWAYS})


@check("gateway.inspection.restict")
async def restict(case: Case) -> None:
    """Scans what may not be sold now, in the documentation's spelling."""
    await _require_refused(Stage(case), {"type": "MAX_TIME", "action": "RESTICT", **_ALWAYS})


@check("gateway.inspection.max-amount")
async def max_amount(case: Case) -> None:
    """Scans four of what may be sold three times."""
    stage = Stage(case)
    shopper = await stage.shopper()
    barcode = stage.node.goods.sell(inspections=[{"type": "MAX_AMOUNT", "action": "RESTRICT", "amount": 3}])
    cart = await shopper.scan(await shopper.cart(), barcode, 3)
    require_status(await shopper.tries_to_scan(cart, barcode), 422)


@check("gateway.inspection.min-amount")
async def min_amount(case: Case) -> None:
    """Scans one of what is sold from two on."""
    await _require_refused(Stage(case), {"type": "MIN_AMOUNT", "action": "RESTRICT", "amount": 2})


@check("gateway.inspection.min-time")
async def min_time(case: Case) -> None:
    """Scans what is sold from the last second of the day on."""
    last = {"time": "23:59:59", "timezone": "Europe/Tallinn"}
    await _require_refused(Stage(case), {"type": "MIN_TIME", "action": "RESTRICT", **last})


@check("gateway.inspection.between-time")
async def between_times(case: Case) -> None:
    """Scans what is sold in this half of the day, and what is sold for two hours of the other one."""
    stage = Stage(case)
    morning = datetime.now(UTC).hour < 12
    within = ("00:00", "13:00:00") if morning else ("11:00:00", "23:59:59")
    outside = ("20:00:00", "22:00:00") if morning else ("02:00:00", "04:00")
    for (start, end), expected in ((within, 200), (outside, 422)):
        told = {"type": "BETWEEN_TIME", "action": "RESTRICT", "start": start, "end": end, "timezone": "UTC"}
        _, _, answer = await _scan(stage, told)
        require_status(answer, expected)


@check("gateway.inspection.time-zone")
async def time_zones(case: Case) -> None:
    """Scans what may not be sold after midnight, by clocks told in each form."""
    stage = Stage(case)
    for zone in ("Europe/Tallinn", "UTC+2", "UTF-2"):
        for time in ("00:00", "00:00:00"):
            inspection = {"type": "MAX_TIME", "action": "RESTRICT", "time": time, "timezone": zone}
            await _require_refused(stage, inspection)


async def _require_bought(stage: Stage, barcode: str) -> Document:
    shopper = await stage.shopper()
    paid = await shopper.pay(await shopper.check_out(await shopper.cart(barcode)))
    await stage.node.wait_for("/invoice", paid["invoiceId"], accepted=True)
    return paid


@check("gateway.reads.unknown-fields")
async def unknown_fields(case: Case) -> None:
    """Buys the golden product with unknown fields."""
    stage = Stage(case)
    await _require_bought(stage, stage.node.goods.sell(base="Product.unknown-fields"))


@check("gateway.reads.minimal")
async def minimal(case: Case) -> None:
    """Buys the golden product with the fewest fields."""
    stage = Stage(case)
    await _require_bought(stage, stage.node.goods.sell(base="Product.minimal"))


@check("gateway.reads.null-parts")
async def null_parts(case: Case) -> None:
    """Buys the golden product whose subProducts are null."""
    stage = Stage(case)
    await _require_bought(stage, stage.node.goods.sell(base="Product.null-parts"))


@check("gateway.reads.strings")
async def strings(case: Case) -> None:
    """Buys bananas whose weight is a string."""
    stage = Stage(case)
    barcode = stage.node.goods.sell("1.49", base="Product.string-quantity")
    paid = await _require_bought(stage, barcode)
    seen = (paid["lines"][0]["quantity"], money(paid["total"]["totalToPay"]))
    require(seen == (0.804, money(1.20)), "0.804 kg for 1.20", seen)


@check("gateway.reads.decimal-rate")
async def decimal_rate(case: Case) -> None:
    """Buys something with Finland's rate."""
    stage = Stage(case)
    paid = await _require_bought(stage, stage.node.goods.sell("2.51", rate="25.5"))
    vat = money(paid["total"]["vat"]["VATSum"])
    require(vat == money(0.51), "a VAT of 0.51", vat)
