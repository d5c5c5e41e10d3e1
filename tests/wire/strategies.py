"""Hypothesis strategies for every struct of the wire, built from its type."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import msgspec
from hypothesis import strategies as st
from msgspec import inspect

from smarts.wire.money import LooseNumber, Number
from smarts.wire.times import TimeOfDay, TimeZone, UnixMillis, UtcMillis

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_IN_MILLISECONDS = 10**11  # March 1973; a smaller number is read as seconds
LAST_MILLISECOND = 253_402_300_799_999  # of the year 9999
ZONES = [
    "Europe/Tallinn",
    "America/Argentina/Buenos_Aires",
    "Etc/GMT+2",
    "UTC",
    "UTC+2",
    "UTC-11",
    "UTC+05:30",
]


numbers = st.builds(
    lambda digits, decimals: Decimal(f"{digits}E-{decimals}"),
    st.integers(-(10**15) + 1, 10**15 - 1),
    st.integers(0, 32),
)
moments = st.integers(FIRST_IN_MILLISECONDS, LAST_MILLISECOND).map(
    lambda unix: EPOCH + timedelta(milliseconds=unix)
)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
_CUSTOM: dict[Any, st.SearchStrategy[Any]] = {
    Number: numbers,
    LooseNumber: numbers,
    UnixMillis: moments.map(UnixMillis.of),
    UtcMillis: moments.map(UtcMillis.of),
    TimeOfDay: st.builds(TimeOfDay, st.integers(0, 23), st.integers(0, 59), st.integers(0, 59)),
    TimeZone: st.sampled_from(ZONES).map(TimeZone.read),
}


def objects(kind: Any) -> st.SearchStrategy[Any]:
    """Objects of a struct, a union of structs, or any other type of the wire."""
    return _of(inspect.type_info(kind))


def _of(kind: inspect.Type) -> st.SearchStrategy[Any]:
    return _BUILDERS[type(kind)](kind)


def _struct(kind: inspect.StructType) -> st.SearchStrategy[Any]:
    # Products hold products, so a struct is only looked into when one is made.
    return st.deferred(lambda: _struct_now(kind.cls))


@cache
def _struct_now(cls: Any) -> st.SearchStrategy[Any]:
    kind = inspect.type_info(cls)
    assert isinstance(kind, inspect.StructType)
    return st.builds(
        cls, **{field.name: _of(field.type) for field in kind.fields if not _other_spelling(field)}
    )


def _other_spelling(field: inspect.Field) -> bool:
    return isinstance(field.type, inspect.UnionType) and any(
        isinstance(one, inspect.CustomType) and one.cls is msgspec.UnsetType for one in field.type.types
    )


def _union(kind: inspect.UnionType) -> st.SearchStrategy[Any]:
    return st.one_of(*map(_of, kind.types))


def _list(kind: inspect.VarTupleType) -> st.SearchStrategy[Any]:
    return st.lists(_of(kind.item_type), max_size=2).map(tuple)


def _dict(kind: inspect.DictType) -> st.SearchStrategy[Any]:
    return st.dictionaries(
        _of(kind.key_type), _of(kind.value_type), min_size=kind.min_length or 0, max_size=kind.max_length or 3
    )


def _text(kind: inspect.StrType) -> st.SearchStrategy[Any]:
    return st.sampled_from(["ET", "EN", "RU"]) if kind.pattern else texts


_BUILDERS: dict[Any, Callable[[Any], st.SearchStrategy[Any]]] = {
    inspect.StructType: _struct,
    inspect.UnionType: _union,
    inspect.VarTupleType: _list,
    inspect.DictType: _dict,
    inspect.StrType: _text,
    inspect.IntType: lambda kind: st.integers(kind.ge, kind.le),
    inspect.BoolType: lambda _: st.booleans(),
    inspect.NoneType: lambda _: st.none(),
    inspect.DateType: lambda _: st.dates(),
    inspect.EnumType: lambda kind: st.sampled_from(kind.cls),
    inspect.CustomType: lambda kind: _CUSTOM[kind.cls],
    inspect.Metadata: lambda kind: _of(kind.type),
}
