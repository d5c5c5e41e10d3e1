"""How fast staff are."""

from typing import Annotated

from msgspec import Meta

from smarts.wire.model import Model

Seconds = Annotated[float, Meta(ge=0, le=600)]


class Pace(Model, frozen=True, kw_only=True, omit_defaults=False, forbid_unknown_fields=True):
    """How many seconds staff need.

    To `start` with a cart, to `count` a piece, to `find` a product in the bag, to `scan` a piece, to put something
    `right`; a piece is counted wrongly with the chance `miscounted`.
    """

    start: Seconds = 20
    count: Seconds = 0.8
    find: Seconds = 3
    scan: Seconds = 3
    right: Seconds = 15
    miscounted: Annotated[float, Meta(ge=0, le=1)] = 0.002
