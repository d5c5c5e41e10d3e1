"""The 12-character campaign code: for whom a campaign is, and what it changes (section 5)."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from smarts.campaigns.sentences import RefusedError

EVERYBODY = "00000000"
"""The card part of a campaign that asks for no card."""

_CARD_LENGTH = len(EVERYBODY)
_KEPT_CODES = 4096
_CODE = re.compile(r"([CUB])([!-~]{8})(\d{3})", re.ASCII)


class Client(StrEnum):
    """Who a campaign is for; one page of the documentation swaps U and B, its examples read as here."""

    CLIENTS = "C"
    UNAUTHENTICATED = "U"
    BOTH = "B"

    # As that of `Kind`: by client, too, campaigns are looked up for every cart.
    __hash__ = str.__hash__


class Kind(StrEnum):
    """What a campaign changes; a leading 0 is product based, a leading 5 institution based.

    `inputs` are the names that its operation may use, in the order in which it is called with them; the last one is
    what it changes. `turn` orders the kinds on one row.
    """

    AMOUNT = "001", 1, ("amount",)
    UNIT_PRICE = "002", 2, ("amount", "unitPrice")
    TOTAL = "501", 3, ("total",)
    AMOUNT_TOTAL = "502", 3, ("amount", "total")

    turn: int
    inputs: tuple[str, ...]
    is_product_based: bool

    def __new__(cls, digits: str, turn: int, inputs: tuple[str, ...]) -> "Kind":
        """A kind by its digits in the code."""
        kind = str.__new__(cls, digits)
        kind._value_ = digits
        kind.turn = turn
        kind.inputs = inputs
        kind.is_product_based = digits.startswith("0")
        return kind

    # Operations are looked up by kind for every campaign of every line, and Enum's own hash is written in Python.
    __hash__ = str.__hash__


_KINDS = {kind.value: kind for kind in Kind}


class CodeRefusedError(RefusedError):
    """A text that is no campaign code."""


@dataclass(frozen=True, slots=True)
class Buyer:
    """What decides which campaigns are for a shopper.

    `client`: linked a loyalty card of the merchant. `card_codes`: the machine-readable codes of the linked cards.
    """

    client: bool
    card_codes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class CampaignCode:
    """A campaign code; `card` is left-padded with zeros to 8 characters, all zeros for everybody."""

    client: Client
    card: str
    kind: Kind

    @classmethod
    def parse(cls, text: str) -> "CampaignCode":
        """Reads a code such as `B00000000002`.

        Raises:
            CodeRefusedError: it is not of this form, or of a kind that the standard does not have.
        """
        if len(text) != 12:
            raise CodeRefusedError(
                "A campaign code has 12 characters, this one has %(count)s.", count=len(text)
            )
        return _parsed(text)

    def __str__(self) -> str:
        return f"{self.client}{self.card}{self.kind}"

    def strikes(self, buyer: Buyer) -> bool:
        """Whether the campaign is for this shopper."""
        return self.admits_client(buyer) and self.admits_card(buyer)

    def admits_client(self, buyer: Buyer) -> bool:
        """Whether it is for clients, or unauthenticated shoppers, as this one is."""
        return self.client is Client.BOTH or (self.client is Client.CLIENTS) == buyer.client

    def admits_card(self, buyer: Buyer) -> bool:
        """Whether it asks for no card, or for one that the shopper has."""
        return self.card == EVERYBODY or any(
            code.rjust(_CARD_LENGTH, "0") == self.card for code in buyer.card_codes
        )


@lru_cache(_KEPT_CODES)
def _parsed(text: str) -> CampaignCode:
    parts = _CODE.fullmatch(text)
    if parts is None:
        raise CodeRefusedError(
            "A campaign code is C, U or B, then 8 characters for the card, then 3 digits for the kind."
        )
    client, card, kind = parts.groups()
    if kind not in _KINDS:
        raise CodeRefusedError(
            "There is no campaign kind %(kind)s: the kinds are %(kinds)s.", kind=kind, kinds=", ".join(_KINDS)
        )
    return CampaignCode(Client(client), card, _KINDS[kind])
