"""Checks of the reversed direction's tokens, errors and bodies."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

from smarts.kit.check import Unmet
from smarts.kit.exchange import Answer
from smarts.kit.gateway.looks import check
from smarts.kit.gateway.stage import Stage, document_of, require, require_status
from smarts.kit.gateway.stories import an_order, locked
from smarts.kit.subject import Case
from smarts.wire.operations import (
    CHANGE_ORDER_STATUS,
    FIND_ORDER,
    FIND_ORDER_BY_INSTITUTION_INVOICE,
    FIND_ORDER_BY_INVOICE,
    RESEND_CHECK,
    SEND_CHECK_RESULT,
    TO_GATEWAY,
    Operation,
)

_PIECE, _PIECES = 1024 * 1024, 16
_DEEP = 100_000
_CONTENT_TYPES = (
    "application/json",
    "application/json;charset=UTF-8",
    "application/json; charset=utf-8",
    'Application/JSON ; charset="utf-8"',
)


def _somewhere(operation: Operation) -> Operation:
    """The operation with an id that nothing has, where its path has one."""
    head, brace, _ = operation.path.partition("{")
    return replace(operation, path=head + (str(uuid4()) if brace else ""))


def _of_check(stage: Stage, invoice_id: str = "", **changes: Any) -> dict[str, Any]:
    return {
        "invoiceId": invoice_id or str(uuid4()),
        "institutionId": stage.subject.store.institution_id,
        "status": "PASSED",
    } | changes


async def _require_everywhere(stage: Stage, token: str, status: int) -> None:
    for operation in TO_GATEWAY:
        answer = await stage.merchant(_somewhere(operation), _of_check(stage), token=token)
        if answer.status != status:
            raise Unmet(f"{status} from {operation.method} /v1{operation.path}", str(answer.status))


@check("gateway.token.missing")
async def no_token(case: Case) -> None:
    """Calls every operation without a token."""
    await _require_everywhere(Stage(case), "", 401)


@check("gateway.token.unknown")
async def unknown_token(case: Case) -> None:
    """Calls every operation with an invented token."""
    await _require_everywhere(Stage(case), f"conformance-{uuid4()}", 401)


@check("gateway.token.other-store")
async def token_of_another_store(case: Case) -> None:
    """Names a store with the token of another."""
    stage = Stage(case)
    other, mine = stage.subject.second_store(), stage.subject.store.institution_id
    begun = await locked(stage)
    require_status(await stage.result(begun.invoice_id, "PASSED", store=other, institution_id=mine), 403)
    require_status(await stage.resend(begun.invoice_id, store=other, institution_id=mine), 403)
    order = await an_order(stage)
    require_status(await stage.move(order.order_id, "CONFIRMED", store=other, institution_id=mine), 403)


@check("gateway.token.isolation")
async def what_is_not_its_own(case: Case) -> None:
    """Looks for a store's checks and orders as another store."""
    stage = Stage(case)
    other, begun, order = stage.subject.second_store(), await locked(stage), await an_order(stage)
    require_status(await stage.result(begun.invoice_id, "PASSED", store=other), 404)
    require_status(await stage.resend(begun.invoice_id, store=other), 404)
    require_status(await stage.move(order.order_id, "CONFIRMED", store=other), 404)
    require_status(await stage.find(FIND_ORDER, order.order_id, store=other), 404)
    require_status(await stage.find(FIND_ORDER_BY_INVOICE, order.cart["invoiceId"], store=other), 404)
    cart = await begun.shopper.look(begun.cart)
    require(cart["state"] == "LOCKED", "a cart that is still LOCKED", cart["state"])


def _require_problem(answer: Answer, status: int) -> dict[str, Any]:
    require_status(answer, status)
    require(
        answer.content_type == "application/problem+json", "application/problem+json", answer.content_type
    )
    told = document_of(answer, status)
    for name, kind in (("type", str), ("title", str), ("status", int), ("detail", str)):
        if not isinstance(told.get(name), kind):
            raise Unmet(f"{name} in the problem", f"{told}")
    require(told["status"] == answer.status, f"status {answer.status} in the problem", told["status"])
    return dict(told)


@check("gateway.problem.document")
async def problems(case: Case) -> None:
    """Looks at errors of four kinds."""
    stage = Stage(case)
    _require_problem(await stage.merchant(RESEND_CHECK, _of_check(stage), token=""), 401)
    _require_problem(await stage.merchant(RESEND_CHECK, body=b"{"), 400)
    _require_problem(await stage.merchant(RESEND_CHECK, _of_check(stage)), 404)
    _require_problem(await stage.merchant(RESEND_CHECK, {}), 422)


@check("gateway.problem.not-json")
async def not_json(case: Case) -> None:
    """Sends what is not JSON."""
    stage = Stage(case)
    for body in (b"", b"{", b'{"invoiceId": NaN}', b"invoiceId=1", b'{"invoiceId": "a"} {}'):
        answer = await stage.merchant(SEND_CHECK_RESULT, body=body)
        if answer.status != 400:
            raise Unmet(f"400 to {body!r}", str(answer.status))


@check("gateway.problem.not-utf8")
async def not_utf8(case: Case) -> None:
    """Sends Latin-1."""
    stage = Stage(case)
    body = f'{{"invoiceId": "õ", "institutionId": "{stage.subject.store.institution_id}"}}'.encode("latin-1")
    require_status(await stage.merchant(RESEND_CHECK, body=body), 400)


@check("gateway.problem.content-type")
async def not_json_by_its_type(case: Case) -> None:
    """Sends JSON under other content types, and under none."""
    stage = Stage(case)
    for told in ("text/plain", "application/xml", "application/x-www-form-urlencoded", None):
        headers = {"Content-Type": told}
        answer = await stage.merchant(RESEND_CHECK, _of_check(stage), headers=headers)
        if answer.status != 415:
            raise Unmet(f"415 to the Content-Type {told}", str(answer.status))


def _require_path(answer: Answer, path: str) -> None:
    told = _require_problem(answer, 422)
    errors = told.get("errors")
    paths = [each.get("path") for each in errors] if isinstance(errors, list) else []
    require(path in paths, f"an error at {path}", errors)
    require(all(each.get("message") for each in told["errors"]), "a message with each path", errors)


@check("gateway.problem.shape")
async def wrong_shapes(case: Case) -> None:
    """Sends fields of wrong types, and values that the contract does not know."""
    stage = Stage(case)
    row = {"id": "1", "barcode": "1", "productName": "Bread", "amount": "many", "rowPrice": 1}
    wrong: tuple[tuple[dict[str, Any], str], ...] = (
        ({"status": "NONSENSE"}, "$.status"),
        ({"invoiceId": 1}, "$.invoiceId"),
        ({"products": {}}, "$.products"),
        ({"products": [row]}, "$.products[0].amount"),
    )
    for change, path in wrong:
        _require_path(await stage.merchant(SEND_CHECK_RESULT, _of_check(stage, **change)), path)


@check("gateway.problem.missing-field")
async def missing_fields(case: Case) -> None:
    """Leaves each required field out."""
    stage = Stage(case)
    whole = {
        SEND_CHECK_RESULT: _of_check(stage),
        RESEND_CHECK: {"invoiceId": "1", "institutionId": stage.subject.store.institution_id},
        CHANGE_ORDER_STATUS: {
            "orderId": "1",
            "institutionId": stage.subject.store.institution_id,
            "status": "CONFIRMED",
        },
    }
    for operation, document in whole.items():
        for name in document:
            left = {field: value for field, value in document.items() if field != name}
            answer = await stage.merchant(operation, left)
            if answer.status != 422 or name.encode() not in answer.body:
                seen = f"{answer.status} {answer.body[:200]!r}"
                raise Unmet(f"422 that names {name}, without which {operation.path} came", seen)


@check("gateway.problem.too-large")
async def too_large(case: Case) -> None:
    """Sends 16 MB."""
    stage = Stage(case)
    pieces = (b'{"invoiceId": "', *(b"1" * _PIECE,) * _PIECES, b'"}')
    require_status(await stage.merchant(RESEND_CHECK, {}, pieces=pieces, seconds=30), 413)


@check("gateway.problem.nested")
async def nested(case: Case) -> None:
    """Sends a hundred thousand lists in each other."""
    body = b'{"products": ' + b"[" * _DEEP + b"]" * _DEEP + b"}"
    require_status(await Stage(case).merchant(SEND_CHECK_RESULT, body=body), 400, 413, 422)


@check("gateway.problem.path")
async def unknown_path(case: Case) -> None:
    """Calls a path that there is none of."""
    stage = Stage(case)
    require_status(await stage.merchant(replace(RESEND_CHECK, path="/control/nonsense"), {}), 404)


@check("gateway.problem.method")
async def unknown_method(case: Case) -> None:
    """Deletes what can only be posted, gets what can only be posted."""
    stage = Stage(case)
    for method in ("DELETE", "GET"):
        operation = replace(RESEND_CHECK, method=method, request=None)
        require_status(await stage.merchant(operation), 404, 405)


@check("gateway.content.charset")
async def charsets(case: Case) -> None:
    """Asks for a document under every spelling of the content type."""
    stage = Stage(case)
    begun = await locked(stage)
    document = {"invoiceId": begun.invoice_id, "institutionId": stage.subject.store.institution_id}
    for told in _CONTENT_TYPES:
        answer = await stage.merchant(RESEND_CHECK, document, headers={"Content-Type": told})
        if answer.status != 200:
            raise Unmet(f"200 with the Content-Type {told}", str(answer.status))


@check("gateway.content.answers")
async def content_of_answers(case: Case) -> None:
    """Looks at the answers with a document."""
    stage = Stage(case)
    begun, order = await locked(stage), await an_order(stage)
    for answer in (await stage.resend(begun.invoice_id), await stage.find(FIND_ORDER, order.order_id)):
        document_of(answer, 200)
        require(answer.content_type == "application/json", "application/json", answer.content_type)


@check("gateway.content.unknown-fields")
async def unknown_fields(case: Case) -> None:
    """Sends a field that nobody knows."""
    stage = Stage(case)
    begun = await locked(stage)
    answer = await stage.result(begun.invoice_id, "PASSED", shelf={"aisle": 4, "marks": [1.5, None, True]})
    require_status(answer, 200, 204)


@check("gateway.find.unknown")
async def unknown_orders(case: Case) -> None:
    """Looks for orders by ids that nothing has."""
    stage = Stage(case)
    for operation in (FIND_ORDER, FIND_ORDER_BY_INVOICE, FIND_ORDER_BY_INSTITUTION_INVOICE):
        for wanted in (str(uuid4()), "nonsense", "%00%ff"):
            answer = await stage.find(operation, wanted)
            if answer.status != 404 and (answer.status not in (400, 422) or "%" not in wanted):
                raise Unmet(f"404 from {operation.path} with {wanted}", str(answer.status))
