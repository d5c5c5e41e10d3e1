"""What an Odoo sells: its product variants, with the taxes, units and categories that they name."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from smarts.caller import Nonsense
from smarts.ready.connectors.goods import (
    Cell,
    Good,
    Page,
    Unsellable,
    category_path,
    price_with_tax,
    unit_cells,
)
from smarts.ready.connectors.odoo.client import Odoo, Record
from smarts.ready.connectors.settings import OdooCategories, OdooSettings
from smarts.wire.money import Currency
from smarts.wire.products import Unit

_PAGE = 500
_MODEL = "product.product"
_STAMP = "%Y-%m-%d %H:%M:%S"
# Odoo stamps a change with the beginning of its transaction, so one that took long appears late.
_OVERLAP = timedelta(minutes=5)
_FIELDS = (
    "barcode",
    "display_name",
    "lst_price",
    "taxes_id",
    "uom_id",
    "currency_id",
    "active",
    "sale_ok",
    "write_date",
)
_CATEGORY_FIELDS: Mapping[OdooCategories, tuple[str, ...]] = {
    OdooCategories.INTERNAL: ("categ_id",),
    OdooCategories.POINT_OF_SALE: ("pos_categ_ids", "pos_categ_id"),  # the second until Odoo 16
    OdooCategories.WEB_SHOP: ("public_categ_ids",),
}
# Units of measure by their English names, which every Odoo has beside others.
_UNITS: Mapping[str, Unit] = {
    "units": Unit.PIECE, "unit(s)": Unit.PIECE, "unit": Unit.PIECE, "pieces": Unit.PIECE, "pce": Unit.PIECE,
    "kg": Unit.KILOGRAM, "g": Unit.GRAM, "t": Unit.TON, "l": Unit.LITER, "liter(s)": Unit.LITER,
    "m": Unit.METER, "cm": Unit.CENTIMETER, "ft": Unit.FOOT, "foot(ft)": Unit.FOOT, "in": Unit.INCH,
    "inch(es)": Unit.INCH, "yd": Unit.YARD, "mi": Unit.MILE, "lb": Unit.POUND, "lb(s)": Unit.POUND,
    "gal (us)": Unit.GALLON, "qt (us)": Unit.QUART,
}  # fmt: skip


_CURRENCIES = {each.value for each in Currency}


class _Around(NamedTuple):
    """What products only name."""

    taxes: Mapping[int, Record]
    units: Mapping[int, str]
    categories: Mapping[str, Mapping[int, str]]
    parents: Mapping[int, int | None]


class OdooGoods:
    """The product variants of an Odoo that have a barcode; everything else is as if it were not sold."""

    def __init__(self, odoo: Odoo, settings: OdooSettings) -> None:
        self._odoo = odoo
        self._settings = settings
        companies = {} if settings.company is None else {"allowed_company_ids": [settings.company]}
        self._context = {"active_test": False, "display_default_code": False, **companies}
        self._around: _Around | None = None
        self._fields: Sequence[str] = ()
        self._category_field = ""

    async def look(self, since: str | None) -> AsyncIterator[Page]:
        """Goes from id to id, so that what is made or deleted meanwhile shifts nothing."""
        around = self._around = await self._read_around()
        last = 0
        while True:
            domain = [["id", ">", last], *_changed_since(since)]
            records = await self._records(domain, limit=_PAGE)
            if not records:
                return
            others = await self._other_names([record["id"] for record in records])
            yield Page(tuple(self._good(record, around, others) for record in records))
            last = records[-1]["id"]

    async def one(self, barcode: str, key: str | None, seconds: float) -> Good | None:
        """Asks by the barcode alone, so that one that was given to another product leads there."""
        around = self._around = self._around or await self._read_around()
        domain = [["barcode", "=", barcode], ["active", "=", True], ["sale_ok", "=", True]]
        records = await self._records(domain, limit=2, seconds=seconds, is_patient=False)
        if not records:
            return None
        if len(records) > 1:
            raise Nonsense(f"Odoo has several products with the barcode {barcode}", retryable=False)
        if not around.taxes.keys() >= {*records[0]["taxes_id"]}:
            around = self._around = await self._read_around()
        return self._good(records[0], around, {})

    async def close(self) -> None:
        """Closes the connections."""
        await self._odoo.close()

    async def _records(self, domain: Sequence[Any], limit: int, **more: Any) -> Sequence[Record]:
        if not self._fields:
            self._fields = await self._known_fields()
        context = self._in(self._settings.languages[0])
        return await self._odoo.search_read(
            _MODEL, domain, self._fields, limit=limit, context=context, **more
        )

    async def _known_fields(self) -> Sequence[str]:
        known = await self._odoo.fields_of(_MODEL)
        names = _CATEGORY_FIELDS[self._settings.categories]
        self._category_field = next((name for name in names if name in known), "")
        if not self._category_field:
            raise Nonsense(f"This Odoo's products have no {self._settings.categories}", retryable=False)
        return [*_FIELDS, self._category_field, *(["to_weight"] if "to_weight" in known else [])]

    async def _other_names(self, ids: Sequence[int]) -> Mapping[str, Mapping[int, str]]:
        return {
            language: {
                record["id"]: _text(record["display_name"])
                for record in await self._odoo.search_read(
                    _MODEL, [["id", "in", ids]], ["display_name"], context=self._in(language)
                )
            }
            for language in self._settings.languages[1:]
        }

    async def _read_around(self) -> _Around:
        taxes = await self._odoo.search_read(
            "account.tax",
            [],
            ["name", "amount", "amount_type", "price_include", "company_id", "active"],
            context={"active_test": False},
        )
        units = await self._odoo.search_read(
            "uom.uom", [], ["name"], context={"lang": "en_US", "active_test": False}
        )
        categories, parents = await self._read_categories()
        return _Around(
            {tax["id"]: tax for tax in taxes},
            {unit["id"]: _text(unit["name"]) for unit in units},
            categories,
            parents,
        )

    async def _read_categories(self) -> tuple[Mapping[str, Mapping[int, str]], Mapping[int, int | None]]:
        names: dict[str, Mapping[int, str]] = {}
        parents: Mapping[int, int | None] = {}
        for language in self._settings.languages:
            records = await self._odoo.search_read(
                self._settings.categories.value, [], ["name", "parent_id"], context=self._in(language)
            )
            names[language] = {record["id"]: _text(record["name"]) for record in records}
            parents = {record["id"]: _id_of(record["parent_id"]) for record in records}
        return names, parents

    def _in(self, language: str) -> Mapping[str, Any]:
        return {**self._context, "lang": language}

    def _good(self, record: Record, around: _Around, others: Mapping[str, Mapping[int, str]]) -> Good:
        try:
            id_, changed = record["id"], _text(record["write_date"])
            if not (record["active"] and record["sale_ok"] and record["barcode"]):
                return Good(str(id_), id_, None, changed)
            try:
                return Good(str(id_), id_, self._cells(record, around, others), changed)
            except Unsellable as error:
                return Good(str(id_), id_, {}, changed, fault=str(error))
        except (KeyError, TypeError, IndexError, ArithmeticError) as error:
            raise Nonsense(
                f"Odoo answered a product of another shape: {type(error).__name__} {error}"
            ) from None

    def _cells(
        self, record: Record, around: _Around, others: Mapping[str, Mapping[int, str]]
    ) -> Mapping[str, Cell]:
        id_, name = record["id"], _text(record["display_name"])
        unit = _unit(
            around.units.get(_id_of(record["uom_id"]) or 0, ""), is_weighed=bool(record.get("to_weight"))
        )
        return {
            "id": str(id_),
            "barcode": record["barcode"].strip(),
            "name": name,
            f"name_{_code(self._settings.languages[0])}": name,
            **{f"name_{_code(language)}": names[id_] for language, names in others.items() if id_ in names},
            **self._price(record, around),
            **self._category_cells(record, around),
            **unit_cells(unit),
            "image": f"{self._settings.url}/web/image/{_MODEL}/{id_}/image_512"
            if self._settings.images
            else None,
        }

    def _category_cells(self, record: Record, around: _Around) -> Mapping[str, Cell]:
        id_ = _first(record[self._category_field])
        paths = {
            language: category_path(id_, names, around.parents)
            for language, names in around.categories.items()
        }
        first = paths[self._settings.languages[0]]
        return {"category": first, **{f"category_{_code(each)}": path for each, path in paths.items()}}

    def _price(self, record: Record, around: _Around) -> Mapping[str, Cell]:
        currency = record["currency_id"][1]
        if currency not in _CURRENCIES:
            raise Unsellable(f"its price is in {currency}")
        tax = self._tax(record, around)
        rate = Decimal(tax["amount"]) if tax else Decimal(0)
        price = price_with_tax(
            Decimal(record["lst_price"]),
            rate,
            Currency(currency),
            is_included=bool(tax and tax["price_include"]),
        )
        return {"price": f"{price:f}", "vat": f"{rate:f}", "currency": currency}

    def _tax(self, record: Record, around: _Around) -> Record | None:
        if unknown := [id_ for id_ in record["taxes_id"] if id_ not in around.taxes]:
            raise Unsellable(f"its tax {unknown[0]} cannot be read")
        taxes = [around.taxes[id_] for id_ in record["taxes_id"] if around.taxes[id_]["active"]]
        own = [tax for tax in taxes if self._settings.company in (None, _id_of(tax["company_id"]))]
        if len(own) > 1:
            raise Unsellable(f"it has several taxes: {', '.join(_text(tax['name']) for tax in own)[:200]}")
        if own and own[0]["amount_type"] != "percent":
            raise Unsellable(f"its tax {_text(own[0]['name'])[:100]} is no percentage")
        return own[0] if own else None


def _changed_since(since: str | None) -> Sequence[Any]:
    if since is None:
        return []
    moment = (datetime.strptime(since, _STAMP) - _OVERLAP).strftime(_STAMP)  # noqa: DTZ007 - compared with its like
    # Before Odoo 16 a product's change is stamped on its template alone.
    return ["|", ["write_date", ">=", moment], ["product_tmpl_id.write_date", ">=", moment]]


def _unit(name: str, *, is_weighed: bool) -> Unit:
    """The unit by which something is sold; dozens, boxes and hours are pieces, unless they are weighed."""
    unit = _UNITS.get(name.strip().lower())
    if is_weighed and unit is None:
        raise Unsellable(f"it is weighed in {name or 'no unit'}")
    return Unit.KILOGRAM if is_weighed and unit is Unit.PIECE else unit or Unit.PIECE


def _code(language: str) -> str:
    return language[:2].lower()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""  # Odoo says false where there is no text


def _id_of(reference: Any) -> int | None:
    return reference[0] if reference else None


def _first(reference: Any) -> int:
    """The id of the first of several records, or of a record with its name; 0 where there is none."""
    return reference[0] if reference else 0
