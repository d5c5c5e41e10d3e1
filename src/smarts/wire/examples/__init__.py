"""Golden JSON documents, one or more an object of the contract: tests, documentation and demo read the same ones."""

from functools import cache
from importlib.resources import files

import msgspec


@cache
def example(name: str) -> bytes:
    """The document of an example by its file name without `.json`."""
    return files(__name__).joinpath(f"{name}.json").read_bytes()


def example_names() -> list[str]:
    """The names of all examples."""
    return sorted(file.name[:-5] for file in files(__name__).iterdir() if file.name.endswith(".json"))


def example_object(name: str) -> object:
    """The example as plain JSON values, for OpenAPI documents."""
    return msgspec.json.decode(example(name))
