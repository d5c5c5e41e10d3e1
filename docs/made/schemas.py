"""Types in words, with links to the data objects that they are made of."""

from collections.abc import Callable, Iterable
from typing import Any

from made.markdown import anchor, link, table

Schema = dict[str, Any]
Place = Callable[[str], str]


def words(schema: Schema, place: Place) -> str:
    """A schema in words; `place` tells where the object of a name is described."""
    if "$ref" in schema:
        name = name_of(schema["$ref"])
        return link(name, place(name))
    if "anyOf" in schema:
        return " or ".join(words(part, place) for part in schema["anyOf"] if part != {"type": "null"})
    if "enum" in schema:
        return " ".join(f"`{value}`" for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {words(schema.get('items', {}), place)}"
    if isinstance(schema.get("additionalProperties"), dict):
        return f"map to {words(schema['additionalProperties'], place)}"
    return _scalar(schema)


def _scalar(schema: Schema) -> str:
    kind = str(schema.get("format") or schema.get("type", "anything"))
    ends = [schema.get("minimum"), schema.get("maximum")]
    if None not in ends:
        kind += f" from {ends[0]} to {ends[1]}"
    return kind if "description" not in schema else f"{kind}: {schema['description'].rstrip('.')}"


def name_of(reference: str) -> str:
    """The name of the object that a `$ref` leads to."""
    return reference.rpartition("/")[2]


def below(page: str = "") -> Place:
    """Objects are described under headings of a page, by default of the same one."""
    return lambda name: f"{page}#{anchor(name)}"


def fields(schema: Schema, place: Place) -> str:
    """The fields of an object, as a table."""
    return table(("field", "", "type"), _fields(schema, place)) if schema.get("properties") else ""


def _fields(schema: Schema, place: Place) -> Iterable[tuple[str, str, str]]:
    required = schema.get("required", ())
    for name, of_field in schema["properties"].items():
        yield f"`{name}`", "required" if name in required else "", words(of_field, place)
