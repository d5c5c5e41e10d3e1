"""What happens after the shopper's request: deliveries to nodes, timers, money on its way."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from msgspec import Raw

from smarts.caller import CallFailed, Refused, TooSlow, Unreachable
from smarts.edge.problems import NODE_DOWN, NODE_SLOW
from smarts.gateway.control.service import LOCK_EXPIRES
from smarts.gateway.invoices.service import INVOICE_PAID
from smarts.gateway.journeys.check_out import CheckingOut
from smarts.gateway.journeys.order import Ordering
from smarts.gateway.journeys.pay import Paying
from smarts.gateway.journeys.privacy import PERSON_ERASED, Privacy
from smarts.gateway.journeys.receipts import Receipting
from smarts.gateway.nodes.calls import Nodes
from smarts.gateway.orders.service import ORDER_CHANGED, ORDER_DUE, ORDER_PLACED
from smarts.gateway.outbox import UNTIL_KNOWN, Delivered, Handler, Message, Outcome, RetryLater
from smarts.gateway.outbox import Refused as DeadLetter
from smarts.gateway.payments.providers import Outcome as Answer
from smarts.gateway.payments.service import (
    CAPTURE_PAYMENT,
    REFUND_PAYMENT,
    RELEASE_PAYMENT,
    SETTLE_PAYMENT,
    Payments,
)
from smarts.gateway.receipts.service import RECEIPT_NEEDED, RECEIPT_PAID
from smarts.wire.errors import ProblemError
from smarts.wire.operations import (
    CONFIRM_RECEIPT,
    RECEIVE_INVOICE,
    RECEIVE_ORDER,
    RECEIVE_ORDER_UPDATE,
    Operation,
)

_ABOUT_US = (401, 403)  # the token or the signature is refused, whatever the message: somebody will mend that
_NOT_TOLD = RetryLater("the provider does not tell", for_ever=UNTIL_KNOWN)


class Settling:
    """The handlers of the outbox's messages."""

    def __init__(
        self,
        nodes: Nodes,
        checking_out: CheckingOut,
        receipting: Receipting,
        paying: Paying,
        payments: Payments,
        ordering: Ordering,
        privacy: Privacy,
    ) -> None:
        self._nodes = nodes
        self._receipting = receipting
        self._checking_out = checking_out
        self._paying = paying
        self._payments = payments
        self._ordering = ordering
        self._privacy = privacy

    def handlers(self) -> Mapping[str, Handler]:
        """Which handler delivers which kind of message."""
        return {
            INVOICE_PAID: self._to_node(RECEIVE_INVOICE),
            RECEIPT_PAID: self._to_node(CONFIRM_RECEIPT, dispensable=False),
            RECEIPT_NEEDED: self._prepare_receipt,
            ORDER_PLACED: self._to_node(RECEIVE_ORDER),
            ORDER_CHANGED: self._to_node(RECEIVE_ORDER_UPDATE),
            ORDER_DUE: _until_known(self._ordering.expire),
            LOCK_EXPIRES: self._expire_lock,
            PERSON_ERASED: self._sweep_person,
            SETTLE_PAYMENT: _until_known(self._paying.settle),
            CAPTURE_PAYMENT: _until_known(self._ordering.settle_capture),
            RELEASE_PAYMENT: self._carry_out,
            REFUND_PAYMENT: self._carry_out,
        }

    def _to_node(self, operation: Operation, *, dispensable: bool = True) -> Handler:
        """Sends the payload to the node of the lane's store, as it was put.

        What is dispensable is not sent to a node without the feature. It waits where the node had the feature until
        lately, as it may come back; so does whatever is not dispensable.
        """

        async def send(message: Message) -> Outcome:
            try:
                answered = await self._nodes.attempt(
                    message.lane, operation, Raw(message.payload), message_id=message.id_for_receiver
                )
            except CallFailed as failure:
                if isinstance(failure, Refused) and failure.problem.type == "feature-absent":
                    return await self._without(message.lane, operation, dispensable=dispensable)
                return _after(failure)
            except ProblemError as error:
                return RetryLater(error.problem.detail, whole_lane=True)
            return Delivered(answered=answered)

        return send

    async def _without(self, institution_id: str, operation: Operation, *, dispensable: bool) -> Outcome:
        told = f"the node does not have the feature {operation.feature}"
        if dispensable and not await self._nodes.has_lost_feature(institution_id, operation.feature):
            return Delivered(told)
        return RetryLater(told)

    async def _expire_lock(self, message: Message) -> Outcome:
        await self._checking_out.expire(message.payload.decode())
        return Delivered()

    async def _prepare_receipt(self, message: Message) -> Outcome:
        try:
            await self._receipting.prepare_for_shopper(message.payload.decode())
        except ProblemError as error:
            if error.problem.status in (NODE_DOWN.status, NODE_SLOW.status):
                return RetryLater(error.problem.title, whole_lane=True)
            return Delivered(f"not made, until the shopper asks again: {error.problem.title}")
        return Delivered()

    async def _sweep_person(self, message: Message) -> Outcome:
        try:
            await self._privacy.sweep(message.payload)
        except ProblemError as error:
            return RetryLater(error.problem.title)
        return Delivered()

    async def _carry_out(self, message: Message) -> Outcome:
        answered = await self._payments.carry_out(message.payload.decode())
        match answered.outcome:
            case Answer.DONE:
                return Delivered()
            case Answer.DECLINED:
                return DeadLetter(f"the provider refuses: {answered.detail}")
        return _NOT_TOLD


def _until_known(ask: Callable[[str], Awaitable[bool]]) -> Handler:
    """Asks a payment provider, by the payment's or step's id, until it is known what became of the money."""

    async def handle(message: Message) -> Outcome:
        if await ask(message.payload.decode()):
            return Delivered()
        return _NOT_TOLD

    return handle


def _after(failure: CallFailed) -> Outcome:
    pause = None if failure.retry_after is None else timedelta(seconds=failure.retry_after)
    if isinstance(failure, Refused) and not failure.retryable and failure.problem.status not in _ABOUT_US:
        return DeadLetter(failure.detail, failure.answered)
    return RetryLater(
        failure.detail, after=pause, whole_lane=_concerns_all(failure), answered=failure.answered
    )


def _concerns_all(failure: CallFailed) -> bool:
    if isinstance(failure, Refused):
        return failure.problem.status in _ABOUT_US
    return isinstance(failure, Unreachable | TooSlow)
