"""Checks of the node's token."""

from collections.abc import Mapping

from smarts.kit.asked import golden, page
from smarts.kit.check import Unmet, check
from smarts.kit.checks.node import NOT_JSON
from smarts.kit.exchange import Answer
from smarts.kit.expect import excerpt, json_of, require_status
from smarts.kit.schemas import violations
from smarts.kit.subject import Case
from smarts.wire import operations
from smarts.wire.operations import TOKEN_HEADER

_WRONG = "conformance-wrong-token"
_OF_NODES = (operations.VERSION, operations.HEALTH)


@check("tokens.missing")
async def missing(case: Case) -> None:
    """Asks for each declared operation without a token."""
    await _require_all_refused(case, {TOKEN_HEADER: None})


@check("tokens.empty")
async def empty(case: Case) -> None:
    """Sends the header without a value."""
    answer = await case.ask(operations.PRODUCT_SEARCH, page(case), headers={TOKEN_HEADER: ""})
    require_status(answer, 401)


@check("tokens.wrong")
async def wrong(case: Case) -> None:
    """Asks for each declared operation with another token."""
    await _require_all_refused(case, {TOKEN_HEADER: _WRONG})


async def _require_all_refused(case: Case, headers: Mapping[str, str | None]) -> None:
    for operation in case.subject.operations:
        if operation not in _OF_NODES:
            answer = await case.ask(operation, golden(case, operation), headers=headers)
            require_status(answer, 401)


@check("tokens.near")
async def near(case: Case) -> None:
    """Sends tokens that are nearly right."""
    token = case.subject.token
    for other in {token[:-1], f"{token}x", token.swapcase()} - {token, ""}:
        answer = await case.ask(operations.PRODUCT_SEARCH, page(case), token=other)
        require_status(answer, 401)


@check("tokens.node")
async def of_node(case: Case) -> None:
    """Asks how the node is, without a token and with a wrong one."""
    for operation in _OF_NODES:
        for token in (None, _WRONG):
            require_status(await case.ask(operation, headers={TOKEN_HEADER: token}), 401)


@check("tokens.first")
async def first(case: Case) -> None:
    """Sends nonsense without a token."""
    for operation in case.subject.operations:
        if operation.request is not None:
            answer = await case.ask(operation, body=NOT_JSON, headers={TOKEN_HEADER: None})
            require_status(answer, 401)


@check("tokens.problem")
async def problem(case: Case) -> None:
    """Looks at the document that a wrong token gets."""
    require_problem(await case.ask(operations.PRODUCT_SEARCH, page(case), token=_WRONG))


def require_problem(answer: Answer) -> None:
    """Raises `Unmet` where an answer is no problem document of its own status."""
    if answer.content_type != "application/problem+json":
        raise Unmet("application/problem+json", excerpt(answer))
    document = json_of(answer)
    wrong = violations("Problem", document)
    if wrong:
        raise Unmet("a problem document", "; ".join(f"{path}: {what}" for path, what in wrong))
    if document["status"] != answer.status:
        raise Unmet(f"the status {answer.status} in the problem, too", str(document["status"]))


@check("tokens.header")
async def header(case: Case) -> None:
    """Spells the header's name in capitals."""
    headers = {TOKEN_HEADER: None, TOKEN_HEADER.upper(): case.subject.token}
    answer = await case.ask(operations.VERSION, headers=headers)
    require_status(answer, 200)
