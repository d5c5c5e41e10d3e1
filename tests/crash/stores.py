"""The stores of the test, known to the node, to the staff and to the shoppers."""

from enum import StrEnum
from pathlib import Path

import msgspec


class Kind(StrEnum):
    """What is special about a store."""

    PLAIN = "plain"
    """The gateway makes the invoice, the merchant checks."""
    RECEIPTS = "receipts"
    """The merchant makes the receipt, and checks."""
    STAFF = "staff"
    """The staff check, in the gateway's own app."""
    RACE = "race"
    """Merchant and staff check at the same time, and see different things."""
    DELIVERY = "delivery"
    """Home delivery, and the merchant moves the orders on."""
    PICKUP = "pickup"
    """The merchant makes the receipt, and the staff move the orders on."""


MERCHANT_CHECKS = frozenset({Kind.PLAIN, Kind.RECEIPTS, Kind.RACE})
STAFF_CHECK = frozenset({Kind.STAFF, Kind.RACE})
MAKES_RECEIPTS = frozenset({Kind.RECEIPTS, Kind.PICKUP})
DELIVERS = frozenset({Kind.DELIVERY, Kind.PICKUP})
HAVE_STAFF = STAFF_CHECK | {Kind.PICKUP}


class TestStore(msgspec.Struct, frozen=True):
    """A store, with the tokens of its merchant and of one of its staff."""

    __test__ = False

    institution_id: str
    kind: Kind
    token: str
    staff_token: str


class Surroundings(msgspec.Struct, frozen=True):
    """What the node's process has to know."""

    gateway_url: str
    node_host: str
    node_port: int
    node_token: str
    books: str
    stores: list[TestStore]

    @classmethod
    def read(cls, file: Path) -> "Surroundings":
        """Reads them from a file."""
        return msgspec.json.decode(file.read_bytes(), type=cls)


BREAD, MILK, BEER = "4740000000014", "4740000000021", "4740000000038"


def share(text: str) -> int:
    """A number from 0 to 99, always the same for the same text."""
    return sum(text.encode()) * 37 % 100
