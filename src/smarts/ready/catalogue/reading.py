"""Rows become goods, in one place; what is wrong with them is told."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeVar

from msgspec import Struct

from smarts.campaigns import CampaignCode, compile_operation
from smarts.ready.catalogue import values
from smarts.ready.catalogue.barcodes import has_wrong_check_digit, read_barcode
from smarts.ready.catalogue.categories import Shelving
from smarts.ready.catalogue.columns import Columns, find_columns
from smarts.ready.catalogue.complaints import Complaints
from smarts.ready.catalogue.goods import Goods
from smarts.ready.catalogue.settings import CheckDigits, Reading, Unpriced
from smarts.ready.sources import Row

T = TypeVar("T")
_Rarer = Callable[[Row, Decimal | None], Mapping[str, Any]]
_LONGEST_NAME = 500
_LONGEST_TEXT = 5000
_DAYS = ("valid_from", "valid_until")
_ZERO = Decimal(0)


class Read(Struct, frozen=True, gc=False):
    """A row's goods, and which row it was."""

    row: int
    goods: Goods


class _LeftOutError(ValueError):
    """The row is not sold; `kind` is what it is counted by."""

    def __init__(self, field: str, reason: str, kind: str) -> None:
        super().__init__(reason)
        self.field = field
        self.kind = kind


class Reader:
    """Reads the rows of one source, as of a moment: what is not sold then is left out.

    Attributes:
        complaints: what was wrong so far.
        categories: those that rows named so far.
        next_change: the first moment after which other rows are sold, by the days that they are sold from and until.
    """

    def __init__(self, reading: Reading, source: str, now: datetime, complaints: Complaints) -> None:
        self.complaints = complaints
        self.categories = Shelving(reading.catalogue.category_separator)
        self.next_change: datetime | None = None
        self.not_sold_now = 0
        self._reading = reading
        self._settings = reading.catalogue
        self._source = source
        self._now = now
        self._columns: Columns | None = None
        self._of: Mapping[str, str] = {}
        self._rarer: Sequence[_Rarer] = ()
        self._has_days = False
        self._vat_rate = reading.catalogue.vat_rate or _ZERO

    def read(self, rows: Iterable[Row]) -> Iterator[Read]:
        """What is sold of the rows.

        Raises:
            SourceError: a column that is needed is not there, or the source cannot be read.
        """
        for row in rows:
            if row.fault:
                self.complaints.add(row.number, "", row.fault, row.fault)
                continue
            if self._columns is None:
                self._columns = self._found_columns(row)
                self._of = self._columns.of
                self._rarer = self._of_columns(self._columns)
                self._has_days = not self._of.keys().isdisjoint(_DAYS)
            try:
                goods = self._goods(row)
            except _LeftOutError as error:
                self._complain(row, error.field, str(error), error.kind, is_left_out=True)
            else:
                if goods is not None:
                    yield Read(row.number, goods)

    def complain(self, number: int, field: str, reason: str, kind: str) -> None:
        """Tells that a row is left out for a reason that is not in the row alone."""
        column = self._columns.column(field) if self._columns else field
        self.complaints.add(number, column, reason, kind)

    def _found_columns(self, row: Row) -> Columns:
        columns = find_columns(row.cells, self._reading.columns, self._source)
        if "vat" not in columns.of and self._settings.vat_rate is None:
            self.complaints.add(
                0,
                "vat",
                "no column and no vat_rate in [catalogue], so prices count as without VAT",
                "no VAT rate",
                is_left_out=False,
            )
        return columns

    def _goods(self, row: Row) -> Goods | None:
        if self._has_days and not self._is_sold_now(row):
            self.not_sold_now += 1
            return None
        barcode = self._barcode(row)
        name, names, language = self._names(row)
        price = self._price(row)
        rarer: dict[str, Any] = {}
        for read in self._rarer:
            rarer |= read(row, price)
        return Goods(
            id=(self._text(row, "id")[:200] if "id" in self._of else "") or barcode,
            barcode=barcode,
            name=name,
            names=names,
            price=price,
            vat_rate=self._vat(row),
            category=self._category(row, language),
            brand=self._text(row, "brand")[:_LONGEST_NAME],
            **rarer,
        )

    def _of_columns(self, columns: Columns) -> "list[_Rarer]":
        """What reads the fields that few catalogues have, of those that this one has."""
        readers: dict[str, _Rarer] = {
            "quantity": lambda row, _: self._size(row),
            "least": lambda row, _: {"least": self._amount(row, "least")},
            "most": lambda row, _: {"most": self._amount(row, "most")},
            "weighed": lambda row, _: {"is_weighed": self._answer(row)},
            "age": lambda row, _: {"age": self._told(row, "age", values.whole_of, "not a whole number")},
            "hours": lambda row, _: self._hours(row),
            "addition": lambda row, price: {"addition": self._addition(row, price)},
            "campaign_code": lambda row, _: {"campaigns": self._campaigns(row)},
            "description": lambda row, _: {"description": self._text(row, "description")[:_LONGEST_TEXT]},
            "image": lambda row, _: {"image": self._text(row, "image")[:_LONGEST_TEXT]},
        }
        found = [read for field, read in readers.items() if field in columns.of]
        if columns.translated["description"]:
            found.append(
                lambda row, _: {"descriptions": self._translations(row, "description", _LONGEST_TEXT)}
            )
        return found

    def _size(self, row: Row) -> Mapping[str, Any]:
        size = self._told(
            row, "quantity", lambda cell: values.size_of(cell, self._text(row, "unit")), "not an amount"
        )
        return {"quantity": size[0], "unit": size[1]} if size else {}

    def _answer(self, row: Row) -> bool:
        return self._told(row, "weighed", values.answer_of, "neither yes nor no") or False

    def _hours(self, row: Row) -> Mapping[str, Any]:
        hours = self._told(row, "hours", values.hours_of, "not hours")
        return {"hours": (hours[0].written(), hours[1].written())} if hours else {}

    def _barcode(self, row: Row) -> str:
        try:
            barcode = read_barcode(self._text(row, "barcode"))
        except ValueError as error:
            raise _LeftOutError("barcode", str(error), "not a barcode") from None
        if self._settings.check_digits is not CheckDigits.IGNORE and has_wrong_check_digit(barcode):
            reason, kind = f"{barcode} has a wrong check digit, so no scanner reads it", "wrong check digit"
            if self._settings.check_digits is CheckDigits.REFUSE:
                raise _LeftOutError("barcode", reason, kind)
            self._complain(row, "barcode", reason, kind)
        return barcode

    def _names(self, row: Row) -> tuple[str, dict[str, str], str | None]:
        """The name, its translations, and the language that the row is in."""
        names = self._translations(row, "name", _LONGEST_NAME)
        name = self._text(row, "name")[:_LONGEST_NAME]
        if not name and not names:
            raise _LeftOutError("name", "is empty", "empty")
        language = self._language(row)
        if name and language:
            names.setdefault(language, name)
        return name or names.get(language or "") or next(iter(names.values())), names, language

    def _language(self, row: Row) -> str | None:
        language = self._text(row, "language")
        if not language:
            return self._settings.language
        if known := _known_language(language):
            return known
        self._complain(row, "language", f"{language[:40]} is not a language of two letters", "not a language")
        return self._settings.language

    def _addition(self, row: Row, price: Decimal | None) -> Decimal | None:
        if price is None:
            return None
        addition = self._amount(row, "addition")
        if addition is not None and price - addition <= 0:
            self._complain(row, "addition", f"{addition} is more than the price", "more than the price")
            return None
        return addition

    def _price(self, row: Row) -> Decimal | None:
        cell = self._cell(row, "price")
        if cell is None or cell == "":
            self._tell_unpriced(row, "is empty, so it is shown but not sold", "empty")
            return None
        currency = self._text(row, "currency").upper()
        if currency not in ("", self._reading.currency, "€", "$"):
            self._tell_unpriced(row, f"is in {currency[:9]}, so it is shown but not sold", "another currency")
            return None
        try:
            price = values.number_of(cell, self._settings.decimal_sign)
        except ValueError as error:
            raise _LeftOutError("price", str(error), "not a price") from None
        if price < 0:
            raise _LeftOutError("price", f"{price} is below 0", "below 0")
        if not price:
            self._tell_unpriced(row, "is 0, so it is shown but not sold", "0")
        return price or None

    def _tell_unpriced(self, row: Row, reason: str, kind: str) -> None:
        if self._settings.unpriced is Unpriced.REFUSE:
            raise _LeftOutError("price", reason.partition(",")[0], kind)
        self._complain(row, "price", reason, kind)

    def _vat(self, row: Row) -> Decimal:
        cell = self._cell(row, "vat")
        if cell is None or cell == "":
            return self._vat_rate
        try:
            rate = values.number_of(cell)
        except ValueError as error:
            raise _LeftOutError("vat", str(error), "not a VAT rate") from None
        if 0 < rate < 1:  # a spreadsheet's 24 % is 0.24
            rate *= 100
        if not 0 <= rate < 100:
            raise _LeftOutError("vat", f"{rate} is not a VAT rate", "not a VAT rate")
        return rate.normalize() if rate % 10 else rate.quantize(Decimal(1))

    def _amount(self, row: Row, field: str) -> Decimal | None:
        sign = self._settings.decimal_sign
        return self._told(row, field, lambda cell: values.number_of(cell, sign), "not a number")

    def _category(self, row: Row, language: str | None) -> str | None:
        text = self._text(row, "category")
        if not text:
            return None
        translations = self._translations(row, "category", _LONGEST_NAME)
        category = self.categories.put(text, language, translations)
        if category is None:
            self._complain(row, "category", "there are too many categories", "too many")
        return category

    def _campaigns(self, row: Row) -> tuple[tuple[str, str, str], ...]:
        code, operation = self._text(row, "campaign_code"), self._text(row, "campaign_operation")
        if not code and not operation:
            return ()
        try:
            compile_operation(operation, CampaignCode.parse(code).kind)
        except ValueError as error:
            self._complain(row, "campaign_code", str(error)[:300], "a campaign that cannot be used")
            return ()
        return ((self._text(row, "campaign_name")[:_LONGEST_NAME] or code, code, operation),)

    def _is_sold_now(self, row: Row) -> bool:
        starts, ends = (self._moment(row, field) for field in _DAYS)
        for moment in (starts, ends):
            if moment is not None and moment > self._now:
                self.next_change = min(moment, self.next_change or moment)
        return (starts is None or starts <= self._now) and (ends is None or ends > self._now)

    def _moment(self, row: Row, field: str) -> datetime | None:
        """When something begins or is over, in UTC; a last day is over with its end."""
        cell = self._cell(row, field)
        if cell is None or cell == "":
            return None
        try:
            moment = values.day_of(cell)
            if field == "valid_until" and (moment.hour, moment.minute, moment.second) == (0, 0, 0):
                moment += timedelta(days=1)
            return moment.replace(tzinfo=self._reading.time_zone.zone).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise _LeftOutError(field, str(error), "not a day") from None

    def _told(self, row: Row, field: str, read: Callable[[object], T], kind: str) -> T | None:
        """A value that a product can be sold without: what is wrong with it is told, and it counts as absent."""
        cell = self._cell(row, field)
        if cell is None or cell == "":
            return None
        try:
            return read(cell)
        except ValueError as error:
            self._complain(row, field, str(error), kind)
            return None

    def _translations(self, row: Row, field: str, longest: int) -> dict[str, str]:
        assert self._columns is not None
        columns: Mapping[str, str] = self._columns.translated[field]
        if not columns:
            return {}
        texts = {language: values.text_of(row.cells.get(name)) for language, name in columns.items()}
        return {language: text[:longest] for language, text in texts.items() if text}

    def _text(self, row: Row, field: str) -> str:
        cell = row.cells.get(self._of.get(field, ""))
        return cell.strip() if isinstance(cell, str) else values.text_of(cell)

    def _cell(self, row: Row, field: str) -> object:
        return row.cells.get(self._of.get(field, ""))

    def _complain(self, row: Row, field: str, reason: str, kind: str, *, is_left_out: bool = False) -> None:
        assert self._columns is not None
        column = self._columns.column(field)
        self.complaints.add(row.number, column, reason, kind, is_left_out=is_left_out)


@lru_cache(1 << 10)
def _known_language(text: str) -> str | None:
    return text.upper() if len(text) == 2 and text.isascii() and text.isalpha() else None
