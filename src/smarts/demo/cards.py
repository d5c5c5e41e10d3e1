"""The kinds of cards that the demo store has, and who holds one: `members.csv`, people who do not exist."""

import csv
from decimal import Decimal
from functools import cache
from importlib.resources import files

import msgspec

from smarts.wire.codec import decode
from smarts.wire.examples import example
from smarts.wire.loyalty import LoyaltyCard


class Member(msgspec.Struct, frozen=True):
    """A holder of a card.

    `card` is the kind's id, `code` what campaigns know its holders by (the SKP part of their codes), `bonus` in euros
    what was on the card before this store began to count.
    """

    number: str
    card: str
    name: str
    code: str
    id_code: str
    phone: str
    email: str
    bonus: Decimal


@cache
def demo_card_kinds() -> tuple[LoyaltyCard, ...]:
    """The kinds that a gateway is to have for the demo store: one that collects a bonus, one that does not."""
    return tuple(decode(example(name), LoyaltyCard) for name in ("LoyaltyCard", "LoyaltyCard.default"))


@cache
def demo_members() -> tuple[Member, ...]:
    """All holders of the demo store's cards."""
    lines = (files(__package__) / "members.csv").read_text("utf-8").splitlines()
    return tuple(msgspec.convert(list(csv.DictReader(lines)), list[Member]))
