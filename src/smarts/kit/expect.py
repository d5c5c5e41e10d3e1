"""What checks expect of answers, in words that say what was seen instead."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from smarts.kit.check import Unmet, Unseen
from smarts.kit.exchange import Answer
from smarts.kit.schemas import response_schema, violations
from smarts.kit.subject import Case
from smarts.wire.operations import Operation

_SHOWN = 200  # characters of a body
_DONE = range(200, 300)
_REFUSED = range(400, 500)


async def document(case: Case, operation: Operation, asked: Any = None, **how: Any) -> Any:
    """Does an operation and gives the document that answers it.

    Raises:
        Unmet: the status is not 200, or the document is not as its schema says.
    """
    answer = await case.ask(operation, asked, **how)
    return read(answer, operation)


def read(answer: Answer, operation: Operation) -> Any:
    """The document in an answer to an operation; raises as `document` does."""
    require_status(answer, 200)
    found = json_of(answer)
    name = response_schema(operation)
    wrong = violations(name, found)
    if wrong:
        words = "; ".join(f"{path}: {what}" for path, what in wrong[:3])
        raise Unmet(f"a document as the schema {name} says", words)
    return found


def json_of(answer: Answer) -> Any:
    """The JSON in an answer; raises `Unmet` where it holds none."""
    try:
        return answer.json()
    except (ValueError, RecursionError) as error:
        raise Unmet("JSON in UTF-8", f"{error}: {excerpt(answer)}") from None


async def done(case: Case, operation: Operation, asked: Any, **how: Any) -> Answer:
    """Does an operation that is answered with a status alone; raises `Unmet` where it is none of 200 to 299."""
    answer = await case.ask(operation, asked, **how)
    require_status(answer, *_DONE, words="a status from 200 to 299")
    return answer


def require_status(answer: Answer, *statuses: int, words: str = "") -> None:
    """Raises `Unmet` where an answer has none of these statuses."""
    if answer.status not in statuses:
        raise Unmet(words or " or ".join(map(str, statuses)), excerpt(answer))


def require_refusal(answer: Answer, *, or_done: bool = False) -> None:
    """Raises `Unmet` where an answer is no clean refusal, with a status from 400 to 499."""
    allowed: Collection[int] = {*_REFUSED, *(_DONE if or_done else ())}
    expected = "a status from 200 to 299 or 400 to 499" if or_done else "a status from 400 to 499"
    require_status(answer, *allowed, words=expected)


@contextmanager
def needed(requirement_id: str) -> Iterator[None]:
    """What only prepares a check: where it fails, the check has nothing to look at, and another requirement tells."""
    try:
        yield
    except Unmet as unmet:
        raise Unseen(f"see {requirement_id}: expected {unmet.expected}, seen {unmet.seen}") from None


def excerpt(answer: Answer) -> str:
    """An answer in one line: status, type, where it leads to, and how its body begins."""
    text = answer.body[:_SHOWN].decode(errors="replace")
    more = " …" if len(answer.body) > _SHOWN else ""
    way = f" to {answer.headers['location']}" if "location" in answer.headers else ""
    return f"{answer.status}{way} {answer.content_type} {' '.join(text.split())}{more}".strip()
