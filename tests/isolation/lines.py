"""The lines of the matrix: what a request of each row of the applications says, and which ids it can name.

Every row of the routes table and of the pages gets its doors from here; a row that there is no line for has none, and
the test of the matrix fails until somebody has said who may come in and what of others could be named.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from starlette.routing import Route as PageRoute

from gateway.journeys.club import BONUS_CARD
from gateway.journeys.delivering import CHOICES, TERMS
from gateway.journeys.world import BREAD
from isolation.estates import PIXEL
from smarts.edge.routes import Media, Route
from smarts.gateway.parties import Role


@dataclass(frozen=True)
class Id:
    """A place in a request for an id of this kind."""

    of: str


# Who may come in, by how the path begins; the longest one counts.
STAFF_PREFIXES = {"/work": Role.WORKER, "/manage": Role.MANAGER, "/operate": Role.OPERATOR}
SESSION_PAGES = {"/account": Role.WORKER, "/sign-out": Role.WORKER}
PUBLIC = {
    "POST /shop/v1/shoppers",
    "GET /shop/v1/images/{id}",  # shown to whoever sees the card
    "POST /payments/stripe/webhook",  # proves itself by a signature
    *("GET /healthz", "GET /readyz", "GET /metrics", "GET /openapi.json", "GET /docs"),
    *("GET /", "GET /sign-in", "POST /sign-in", "GET /static/{digest}/{name:path}"),
    *("GET /shop", "GET /shop/manifest.webmanifest", "GET /shop/sw.js", "GET /shop/code.svg"),
}

# Which id a parameter of a path holds, by what stands before it.
IN_PATHS = {
    ("stores", "id"): "store",
    ("carts", "id"): "cart",
    ("lines", "lineId"): "line",
    ("loyalty-cards", "id"): "kind",
    ("loyalty-kinds", "id"): "kind",
    ("cards", "kind"): "kind",
    ("images", "id"): "image",
    ("purchases", "invoiceId"): "invoice",
    ("purchases", "invoice"): "invoice",
    ("payments", "invoiceId"): "invoice",
    ("checks", "invoiceId"): "check",
    ("checks", "invoice"): "check",
    ("checks", "id"): "check",
    ("versions", "version"): "version",
    ("check-rules", "version"): "version",
    ("orders", "id"): "order",
    ("orders", "orderId"): "order",
    ("orders", "order"): "order",
    ("order", "id"): "order",
    ("invoice", "invoiceId"): "order-invoice",
    ("institution-invoice", "institutionInvoiceId"): "institution-invoice",
    ("messages", "messageId"): "message",
    ("sent", "message"): "message",
    ("dead-letters", "id"): "letter",
    ("campaigns", "key"): "campaign",
    ("staff", "person"): "person",
    ("tokens", "id"): "program",
    ("delivery", "method"): "COURIER",
    ("static", "digest"): "digest",
    ("digest", "name"): "name",
}
WORDS = {"COURIER": "COURIER", "version": "0", "digest": "none", "name": "none.js"}
"""What stands in paths and is nobody's."""

_CAMPAIGN = {"name": "Half", "code": "B00000000501", "operation": "total / 2"}
BODIES: Mapping[str, Any] = {
    "NewShopper": {"name": "Somebody"},
    "ProfileChange": {"name": "Somebody else"},
    "NewCart": {"institutionId": Id("store")},
    "Scan": {"barcode": BREAD},
    "NewQuantity": {"quantity": 2},
    "PaymentRequest": {"method": "SANDBOX"},
    "NewLink": {"cardId": Id("kind"), "institutionId": Id("store"), "value": Id("number")},
    "UsedCards": {"cards": [{"id": Id("kind")}]},
    "Choice": CHOICES["PICKUP"],
    "DeliveryTerms": TERMS,
    "StaffChange": {"status": "CONFIRMED"},
    "StaffResult": {"status": "PASSED"},
    "Rescanned": {"products": [{"barcode": BREAD, "amount": 1}]},
    "PurchaseControlResult": {"invoiceId": Id("check"), "institutionId": Id("store"), "status": "PENDING"},
    "PurchaseControlCheckResendRequest": {"invoiceId": Id("check"), "institutionId": Id("store")},
    "PickupOrderStatusChangeRequest": {
        "orderId": Id("order"),
        "institutionId": Id("store"),
        "status": "CONFIRMED",
    },
    "AddedStore": {"name": "Another", "timeZone": "UTC", "merchant": None},
    "StoreChange": {"name": "Renamed"},
    "Policy": {"firstPurchases": 1},
    "CheckPolicyChange": {"policy": {"firstPurchases": 1}},
    "CampaignOnExample": {"campaign": _CAMPAIGN, "cartId": Id("cart")},
    "ExampleCart": {"cartId": Id("cart")},
    "CampaignOnPastCarts": {"campaign": _CAMPAIGN, "cartIds": [Id("paid-cart")]},
    "Replay": {"lane": Id("store")},
    "KindDescription": BONUS_CARD
    | {"primary": False, "institutionIds": [Id("store")], "imageId": Id("image")},
    "NewProgramToken": {"name": "Till", "institutionIds": [Id("store")]},
    "NewImage": {"mediaType": "image/png", "data": PIXEL},
    "Refund": {"amount": 0.1},
    "Resend": {"delivered": True},
    "dict": {},
}
"""Bodies of the API by the type that they are read as."""

QUERIES: Mapping[str, Id | None] = {
    "after": Id("after"),  # of what is listed, see `AFTER`
    "text": Id("invoice"),
    "lane": Id("store"),
    **dict.fromkeys(("limit", "page", "from", "to", "name", "category", "orderBy", "orderField")),
    **dict.fromkeys(("anew", "classification", "status", "state", "decision", "changed", "amountFrom", "amountTo")),
    "kind": None,
    "before": None,
}  # fmt: skip
AFTER = {
    "purchases": "invoice",
    "orders": "order",
    "checks": "check",
    "messages": "message",
    "dead-letters": "letter",
    "loyalty-cards": "kind",
    "loyalty-kinds": "kind",
    "stores": "store",
    "nodes": "store",
    "reports": "store",
}

_TYPED = {"name": "Half", "client": "B", "kind": "501", "operation": "total / 2"}
FORMS: Mapping[str, Mapping[str, Any]] = {
    "/sign-in": {"email": "nobody@example.ee", "password": "nothing at all"},
    "/sign-out": {},
    "/account": {"current": "not the password", "new": "another password"},
    "/operate/replay": {"letter": Id("letter")},
    "/work/open": {"code": Id("check")},
    "/work/checks/{id}/take": {"holder": ""},
    "/work/checks/{id}/result": {"status": "PASSED"},
    "/work/checks/{id}/rescan": {"rescanned": '{"products": []}'},
    "/work/checks/{id}/products": {"barcode": BREAD},
    "/work/checks/{id}/search": {"name": "Piim"},
    "/work/orders/{id}/status": {"status": "CONFIRMED"},
    "/work/orders/{id}/products": {"barcode": BREAD, "replaces": BREAD},
    "/work/orders/{id}/search": {"name": "Piim"},
    "/work/codes": {},
    "/manage/new": {"id": Id("store"), "name": "Another", "timeZone": "UTC"},
    "/manage/stores/{id}/node": {},
    "/manage/stores/{id}/token": {},
    "/manage/stores/{id}/signing-secret": {},
    "/manage/stores/{id}/signing-secret/remove": {},
    "/manage/stores/{id}/settings": {"name": "Renamed", "timeZone": "UTC", "currency": "EUR"},
    "/manage/stores/{id}/campaigns/save": {"key": Id("campaign"), **_TYPED},
    "/manage/stores/{id}/campaigns/effect": {"example": Id("cart"), **_TYPED},
    "/manage/stores/{id}/campaigns/trial": {"example": Id("cart"), **_TYPED},
    "/manage/stores/{id}/campaigns/restore": {**_CAMPAIGN, "place": "0"},
    "/manage/stores/{id}/campaigns/{key}/move": {"to": "0"},
    "/manage/stores/{id}/campaigns/{key}/delete": {},
    "/manage/stores/{id}/cards/new": {"imageId": Id("image"), "institutionIds": Id("store"), "name": "Card"},
    "/manage/stores/{id}/cards/images": {},
    "/manage/stores/{id}/cards/{kind}": {
        "imageId": Id("image"),
        "institutionIds": Id("store"),
        "name": "Card",
    },
    "/manage/stores/{id}/cards/{kind}/retire": {},
    "/manage/stores/{id}/delivery/{method}": {"price": "1", "vatRate": "24"},
    "/manage/stores/{id}/purchases/{invoice}/refund": {"amount": "0.10", "key": "once"},
    "/manage/stores/{id}/check-rules": {"age": "AGE"},
    "/manage/stores/{id}/check-rules/trial": {"age": "AGE"},
    "/manage/stores/{id}/sent": {},
    "/manage/stores/{id}/sent/{message}": {},
    "/manage/stores/{id}/staff": {
        "name": "New",
        "email": "new@example.ee",
        "role": "worker",
        "institutionIds": Id("store"),
    },
    "/manage/stores/{id}/staff/{person}": {
        "name": "Changed",
        "role": "worker",
        "institutionIds": Id("store"),
    },
    "/manage/stores/{id}/staff/{person}/password": {},
    "/manage/stores/{id}/staff/{person}/token": {},
    "/manage/stores/{id}/staff/{person}/dismiss": {},
}
"""The forms of the pages by where they are sent to."""

PAGE_QUERIES: Mapping[str, Mapping[str, Any]] = {
    "/work": {"store": Id("store")},
    "/work/list": {"store": Id("store")},
    "/operate/dead-letters": {"store": Id("store"), "after": Id("letter")},
    "/manage/stores/{id}/campaigns/new": {"copy": Id("campaign")},
    "/manage/stores/{id}/purchases": {"after": Id("invoice"), "text": Id("invoice")},
    "/manage/stores/{id}/purchases.csv": {"text": Id("invoice")},
    "/manage/stores/{id}/checks": {"after": Id("check"), "text": Id("check")},
    "/manage/stores/{id}/checks.csv": {"text": Id("check")},
    "/manage/stores/{id}/orders": {"after": Id("order"), "text": Id("order")},
    "/manage/stores/{id}/orders.csv": {"text": Id("order")},
    "/manage/stores/{id}/sent": {"after": Id("message"), "text": Id("message")},
    "/manage/stores/{id}/sent.csv": {"text": Id("message")},
}
"""What can be asked of a page in its address, where that names anything."""

_PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")


@dataclass(frozen=True)
class Door:
    """A row of one of the applications; `needs` names who may come in, None: everybody."""

    method: str
    path: str
    needs: str | None
    parts: tuple[str | Id, ...]  # of the path
    body: Any = None
    query: Mapping[str, Id] = field(default_factory=dict)
    is_page: bool = False
    media_type: str = "application/json"

    @property
    def name(self) -> str:
        """The method and the path."""
        return f"{self.method} {self.path}"

    def places(self) -> list[str]:
        """The kinds of ids that the path and the body name, in their order."""
        told = [each.of for each in self.parts if isinstance(each, Id)]
        return list(dict.fromkeys([*told, *(each.of for each in _ids_in(self.body))]))


def _ids_in(value: Any) -> Iterator[Id]:
    if isinstance(value, Id):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _ids_in(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _ids_in(each)


def doors_of(routes: Iterable[Route], pages: Iterable[PageRoute]) -> list[Door]:
    """The doors of both applications.

    Raises:
        LookupError: a row has no line yet.
    """
    found: list[Door] = []
    for row in (*routes, *pages):
        try:
            found += _api_doors(row) if isinstance(row, Route) else _page_doors(row)
        except KeyError as error:
            raise LookupError(
                f"{row.path} has no line in tests/isolation/lines.py: say who may come in, and which ids of others a "
                f"request can name, at {error}"
            ) from error
    return found


def unused_lines(doors: Iterable[Door]) -> set[str]:
    """The lines that belong to no row any more."""
    names = {door.name for door in doors}
    lines = {*PUBLIC, *(f"POST {path}" for path in FORMS), *(f"GET {path}" for path in PAGE_QUERIES)}
    return lines - names


def _api_doors(route: Route) -> Iterator[Door]:
    """The door of a row of the routes table; raises `KeyError` for what the lines do not know."""
    name = f"{route.method} {route.path}"
    needs = None if name in PUBLIC else _needs(route.path, "token")
    if isinstance(route.request, Media):
        body, media_type = b"", route.request.types[0]
    else:
        body = None if route.request is None else BODIES[route.request.__name__]
        media_type = "application/json"
    query = {}
    for told in msgspec.structs.fields(route.query) if route.query else ():
        place = QUERIES[told.encode_name]
        if place:
            kind = AFTER[route.path.rpartition("/")[2]] if place.of == "after" else place.of
            query[told.encode_name] = Id(kind)
    yield Door(route.method, route.path, needs, _parts(route.path), body, query, media_type=media_type)


def _page_doors(route: PageRoute) -> Iterator[Door]:
    """The doors of a row of the pages; raises `KeyError` for what the lines do not know."""
    for method in sorted((route.methods or set()) - {"HEAD"}):
        name = f"{method} {route.path}"
        needs = None if name in PUBLIC else _needs(route.path, "session")
        body = FORMS[route.path] if method == "POST" else None
        query = PAGE_QUERIES.get(route.path, {}) if method == "GET" else {}
        yield Door(method, route.path, needs, _parts(route.path), body, query, is_page=True)


def _needs(path: str, proof: str) -> str:
    first = path.split("/")[1]
    if proof == "token" and first in ("shop", "v1"):
        return {"shop": "shopper", "v1": "institution"}[first]
    role = SESSION_PAGES.get(path) or STAFF_PREFIXES[f"/{first}"]
    either = "token or session" if path == "/work/v1/events" else proof
    return f"{role} {either}"


def _parts(path: str) -> tuple[str | Id, ...]:
    texts_and_names = _PARAMETER.split(path)
    parts: list[str | Id] = []
    before = ""
    for number, each in enumerate(texts_and_names):
        if number % 2 == 0:
            parts.append(each)
            before = each.strip("/").rpartition("/")[2] or before
        else:
            kind = IN_PATHS[before, each]
            parts.append(WORDS.get(kind) or Id(kind))
            before = each
    return tuple(parts)
