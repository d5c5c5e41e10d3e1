"""More ways to break a good node in one thing: what it reads, what it answers, what it refuses."""

import contextlib
import json
from collections.abc import Callable
from typing import Any

from kit.broken.layer import Answer, Asked, How, Reply
from smarts.wire.operations import Operation

When = Callable[[Any], bool]
_PROBLEM = {"content-type": "application/problem+json"}
_REFUSALS = {404, 409, 422}


def always(_: Any) -> bool:
    return True


def failing(operation: Operation, when: When = always, status: int = 500) -> How:
    """Answers such requests with a status."""
    return _instead(
        operation, lambda asked, _: Reply(status, _PROBLEM, _told(status)) if when(asked) else None
    )


def failing_again(operation: Operation, key: Callable[[Any], object], status: int = 409) -> How:
    """Does such requests once, and answers those with the same key with a status."""
    seen: set[object] = set()

    def instead(asked: Any, _: Reply) -> Reply | None:
        if key(asked) in seen:
            return Reply(status, _PROBLEM, _told(status))
        seen.add(key(asked))
        return None

    return _instead(operation, instead)


def answering(operation: Operation, change: Callable[[Any, Any], Any], when: When = always) -> How:
    """Changes the documents that answer such requests; `change` takes the answer and what was asked."""

    def instead(asked: Any, found: Reply) -> Reply | None:
        return found.with_json(change(found.json, asked)) if found.status == 200 and when(asked) else None

    return _instead(operation, instead)


def putting(operation: Operation, when: When = always, **fields: Any) -> How:
    """Puts fields into the documents that answer such requests."""
    return answering(operation, lambda document, _: document | fields, when)


def reading(operation: Operation, change: Callable[[Any], Any]) -> How:
    """Changes what is asked before the good node sees it."""

    async def how(asked: Asked, answer: Answer) -> Reply:
        if asked.of(operation):
            with contextlib.suppress(ValueError, TypeError, AttributeError):
                asked = asked.with_json(change(asked.json))
        return await answer(asked)

    return how


def refusing(operation: Operation, change: Callable[[Any], Any], status: int = 0) -> How:
    """Changes the problem documents of refusals, or their status."""

    def instead(_: Any, found: Reply) -> Reply | None:
        if found.status not in _REFUSALS:
            return None
        return Reply(status or found.status, found.headers).with_json(change(found.json))

    return _instead(operation, instead)


def instead_of_refusing(operation: Operation, status: int, document: Any, when: When = always) -> How:
    """Answers what the good node refuses with a status and a document."""

    def instead(asked: Any, found: Reply) -> Reply | None:
        if found.status not in _REFUSALS or not when(asked):
            return None
        return Reply(status).with_json(document)

    return _instead(operation, instead)


def refusing_wrong_types(operation: Operation, change: Callable[[Any], Any], status: int = 422) -> How:
    """Refuses what has the wrong shape with another status or problem document."""

    async def how(asked: Asked, answer: Answer) -> Reply:
        found = await answer(asked)
        if not asked.of(operation) or not _is_wrong_shape(found):
            return found
        return Reply(status, found.headers).with_json(change(found.json))

    return how


def _instead(operation: Operation, reply: Callable[[Any, Reply], Reply | None]) -> How:
    """Answers otherwise, unless the good node has found that the request is no document of the right shape."""

    async def how(asked: Asked, answer: Answer) -> Reply:
        found = await answer(asked)
        if not asked.of(operation) or found.status in {400, 401} or _is_wrong_shape(found):
            return found
        return reply(asked.json, found) or found

    return how


def _is_wrong_shape(found: Reply) -> bool:
    return found.status == 422 and found.json["type"] == "wrong-shape"


def _told(status: int) -> bytes:
    return json.dumps({"type": "broken", "title": "Broken.", "status": status, "detail": "Broken."}).encode()


def without(document: Any, *names: str) -> Any:
    return {name: value for name, value in document.items() if name not in names}
