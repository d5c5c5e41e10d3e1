"""A requirement of the contract, as data."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from smarts.wire.nodes import Feature


class Level(StrEnum):
    """How much it counts: what must be is a failure where it is not, what should be only costs score."""

    MUST = "must"
    SHOULD = "should"


class Side(StrEnum):
    """Whom it is required of."""

    NODE = "node"
    GATEWAY = "gateway"


@dataclass(frozen=True)
class Requirement:
    """One thing that the contract asks for.

    `id` is `area.what.variant`, as it is chosen by `--only`. `clause` is the section of the contract, and the name of
    the document or flow in it: `2 errors`, `3 Price`, `6.2`. `text` is a sentence that says what must be true. A node
    that does not declare `feature` is not asked.
    """

    id: str
    clause: str
    level: Level
    feature: Feature
    text: str
    side: Side = Side.NODE

    @property
    def area(self) -> str:
        """What it is about: the first part of its id, for gateways the first two."""
        parts = self.id.split(".")
        return ".".join(parts[: 1 if self.side is Side.NODE else 2])

    def chosen_by(self, choices: Iterable[str]) -> bool:
        """Whether one of the choices is its id, or the beginning of it up to a dot; no choices choose all."""
        choices = tuple(choices)
        return not choices or any(self.id == choice or self.id.startswith(f"{choice}.") for choice in choices)


def must(id_: str, clause: str, feature: Feature, text: str) -> Requirement:
    """What a node must do."""
    return Requirement(id_, clause, Level.MUST, feature, text)


def should(id_: str, clause: str, feature: Feature, text: str) -> Requirement:
    """What a node should do."""
    return Requirement(id_, clause, Level.SHOULD, feature, text)


def by_id(requirements: Iterable[Requirement]) -> Mapping[str, Requirement]:
    """The requirements by their ids, in their order.

    Raises:
        ValueError: two have the same id.
    """
    found: dict[str, Requirement] = {}
    for requirement in requirements:
        if requirement.id in found:
            raise ValueError(f"{requirement.id} is there twice")
        found[requirement.id] = requirement
    return found
