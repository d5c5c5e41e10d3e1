"""Checks of how bad requests are refused."""

import json
from collections.abc import Iterator
from typing import Any

from smarts.kit.asked import golden, page, search
from smarts.kit.check import Unmet, check
from smarts.kit.checks.node import NOT_JSON
from smarts.kit.checks.tokens import require_problem
from smarts.kit.exchange import Answer, Exchange, Request
from smarts.kit.expect import excerpt, json_of, require_refusal, require_status
from smarts.kit.subject import Case
from smarts.wire import operations
from smarts.wire.operations import TOKEN_HEADER, Operation

_LARGE = 6 * 1024 * 1024
_DEEP = 100_000


def _posted(case: Case) -> Iterator[Operation]:
    return (operation for operation in case.subject.operations if operation.request is not None)


@check("errors.not-json")
async def not_json(case: Case) -> None:
    """Sends half a document, and none at all, to each operation."""
    for operation in _posted(case):
        for body in (NOT_JSON, b""):
            require_status(await case.ask(operation, body=body), 400)


@check("errors.content-type")
async def content_type(case: Case) -> None:
    """Says that the body is plain text, or a form."""
    for operation in _posted(case):
        for name in ("text/plain", "application/x-www-form-urlencoded"):
            asked = golden(case, operation)
            answer = await case.ask(operation, asked, headers={"Content-Type": name})
            require_status(answer, 415, words=f"415 for {name}")


@check("errors.shape")
async def shape(case: Case) -> None:
    """Sends a list, a number and null in place of a document."""
    for operation in _posted(case):
        for body in (b"[]", b"17", b"null"):
            require_status(await case.ask(operation, body=body), 422)


@check("errors.path")
async def path(case: Case) -> None:
    """Sends a list in place of a text, and looks for the field's name."""
    for operation in _posted(case):
        asked, field = _with_wrong_field(case, operation)
        answer = await case.ask(operation, asked)
        require_status(answer, 422)
        if not any(named.endswith(f".{field}") for named in _paths(answer)):
            raise Unmet(f"errors with a path that ends with .{field}", excerpt(answer))


def _with_wrong_field(case: Case, operation: Operation) -> tuple[Any, str]:
    asked = page(case) if operation is operations.PRODUCT_SEARCH else golden(case, operation)
    holder = asked["request"] if operation is operations.PRODUCT_SEARCH else asked
    field = next(name for name in reversed(holder) if isinstance(holder[name], str))
    holder[field] = ["no", "text"]
    return asked, field


def _paths(answer: Answer) -> list[str]:
    found = json_of(answer)
    errors = found.get("errors") if isinstance(found, dict) else None
    if not isinstance(errors, list):
        return []
    return [str(error.get("path")) for error in errors if isinstance(error, dict)]


@check("errors.problem")
async def problem(case: Case) -> None:
    """Looks at the document of each kind of refusal."""
    for how in (
        {"body": NOT_JSON},
        {"body": b"[]"},
        {"body": b"{}", "headers": {"Content-Type": "text/plain"}},
    ):
        require_problem(await case.ask(operations.PRODUCT_SEARCH, **how))
    unknown = search(case, barcode="0000000000000")
    answer = await case.ask(operations.PRODUCT_BY_BARCODE, unknown)
    if answer.status != 200:
        require_problem(answer)


@check("errors.unknown-path")
async def unknown_path(case: Case) -> None:
    """Asks at an address that nobody has."""
    answer = await _answered(case, case.request(operations.VERSION), path="/conformance/no-such-address")
    require_status(answer, 404)


@check("errors.method")
async def method(case: Case) -> None:
    """Gets what is to be posted, and deletes."""
    for word in ("GET", "DELETE"):
        request = case.request(operations.PRODUCT_SEARCH, page(case))
        answer = await _answered(case, request, method=word)
        require_status(answer, 404, 405)


async def _answered(case: Case, like: Request, *, method: str = "GET", path: str = "") -> Answer:
    url = case.subject.address.rstrip("/") + path if path else like.url
    headers = {TOKEN_HEADER: case.subject.token, "Accept": "application/json"}
    exchange = await case.send(Request(method, url, headers, secret=like.secret), 5.0)
    if exchange.answer is None:
        raise Unmet("an answer", exchange.trouble, exchange)
    return exchange.answer


async def _send_large(case: Case) -> Exchange:
    body = json.dumps(search(case, name="x")).encode().replace(b'"x"', b'"' + b"x" * _LARGE + b'"')
    operation = operations.PRODUCTS_BY_NAME
    exchange = await case.send(case.request(operation, body=body), operation.deadline)
    case.subject.silence.note(operation, answered=exchange.answer is not None, usual=False)
    return exchange


@check("errors.large")
async def large(case: Case) -> None:
    """Sends 6 MB, which the node may read, refuse or break off, and then asks as usual."""
    exchange = await _send_large(case)
    if exchange.answer is not None:
        require_refusal(exchange.answer, or_done=True)
    elif exchange.timed_out:
        raise Unmet("a refusal, or an end of the connection", exchange.trouble, exchange)
    require_status(await case.ask(operations.PRODUCT_SEARCH, page(case)), 200, words="200 afterwards")


@check("errors.large.status")
async def large_status(case: Case) -> None:
    """Sends 6 MB and looks at the status."""
    exchange = await _send_large(case)
    if exchange.answer is None:
        raise Unmet("413", exchange.trouble, exchange)
    require_status(exchange.answer, 413)


@check("errors.deep")
async def deep(case: Case) -> None:
    """Sends lists within lists, and a field that holds them."""
    nested = b"[" * _DEEP + b"]" * _DEEP
    for body in (nested, b'{"unknown": ' + nested + b', "request": {}}'):
        require_refusal(await case.ask(operations.PRODUCT_SEARCH, body=body), or_done=body is not nested)


@check("errors.utf8")
async def utf8(case: Case) -> None:
    """Sends Latin-1."""
    for operation in (operations.PRODUCT_BY_BARCODE, operations.PRODUCTS_BY_NAME):
        body = json.dumps(search(case, barcode="ä", name="ä"), ensure_ascii=False).encode("latin-1")
        require_refusal(await case.ask(operation, body=body))


@check("errors.nul")
async def nul(case: Case) -> None:
    """Sends texts with NUL in them."""
    for operation in (operations.PRODUCT_BY_BARCODE, operations.PRODUCTS_BY_NAME):
        answer = await case.ask(operation, search(case, barcode="1\0", name="a\0b"))
        require_refusal(answer, or_done=True)


@check("errors.duplicates")
async def duplicates(case: Case) -> None:
    """Names a field twice, with different values."""
    body = json.dumps(search(case, barcode="1")).encode()[:-1] + b', "barcode": "2"}'
    require_refusal(await case.ask(operations.PRODUCT_BY_BARCODE, body=body), or_done=True)


@check("errors.numbers")
async def numbers(case: Case) -> None:
    """Asks for pages whose numbers nobody has."""
    for number in (b"1e400", b"9" * 5_000, b"NaN", b"-Infinity", b"1.5", b'"one"'):
        body = json.dumps(page(case, number=0)).encode().replace(b'"page": 0', b'"page": ' + number)
        answer = await case.ask(operations.PRODUCT_SEARCH, body=body)
        require_refusal(answer)
