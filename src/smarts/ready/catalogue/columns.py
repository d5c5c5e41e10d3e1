"""Which column holds what: named by the merchant, or guessed by its name."""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from smarts.node.names import fold
from smarts.ready.catalogue.fields import FIELDS, TRANSLATED
from smarts.ready.sources import SourceError

_LANGUAGE = re.compile(r"(.+?)[ _.:-]*[(\[ _.:-]([A-Za-z]{2})[)\]]?", re.ASCII | re.DOTALL)
_REQUIRED = ("barcode",)


class Columns(NamedTuple):
    """Names of columns in the source: by field, and by field and language."""

    of: Mapping[str, str]
    translated: Mapping[str, Mapping[str, str]]

    def column(self, field: str) -> str:
        """What the merchant calls a field's column."""
        return self.of.get(field, field)


def find_columns(names: Iterable[str], named: Mapping[str, str], source: str) -> Columns:
    """The columns of a source whose header has these names.

    `named` are the merchant's names by field, `name_et` for a language's.

    Raises:
        SourceError: a named column is not there, or no column holds the barcodes or the names.
    """
    present = list(names)
    _require(named, present, source)
    of = {field: name for field, name in named.items() if field in FIELDS}
    translated: dict[str, dict[str, str]] = {field: {} for field in TRANSLATED}
    for field, name in named.items():
        if field not in FIELDS:
            translated[field.rpartition("_")[0]][field.rpartition("_")[2].upper()] = name
    taken = set(named.values())
    _guess(of, translated, [name for name in present if name not in taken])
    _require_enough(of, translated, present, source)
    return Columns(of, translated)


def _require(named: Mapping[str, str], present: list[str], source: str) -> None:
    for field, name in named.items():
        if field not in FIELDS and field.rpartition("_")[0] not in TRANSLATED:
            raise SourceError(f"[columns] has {field}, which is none of {', '.join(FIELDS)}")
        if name not in present:
            raise SourceError(
                f"{source} has no column {name}, which [columns] names for {field}; it has {_list(present)}"
            )


def _guess(of: dict[str, str], translated: dict[str, dict[str, str]], present: list[str]) -> None:
    by_name = {plain(name): name for name in reversed(present)}
    for field, usual in FIELDS.items():
        found = next((by_name[each] for each in map(plain, usual) if each in by_name), None)
        if field not in of and found:
            of[field] = found
    for name in present:
        match = _LANGUAGE.fullmatch(name)
        of_whom = match and next(
            (each for each in TRANSLATED if plain(match[1]) in map(plain, FIELDS[each])), None
        )
        if match and of_whom and name not in of.values():
            translated[of_whom].setdefault(match[2].upper(), name)


def _require_enough(
    of: Mapping[str, str], translated: Mapping[str, Mapping[str, str]], present: list[str], source: str
) -> None:
    for field in _REQUIRED:
        if field not in of:
            raise SourceError(_missing(field, present, source))
    if "name" not in of and not translated["name"]:
        raise SourceError(_missing("name", present, source))


def _missing(field: str, present: list[str], source: str) -> str:
    return (
        f"{source} has no column that is called like a {field}; it has {_list(present)}. "
        f'Name the right one in [columns]: {field} = "…"'
    )


def plain(name: str) -> str:
    """A column's name without case, accents and signs."""
    return " ".join(re.findall(r"[\w%]+", fold(name).replace("_", " ")))


def _list(names: list[str]) -> str:
    shown = ", ".join(name[:40] for name in names[:30])
    return shown + (f" and {len(names) - 30} more" if len(names) > 30 else "")
