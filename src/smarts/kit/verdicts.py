"""More that checks expect: answers compared with each other, words for people, and soon."""

from typing import Any

from smarts.kit.check import Unmet, Unseen, checks
from smarts.kit.exchange import Answer, Exchange
from smarts.kit.expect import document as document_of
from smarts.kit.expect import excerpt, json_of, require_status
from smarts.kit.subject import Case
from smarts.wire.operations import Operation

_SHOWN = 200  # characters of what was seen
_SOON = 1.0  # seconds


async def needs(case: Case, requirement_id: str) -> None:
    """Looks once in a run whether the node meets another requirement, without which there is nothing to look at.

    Raises:
        Unseen: it does not.
    """

    async def find() -> str:
        try:
            await checks()[requirement_id](Case(case.subject))
        except Unmet as unmet:
            return str(unmet)
        return ""

    unmet = await case.subject.fact(f"whether {requirement_id}", find)
    if unmet:
        raise Unseen(f"see {requirement_id}: {unmet}")


async def once(case: Case, operation: Operation, asked: Any, *, name: str) -> Any:
    """The document that answers a request; it is asked for once in a run, and many checks look at it by its name."""

    async def find() -> tuple[Any, Exchange]:
        return await document_of(case, operation, asked), case.exchanges[-1]

    document, exchange = await case.subject.fact(name, find)
    if exchange not in case.exchanges[-1:]:
        case.exchanges.append(exchange)
    return document


def require(fulfilled: bool, expected: str, seen: object) -> None:
    """Raises `Unmet` where it is not fulfilled."""
    if not fulfilled:
        raise Unmet(expected, str(seen)[:_SHOWN])


def object_of(answer: Answer) -> dict[str, Any]:
    """The JSON object that answers a request, whatever its schema says."""
    require_status(answer, 200)
    found = json_of(answer)
    require(isinstance(found, dict), "a JSON object", excerpt(answer))
    document: dict[str, Any] = found
    return document


def list_of(answer: Answer) -> list[Any]:
    """The JSON list that answers a request, whatever its schema says."""
    require_status(answer, 200)
    found = json_of(answer)
    require(isinstance(found, list), "a JSON list", excerpt(answer))
    documents: list[Any] = found
    return documents


def problem_of(answer: Answer) -> dict[str, Any]:
    """The problem document of a refusal, empty where there is none."""
    try:
        found = answer.json()
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def require_alike(answer: Answer, usual: Answer) -> None:
    """The request was answered as the usual one was: taken, or refused for the same reason."""
    if _verdict(answer) != _verdict(usual):
        raise Unmet(f"what answers the usual request: {excerpt(usual)}", excerpt(answer))


def _verdict(answer: Answer) -> tuple[int, Any]:
    return answer.status, problem_of(answer).get("type") if answer.status >= 400 else None


def require_words(answer: Answer) -> None:
    """The refusal is a problem document with a sentence for people."""
    detail = problem_of(answer).get("detail")
    is_problem = answer.content_type == "application/problem+json"
    require(is_problem, "application/problem+json", excerpt(answer))
    require(isinstance(detail, str) and bool(detail.strip()), "a sentence as detail", excerpt(answer))


async def require_soon(case: Case, operation: Operation, document: Any) -> None:
    """The operation is answered within a second, the best time of three: a machine may be busy for a moment."""
    seconds = min([(await case.ask(operation, document)).seconds for _ in range(3)])
    soon = _SOON * case.subject.patience
    require(seconds <= soon, f"an answer within {soon:g} s", f"{seconds:.2f} s, the quickest of three")
