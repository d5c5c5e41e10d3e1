"""How a gateway is broken: what its proxies do to documents, statuses and headers on their way."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from kit.gateway.checked import Checked
from kit.gateway.proxies import Answered, Asked, AskedOften

Document = Any
Bend = Callable[[Checked], None]
Change = Callable[[Any], Any]

BARCODE = "/product/search/barcode"
RESULT = "/v1/control/result"
RESEND = "/v1/control/resend"
STATUS = "/v1/pickup/order/status"


@dataclass(frozen=True)
class Broken:
    """A gateway that is good but for one thing, and the requirement that it breaks by that."""

    requirement: str
    how: str
    bend: Bend

    def __str__(self) -> str:
        return f"{self.requirement}: {self.how}"


def to_node(path: str, change: Change) -> Bend:
    """Sends changed documents to the node; `path` is an operation's, or empty for all."""

    def bend(checked: Checked) -> None:
        checked.back.request = _changed_requests(lambda asked: asked.path == path or not path, change)

    return bend


def to_gateway(part: str, change: Change) -> Bend:
    """Takes requests whose path has this part as if they held changed documents."""

    def bend(checked: Checked) -> None:
        checked.front.request = _changed_requests(lambda asked: part in asked.path, change)

    return bend


def _changed_requests(chosen: Callable[[Asked], bool], change: Change) -> Callable[[Asked], AskedOften]:
    def request(asked: Asked) -> AskedOften:
        return asked.with_json(change(asked.json())) if asked.body and chosen(asked) else asked

    return request


def from_node(path: str, change: Change) -> Bend:
    """Takes the node's answers as if they held changed documents."""

    def bend(checked: Checked) -> None:
        checked.back.answer = _changed_answers(lambda asked: asked.path == path, change)

    return bend


def from_gateway(part: str, change: Change) -> Bend:
    """Answers changed documents where the path has this part."""

    def bend(checked: Checked) -> None:
        checked.front.answer = _changed_answers(lambda asked: part in asked.path, change)

    return bend


def _changed_answers(
    chosen: Callable[[Asked], bool], change: Change
) -> Callable[[Asked, Answered], Answered]:
    def answer(asked: Asked, answered: Answered) -> Answered:
        return answered.with_json(change(answered.json())) if answered.body and chosen(asked) else answered

    return answer


def status(part: str, before: int | tuple[int, ...], after: int) -> Bend:
    """Answers with another status where the path has this part."""
    instead_of = before if isinstance(before, tuple) else (before,)

    def bend(checked: Checked) -> None:
        def answer(asked: Asked, answered: Answered) -> Answered:
            wrong = part in asked.path and answered.status in instead_of
            return replace(answered, status=after) if wrong else answered

        checked.front.answer = answer

    return bend


def refusing(text: str, after: int = 422) -> Bend:
    """Refuses requests that hold a text."""

    def bend(checked: Checked) -> None:
        def answer(asked: Asked, answered: Answered) -> Answered:
            return Answered(after, {}, b"") if text.encode() in asked.body else answered

        checked.front.answer = answer

    return bend


def with_headers(proxy: str, change: Callable[[dict[str, str]], None]) -> Bend:
    """Takes (`front`) or sends on (`back`) requests as if they had other headers; names are lower case."""

    def bend(checked: Checked) -> None:
        def request(asked: Asked) -> Asked:
            headers = {name.lower(): value for name, value in asked.headers.items()}
            change(headers)
            return replace(asked, headers=headers)

        getattr(checked, proxy).request = request

    return bend


def taking_any_answer_for_a_yes(path: str) -> Bend:
    """Never sends again what the node did not take."""

    def bend(checked: Checked) -> None:
        def answer(asked: Asked, answered: Answered) -> Answered:
            return replace(answered, status=204, body=b"") if asked.path == path else answered

        checked.back.answer = answer

    return bend


def also_sending(path: str, make: Callable[[Any], tuple[str, Any]]) -> Bend:
    """Sends something else to the node before each request for a path: `make` gives its path and document."""

    def bend(checked: Checked) -> None:
        def request(asked: Asked) -> AskedOften:
            if asked.path != path:
                return asked
            other, document = make(asked.json())
            return replace(asked, method="POST", path=other).with_json(document), asked

        checked.back.request = request

    return bend


def never_sending(path: str) -> Bend:
    """Keeps what is meant for a path to itself."""

    def bend(checked: Checked) -> None:
        checked.back.request = lambda asked: () if asked.path == path else asked

    return bend


def without(*names: str) -> Change:
    """Leaves fields out."""
    return lambda document: {name: value for name, value in document.items() if name not in names}


def having(**fields: Any) -> Change:
    """Sets fields."""
    return lambda document: document | fields


def within(name: str, change: Change) -> Change:
    """Changes the document in a field, or each of the list there."""

    def changed(document: Any) -> Any:
        inner = document.get(name)
        if inner is None:
            return document
        return document | {
            name: [change(each) for each in inner] if isinstance(inner, list) else change(inner)
        }

    return changed


def where(condition: Callable[[Any], bool], change: Change) -> Change:
    """Changes a document only where a condition holds."""
    return lambda document: change(document) if condition(document) else document


def unread(condition: Callable[[Any], bool]) -> Change:
    """Cannot read the documents of which a condition holds: sees an empty one."""
    return where(condition, lambda _: {})
