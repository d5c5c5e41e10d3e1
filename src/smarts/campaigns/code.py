"""The 12-character campaign code: for whom a campaign is, and what it changes (section 5)."""

import re
from dataclasses import dataclass
from enum import StrEnum

EVERYBODY = "00000000"
"""The card part of a campaign that asks for no card."""

_CARD_LENGTH = len(EVERYBODY)
_CODE = re.compile(r"([CUB])([!-~]{8})(\d{3})", re.ASCII)


class Client(StrEnum):
    """Who a campaign is for. (One page of the documentation swaps U and B; the examples read as here.)"""

    CLIENTS = "C"
    UNAUTHENTICATED = "U"
    BOTH = "B"


class Kind(StrEnum):
    """What a campaign changes; a leading 0 is product based, a leading 5 institution based."""

    AMOUNT = "001"
    UNIT_PRICE = "002"
    TOTAL = "501"
    AMOUNT_TOTAL = "502"

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names that the campaign's operation may use, in the order in which it is called with them."""
        return _INPUTS[self]

    @property
    def changes_a_sum(self) -> bool:
        """Whether it takes and gives a total without VAT, be it a row's or the whole invoice's."""
        return self in {Kind.TOTAL, Kind.AMOUNT_TOTAL}


_INPUTS = {
    Kind.AMOUNT: ("amount",),
    Kind.UNIT_PRICE: ("amount", "unitPrice"),
    Kind.TOTAL: ("total",),
    Kind.AMOUNT_TOTAL: ("amount", "total"),
}


class CodeRefusedError(ValueError):
    """A text that is no campaign code; the message says what is wrong with it."""


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
            raise CodeRefusedError(f"A campaign code has 12 characters, this one has {len(text)}.")
        parts = _CODE.fullmatch(text)
        if parts is None:
            raise CodeRefusedError(
                "A campaign code is C, U or B, then 8 characters for the card, then 3 digits for the kind."
            )
        client, card, kind = parts.groups()
        if kind not in _KINDS:
            raise CodeRefusedError(f"There is no campaign kind {kind}: the kinds are {', '.join(_KINDS)}.")
        return cls(Client(client), card, Kind(kind))

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


_KINDS = tuple(kind.value for kind in Kind)
