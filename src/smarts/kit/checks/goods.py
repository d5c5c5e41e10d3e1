"""Checks of what each listed product tells of itself."""

import re
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any

from smarts.campaigns import CampaignCode, CodeRefusedError, OperationRefusedError, compile_operation
from smarts.kit.asked import search
from smarts.kit.check import Unmet, Unseen, check
from smarts.kit.expect import document, needed
from smarts.kit.goods import name_of, products
from smarts.kit.subject import Case
from smarts.wire import operations
from smarts.wire.times import TimeZone

_CENT = Decimal("0.01")
_LANGUAGE = re.compile(r"[A-Z]{2}")
_GTIN_LENGTHS = (8, 12, 13, 14)


async def _all(case: Case) -> list[dict[str, Any]]:
    """The products of the first page, and what is in packages."""
    found = await products(case)
    return [*found, *(inner for product in found for inner in product.get("subProducts") or ())]


async def _parts(case: Case, field: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """The campaigns or inspections of all products, with their products; there is at least one."""
    found = [(product, part) for product in await _all(case) for part in product.get(field, ())]
    if not found:
        raise Unseen(f"no product of the first page has {field}; name one that has with --barcode")
    return found


async def _require(case: Case, expected: str, wrong: Callable[[dict[str, Any]], str]) -> None:
    """Raises `Unmet` for the first product of which something is wrong, in words."""
    for product in await _all(case):
        if words := wrong(product):
            raise Unmet(expected, f"{words} of {product['barcode']} {name_of(product)}")


@check("goods.ids")
async def ids(case: Case) -> None:
    """Looks for empty texts."""

    def wrong(product: dict[str, Any]) -> str:
        texts = {"id": product["id"], "barcode": product["barcode"], "name": name_of(product)}
        return next((f"the empty {what}" for what, text in texts.items() if not text.strip()), "")

    await _require(case, "ids, barcodes and names", wrong)


def _vat(product: dict[str, Any]) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    vat = product["price"]["vat"]
    net, tax, gross, rate = (vat[name] for name in ("sumWithoutVAT", "VATSum", "sumWithVAT", "VATRate"))
    return Decimal(str(net)), Decimal(str(tax)), Decimal(str(gross)), Decimal(str(rate))


@check("goods.sums")
async def sums(case: Case) -> None:
    """Adds up."""

    def wrong(product: dict[str, Any]) -> str:
        net, tax, gross, _ = _vat(product)
        total = Decimal(str(product["price"]["total"]))
        if abs(net + tax - gross) > _CENT:
            return f"{net} + {tax} = {net + tax}, told as {gross},"
        return f"the total {total} beside {gross} with VAT" if abs(gross - total) > _CENT else ""

    await _require(case, "sums that add up", wrong)


@check("goods.rate")
async def rate(case: Case) -> None:
    """Reckons the VAT out of the rate."""

    def wrong(product: dict[str, Any]) -> str:
        _, tax, gross, percent = _vat(product)
        expected = gross * percent / (100 + percent) if percent != -100 else Decimal(0)
        return f"VAT of {tax} at {percent} % in {gross}" if abs(expected - tax) > _CENT else ""

    await _require(case, "the VAT that the rate leads to", wrong)


@check("goods.amounts")
async def amounts(case: Case) -> None:
    """Looks for amounts below zero."""

    def wrong(product: dict[str, Any]) -> str:
        numbers = (*_vat(product), Decimal(str(product["price"]["total"])))
        return next((f"{number}" for number in numbers if number < 0), "")

    await _require(case, "amounts of at least 0", wrong)


@check("goods.campaigns.codes")
async def codes(case: Case) -> None:
    """Reads the codes."""
    for product, campaign in await _parts(case, "campaigns"):
        try:
            CampaignCode.parse(campaign.get("code", ""))
        except CodeRefusedError as error:
            raise Unmet(
                "a code of 12 characters", f"{campaign.get('code')!r} of {product['barcode']}: {error}"
            ) from None


@check("goods.campaigns.operations")
async def campaign_operations(case: Case) -> None:
    """Compiles the operations."""
    for product, campaign in await _parts(case, "campaigns"):
        try:
            kind = CampaignCode.parse(campaign.get("code", "")).kind
        except CodeRefusedError:
            continue  # told by another requirement
        try:
            compile_operation(campaign.get("operation", ""), kind)
        except OperationRefusedError as error:
            words = f"{campaign.get('operation')!r} of {product['barcode']}: {error}"
            raise Unmet(f"an operation on {', '.join(kind.inputs)}", words) from None


@check("goods.inspections.zones")
async def zones(case: Case) -> None:
    """Looks the zones up."""
    found = [rule["timezone"] for _, rule in await _parts(case, "inspections") if rule.get("timezone")]
    if not found:
        raise Unseen("no inspection of the first page has a time zone; name such a product with --barcode")
    for zone in found:
        try:
            TimeZone.read(zone)
        except ValueError as error:
            raise Unmet("a time zone", f"{zone}: {error}") from None


@check("goods.inspections.action")
async def actions(case: Case) -> None:
    """Looks how the actions are spelled."""
    for product, rule in await _parts(case, "inspections"):
        if rule.get("action") not in ("INSPECT", "RESTRICT"):
            raise Unmet("INSPECT or RESTRICT", f"{rule.get('action')} of {product['barcode']}")


@check("goods.digits")
async def digits(case: Case) -> None:
    """Reckons check digits."""
    await _require(
        case,
        "barcodes with the right check digit",
        lambda product: "the barcode" if not _has_right_digit(product["barcode"]) else "",
    )


def _has_right_digit(barcode: str) -> bool:
    if not (barcode.isascii() and barcode.isdigit() and len(barcode) in _GTIN_LENGTHS):
        return True
    odd, even = barcode[-1::-2], barcode[-2::-2]
    return (sum(map(int, odd)) + 3 * sum(map(int, even))) % 10 == 0


@check("goods.packages")
async def packages(case: Case) -> None:
    """Compares types with what is in the products."""

    def wrong(product: dict[str, Any]) -> str:
        is_package, inside = product.get("type") == "PACKAGE", product.get("subProducts")
        if is_package and not inside:
            return "a PACKAGE without subProducts"
        return f"the type {product.get('type')} with subProducts" if inside and not is_package else ""

    await _require(case, "packages that say what is in them", wrong)


@check("goods.weighed")
async def weighed(case: Case) -> None:
    """Looks at the units of what is weighed."""
    found = [product for product in await _all(case) if product.get("weightItem")]
    if not found:
        raise Unseen("no product of the first page is weighed; name one with --barcode")
    for product in found:
        unit = (product.get("quantity") or {}).get("unit")
        if unit in (None, "PIECE"):
            raise Unmet(f"a unit of weight for {product['barcode']} {name_of(product)}", unit or "none")


@check("goods.languages")
async def languages(case: Case) -> None:
    """Looks at the keys of the translations."""

    def wrong(product: dict[str, Any]) -> str:
        return next((words for words in _odd_languages(_texts(product)) if words), "")

    await _require(case, "translations by two capital letters", wrong)


def _texts(product: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield product["translatableName"]
    if product.get("translatableDescription"):
        yield product["translatableDescription"]
    for category in product.get("categories", ()):
        yield category["translatableName"]


def _odd_languages(texts: Iterable[dict[str, Any]]) -> Iterator[str]:
    for text in texts:
        named = [language for each in text.get("translations", ()) for language in each]
        for language in named:
            if not _LANGUAGE.fullmatch(language):
                yield f"the language {language!r}"
            elif named.count(language) > 1:
                yield f"{language} twice in a text"


@check("goods.images")
async def images(case: Case) -> None:
    """Looks at the addresses of pictures; asks for none."""

    def wrong(product: dict[str, Any]) -> str:
        address = (product.get("information") or {}).get("imageUrl")
        return f"the picture {address!r}" if address and not re.match(r"https?://[^/\s]+", address) else ""

    await _require(case, "pictures at http or https", wrong)


@check("goods.categories")
async def categories(case: Case) -> None:
    """Looks the products' categories up."""
    with needed("products.categories.shape"):
        known = {each["id"] for each in await document(case, operations.CATEGORIES, search(case))}

    def wrong(product: dict[str, Any]) -> str:
        strange = [each["id"] for each in product.get("categories", ()) if each["id"] not in known]
        return f"the category {strange[0]}" if strange else ""

    await _require(case, "categories that the store tells of", wrong)
