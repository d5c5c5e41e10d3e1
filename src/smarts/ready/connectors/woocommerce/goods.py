"""What a WooCommerce sells: published simple products, and the variations of variable ones."""

import html
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from smarts.caller import Nonsense, Refused
from smarts.ready.connectors.goods import (
    Cell,
    Good,
    Page,
    Unsellable,
    category_path,
    price_with_tax,
    unit_cells,
)
from smarts.ready.connectors.settings import WooCommerceSettings
from smarts.ready.connectors.woocommerce.client import ListPage, Thing, WooCommerce
from smarts.wire.money import Currency
from smarts.wire.products import Unit

_OVERLAP = timedelta(minutes=2)  # for changes that were under way during the look before
_SHARED = "id,name,status,price,tax_status,tax_class,sku,global_unique_id,meta_data,date_modified_gmt"
_FIELDS = f"{_SHARED},type,categories,images,variations"
_VARIATION_FIELDS = f"{_SHARED},parent_id,image,attributes"
_NUMBER = re.compile(r"\d{1,9}(\.\d{1,6})?", re.ASCII)
_UNITS = {each.value for each in Unit}
_CURRENCIES = {each.value for each in Currency}


class _Around(NamedTuple):
    """What products only name, and how the shop reckons."""

    currency: str
    prices_include_tax: bool
    rates: Mapping[str, Decimal | str]
    categories: Mapping[int, str]
    parents: Mapping[int, int | None]


class WooCommerceGoods:
    """The goods of a WooCommerce; a variation is known by its parent's id and its own, such as `12/34`."""

    def __init__(self, shop: WooCommerce, settings: WooCommerceSettings) -> None:
        self._shop = shop
        self._settings = settings
        self._around: _Around | None = None

    async def look(self, since: str | None) -> AsyncIterator[Page]:
        """Goes page by page, and says where the list got longer or shorter meanwhile: something may be missing then."""
        around = self._around = await self._read_around()
        more = {} if since is None else {"modified_after": _earlier(since), "dates_are_gmt": "true"}
        follows = await self._follows_variations()
        parents: dict[int, Thing] = {}
        total: int | None = None
        async for page in self._shop.pages(
            "products", _fields=_FIELDS, status="any", orderby="id", order="asc", **more
        ):
            total = page.total if total is None else total
            goods = [good for thing in page.things for good in self._of_product(thing, around)]
            yield Page(tuple(goods), page.total == total)
            parents |= {thing["id"]: thing for thing in page.things if _is_variable(thing)}
        for parent in parents.values():
            async for found in self._variations_of(parent, around, is_followed=follows):
                yield found
        if since is not None and follows:
            async for found in self._changed_variations(around, parents, more):
                yield found

    async def one(self, barcode: str, key: str | None, seconds: float) -> Good | None:
        """Asks by the id where one is known, since lists of products hold no variations."""
        around = self._around = self._around or await self._read_around()
        good = await self._by_key(key, around, seconds) if key else None
        if not _is_it(good, barcode):
            good = await self._by_barcode(barcode, around, seconds)
        return good if _is_it(good, barcode) else None

    async def close(self) -> None:
        """Closes the connections."""
        await self._shop.close()

    async def _by_key(self, key: str, around: _Around, seconds: float) -> Good | None:
        product, _, variation = key.partition("/")
        path = f"products/{product}/variations/{variation}" if variation else f"products/{product}"
        fields = _VARIATION_FIELDS if variation else _FIELDS
        try:
            thing = await self._shop.thing(path, is_patient=False, seconds=seconds, fields=fields)
        except Refused as refused:
            if refused.problem.status == 404:
                return None
            raise
        return (
            self._variation(thing, None, int(product), around) if variation else self._product(thing, around)
        )

    async def _by_barcode(self, barcode: str, around: _Around, seconds: float) -> Good | None:
        if self._settings.barcode.startswith("meta:") or "," in barcode:
            return None  # WooCommerce cannot be asked for it
        fields = f"{_FIELDS},parent_id,attributes,image"
        query = {self._settings.barcode: barcode, "per_page": "2", "_fields": fields}
        page = await self._shop.page("products", is_patient=False, seconds=seconds, query=query)
        if not page.things:
            return None
        thing = page.things[0]
        id_ = thing.get("parent_id") or 0
        if not id_:
            return self._product(thing, around)
        parent = await self._shop.thing(f"products/{id_}", is_patient=False, seconds=seconds, fields=_FIELDS)
        return self._variation(thing, parent, id_, around)

    async def _variations_of(
        self, parent: Thing, around: _Around, *, is_followed: bool
    ) -> AsyncIterator[Page]:
        path = f"products/{parent['id']}/variations"
        async for page in self._shop.pages(path, _fields=_VARIATION_FIELDS, orderby="id", order="asc"):
            goods = (self._variation(thing, parent, parent["id"], around) for thing in page.things)
            yield Page(tuple(good._replace(is_followed=is_followed) for good in goods))

    async def _changed_variations(
        self, around: _Around, seen: Mapping[int, Thing], more: Mapping[str, str]
    ) -> AsyncIterator[Page]:
        parents = dict(seen)
        async for page in self._shop.pages("variations", _fields=_VARIATION_FIELDS, **more):
            goods = []
            for thing in page.things:
                id_ = thing["parent_id"]
                if id_ not in parents:
                    parents[id_] = await self._shop.thing(f"products/{id_}", fields=_FIELDS)
                goods.append(self._variation(thing, parents[id_], id_, around))
            yield Page(tuple(goods))

    async def _follows_variations(self) -> bool:
        """Whether changes of variations can be asked for, which is so from WooCommerce 10.3 on."""
        try:
            await self._shop.page("variations", query={"per_page": "1", "_fields": "id"})
        except Refused as refused:
            if refused.problem.status == 404:
                return False
            raise
        return True

    def _of_product(self, thing: Thing, around: _Around) -> Sequence[Good]:
        return () if _is_variable(thing) else (self._product(thing, around),)

    def _product(self, thing: Thing, around: _Around) -> Good:
        return self._good(thing, str(thing.get("id")), around, lambda: self._product_cells(thing, around))

    def _variation(self, thing: Thing, parent: Thing | None, parent_id: int, around: _Around) -> Good:
        key = f"{parent_id}/{thing.get('id')}"
        return self._good(thing, key, around, lambda: self._variation_cells(thing, parent, around), parent)

    def _good(self, thing: Thing, key: str, around: _Around, cells: Any, parent: Thing | None = None) -> Good:
        try:
            id_, changed = thing["id"], thing["date_modified_gmt"] or ""
            is_sold = thing["status"] == "publish" and (parent is None or parent["status"] == "publish")
            if (
                not is_sold
                or thing.get("type", "simple") in {"grouped", "external"}
                or not self._barcode(thing)
            ):
                return Good(key, id_, None, changed)
            try:
                return Good(key, id_, {**cells(), **self._shared_cells(thing, parent, around)}, changed)
            except Unsellable as error:
                return Good(key, id_, {}, changed, fault=str(error))
        except (KeyError, TypeError, AttributeError, IndexError) as error:
            raise Nonsense(
                f"WooCommerce answered a product of another shape: {type(error).__name__} {error}"
            ) from None

    def _shared_cells(self, thing: Thing, parent: Thing | None, around: _Around) -> Mapping[str, Cell]:
        name = self._settings.unit_meta
        unit = self._meta(thing, name) or (self._meta(parent, name) if parent else "") or Unit.PIECE.value
        if unit not in _UNITS:
            raise Unsellable(f"its field {name} names no unit: {unit[:40]}")
        return {
            "id": str(thing["id"]),
            "barcode": self._barcode(thing),
            **_price(thing, around),
            **unit_cells(Unit(unit)),
        }

    def _product_cells(self, thing: Thing, around: _Around) -> Mapping[str, Cell]:
        categories = [category["id"] for category in thing["categories"]]
        path = category_path(categories[0], around.categories, around.parents) if categories else None
        return {
            **self._names(_plain(thing["name"])),
            "category": path,
            "image": _picture(thing["images"][:1]),
        }

    def _variation_cells(self, thing: Thing, parent: Thing | None, around: _Around) -> Mapping[str, Cell]:
        if parent is None:
            return {}  # asked for on its own; what the mirror has of it stays
        options = ", ".join(
            _plain(attribute["option"]) for attribute in thing["attributes"] if attribute["option"]
        )
        name = f"{_plain(parent['name'])} – {options}" if options else _plain(parent["name"])
        shown = self._product_cells(parent, around)
        own = _picture([thing["image"]] if thing.get("image") else [])
        return {**shown, **self._names(name), "image": own or shown["image"]}

    def _names(self, name: str) -> Mapping[str, Cell]:
        language = self._settings.language.lower()
        return {"name": name, **({f"name_{language}": name} if language else {})}

    def _barcode(self, thing: Thing) -> str:
        place = self._settings.barcode
        value = (
            self._meta(thing, place.removeprefix("meta:")) if place.startswith("meta:") else thing.get(place)
        )
        return str(value or "").strip()

    def _meta(self, thing: Thing, name: str) -> str:
        found = (str(each["value"]).strip() for each in thing.get("meta_data", ()) if each["key"] == name)
        return next(found, "")

    async def _read_around(self) -> _Around:
        currency = await self._shop.setting("general/woocommerce_currency")
        country = (await self._shop.setting("general/woocommerce_default_country")).partition(":")[0]
        included = await self._shop.setting("tax/woocommerce_prices_include_tax") == "yes"
        has_taxes = await self._shop.setting("general/woocommerce_calc_taxes") == "yes"
        categories = await self._all("products/categories", "id,name,parent")
        taxes = await self._all("taxes", "id,country,state,postcodes,cities,rate,priority,compound,class")
        return _Around(
            currency,
            included or not has_taxes,
            _rates(taxes, country) if has_taxes else {},
            {each["id"]: _plain(each["name"]) for each in categories},
            {each["id"]: each["parent"] or None for each in categories},
        )

    async def _all(self, path: str, fields: str) -> Sequence[Thing]:
        pages: list[ListPage] = [page async for page in self._shop.pages(path, _fields=fields)]
        return [thing for page in pages for thing in page.things]


def _is_it(good: Good | None, barcode: str) -> bool:
    return good is not None and bool(good.fault or (good.cells and good.cells.get("barcode") == barcode))


def _is_variable(thing: Thing) -> bool:
    return thing.get("type") == "variable"


def _earlier(since: str) -> str:
    try:
        return (datetime.fromisoformat(since) - _OVERLAP).isoformat()
    except ValueError:
        raise Nonsense(f"WooCommerce said that something was changed at {since[:40]}") from None


def _price(thing: Thing, around: _Around) -> Mapping[str, Cell]:
    if around.currency not in _CURRENCIES:
        raise Unsellable(f"its price is in {around.currency}")
    rate = _rate(thing, around)
    text = str(thing["price"])
    if not text:
        return {"price": None, "vat": f"{rate:f}", "currency": around.currency}
    if not _NUMBER.fullmatch(text):
        raise Unsellable(f"its price is {text[:40]}")
    price = price_with_tax(
        Decimal(text), rate, Currency(around.currency), is_included=around.prices_include_tax
    )
    return {"price": f"{price:f}", "vat": f"{rate:f}", "currency": around.currency}


def _rate(thing: Thing, around: _Around) -> Decimal:
    if thing["tax_status"] != "taxable":
        return Decimal(0)
    name = thing["tax_class"] or "standard"
    rate = around.rates.get(name, Decimal(0))
    if isinstance(rate, str):
        raise Unsellable(f"its tax class {name} {rate}")
    return rate


def _rates(taxes: Sequence[Thing], country: str) -> Mapping[str, Decimal | str]:
    """The rate of each tax class in the shop's own country, or why there is none that holds for all of it."""
    own = [tax for name in (country, "") for tax in taxes if tax["country"] == name]  # the country's own win
    names = {tax["class"] or "standard" for tax in own}
    return {name: _rate_of([tax for tax in own if (tax["class"] or "standard") == name]) for name in names}


def _rate_of(taxes: Sequence[Thing]) -> Decimal | str:
    if any(tax["state"] or tax["postcodes"] or tax["cities"] for tax in taxes):
        return "has rates for parts of the country"
    if any(tax["compound"] for tax in taxes):
        return "has compound rates"
    rates: dict[int, Decimal] = {}
    for tax in taxes:
        try:
            rates.setdefault(tax["priority"], Decimal(str(tax["rate"] or "0")))
        except InvalidOperation:
            return f"has the rate {str(tax['rate'])[:20]}"
    return sum(rates.values(), Decimal(0)).normalize()


def _plain(text: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", " ", text)).strip()


def _picture(images: Sequence[Thing]) -> str | None:
    return images[0]["src"] if images else None
