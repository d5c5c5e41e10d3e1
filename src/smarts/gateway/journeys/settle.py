"""What happens after the shopper's request: deliveries to nodes, timers, forgetting in time."""

from collections.abc import Mapping
from datetime import timedelta

from smarts.caller import CallFailed, Refused, TooSlow, Unreachable
from smarts.gateway.control.service import LOCK_EXPIRES
from smarts.gateway.invoices.service import INVOICE_PAID
from smarts.gateway.journeys.check_out import CheckingOut
from smarts.gateway.journeys.pay import Paying
from smarts.gateway.nodes.calls import Nodes
from smarts.gateway.outbox import Delivered, Handler, Message, Outcome, RetryLater
from smarts.gateway.outbox import Refused as DeadLetter
from smarts.gateway.payments.service import SETTLE_PAYMENT
from smarts.wire.codec import decode
from smarts.wire.errors import ProblemError
from smarts.wire.invoices import Invoice
from smarts.wire.operations import RECEIVE_INVOICE

_ASK_PROVIDER_AGAIN = timedelta(seconds=5)


class Settling:
    """The handlers of the outbox's messages."""

    def __init__(self, nodes: Nodes, checking_out: CheckingOut, paying: Paying) -> None:
        self._nodes = nodes
        self._checking_out = checking_out
        self._paying = paying

    def handlers(self) -> Mapping[str, Handler]:
        """Which handler delivers which kind of message."""
        return {
            INVOICE_PAID: self._send_invoice,
            LOCK_EXPIRES: self._expire_lock,
            SETTLE_PAYMENT: self._settle_payment,
        }

    async def _send_invoice(self, message: Message) -> Outcome:
        try:
            await self._nodes.attempt(message.lane, RECEIVE_INVOICE, decode(message.payload, Invoice))
        except CallFailed as failure:
            return _after(failure)
        except ProblemError as error:
            return RetryLater(error.problem.detail, whole_lane=True)
        return Delivered()

    async def _expire_lock(self, message: Message) -> Outcome:
        await self._checking_out.expire(message.payload.decode())
        return Delivered()

    async def _settle_payment(self, message: Message) -> Outcome:
        if await self._paying.settle(message.payload.decode()):
            return Delivered()
        return RetryLater("the provider does not tell", after=_ASK_PROVIDER_AGAIN)


def _after(failure: CallFailed) -> Outcome:
    pause = None if failure.retry_after is None else timedelta(seconds=failure.retry_after)
    if isinstance(failure, Refused) and failure.problem.type == "feature-absent":
        return Delivered("the node does not receive invoices")
    if isinstance(failure, Refused) and not failure.retryable:
        return DeadLetter(failure.detail)
    return RetryLater(failure.detail, after=pause, whole_lane=isinstance(failure, Unreachable | TooSlow))
