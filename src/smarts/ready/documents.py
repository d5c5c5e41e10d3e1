"""Reading a TOML file strictly: all that is wrong is told at once, with the key, the line, and what is allowed."""

import difflib
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin

import msgspec

from smarts.edge.failures import ExplainedError

T = TypeVar("T", bound=msgspec.Struct)

_LARGEST = 1024 * 1024  # bytes
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_PLACE = re.compile(r" - at `\$\.?(.*)`$", re.DOTALL)
_LAST_STEP = re.compile(r"(?:\.[^.\[]+|\[\d+\])$")
_TABLE = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?")
_WORDS = {
    "str": "a text",
    "int": "a whole number",
    "array": "a list",
    "object": "a table",
    "bool": "true or false",
    "float": "a number",
    "date": "a day such as 2026-12-24",
}
_KEY = re.compile(r"""\s*([A-Za-z0-9_.-]+|"[^"]+"|'[^']+')\s*=""")


class Complaint(msgspec.Struct, frozen=True):
    """What is wrong, and where: the key as `checks.rules[0].share`, and the line where it is known."""

    key: str
    line: int | None
    reason: str

    def __str__(self) -> str:
        place = ", ".join(part for part in (self.line and f"line {self.line}", self.key) if part)
        return f"{place}: {self.reason}" if place else self.reason


class SettingsError(ExplainedError):
    """A file of settings cannot be used; the message has a line for each complaint."""

    def __init__(self, file: str, complaints: tuple[Complaint, ...]) -> None:
        self.complaints = complaints
        super().__init__("\n".join(f"{file}: {complaint}" for complaint in complaints))


def read_toml(file: Path, kind: type[T], environment: Mapping[str, str] = os.environ) -> T:
    """Reads a file as the given struct.

    `${NAME}` in a text stands for the variable NAME; a `Path` that is relative begins in the file's folder.

    Raises:
        SettingsError: the file cannot be read, or is not of this shape.
    """
    text, name = _text(file), str(file)
    try:
        document = tomllib.loads(text, parse_float=Decimal)
    except (tomllib.TOMLDecodeError, ValueError, RecursionError) as error:
        raise SettingsError(name, (Complaint("", None, f"this is no TOML: {error}"),)) from None
    reading = _Reading(_lines(text), environment, file.absolute().parent)
    document = reading.filled(document, "")
    reading.refuse_unknown(document, msgspec.inspect.type_info(kind), "")
    read = reading.converted(document, kind)
    if read is None or reading.complaints:
        raise SettingsError(name, tuple(reading.complaints))
    return read


def _text(file: Path) -> str:
    try:
        if file.stat().st_size > _LARGEST:
            raise SettingsError(str(file), (Complaint("", None, f"it is larger than {_LARGEST} bytes"),))
        return file.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise SettingsError(str(file), (Complaint("", None, "it is not written in UTF-8"),)) from None
    except OSError as error:
        reason = f"it cannot be read: {error.strerror}"
        raise SettingsError(str(file), (Complaint("", None, reason),)) from None


class _Reading:
    """One document on its way to a struct, and what was found wrong with it."""

    def __init__(self, lines: Mapping[str, int], environment: Mapping[str, str], folder: Path) -> None:
        self._lines = lines
        self._environment = environment
        self._folder = folder
        self.complaints: list[Complaint] = []

    def complain(self, key: str, reason: str) -> None:
        line = next((self._lines[place] for place in _upwards(key) if place in self._lines), None)
        self.complaints.append(Complaint(key, line, reason))

    def filled(self, value: Any, key: str) -> Any:
        """The value with the variables that it names."""
        if isinstance(value, dict):
            return {name: self.filled(item, _below(key, name)) for name, item in value.items()}
        if isinstance(value, list):
            return [self.filled(item, f"{key}[{place}]") for place, item in enumerate(value)]
        return (
            _VARIABLE.sub(lambda found: self._variable(found[1], key), value) if type(value) is str else value
        )

    def _variable(self, name: str, key: str) -> str:
        if name not in self._environment:
            self.complain(key, f"the variable {name} is not set")
        return self._environment.get(name, "unset")

    def refuse_unknown(self, value: Any, kind: msgspec.inspect.Type, key: str) -> None:
        """Complains of every key that there is not, and names those that there are."""
        if isinstance(kind, msgspec.inspect.UnionType):
            for each in kind.types:
                self.refuse_unknown(value, each, key)
        elif isinstance(kind, msgspec.inspect.VarTupleType) and isinstance(value, list):
            for place, item in enumerate(value):
                self.refuse_unknown(item, kind.item_type, f"{key}[{place}]")
        elif isinstance(kind, msgspec.inspect.StructType) and isinstance(value, dict):
            self._refuse_unknown_in(value, kind, key)

    def _refuse_unknown_in(self, table: dict[str, Any], kind: msgspec.inspect.StructType, key: str) -> None:
        known = {field.encode_name: field.type for field in kind.fields}
        for name in list(table):
            if name in known:
                self.refuse_unknown(table[name], known[name], _below(key, name))
                continue
            del table[name]
            close = difflib.get_close_matches(name, known, 1)
            meant = f"did you mean {close[0]}? " if close else ""
            allowed = ", ".join(known) or "none here"
            self.complain(_below(key, name), f"there is no such setting; {meant}there are: {allowed}")

    def converted(self, document: dict[str, Any], kind: type[T]) -> T | None:
        """The document as the struct; what is wrong in one section does not hide what is in another."""
        for field in msgspec.structs.fields(kind):
            for key, value, expected in _sections(document, field):
                self._convert(value, expected, key)
        return None if self.complaints else self._convert(document, kind, "")

    def _convert(self, value: Any, kind: Any, key: str) -> Any:
        try:
            return msgspec.convert(value, kind, dec_hook=self._read)
        except msgspec.ValidationError as error:
            found = _PLACE.search(str(error))
            within = found[1] if found else ""
            reason = _in_words(_PLACE.sub("", str(error)), kind, within)
            self.complain(_below(key, within) if within else key, reason)
            return None

    def _read(self, kind: Any, value: Any) -> Any:
        if kind is not Path:
            return kind.read(value)
        if type(value) is not str or not value or "\0" in value:
            raise ValueError("Expected the name of a file or folder")
        return self._folder / Path(value).expanduser()


def _sections(
    document: Mapping[str, Any], field: msgspec.structs.FieldInfo
) -> Iterator[tuple[str, Any, Any]]:
    """A section with its key and what is expected of it; a list's items one by one."""
    value, name = document.get(field.encode_name), field.encode_name
    if isinstance(value, list) and get_origin(field.type) is tuple:
        for place, item in enumerate(value):
            yield f"{name}[{place}]", item, get_args(field.type)[0]
    elif name in document:
        yield name, value, field.type


def _in_words(reason: str, kind: Any, within: str) -> str:
    """What msgspec complains of, as people say it, and with what is allowed where that is a few words."""
    reason = re.sub("`([^`]*)`", _kinds_in_words, reason)
    if missing := re.fullmatch(r"Object missing required field `(.*)`", reason):
        return f"`{missing[1]}` is missing"
    if not reason.startswith("Invalid enum value"):
        return reason
    allowed = ", ".join(each.value for each in _kind_at(kind, within))
    return f"Expected one of {allowed}, got {reason.removeprefix('Invalid enum value ')}"


def _kinds_in_words(found: re.Match[str]) -> str:
    kinds = [kind for kind in found[1].split(" | ") if kind != "null"]
    return " or ".join(_WORDS[kind] for kind in kinds) if set(kinds) <= set(_WORDS) else found[0]


def _kind_at(kind: Any, within: str) -> Any:
    """The type of what stands at a place in a section, without the list or the `None` around it."""
    for name in filter(None, re.split(r"\[\d+\]|\[\.\.\.\]|\.", within)):
        fields = {each.encode_name: each.type for each in msgspec.structs.fields(_bare(kind))}
        kind = fields[name]
    return _bare(kind)


def _bare(kind: Any) -> Any:
    while args := get_args(kind):
        kind = args[0]
    return kind


def _below(key: str, name: str) -> str:
    return f"{key}.{name}" if key and not name.startswith("[") else key + name


def _upwards(key: str) -> Iterator[str]:
    """The key and those above it: `a.b[0].c`, `a.b[0]`, `a`."""
    yield key
    while step := _LAST_STEP.search(key):
        key = key[: step.start()]
        yield key


def _lines(text: str) -> dict[str, int]:
    """The line of each key, as far as can be seen without reading values."""
    lines: dict[str, int] = {}
    counts: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        if header := _TABLE.match(line):
            table = _placed(header[2], header[1] == "[[", counts)
            lines.setdefault(table, number)
        elif key := _KEY.match(line):
            lines.setdefault(_below(table, key[1].strip("\"'")), number)
    return lines


def _placed(name: str, is_item: bool, counts: dict[str, int]) -> str:
    """The place of a table: `checks.rules[1]` for the second `[[checks.rules]]`, and for what stands below it."""
    if is_item:
        counts[name] = counts.get(name, -1) + 1
        return f"{name}[{counts[name]}]"
    above = next((part for part in _upwards(name) if part in counts), None)
    return name if above is None else f"{above}[{counts[above]}]{name.removeprefix(above)}"
