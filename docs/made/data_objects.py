"""The data objects of the contract, out of their structs and golden examples."""

from types import ModuleType

from made.contract import components, examples_of, modules, objects_of, own_name, shown
from made.markdown import paragraphs
from made.schemas import below, fields, words

_HERE = below()


def markdown() -> str:
    """Each module's objects below a heading that says what they are."""
    return paragraphs(_chapter(module) for module in modules() if objects_of(module))


def _chapter(module: ModuleType) -> str:
    title = (module.__doc__ or "").splitlines()[0].partition(" (")[0].rstrip(".:")
    return paragraphs([f"## {title}", *(_object(name) for name in objects_of(module))])


def _object(name: str) -> str:
    schema = components()[name]
    written, read = examples_of(name)
    return paragraphs(
        [
            f"### {name}",
            schema.get("description", ""),
            words(schema, _place) if "enum" in schema else fields(schema, _place),
            *shown(written, "Example"),
            *shown(read, "Read too, but not written so:"),
        ]
    )


def _place(component: str) -> str:
    return _HERE(own_name(component))
