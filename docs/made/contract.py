"""What the pages about the contract have in common: its objects, their schemas, their golden examples."""

import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from enum import Enum
from functools import cache
from types import ModuleType
from typing import Any, get_args, get_origin

import msgspec

import smarts.wire
from made.markdown import document, folded
from made.schemas import Schema
from smarts.edge.schemas import schemas_of
from smarts.wire.codec import decode, encode
from smarts.wire.examples import example, example_names, example_object
from smarts.wire.model import Model
from smarts.wire.products import Pageable, PageRequest, Product, ProductSearchRequest

_GENERIC: Mapping[str, Any] = {
    "PageRequest": PageRequest[ProductSearchRequest],
    "Pageable": Pageable[Product],
}


def modules() -> Iterable[ModuleType]:
    """The contract's modules."""
    for found in pkgutil.iter_modules(smarts.wire.__path__):
        yield importlib.import_module(f"smarts.wire.{found.name}")


def objects_of(module: ModuleType) -> dict[str, Any]:
    """The data objects and enumerations that a module defines, in its order."""
    return {
        name: _GENERIC.get(name, member)
        for name, member in vars(module).items()
        if isinstance(member, type)
        and member.__module__ == module.__name__
        and not name.startswith("_")
        and ((issubclass(member, Model) and member is not Model) or _is_said(member))
    }


def _is_said(member: type) -> bool:
    """Whether it is an enumeration whose words stand in documents."""
    return issubclass(member, Enum) and member.__module__ != "smarts.wire.operations"


@cache
def components() -> dict[str, Schema]:
    """The schemas of all objects by name."""
    kinds = [kind for module in modules() for kind in objects_of(module).values()]
    _, found = schemas_of(kinds)
    return {own_name(name): schema for name, schema in found.items()}


def own_name(component: str) -> str:
    """The object that a component is of: `Pageable_Product_` is of `Pageable`."""
    return component.partition("_")[0]


def objects_in(kind: Any) -> list[str]:
    """The names of the objects that a request or an answer is of: one, or those of a choice."""
    members = get_args(kind) if kind is not None else ()
    if get_origin(kind) is tuple or (members and not isinstance(get_origin(kind), type)):
        return [name for member in members if member is not ... for name in objects_in(member)]
    return [(get_origin(kind) or kind).__name__]


def examples_of(name: str) -> tuple[list[str], list[str]]:
    """The golden examples of an object: those that are written so, and those that are only read."""
    kind = next(found[name] for found in map(objects_of, modules()) if name in found)
    names = [each for each in example_names() if each.partition(".")[0] == name]
    written = [each for each in names if _is_written_so(each, kind)]
    return written, [each for each in names if each not in written]


def _is_written_so(name: str, kind: Any) -> bool:
    return bool(msgspec.json.decode(encode(decode(example(name), kind))) == example_object(name))


def shown(names: Iterable[str], words: str) -> list[str]:
    """Golden examples, each folded below its name."""
    return [folded(f"{words} {name}", document(example_object(name))) for name in names]
