"""What is wrong with a campaign, in a form from which every language can make its sentence."""

from collections.abc import Mapping

import msgspec

_NO_VALUES: Mapping[str, str] = {}


class Sentence(msgspec.Struct, frozen=True):
    """An English sentence, with places such as `%(name)s` for its values."""

    text: str
    values: Mapping[str, str] = _NO_VALUES

    def __str__(self) -> str:
        return self.text % self.values


SILENCE = Sentence("")
"""Stands where nothing is wrong."""


class RefusedError(ValueError):
    """Something of a campaign that does not work; `sentence` tells the store manager why.

    `position` counts the operation's characters from 1, and is one past the last where something is missing at the
    end; it is None where no place is meant.
    """

    def __init__(self, text: str, position: int | None = None, **values: object) -> None:
        self.sentence = Sentence(text, {name: str(value) for name, value in values.items()})
        self.position = position
        super().__init__(told(self.sentence, position))

    @property
    def reason(self) -> str:
        """The sentence in English."""
        return str(self.sentence)


def told(sentence: Sentence, position: int | None) -> str:
    """The sentence in English, and where."""
    return str(sentence) if position is None else f"{sentence} (At character {position}.)"
