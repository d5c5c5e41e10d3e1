"""What is secret or personal stays out of logs: hidden by the name it goes by, and by how it looks."""

import re
import sys
import threading
import traceback
from collections.abc import Iterable, Mapping, MutableMapping
from functools import lru_cache
from types import TracebackType
from typing import Any

HIDDEN = "[hidden]"
_LONGEST = 64 * 1024  # characters of one text; what is longer is cut, so that a log line has an end
_DEEPEST = 6
_SHORTEST_KNOWN = 6  # a shorter value could be a part of any word

_SECRET_NAME = re.compile(
    r"token|passw(or)?d|secret|authorization|cookie|csrf|api_?key|private_?key|(^|_)dsn$|database_?url"
    r"|card(_?number)?$|machine_?readable_?code|e_?mail|phone|signature|credential",
    re.IGNORECASE,
)
_OPEN_NAME = re.compile(r"tokens_|_tokens$|csrf_refused|card_?kind", re.IGNORECASE)

_LUHN_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def _hide_card(found: re.Match[str]) -> str:
    digits = [int(each) for each in found[0] if each.isdigit()][::-1]
    checksum = sum(digits[::2]) + sum(_LUHN_DOUBLED[each] for each in digits[1::2])
    return HIDDEN if checksum % 10 == 0 else found[0]


# Each is linear in the length of the text: what it repeats is bounded or cannot match in two ways.
_SHAPES: tuple[tuple[re.Pattern[str], Any], ...] = (
    (re.compile(r"\b(sm_[a-z]{1,20}_)[A-Za-z0-9_-]{16,}"), rf"\1{HIDDEN}"),
    (
        re.compile(r"\b((?:sk|rk|pk)_(?:live|test)_|whsec_|seti_|pm_|tok_)[A-Za-z0-9_+/=-]{6,}"),
        rf"\1{HIDDEN}",
    ),
    (re.compile(r"\b(pi_[A-Za-z0-9]{6,}_secret_)[A-Za-z0-9]+"), rf"\1{HIDDEN}"),
    (re.compile(r"\b(Bearer|Basic|Digest)\s+[A-Za-z0-9._~+/=-]{6,}", re.IGNORECASE), rf"\1 {HIDDEN}"),
    (
        re.compile(r"\b([a-z][a-z0-9+.-]{1,30}://[^\s/:@]{0,200}):[^\s/@]{1,500}@", re.IGNORECASE),
        rf"\1:{HIDDEN}@",
    ),
    (
        re.compile(
            r"(?P<quote>[\"'])([\w-]{0,40}(?:token|passw(?:or)?d|secret|authorization|cookie|csrf|api_?key|cardNumber"
            r"|email|phone)[\w-]{0,40})(?P=quote)(\s{0,3}:\s{0,3})[\"'][^\"']{0,2000}[\"']",
            re.IGNORECASE,
        ),
        rf'"\2"\3"{HIDDEN}"',
    ),
    (
        re.compile(
            r"\b((?:access_?token|token|passw(?:or)?d|pgpassword|secret|api_?key|csrf)=)(?![\w.]{1,60}[(),])[^\s&;,)\]}]{1,2000}",
            re.IGNORECASE,
        ),
        rf"\1{HIDDEN}",
    ),
    (
        re.compile(
            r"\b((?:access-?token|authorization|(?:set-)?cookie|x-csrf-token): )[^\r\n]{1,2000}",
            re.IGNORECASE,
        ),
        rf"\1{HIDDEN}",
    ),
    (re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[a-z]{2,24}\b", re.IGNORECASE), HIDDEN),
    (re.compile(r"(?<![\w-])[3-6]\d{3}(?:[ -]?\d){10,15}(?![\w-])"), _hide_card),
)
# What most values are: names, an id that is longer than any number of a card, a moment. None of the shapes is in these:
# each has a sign that these have not, or as many digits as the shortest number of a card, which is fourteen.
_HARMLESS = re.compile(
    r"(?:[A-Za-z.:-]*[0-9]){0,13}[A-Za-z.:-]*"
    r"|(?:[a-z-]{1,20}:)?(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32})"
    r"|[0-9]{4}(?:-[0-9]{2}){2}T[0-9]{2}(?::[0-9]{2}){2}\.[0-9]{6}Z"
)


class Scrubber:
    """A structlog processor, to stand after all that add what came from outside and before what renders.

    `known` are secrets of this process that look like nothing in particular, such as the token of a node.
    """

    def __init__(self, known: Iterable[str] = ()) -> None:
        longest_first = sorted(
            {each for each in known if len(each) >= _SHORTEST_KNOWN}, key=len, reverse=True
        )
        self._known = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def __call__(
        self, _logger: Any, _method: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        """The event without its secrets."""
        for name, value in event.items():
            event[name] = self._field(name, value, 0)
        return event

    def text(self, text: str) -> str:
        """A text without the secrets in it."""
        if len(text) > _LONGEST:
            text = f"{text[:_LONGEST]}… ({len(text)} characters)"
        return hide_by_shape(self._known.sub(HIDDEN, text) if self._known else text)

    def _field(self, name: object, value: Any, depth: int) -> Any:
        if value is None or isinstance(value, bool):
            return value
        if is_secret_name(str(name)):
            return HIDDEN
        return self._value(value, depth)

    def _value(self, value: Any, depth: int) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if value is None or isinstance(value, (bool, int, float)):
            return value
        if isinstance(value, Mapping) and depth < _DEEPEST:
            return {self.text(str(name)): self._field(name, each, depth + 1) for name, each in value.items()}
        if isinstance(value, (list, tuple, set, frozenset)) and depth < _DEEPEST:
            return [self._value(each, depth + 1) for each in value]
        return self.text(repr(value))


def hide_by_shape(text: str) -> str:
    """A text without what looks like a secret."""
    if _HARMLESS.fullmatch(text):
        return text
    for shape, instead in _SHAPES:
        text = shape.sub(instead, text)
    return text


@lru_cache(maxsize=4096)
def is_secret_name(name: str) -> bool:
    """Whether what goes by this name is hidden whatever it looks like; names of headers and variables count, too."""
    words = name.replace("-", "_")
    return _SECRET_NAME.search(words) is not None and _OPEN_NAME.search(words) is None


def secrets_of(environment: Mapping[str, str]) -> list[str]:
    """The values of variables whose names say that they are secret."""
    return [value for name, value in environment.items() if is_secret_name(name)]


def scrub_crashes(scrubber: Scrubber) -> None:
    """Has what nobody caught told without secrets, too: on the main thread and on all others."""

    def tell(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error or kind(), trace)
            return
        sys.stderr.write(scrubber.text("".join(traceback.format_exception(kind, error, trace))))

    sys.excepthook = tell
    threading.excepthook = lambda told: tell(told.exc_type, told.exc_value, told.exc_traceback)
