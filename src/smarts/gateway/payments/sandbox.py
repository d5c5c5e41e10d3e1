"""The built-in sandbox: a provider that takes no money and does as its test cards say."""

from decimal import Decimal

from smarts.gateway.payments import store
from smarts.gateway.payments.providers import Charge, Charged, Outcome
from smarts.gateway.storage.database import Database

APPROVED_CARD = "4242424242424242"
DECLINED_CARD = "4000000000000002"
LOST_ANSWER_CARD = "4000000000000259"
LOST_REQUEST_CARD = "4000000000000341"

# What happens to the money, and whether the answer arrives.
_CARDS = {
    APPROVED_CARD: (Outcome.APPROVED, True),
    DECLINED_CARD: (Outcome.DECLINED, True),
    LOST_ANSWER_CARD: (Outcome.APPROVED, False),
    LOST_REQUEST_CARD: (Outcome.DECLINED, False),
}


class Sandbox:
    """Keeps its books in the database, as a real provider keeps them elsewhere."""

    method = "SANDBOX"

    def __init__(self, database: Database) -> None:
        self._database = database

    async def charge(self, charge: Charge) -> Charged:
        """Does as the test card says; no card is the approved one, an unknown card is declined."""
        card = (charge.card or APPROVED_CARD).replace(" ", "")
        outcome, answers = _CARDS.get(card, (Outcome.DECLINED, True))
        async with self._database.connection() as connection:
            kept = await store.sandbox_keep(connection, charge.id, outcome, charge.amount, charge.currency)
        return _told(kept) if answers else Charged(Outcome.UNKNOWN, "The provider did not answer in time")

    async def find(self, charge_id: str) -> Charged:
        """What became of a charge."""
        async with self._database.connection() as connection:
            return _told(await store.sandbox_keep(connection, charge_id, Outcome.DECLINED, Decimal(0), ""))


def _told(kept: str) -> Charged:
    outcome = Outcome(kept)
    return Charged(outcome, "" if outcome is Outcome.APPROVED else "The card was declined")
