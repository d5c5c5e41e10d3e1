"""What all data objects of the contract have in common."""

from typing import Any

import msgspec


class Model(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True, gc=False):
    """A frozen data object.

    Names are camelCase on the wire. Unknown fields are ignored when reading. What is absent (`None`) is not
    written; lists are always written, also when empty. Documents are trees, so the garbage collector leaves them be.
    """


def always(default: object) -> Any:
    """A default that is written all the same: the contract wants the field to be sent."""
    return msgspec.field(default_factory=lambda: default)


def none() -> Any:
    """The default of a list field: empty, and written as `[]` all the same."""
    return always(())


def under_either_spelling() -> Any:
    """The default of a required field that may come under another spelling; the struct requires one of the two."""
    return msgspec.field(default=msgspec.UNSET)


def take_other_spelling(model: Model, field: str, other: str, missing: object) -> None:
    """Moves what was read under the other spelling of a field to the field, so that only the right one is written.

    `missing` is what the field holds where it was not there; where both were, the right spelling counts.
    """
    value = getattr(model, other)
    if value is msgspec.UNSET:
        return
    if getattr(model, field) is missing:
        msgspec.structs.force_setattr(model, field, value)
    msgspec.structs.force_setattr(model, other, msgspec.UNSET)
