"""Searches: a statement is made of what is asked for, so that what is not asked for keeps no index from being used."""

from typing import Self


class Conditions:
    """Conditions that all have to hold, and the values of their placeholders."""

    def __init__(self) -> None:
        self.values: list[object] = []
        self._texts: list[str] = []

    def add(self, text: str, value: object | None) -> Self:
        """Adds a condition, a constant text with `{}` where the value stands; without a value it is left out."""
        if value is not None:
            self._texts.append(text.replace("{}", self.placeholder(value)))
        return self

    def add_prefix(self, columns: tuple[str, ...], prefix: str | None) -> Self:
        """One of the columns begins with a text; an index of the class `text_pattern_ops` finds it."""
        if prefix:
            place = self.placeholder(prefix)
            begins = (f"({each} ~>=~ {place} AND {each} ~<~ ({place} || chr(1114111)))" for each in columns)
            self._texts.append(f"({' OR '.join(begins)})")
        return self

    def placeholder(self, value: object) -> str:
        """A placeholder for a value, wherever it stands in the statement."""
        self.values.append(value)
        return f"${len(self.values)}"

    def __str__(self) -> str:
        return " AND ".join(self._texts) or "true"
