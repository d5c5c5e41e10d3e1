"""What was sent and what came back, as it was on the wire."""

import json
import shlex
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

from smarts.edge.signatures import signed
from smarts.wire.operations import MESSAGE_ID_HEADER, TOKEN_HEADER

_KEPT = 10_000  # bytes of a body
_LONGEST = 2_000  # bytes of a body that are written into a command line
# The token without its last character, and with small letters for capitals, as a shell makes them of the token.
_SHORTER = '"${TOKEN%?}"'
_OTHER_CASE = '"$(printf %s "$TOKEN" | tr a-zA-Z A-Za-z)"'


@dataclass(frozen=True)
class Request:
    """A request, byte for byte; `secret` is what is not shown to people.

    Where there are `signing_keys` it is signed when it is sent, which is not shown: a signature is good for minutes.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None = None
    secret: str = field(default="", repr=False)
    signing_keys: tuple[bytes, ...] = field(default=(), repr=False)

    def headers_now(self, body: bytes | None) -> Mapping[str, str]:
        """The headers of the request as it is sent now with this body."""
        if not self.signing_keys:
            return self.headers
        message_id = self.headers.get(MESSAGE_ID_HEADER, uuid4().hex)
        return {**self.headers, **signed(self.signing_keys, message_id, body or b"", time.time())}

    @property
    def needs_file(self) -> bool:
        """Whether the body cannot stand in a command line: it is long, or is no text that could be typed."""
        body = self.body or b""
        try:
            return len(body) > _LONGEST or not all(
                sign.isprintable() or sign in "\n\t" for sign in body.decode()
            )
        except UnicodeDecodeError:
            return True

    def curl(self, body_file: str = "") -> str:
        """A command line that sends the same; the token is a variable, `$TOKEN`.

        `body_file` is where the body was written to, for one that needs it.
        """
        words = ["curl", "--include"]
        if self.method != ("GET" if self.body is None else "POST"):
            words += ["--request", self.method]
        for name, value in self.headers.items():
            words += ["--header", self._header(name, value)]
        if self.body is not None:
            if "content-type" not in map(str.lower, self.headers):
                words += ["--header", "Content-Type:"]  # or curl would name a type of its own
            words += self._data(self.body, body_file)
        return " ".join([*words, shlex.quote(self.url)])

    def _data(self, body: bytes, body_file: str) -> list[str]:
        if body_file:
            return ["--data-binary", shlex.quote(f"@{body_file}")]
        return ["--data-raw", shlex.quote(body.decode(errors="replace"))]

    def _header(self, name: str, value: str) -> str:
        if not value:
            return shlex.quote(f"{name};")  # this is how curl sends one that is empty
        if not self.secret or name.lower() != TOKEN_HEADER.lower():
            return shlex.quote(f"{name}: {value}")
        near = {self.secret[:-1]: _SHORTER, self.secret.swapcase(): _OTHER_CASE}
        if self.secret not in value and value in near:
            return shlex.quote(f"{name}: ") + near[value]
        first, *others = value.split(self.secret)
        return '"$TOKEN"'.join(
            [shlex.quote(f"{name}: {first}"), *(shlex.quote(part) if part else "" for part in others)]
        )


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
    """A request and what became of it: an answer, or trouble in words.

    `reached` is false where nobody could be connected to, `timed_out` is true where no whole answer came in time.
    """

    request: Request
    answer: Answer | None
    trouble: str = ""
    reached: bool = True
    timed_out: bool = False

    def shortened(self, *, whole_request: bool = False) -> "Exchange":
        """The same with the beginnings of long bodies alone, so that many can be kept."""
        request, answer = self.request, self.answer
        if request.body and len(request.body) > _KEPT and not whole_request:
            request = replace(request, body=request.body[:_KEPT])
        if answer and len(answer.body) > _KEPT:
            answer = replace(answer, body=answer.body[:_KEPT])
        return replace(self, request=request, answer=answer)
