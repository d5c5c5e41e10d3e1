"""JSON schemas of the wire's and our own types, as they are read and written."""

import re
from collections.abc import Iterable, Iterator
from inspect import cleandoc
from typing import Any, get_args

import msgspec

from smarts.wire.money import LooseNumber, Number
from smarts.wire.times import TimeOfDay, TimeZone, UnixMillis, UtcMillis

Schema = dict[str, Any]

_NUMBER: Schema = {"type": "number", "exclusiveMinimum": -(10**15), "exclusiveMaximum": 10**15}
_CUSTOM: dict[Any, Schema] = {
    Number: _NUMBER,
    LooseNumber: {
        "description": "A number, or the same number in a string; a number is sent.",
        "anyOf": [_NUMBER, {"type": "string", "pattern": r"^-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,15})?$"}],
    },
    UnixMillis: {
        "type": "integer",
        "minimum": 0,
        "maximum": 253_402_300_799_999,
        "description": "Unix milliseconds.",
    },
    UtcMillis: {
        "type": "string",
        "format": "date-time",
        "description": "ISO 8601 in UTC with milliseconds and `Z`.",
        "examples": ["2026-11-23T12:30:00.000Z"],
    },
    TimeOfDay: {
        "type": "string",
        "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$",
        "examples": ["22:00:00"],
    },
    TimeZone: {
        "type": "string",
        "format": "time-zone",
        "description": "An IANA name or an offset from UTC.",
        "examples": ["Europe/Tallinn", "UTC+2"],
    },
}
_CODE = re.compile(r"`(\w+)`")


def schemas_of(kinds: Iterable[Any]) -> tuple[list[Schema], dict[str, Schema]]:
    """The schemas of types, in their order, and the components that they refer to by name."""
    kinds = list(kinds)
    schemas, components = msgspec.json.schema_components(
        kinds, schema_hook=_custom, ref_template="#/components/schemas/{name}"
    )
    structs = {struct.__name__: struct for struct in _structs(msgspec.inspect.multi_type_info(kinds), set())}
    spellings = {
        field.name: field.encode_name
        for struct in structs.values()
        for field in msgspec.structs.fields(struct)
    }
    for name, component in components.items():
        if name in structs:
            _keep_one_spelling(component, structs[name])
        if "description" in component:
            text = cleandoc(component["description"])
            component["description"] = _CODE.sub(lambda match: _respelled(match, spellings), text)
    return list(schemas), components


def _custom(kind: type) -> Schema:
    return _CUSTOM[kind]


def _respelled(match: re.Match[str], spellings: dict[str, str]) -> str:
    return f"`{spellings.get(match[1], match[1])}`"


def _keep_one_spelling(component: Schema, struct: type[msgspec.Struct]) -> None:
    """Leaves out the other spellings of fields that are read too, and requires the ones that are written."""
    for field in msgspec.structs.fields(struct):
        if msgspec.UnsetType in get_args(field.type):
            del component["properties"][field.encode_name]
        elif field.default is msgspec.UNSET:
            component["required"].append(field.encode_name)


def _structs(value: Any, seen: set[int]) -> Iterator[type[msgspec.Struct]]:
    if isinstance(value, list | tuple):
        for item in value:
            yield from _structs(item, seen)
    elif isinstance(value, msgspec.inspect.Type | msgspec.inspect.Field) and id(value) not in seen:
        seen.add(id(value))
        if isinstance(value, msgspec.inspect.StructType):
            yield value.cls
        for name in value.__struct_fields__:
            yield from _structs(getattr(value, name), seen)
