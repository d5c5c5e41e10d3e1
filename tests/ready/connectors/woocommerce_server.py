"""A WooCommerce as the documentation of its REST API v3 says it is.

It is strict: parameters and properties that are not documented are refused, where WooCommerce passes over them, so that
a slip of the connector's shows.
"""

import base64
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ready.connectors.faults import Faults, LostAnswer

KEY, SECRET = "ck_6d00aa11bb22cc33dd44", "cs_55ee66ff77889900aabb"

_PAGING = {"page", "per_page", "offset", "_fields", "order", "orderby", "search", "include", "exclude"}
_DATES = {"after", "before", "modified_after", "modified_before", "dates_are_gmt"}
_PARAMETERS = {
    "products": _PAGING | _DATES | {"status", "sku", "global_unique_id", "type", "category", "slug"},
    "variations": _PAGING | _DATES | {"status", "sku"},
    "orders": _PAGING | _DATES | {"status", "customer", "product"},
    "taxes": _PAGING | {"class"},
    "products/categories": _PAGING | {"parent", "hide_empty", "slug"},
}
_STATUSES = {"any", "draft", "pending", "private", "publish"}
_ORDER_STATUSES = {"pending", "processing", "on-hold", "completed", "cancelled", "refunded", "failed"}
_WRITABLE = {
    "order": {
        *("status", "currency", "payment_method", "payment_method_title", "line_items", "fee_lines"),
        *("shipping_lines", "meta_data", "set_paid", "transaction_id", "billing", "shipping", "customer_id"),
    },
    "line_items": {
        *(
            "id",
            "name",
            "product_id",
            "variation_id",
            "quantity",
            "tax_class",
            "subtotal",
            "total",
            "meta_data",
        ),
    },
    "fee_lines": {"id", "name", "tax_class", "tax_status", "total", "meta_data"},
    "shipping_lines": {"id", "method_title", "method_id", "total", "meta_data"},
    "meta_data": {"id", "key", "value"},
}
_NULLED = {"line_items": "product_id", "fee_lines": "name", "shipping_lines": "method_id"}
_CENT = Decimal("0.01")


class WooError(Exception):
    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.document = {"code": code, "message": message, "data": {"status": status}}
        self.status = status


class WooCommerceServer:
    """Things by kind and id; times go on by a second with each change. `follows` is what it has from 10.3 on."""

    def __init__(self, *, follows: bool = True, **settings: str) -> None:
        self.faults = Faults()
        self.calls: list[tuple[str, str]] = []
        self.settings = {
            "general/woocommerce_currency": "EUR",
            "general/woocommerce_default_country": "EE",
            "general/woocommerce_calc_taxes": "yes",
            "tax/woocommerce_prices_include_tax": "yes",
            **{name.replace("__", "/"): value for name, value in settings.items()},
        }
        self.follows = follows
        self.hides: set[int] = set()
        self._now = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=30)
        self.products: dict[int, dict[str, Any]] = {}
        self.variations: dict[int, dict[str, Any]] = {}
        self.categories: dict[int, dict[str, Any]] = {}
        self.taxes: dict[int, dict[str, Any]] = {}
        self.orders: dict[int, dict[str, Any]] = {}
        self.list_products = self._list("products", self.products)
        base = "/wp-json/wc/v3"
        self.app = Starlette(
            routes=[
                Route(f"{base}/settings/{{group}}/{{id}}", self._serve(self._setting)),
                Route(
                    f"{base}/products/categories",
                    self._serve(self._list("products/categories", self.categories)),
                ),
                Route(f"{base}/products", self._serve(lambda *what: self.list_products(*what))),
                Route(f"{base}/products/{{id:int}}", self._serve(self._one(self.products))),
                Route(f"{base}/products/{{parent:int}}/variations", self._serve(self._variations)),
                Route(
                    f"{base}/products/{{parent:int}}/variations/{{id:int}}",
                    self._serve(self._one(self.variations)),
                ),
                Route(f"{base}/variations", self._serve(self._all_variations)),
                Route(f"{base}/taxes", self._serve(self._list("taxes", self.taxes))),
                Route(f"{base}/orders", self._serve(self._orders), methods=["GET", "POST"]),
                Route(f"{base}/orders/{{id:int}}", self._serve(self._order), methods=["GET", "PUT"]),
            ]
        )

    def product(self, id_: int, name: str, barcode: str, price: str, **more: Any) -> int:
        """A product with usual values."""
        usual = {
            "id": id_, "name": name, "type": "simple", "status": "publish", "price": price, "regular_price": price,
            "tax_status": "taxable", "tax_class": "", "sku": f"S-{id_}", "global_unique_id": barcode, "categories": [],
            "images": [], "variations": [], "meta_data": [], "parent_id": 0, "attributes": [], "weight": "",
        }  # fmt: skip
        self.products[id_] = {**usual, **more, **self._stamps()}
        return id_

    def variation(self, id_: int, parent: int, option: str, barcode: str, price: str, **more: Any) -> int:
        usual = {
            "id": id_, "name": option, "status": "publish", "price": price, "regular_price": price,
            "tax_status": "taxable", "tax_class": "", "sku": f"S-{id_}", "global_unique_id": barcode,
            "meta_data": [], "parent_id": parent,
            "image": None, "attributes": [{"id": 1, "name": "Size", "option": option}],
        }  # fmt: skip
        self.variations[id_] = {**usual, **more, **self._stamps()}
        self.products[parent]["variations"].append(id_)
        return id_

    def category(self, id_: int, name: str, parent: int = 0) -> int:
        self.categories[id_] = {"id": id_, "name": name, "parent": parent, "slug": name.lower()}
        return id_

    def tax(self, id_: int, rate: str, tax_class: str = "standard", **more: Any) -> int:
        usual = {
            "country": "EE",
            "state": "",
            "postcodes": [],
            "cities": [],
            "priority": 1,
            "compound": False,
        }
        self.taxes[id_] = {"id": id_, **usual, "rate": rate, "class": tax_class, **more}
        return id_

    def change(self, id_: int, **values: Any) -> None:
        things = self.products if id_ in self.products else self.variations
        things[id_].update(values, **self._stamps())

    def order_changed(self, id_: int, status: str) -> None:
        """What the shop's people make of an order."""
        self.orders[id_].update(status=status, **self._stamps())

    def double_order(self) -> None:
        """A request to make the last order, carried out a second time."""
        last = self.orders[max(self.orders)]
        self.orders[last["id"] + 1] = {**last, "id": last["id"] + 1}

    def pass_time(self, **much: float) -> None:
        self._now += timedelta(**much)

    def _stamps(self) -> dict[str, str]:
        self._now += timedelta(seconds=1)
        moment = self._now.strftime("%Y-%m-%dT%H:%M:%S")
        return {"date_modified_gmt": moment, "date_modified": moment, "date_created_gmt": moment}

    def _serve(self, handler: Any) -> Any:
        async def serve(request: Request) -> Response:
            self.calls.append((request.method, request.url.path.removeprefix("/wp-json/wc/v3/")))
            fault = self.faults.next(request)
            if fault and fault.kind != "lost":
                return await self.faults.answer(fault)
            try:
                self._authorise(request)
                body = await request.json() if request.method in ("POST", "PUT") else None
                answer: Response = handler(request, body)
            except WooError as error:
                return JSONResponse(error.document, error.status)
            return LostAnswer() if fault else answer

        return serve

    def _authorise(self, request: Request) -> None:
        wanted = f"Basic {base64.b64encode(f'{KEY}:{SECRET}'.encode()).decode()}"
        if request.headers.get("authorization") != wanted:
            raise WooError(401, "woocommerce_rest_cannot_view", "Sorry, you cannot list resources.")

    def _setting(self, request: Request, _: Any) -> Response:
        name = f"{request.path_params['group']}/{request.path_params['id']}"
        if name not in self.settings:
            raise WooError(404, "rest_setting_setting_invalid", "Invalid setting.")
        return JSONResponse({"id": request.path_params["id"], "label": "…", "value": self.settings[name]})

    def _one(self, things: Mapping[int, Mapping[str, Any]]) -> Any:
        def answer(request: Request, _: Any) -> Response:
            thing = things.get(request.path_params["id"])
            if thing is None or thing.get("parent_id") != request.path_params.get("parent", 0):
                raise WooError(404, "woocommerce_rest_product_invalid_id", "Invalid ID.")
            return JSONResponse(_only(thing, request))

        return answer

    def _list(self, kind: str, things: Mapping[int, Mapping[str, Any]]) -> Any:
        return lambda request, _: self._paged(kind, things.values(), request)

    def _variations(self, request: Request, _: Any) -> Response:
        parent = request.path_params["parent"]
        if parent not in self.products:
            raise WooError(404, "woocommerce_rest_product_invalid_id", "Invalid ID.")
        return self._paged(
            "variations", (each for each in self.variations.values() if each["parent_id"] == parent), request
        )

    def _all_variations(self, request: Request, _: Any) -> Response:
        if not self.follows:
            raise WooError(404, "rest_no_route", "No route was found matching the URL and request method.")
        return self._paged("variations", self.variations.values(), request)

    def _paged(self, kind: str, things: Iterable[Mapping[str, Any]], request: Request) -> Response:
        query = dict(request.query_params)
        unknown = query.keys() - _PARAMETERS[kind]
        if unknown:
            raise WooError(400, "rest_invalid_param", f"Invalid parameter(s): {', '.join(sorted(unknown))}")
        page, size = _whole(query, "page", 1, 10**6), _whole(query, "per_page", 10, 100)
        found = sorted(
            (each for each in things if self._fits(kind, each, query)), key=lambda each: each["id"]
        )
        pages = -(-len(found) // size)
        shown = [
            _only(each, request)
            for each in found[(page - 1) * size : page * size]
            if each["id"] not in self.hides
        ]
        return JSONResponse(shown, headers={"X-WP-Total": str(len(found)), "X-WP-TotalPages": str(pages)})

    def _fits(self, kind: str, thing: Mapping[str, Any], query: Mapping[str, str]) -> bool:
        if query.get("status", "any") not in _STATUSES | _ORDER_STATUSES:
            raise WooError(400, "rest_invalid_param", "Invalid parameter(s): status")
        if {"after", "modified_after"} & query.keys() and query.get("dates_are_gmt") != "true":
            raise WooError(400, "test", "the site's own time zone is another one")
        return (
            query.get("status", "any") in ("any", thing.get("status"))
            and ("modified_after" not in query or thing["date_modified_gmt"] > query["modified_after"])
            and ("after" not in query or thing["date_created_gmt"] > query["after"])
            and query.get("sku", thing.get("sku")) == thing.get("sku")
            and query.get("global_unique_id", thing.get("global_unique_id")) == thing.get("global_unique_id")
        )

    def _orders(self, request: Request, body: Any) -> Response:
        if request.method == "GET":
            return self._paged("orders", self.orders.values(), request)
        id_ = 100 + len(self.orders)
        order = {
            "id": id_, "status": "pending", "currency": "EUR", "total": "0.00", "line_items": [], "fee_lines": [],
            "shipping_lines": [], "meta_data": [], "date_paid": None, "transaction_id": "", **self._stamps(),
        }  # fmt: skip
        self._write(order, body, is_new=True)
        self.orders[id_] = order
        return JSONResponse(order, 201)

    def _order(self, request: Request, body: Any) -> Response:
        order = self.orders.get(request.path_params["id"])
        if order is None:
            raise WooError(404, "woocommerce_rest_shop_order_invalid_id", "Invalid ID.")
        if request.method == "PUT":
            self._write(order, body, is_new=False)
            order.update({**self._stamps(), "date_created_gmt": order["date_created_gmt"]})
        return JSONResponse(order)

    def _write(self, order: dict[str, Any], body: Mapping[str, Any], *, is_new: bool) -> None:
        _require(body, "order")
        for kind, nulled in _NULLED.items():
            for line in body.get(kind, ()):
                _require(line, kind)
                self._line(order, kind, line, nulled)
        for meta in body.get("meta_data", ()):
            _require(meta, "meta_data")
            order["meta_data"] = [each for each in order["meta_data"] if each["key"] != meta["key"]]
            order["meta_data"].append({"id": len(order["meta_data"]) + 1, **meta})
        order.update(
            {
                name: body[name]
                for name in ("currency", "payment_method", "payment_method_title")
                if name in body
            }
        )
        order["total"] = str(self._total(order))
        if "status" in body:
            if body["status"] not in _ORDER_STATUSES:
                raise WooError(400, "rest_invalid_param", "Invalid parameter(s): status")
            order["status"] = body["status"]
        if body.get("set_paid") is True and order["status"] in ("pending", "failed"):
            order.update(status="processing", transaction_id=body.get("transaction_id", ""))
        if order["status"] in ("processing", "completed"):
            order["date_paid"] = order["date_paid"] or self._now.isoformat()

    def _line(self, order: dict[str, Any], kind: str, line: Mapping[str, Any], nulled: str) -> None:
        if "id" in line and line.get(nulled, "") is None:
            order[kind] = [each for each in order[kind] if each["id"] != line["id"]]
            return
        if "id" in line:
            raise WooError(400, "test", "changes of single lines are not what the connector does")
        if kind == "line_items":
            self._require_product(line)
        Decimal(line["total"])
        id_ = 1 + max((each["id"] for lines in _NULLED for each in order[lines]), default=0)
        order[kind].append({"id": id_, **line})

    def _require_product(self, line: Mapping[str, Any]) -> None:
        variation = line.get("variation_id")
        known = self.variations.get(variation) if variation else self.products.get(line["product_id"])
        if known is None or (variation and known["parent_id"] != line["product_id"]):
            raise WooError(
                400, "woocommerce_rest_required_product_reference", "Product ID or SKU is required."
            )
        if type(line["quantity"]) is not int:
            raise WooError(400, "rest_invalid_param", "line_items[0][quantity] is not of type integer.")

    def _total(self, order: Mapping[str, Any]) -> Decimal:
        total = sum((Decimal(line["total"]) for lines in _NULLED for line in order[lines]), Decimal(0))
        for line in order["line_items"]:
            product = self.variations.get(line.get("variation_id") or 0) or self.products[line["product_id"]]
            rate = self.rate(product)
            total += (Decimal(line["total"]) * rate / 100).quantize(_CENT, ROUND_HALF_UP)
        return total.quantize(_CENT, ROUND_HALF_UP)

    def rate(self, product: Mapping[str, Any]) -> Decimal:
        if product["tax_status"] != "taxable" or self.settings["general/woocommerce_calc_taxes"] != "yes":
            return Decimal(0)
        rates = [tax for tax in self.taxes.values() if tax["class"] == (product["tax_class"] or "standard")]
        return Decimal(rates[0]["rate"]) if rates else Decimal(0)


def meta(order: Mapping[str, Any], name: str) -> Any:
    return next((each["value"] for each in order["meta_data"] if each["key"] == name), None)


def _only(thing: Mapping[str, Any], request: Request) -> Mapping[str, Any]:
    fields = request.query_params.get("_fields")
    return {name: thing[name] for name in fields.split(",") if name in thing} if fields else thing


def _require(body: Mapping[str, Any], kind: str) -> None:
    unknown = body.keys() - _WRITABLE[kind]
    if unknown:
        raise WooError(400, "rest_invalid_param", f"Invalid parameter(s): {', '.join(sorted(unknown))}")


def _whole(query: Mapping[str, str], name: str, default: int, most: int) -> int:
    text = query.get(name, str(default))
    if not text.isdigit() or not 1 <= int(text) <= most:
        raise WooError(400, "rest_invalid_param", f"Invalid parameter(s): {name}")
    return int(text)
