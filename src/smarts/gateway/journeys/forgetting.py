"""What is forgotten of carts in time (docs/explanation/privacy.md)."""

from datetime import datetime

from smarts.gateway.carts.model import Cart
from smarts.gateway.carts.service import Carts
from smarts.gateway.journeys.order import Ordering
from smarts.gateway.payments.rules import PaymentStatus
from smarts.gateway.payments.service import Payments
from smarts.gateway.storage.database import Database

_AT_A_TIME = 200
_MONEY_ON_ITS_WAY = (PaymentStatus.PENDING, PaymentStatus.UNKNOWN, PaymentStatus.AUTHORISED)


class Forgetting:
    """Forgets what was in carts; payments, checks and orders keep what is left of the carts they refer to."""

    def __init__(self, database: Database, carts: Carts, ordering: Ordering, payments: Payments) -> None:
        self._database = database
        self._carts = carts
        self._ordering = ordering
        self._payments = payments

    async def carts(self, before: datetime) -> None:
        """Forgets the details of carts that nobody touched since a moment, unless their money is still on its way.

        An order that was never paid for ends with its cart.
        """
        last: Cart | None = None
        while found := await self._carts.untouched(before, last, _AT_A_TIME):
            last = found[-1]
            payments = await self._payments.of_carts([cart.id for cart in found])
            needed = {payment.cart_id for payment in payments if payment.status in _MONEY_ON_ITS_WAY}
            async with self._database.transaction() as tx:
                for cart in found:
                    if cart.id not in needed and await self._carts.forget(tx, cart):
                        await self._ordering.given_up(tx, cart, self._carts.clock())
