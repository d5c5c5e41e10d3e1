"""An Odoo as its documentation of the external API says it is: JSON-2 and JSON-RPC over the same records.

It is strict: unknown models, methods, arguments and fields are refused in the way in which Odoo refuses them.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ready.connectors.faults import Faults, LostAnswer

KEY = "0d00aa11bb22cc33dd44ee55ff6677889900aabb"
USER = "smarts@shop.example"
DATABASE = "shop"
USER_ID = 7
EURO = [1, "EUR"]
STAMP = "%Y-%m-%d %H:%M:%S"

_FIELDS: Mapping[str, frozenset[str]] = {
    "product.product": frozenset(
        [
            "id",
            "barcode",
            "display_name",
            "default_code",
            "lst_price",
            "taxes_id",
            "uom_id",
            "currency_id",
            "active",
            "sale_ok",
            "write_date",
            "categ_id",
            "product_tmpl_id",
            "to_weight",
            "pos_categ_ids",
            "public_categ_ids",
            "name",
        ]
    ),
    "product.category": frozenset(["id", "name", "parent_id"]),
    "pos.category": frozenset(["id", "name", "parent_id"]),
    "account.tax": frozenset(
        ["id", "name", "amount", "amount_type", "price_include", "company_id", "type_tax_use", "active"]
    ),
    "uom.uom": frozenset(["id", "name", "active"]),
    "res.partner": frozenset(["id", "name", "ref"]),
    "sale.order": frozenset(
        [
            "id",
            "name",
            "state",
            "amount_total",
            "currency_id",
            "client_order_ref",
            "origin",
            "order_line",
            "partner_id",
            "write_date",
            "company_id",
            "delivery_status",
        ]
    ),
    "sale.order.line": frozenset(
        ["id", "order_id", "product_id", "product_uom_qty", "price_unit", "discount"]
    ),
}
_ARGUMENTS: Mapping[str, frozenset[str]] = {
    "search_read": frozenset(["domain", "fields", "offset", "limit", "order", "context"]),
    "fields_get": frozenset(["allfields", "attributes", "context"]),
    "create": frozenset(["vals_list", "context"]),
    "write": frozenset(["vals", "context"]),
    "action_confirm": frozenset(["context"]),
    "action_cancel": frozenset(["context"]),
}
_OF_MODELS = {"search_read", "fields_get", "create"}
_CENT = Decimal("0.01")


class OdooError(Exception):
    def __init__(self, name: str, message: str, status: int) -> None:
        super().__init__(message)
        self.name, self.message, self.status = name, message, status


class OdooServer:
    """Records by model and id; times go on by a second with each change."""

    def __init__(self, *, api: str = "json-2", without: Sequence[str] = ()) -> None:
        self.faults = Faults()
        self.calls: list[tuple[str, str]] = []
        self.key = KEY
        self._api = api
        self._without = frozenset(without)
        self._now = datetime.now(UTC)
        self.records: dict[str, dict[int, dict[str, Any]]] = {model: {} for model in _FIELDS}
        self.names: dict[tuple[str, int, str], str] = {}
        routes = [
            Route("/json/2/{model}/{method}", self._json_2, methods=["POST"]),
            Route("/jsonrpc", self._json_rpc, methods=["POST"]),
        ]
        self.app = Starlette(routes=routes)

    def add(self, model: str, id_: int, **values: Any) -> int:
        """What somebody makes in Odoo's own pages."""
        self.records[model][id_] = {"id": id_, **values}
        if "write_date" in _FIELDS[model]:
            self.records[model][id_]["write_date"] = self.tick()
        return id_

    def product(self, id_: int, name: str, barcode: str | bool, price: str, **more: Any) -> int:
        """A product with usual values."""
        usual = {
            "display_name": name, "barcode": barcode, "lst_price": Decimal(price), "taxes_id": [1],
            "uom_id": [1, "Units"],
            "currency_id": EURO, "active": True, "sale_ok": True, "categ_id": [2, "All / Food"], "to_weight": False,
            "pos_categ_ids": [], "public_categ_ids": [], "product_tmpl_id": [id_ + 1000, name], "default_code": False,
        }  # fmt: skip
        return self.add("product.product", id_, **{**usual, **more})

    def change(self, model: str, id_: int, **values: Any) -> None:
        self.records[model][id_].update(values)
        if "write_date" in _FIELDS[model]:
            self.records[model][id_]["write_date"] = self.tick()

    def change_template(self, id_: int, **values: Any) -> None:
        """A change of a product that is stamped on its template alone, as before Odoo 16."""
        self.records["product.product"][id_].update(values, template_write_date=self.tick())

    def double_order(self) -> None:
        """A request to make the last order, carried out a second time."""
        last = self.records["sale.order"][max(self.records["sale.order"])]
        self.add("sale.order", last["id"] + 1, **{**last, "id": last["id"] + 1, "order_line": []})

    def tick(self) -> str:
        self._now += timedelta(seconds=1)
        return self._now.strftime(STAMP)

    @property
    def orders(self) -> list[dict[str, Any]]:
        return list(self.records["sale.order"].values())

    def lines(self, order: Mapping[str, Any]) -> list[dict[str, Any]]:
        return [self.records["sale.order.line"][id_] for id_ in order["order_line"]]

    async def _json_2(self, request: Request) -> Response:
        model, method = request.path_params["model"], request.path_params["method"]
        fault = self.faults.next(request)
        if fault and fault.kind != "lost":
            return await self.faults.answer(fault)
        try:
            self._authorise(request)
            body = await self._body(request)
            result = self._do(model, method, body.pop("ids", []), body)
        except OdooError as error:
            document = {
                "name": error.name,
                "message": error.message,
                "arguments": [error.message],
                "context": {},
                "debug": "…",
            }
            return JSONResponse(document, error.status)
        return LostAnswer() if fault else _json(result)

    async def _json_rpc(self, request: Request) -> Response:
        fault = self.faults.next(request)
        if fault and fault.kind != "lost":
            return await self.faults.answer(fault)
        body = await self._body(request)
        if body.get("jsonrpc") != "2.0" or body.get("method") != "call" or self._api != "json-rpc":
            return Response("<h1>Not Found</h1>", 404, media_type="text/html")
        try:
            result = self._dispatch(**body["params"])
        except OdooError as error:
            data = {"name": error.name, "message": error.message, "arguments": [], "debug": "…"}
            document = {"code": 200, "message": "Odoo Server Error", "data": data}
            return _json({"jsonrpc": "2.0", "id": body["id"], "error": document})
        return LostAnswer() if fault else _json({"jsonrpc": "2.0", "id": body["id"], "result": result})

    def _dispatch(self, service: str, method: str, args: list[Any]) -> Any:
        if (service, method) == ("common", "authenticate"):
            return USER_ID if args[:3] == [DATABASE, USER, self.key] else False
        database, user_id, key, model, name, positional, *named = args
        if (service, method) != ("object", "execute_kw") or (database, user_id, key) != (
            DATABASE,
            USER_ID,
            self.key,
        ):
            raise OdooError("odoo.exceptions.AccessDenied", "Access Denied", 200)
        arguments = dict(named[0]) if named else {}
        if "vals_list" in arguments or "vals" in arguments:
            raise OdooError("builtins.IndexError", "list index out of range", 200)
        ids = [] if name in _OF_MODELS else positional.pop(0)
        if positional:
            arguments["vals_list" if name == "create" else "vals"] = positional[0]
        return self._do(model, name, ids, arguments)

    def _authorise(self, request: Request) -> None:
        if self._api != "json-2":
            raise OdooError("werkzeug.exceptions.NotFound", "404 Not Found", 404)
        if request.headers.get("authorization") != f"bearer {self.key}":
            raise OdooError("werkzeug.exceptions.Unauthorized", "Invalid apikey", 401)
        if request.headers.get("x-odoo-database", DATABASE) != DATABASE:
            raise OdooError("werkzeug.exceptions.NotFound", "404 Not Found", 404)

    async def _body(self, request: Request) -> dict[str, Any]:
        if not request.headers.get("content-type", "").startswith("application/json"):
            raise OdooError("werkzeug.exceptions.UnsupportedMediaType", "415", 415)
        return msgspec.json.decode(await request.body())

    def _do(self, model: str, method: str, ids: list[int], arguments: dict[str, Any]) -> Any:
        self.calls.append((model, method))
        if model not in _FIELDS or model in self._without:
            raise OdooError("werkzeug.exceptions.NotFound", f"the model '{model}' does not exist", 404)
        if method not in _ARGUMENTS:
            raise OdooError("werkzeug.exceptions.NotFound", f"no method {method}", 404)
        unknown = arguments.keys() - _ARGUMENTS[method]
        if unknown:
            raise OdooError("builtins.TypeError", f"got an unexpected keyword argument {min(unknown)!r}", 422)
        if ids and method in _OF_MODELS:
            raise OdooError(
                "werkzeug.exceptions.UnprocessableEntity", f"cannot call {model}.{method} with ids", 422
            )
        return getattr(self, f"_{method}")(model, ids, **arguments)

    def fields_of(self, model: str) -> frozenset[str]:
        return _FIELDS[model] - self._without

    def _fields_get(self, model: str, _: list[int], attributes: list[str], context: Any = None) -> Any:
        return {name: dict.fromkeys(attributes, "char") for name in self.fields_of(model)}

    def _search_read(
        self, model: str, _: list[int], domain: list[Any], fields: list[str], order: str = "id",
        limit: int | None = None, offset: int = 0, context: Mapping[str, Any] | None = None,
    ) -> list[dict[str, Any]]:  # fmt: skip
        context = context or {}
        for field in fields:
            self._require(model, field)
        found = [each for each in self.records[model].values() if self._fits(model, each, domain)]
        if context.get("active_test", True) and "active" in _FIELDS[model]:
            named = {term[0] for term in domain if isinstance(term, list)}
            found = [each for each in found if each.get("active", True) or "active" in named]
        if order != "id":
            raise OdooError("builtins.ValueError", f"Invalid order {order}", 500)
        found.sort(key=lambda each: each["id"])
        found = found[offset : None if limit is None else offset + limit]
        return [self._shown(model, each, fields, context) for each in found]

    def _shown(
        self, model: str, record: Mapping[str, Any], fields: list[str], context: Mapping[str, Any]
    ) -> Any:
        shown = {"id": record["id"], **{field: record.get(field, False) for field in fields}}
        for field in {"display_name", "name"} & shown.keys():
            translated = self.names.get((model, record["id"], context.get("lang", "en_US")), shown[field])
            shown[field] = translated
        if (
            "display_name" in shown
            and record.get("default_code")
            and context.get("display_default_code", True)
        ):
            shown["display_name"] = f"[{record['default_code']}] {shown['display_name']}"
        return shown

    def _fits(self, model: str, record: Mapping[str, Any], domain: list[Any]) -> bool:
        terms = list(domain)
        results = []
        while terms:
            term = terms.pop(0)
            if term == "|":
                results.append(
                    self._holds(model, record, terms.pop(0)) | self._holds(model, record, terms.pop(0))
                )
            else:
                results.append(self._holds(model, record, term))
        return all(results)

    def _holds(self, model: str, record: Mapping[str, Any], term: list[Any]) -> bool:
        field, operator, value = term
        if field == "product_tmpl_id.write_date":
            found: Any = record.get("template_write_date", "")
        else:
            self._require(model, field)
            found = record.get(field, False)
        if isinstance(found, list):
            found = found[0]
        holds = {
            "=": lambda: found == value,
            "in": lambda: found in value,
            ">": lambda: found > value,
            ">=": lambda: bool(found) and found >= value,
            "=like": lambda: bool(found) and found.startswith(value.rstrip("%")),
        }
        if operator not in holds:
            raise OdooError("builtins.ValueError", f"Invalid operator {operator}", 500)
        return holds[operator]()

    def _require(self, model: str, field: str) -> None:
        if field not in self.fields_of(model):
            raise OdooError("builtins.ValueError", f"Invalid field {field!r} on model {model!r}", 500)

    def _create(
        self, model: str, _: list[int], vals_list: list[dict[str, Any]], context: Any = None
    ) -> list[int]:
        return [self._make(model, values) for values in vals_list]

    def _make(self, model: str, values: dict[str, Any]) -> int:
        if model != "sale.order":
            raise OdooError("odoo.exceptions.AccessError", f"You are not allowed to create {model}", 403)
        for field in values:
            self._require(model, field)
        if values.get("partner_id") not in self.records["res.partner"]:
            raise OdooError("odoo.exceptions.ValidationError", "Customer is required", 422)
        id_ = max(self.records[model], default=0) + 1
        order = {
            **values,
            "partner_id": [values["partner_id"], "…"],
            "state": "draft",
            "currency_id": EURO,
            "order_line": [],
        }
        self.add(
            model, id_, **{"origin": False, **order, "delivery_status": False, "amount_total": Decimal(0)}
        )
        self._command(id_, values.get("order_line", []))
        return id_

    def _write(self, model: str, ids: list[int], vals: dict[str, Any], context: Any = None) -> bool:
        for id_ in ids:
            self._exists(model, id_)
            plain = {name: value for name, value in vals.items() if name != "order_line"}
            for field in vals:
                self._require(model, field)
            self.change(model, id_, **plain)
            self._command(id_, vals.get("order_line", []))
        return True

    def _command(self, order_id: int, commands: list[Any]) -> None:
        order, lines = self.records["sale.order"][order_id], self.records["sale.order.line"]
        for command in commands:
            if command[0] == 0:
                id_ = max(lines, default=0) + 1
                lines[id_] = {"id": id_, "order_id": [order_id, "…"], **self._checked(command[2])}
                order["order_line"].append(id_)
            elif command[0] == 1:
                lines[command[1]].update(self._checked(command[2]))
            elif command[0] == 2 and order["state"] == "draft":
                order["order_line"].remove(command[1])
                del lines[command[1]]
            else:
                raise OdooError(
                    "odoo.exceptions.UserError",
                    "Once a sales order is confirmed, you can't remove one of its lines",
                    422,
                )
        order["amount_total"] = sum((self._worth(lines[id_]) for id_ in order["order_line"]), Decimal(0))

    def _checked(self, line: dict[str, Any]) -> dict[str, Any]:
        for field in line:
            self._require("sale.order.line", field)
        if "product_id" in line:
            self._exists("product.product", line["product_id"])
        exact = {name: Decimal(str(value)) for name, value in line.items() if name != "product_id"}
        if "price_unit" in exact:
            exact["price_unit"] = exact["price_unit"].quantize(_CENT, ROUND_HALF_UP)
        return {**line, **exact}

    def _worth(self, line: Mapping[str, Any]) -> Decimal:
        net = (line["product_uom_qty"] * line["price_unit"]).quantize(_CENT, ROUND_HALF_UP)
        for id_ in self.records["product.product"][line["product_id"]]["taxes_id"]:
            tax = self.records["account.tax"][id_]
            if not tax["price_include"]:
                net += (net * tax["amount"] / 100).quantize(_CENT, ROUND_HALF_UP)
        return net

    def _action_confirm(self, model: str, ids: list[int], context: Any = None) -> bool:
        for id_ in ids:
            self._exists(model, id_)
            if self.records[model][id_]["state"] not in {"draft", "sent"}:
                raise OdooError(
                    "odoo.exceptions.UserError", "It is not allowed to confirm an order in this state", 422
                )
            self.change(model, id_, state="sale")
        return True

    def _action_cancel(self, model: str, ids: list[int], context: Mapping[str, Any] | None = None) -> Any:
        for id_ in ids:
            self._exists(model, id_)
            if self.records[model][id_]["state"] == "sale" and not (context or {}).get(
                "disable_cancel_warning"
            ):
                return {"type": "ir.actions.act_window", "res_model": "sale.order.cancel"}
            self.change(model, id_, state="cancel")
        return True

    def _exists(self, model: str, id_: int) -> None:
        if id_ not in self.records[model]:
            raise OdooError("odoo.exceptions.MissingError", "Record does not exist or has been deleted.", 404)


def _json(value: Any) -> Response:
    data = msgspec.json.Encoder(decimal_format="number").encode(value)
    return Response(data, media_type="application/json; charset=utf-8")
