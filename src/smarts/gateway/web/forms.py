"""What people send by pressing a button, and what was wrong with it, field by field."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from msgspec.structs import replace
from starlette.datastructures import ImmutableMultiDict
from starlette.requests import Request

from smarts.edge.problems import NOT_FOUND, TOO_LARGE, invalid, malformed
from smarts.wire.codec import decode, encode
from smarts.wire.errors import FieldError, MalformedError, Problem

T = TypeVar("T")
Form = ImmutableMultiDict[str, str]

_LARGEST = 1024 * 1024  # bytes; a list of parcel machines is long
_MOST_FIELDS = 1000
_NUMBER = re.compile(r"[-−]?\d{1,15}(?:[.,]\d{1,32})?", re.ASCII)
_TYPE = "application/x-www-form-urlencoded"


async def read_form(request: Request) -> Form:
    """The fields of a form; read once, and empty where the body is something else.

    Raises:
        ProblemError: 413 or 422, no page of ours sends such a thing.
    """
    if not hasattr(request.state, "form"):
        is_form = request.headers.get("content-type", "").partition(";")[0].strip() == _TYPE
        request.state.form = _parsed(await read_body(request, _LARGEST)) if is_form else Form()
    form: Form = request.state.form
    return form


async def read_body(request: Request, largest: int) -> bytes:
    """The body, of so many bytes at most.

    Raises:
        ProblemError: 413, it is larger.
    """
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > largest:
            raise TOO_LARGE.error(f"At most {largest} bytes are read.")
        chunks.append(chunk)
    return b"".join(chunks)


def _parsed(body: bytes) -> Form:
    try:
        fields = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS
        )
    except ValueError:
        raise invalid("form", "Expected the fields of a form in UTF-8") from None
    if any("\0" in value for _, value in fields):
        raise invalid("form", "Expected text without NUL characters")
    return Form(fields)


def filled(form: Form, kind: type[T]) -> T:
    """What a form says, as an object with the fields' names.

    Raises:
        ProblemError: 422, naming the field that makes no sense.
    """
    return shaped({name: form[name].strip() for name in form}, kind)


def shaped(document: Mapping[str, Any], kind: type[T]) -> T:
    """What a form says, put together as a document of the API, as an object; refused as the API would.

    Raises:
        ProblemError: 422, naming the field that makes no sense.
    """
    try:
        return decode(encode(document), kind)
    except MalformedError as error:
        raise malformed(error) from None


def number_or_text(typed: str) -> Decimal | str:
    """A number as people type it, with a point or a comma; what is none stays text, which no number field takes."""
    if not _NUMBER.fullmatch(typed):
        return typed
    return Decimal(typed.replace(",", ".").replace("−", "-"))


def at_top(problem: Problem) -> Problem:
    """The problem with the document's own field named, where something deep inside that is wrong."""
    tops = (re.sub(r"^(\$\.\w+).*", r"\1", error.path) for error in problem.errors)
    named = zip(tops, problem.errors, strict=True)
    return replace(problem, errors=tuple(FieldError(path, error.message) for path, error in named))


def field_errors(problem: Problem | None) -> Mapping[str, str]:
    """What is wrong with each field, by the field's name: the last one in the path that the problem names."""
    return {error.path.rpartition(".")[2]: error.message for error in problem.errors} if problem else {}


def path_parameter(request: Request, name: str) -> str:
    """A parameter of the address, or a 404 where it cannot be the id of anything."""
    value: str = request.path_params[name]
    if "\0" in value or len(value) > 200:
        raise NOT_FOUND.error()
    return value
