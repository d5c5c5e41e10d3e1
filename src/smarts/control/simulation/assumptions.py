"""What a simulation takes for true of shoppers and staff. All of it is written here, and all of it can be changed."""

from typing import Annotated

from msgspec import Meta, field
from msgspec.structs import replace

from smarts.control.pace import Pace
from smarts.wire.model import Model

Share = Annotated[float, Meta(ge=0, le=1)]
Weight = Annotated[float, Meta(ge=0, le=1000)]


class Ways(Model, frozen=True, kw_only=True, omit_defaults=False, forbid_unknown_fields=True):
    """How often, compared with each other, dishonest shoppers choose a way to pay less.

    `hides`: one or two of the dearest pieces are not scanned. `undercounts`: of several pieces of a product one is
    scanned. `swaps`: the barcode of cheap goods is scanned for dear ones. `walks`: a good part is not scanned at all.
    """

    hides: Weight = 4
    undercounts: Weight = 2
    swaps: Weight = 2
    walks: Weight = 2


class Assumptions(Model, frozen=True, kw_only=True, omit_defaults=False, forbid_unknown_fields=True):
    """Shares of shoppers and chances of mistakes.

    Honest shoppers differ: each one's chances are these times a number that is exponentially distributed around 1.
    `forgets` is the chance that a piece is not scanned, `miscounts` that of a product with several pieces one is
    scanned too few, or as likely one too many, `mistakes` that a piece of goods that are easily taken for cheaper ones
    is scanned as those. Such `pairs` exist in every store, unknown to anybody at first.

    `dishonest` is the share of shoppers who pay less on purpose in `tries` of their purchases; `walked` is the part of
    the pieces that `walks` leaves out. `familiar` is how many of their swaps use the store's pairs, where the bag has
    such goods. Who was caught stops for good with the chance `stops`. `anew` is the share of dishonest shoppers who
    come as somebody new every time.
    """

    forgets: Share = 0.003
    miscounts: Share = 0.01
    mistakes: Share = 0.03
    pairs: Annotated[int, Meta(ge=0, le=1000)] = 30
    dishonest: Share = 0.04
    tries: Share = 0.5
    ways: Ways = Ways()
    walked: Share = 0.4
    familiar: Share = 0.5
    stops: Share = 0.3
    anew: Share = 0.0
    pace: Pace = field(default_factory=Pace)


USUAL = Assumptions()

MIXES: dict[str, Assumptions] = {
    "usual": USUAL,
    "honest mistakes alone": replace(USUAL, dishonest=0.0),
    "1 % dishonest": replace(USUAL, dishonest=0.01),
    "10 % dishonest": replace(USUAL, dishonest=0.1),
    "40 % dishonest, seldom": replace(USUAL, dishonest=0.4, tries=0.05),
    "hidden goods": replace(USUAL, ways=Ways(hides=1, undercounts=0, swaps=0, walks=0)),
    "wrong counts": replace(USUAL, ways=Ways(hides=0, undercounts=1, swaps=0, walks=0)),
    "swapped barcodes": replace(USUAL, ways=Ways(hides=0, undercounts=0, swaps=1, walks=0)),
    "non-scanners": replace(USUAL, ways=Ways(hides=0, undercounts=0, swaps=0, walks=1)),
    "nobody stops": replace(USUAL, stops=0.0),
    "caught once, stops": replace(USUAL, stops=1.0),
    "dishonest come as new": replace(USUAL, anew=1.0),
    "slow counting": replace(USUAL, pace=Pace(count=2.5, miscounted=0.02)),
}
"""The usual assumptions, and others that differ in one thing: what of a result hangs on what was assumed."""
