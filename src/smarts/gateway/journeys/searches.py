"""What managers search a store's purchases, checks, orders and messages by; days are those of the store's time zone."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Any

from msgspec import Meta, Struct, field

from smarts.edge.problems import invalid
from smarts.gateway.control.store import CheckSearch, CheckState
from smarts.gateway.invoices.store import PurchaseSearch
from smarts.gateway.journeys.paging import LongPage
from smarts.gateway.orders.model import OrderSearch
from smarts.gateway.outbox import Letters
from smarts.gateway.outbox.outcomes import State
from smarts.gateway.outbox.sent import MessageSearch
from smarts.wire.control import Decision
from smarts.wire.shipments import ShipmentStatus
from smarts.wire.times import TimeZone

_FIRST_DAY, _LAST_DAY = date(2000, 1, 1), date(2199, 12, 31)
_UTC = TimeZone("UTC")
_Text = Annotated[str, Meta(max_length=200)] | None
_Amount = Annotated[str, Meta(pattern=r"^[0-9]{1,12}(\.[0-9]{1,2})?$")] | None


class PeriodQuery(LongPage, frozen=True, rename="camel"):
    """A page of what happened from one day to another, both of them included; `text` is how a number of it begins."""

    from_: date | None = field(name="from", default=None)
    to: date | None = None
    text: _Text = None


class PurchaseQuery(PeriodQuery, frozen=True, rename="camel"):
    """A page of purchases: `text` is how the invoice's id begins or the store's own number of it."""

    amount_from: _Amount = None
    amount_to: _Amount = None


class CheckQuery(PeriodQuery, frozen=True, rename="camel"):
    """A page of checks; `changed` ones are those in which staff changed the cart."""

    decision: Decision | None = None
    status: CheckState | None = None
    changed: bool | None = None


class OrderQuery(PeriodQuery, frozen=True, rename="camel"):
    """A page of orders: `text` is how the order's id begins, the invoice's, or the store's own number of it."""

    status: ShipmentStatus | None = None
    amount_from: _Amount = None
    amount_to: _Amount = None


class MessageQuery(PeriodQuery, frozen=True, rename="camel"):
    """A page of messages: `text` is how the message's id begins, or that of the purchase or order it is about."""

    state: State | None = None


class LetterQuery(Struct, frozen=True, rename="camel"):
    """Dead letters of a store, of a kind, or that died from one day to another; days are those of UTC."""

    store: _Text = None
    kind: _Text = None
    from_: date | None = field(name="from", default=None)
    to: date | None = None


def start_of(day: date, zone: TimeZone) -> datetime:
    """When a day begins by the clocks of a time zone, in UTC."""
    return datetime.combine(day, time(), zone.zone).astimezone(UTC)


def letters_of(query: LetterQuery) -> Letters:
    """The dead letters that are asked for."""
    _require_days(query)
    return Letters(
        query.store,
        query.kind,
        start_of(query.from_, _UTC) if query.from_ else None,
        start_of(query.to + timedelta(days=1), _UTC) if query.to else None,
    )


def period(query: PeriodQuery, zone: TimeZone) -> dict[str, Any]:
    """From when until when, and the text that is searched for.

    Raises:
        ProblemError: 422, a day that is too far away, or the last one before the first.
    """
    _require_days(query)
    return {
        "since": start_of(query.from_, zone) if query.from_ else None,
        "until": start_of(query.to + timedelta(days=1), zone) if query.to else None,
        "text": (query.text or "").strip() or None,
    }


def _require_days(query: PeriodQuery | LetterQuery) -> None:
    for name, day in (("from", query.from_), ("to", query.to)):
        if day and not _FIRST_DAY <= day <= _LAST_DAY:
            raise invalid(f"query.{name}", f"Expected a day from {_FIRST_DAY} to {_LAST_DAY}")
    if query.from_ and query.to and query.to < query.from_:
        raise invalid("query.to", "Expected a day that is not before the first one")


def purchase_search(query: PurchaseQuery, zone: TimeZone) -> PurchaseSearch:
    """The purchases that are asked for."""
    return PurchaseSearch(**period(query, zone), **_amounts(query))


def check_search(query: CheckQuery, zone: TimeZone) -> CheckSearch:
    """The checks that are asked for."""
    sought = period(query, zone)
    return CheckSearch(**sought, decision=query.decision, status=query.status, changed=query.changed)


def order_search(query: OrderQuery, zone: TimeZone) -> OrderSearch:
    """The orders that are asked for."""
    return OrderSearch(**period(query, zone), **_amounts(query), status=query.status)


def message_search(query: MessageQuery, zone: TimeZone) -> MessageSearch:
    """The messages that are asked for."""
    return MessageSearch(**period(query, zone), state=query.state)


def _amounts(query: PurchaseQuery | OrderQuery) -> dict[str, Any]:
    return {
        "least": Decimal(query.amount_from) if query.amount_from else None,
        "most": Decimal(query.amount_to) if query.amount_to else None,
    }
