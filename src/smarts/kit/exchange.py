"""What was sent and what came back, as it was on the wire."""

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_SHOWN = 2_000  # characters of a body in a command line; what is longer is sent from a file


@dataclass(frozen=True)
class Request:
    """A request, byte for byte; `secret` is what is not shown to people."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None = None
    secret: str = ""

    def curl(self) -> str:
        """A command line that sends the same; the token is a variable, `$TOKEN`."""
        words = ["curl", "--include"]
        if self.method != ("GET" if self.body is None else "POST"):
            words += ["--request", self.method]
        for name, value in self.headers.items():
            words += ["--header", f"{name}: {value}"]
        if self.body is not None:
            words += ["--data-binary", self.body.decode(errors="replace")[:_SHOWN]]
        line = " ".join(shlex.quote(word) for word in [*words, self.url])
        return line.replace(self.secret, "'\"$TOKEN\"'") if self.secret else line


@dataclass(frozen=True)
class Answer:
    """An answer; names of headers are lower case, `seconds` is from the first byte sent to the last received."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float

    @property
    def content_type(self) -> str:
        """The media type, without parameters and in lower case; empty where none is named."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def json(self) -> Any:
        """The body as plain Python values, numbers as `int` and `float`.

        Raises:
            ValueError: it is not JSON in UTF-8, or holds what JSON does not know, such as NaN.
        """
        return json.loads(self.body.decode(), parse_constant=_no_json)


def _no_json(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


@dataclass(frozen=True)
class Exchange:
    """A request and what became of it: an answer, or trouble in words."""

    request: Request
    answer: Answer | None
    trouble: str = ""
