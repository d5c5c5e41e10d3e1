"""The project that `smarts node new` makes: a copy of the folder `project`, without what was not chosen."""

import re
import secrets
from collections.abc import Collection, Iterator, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable

from smarts.wire.nodes import Feature

OPTIONAL = tuple(feature for feature in Feature if feature not in {Feature.NODE, Feature.PRODUCT_SEARCH})
PRIVATE = frozenset({".env"})
_NAME = "my-store"
_FILES_OF_SEVERAL = {
    "club.py": frozenset({Feature.LOYALTY_CARDS, Feature.LOYALTY_BONUS}),
    "books.py": frozenset({Feature.INVOICES, Feature.RECEIPTS, Feature.ORDERS}),
}
_ONLY = re.compile(r" *(?:#|<!--) only: ([\w, -]+?)(?: -->)?$", re.MULTILINE)
_SMARTS = re.compile(r"^(smarts(?:\[\w+\])?)$", re.MULTILINE)


def project(name: str, features: Collection[Feature], source: str) -> Mapping[str, str]:
    """The texts of a project's files by their paths; `source` is where pip gets Smarts, as a requirement ends."""
    chosen = {
        path: _without_the_rest(text, features)
        for path, text in _templates(files(__package__) / "project")
        if _is_chosen(path, features)
    }
    texts = {path: text.replace(_NAME, name) for path, text in chosen.items()}
    for path in ("requirements.txt", "requirements-dev.txt"):
        texts[path] = _SMARTS.sub(lambda found: found[1] + source, texts[path])
    return {**texts, ".env": f"NODE_TOKEN={secrets.token_urlsafe(32)}\n"}


def _templates(folder: Traversable, above: str = "") -> Iterator[tuple[str, str]]:
    # Names with a dot would be read as settings of our own repository, and are left out of packages.
    for each in folder.iterdir():
        path = above + each.name.replace("dot-", ".")
        if each.is_file():
            yield path, each.read_text("utf-8")
        elif each.name != "__pycache__":
            yield from _templates(each, f"{path}/")


def _is_chosen(path: str, features: Collection[Feature]) -> bool:
    """Whether a file is for everybody, or for a feature that was chosen."""
    of = _FILES_OF_SEVERAL.get(path, {each for each in OPTIONAL if path in _files_of(each)})
    return not of or not of.isdisjoint(features)


def _files_of(feature: Feature) -> tuple[str, str]:
    module = feature.value.replace("-", "_")
    return f"{module}.py", f"tests/test_{module}.py"


def _without_the_rest(text: str, features: Collection[Feature]) -> str:
    """Lines may end with the features that they are there for."""
    lines = []
    for line in text.splitlines(keepends=True):
        found = _ONLY.search(line)
        if not found or not {Feature(each) for each in found[1].split(", ")}.isdisjoint(features):
            lines.append(_ONLY.sub("", line))
    return "".join(lines)
