"""What was sent to a store's node, over HTTP for its managers (`/manage/v1`)."""

from collections.abc import Sequence
from typing import Any

from smarts.edge.problems import NOT_FOUND
from smarts.edge.routes import Call, Route
from smarts.edge.security import Authenticate
from smarts.gateway import errors
from smarts.gateway.journeys.reach import Reach
from smarts.gateway.journeys.searches import MessageQuery
from smarts.gateway.journeys.sent import EVER, Resent, Sent, StoreMessage, StoreMessageInDetail
from smarts.gateway.outbox.sent import Window
from smarts.gateway.parties import Staff, Store
from smarts.wire.model import Model
from smarts.wire.times import UtcMillis


class Resend(Model, frozen=True, kw_only=True):
    """What to send again: what was given up at `since` or later, or ever, and before `until`.

    With `delivered` what arrived then, too; that comes under a new id with `anew`, for a node that has lost it but
    remembers the id.
    """

    since: UtcMillis | None = None
    until: UtcMillis | None = None
    delivered: bool = False
    anew: bool = False


class ResendQuery(Model, frozen=True, kw_only=True):
    """With `anew` a delivered message comes under a new id, for a node that has lost it but remembers the id."""

    anew: bool = False


class SentApi:
    """The handlers; a store that is not within reach is hidden."""

    def __init__(self, reach: Reach, sent: Sent) -> None:
        self._reach = reach
        self._sent = sent

    async def _store(self, call: Call[Any, Staff]) -> Store:
        return await self._reach.store(call.who, call.path["id"])

    async def messages(self, call: Call[None, Staff]) -> Any:
        """GET /manage/v1/stores/{id}/messages."""
        return await self._sent.messages(await self._store(call), call.query)

    async def message(self, call: Call[None, Staff]) -> Any:
        """GET /manage/v1/stores/{id}/messages/{messageId}."""
        return await self._sent.message(await self._store(call), call.path["messageId"])

    async def resend_message(self, call: Call[None, Staff]) -> Any:
        """POST /manage/v1/stores/{id}/messages/{messageId}/resend."""
        await self._sent.resend(await self._store(call), call.path["messageId"], anew=call.query.anew)
        return Resent(1)

    async def resend_messages(self, call: Call[Resend, Staff]) -> Any:
        """POST /manage/v1/stores/{id}/resend."""
        store, body = await self._store(call), call.body
        window = Window(since=body.since or EVER, until=body.until, delivered=body.delivered, anew=body.anew)
        return Resent(await self._sent.resend_all(store, window))


def routes(api: SentApi, manager: Authenticate[Staff]) -> Sequence[Route]:
    """The managers' rows."""
    path = "/manage/v1/stores/{id}/messages"
    # fmt: off
    return (
        Route("GET", path, api.messages, None, tuple[StoreMessage, ...],
              "What was sent to the store's node or waits to be, the latest first", "manage", manager,
              query=MessageQuery, problems=(NOT_FOUND,)),
        Route("GET", f"{path}/{{messageId}}", api.message, None, StoreMessageInDetail,
              "A message, what it says, and every attempt to deliver it", "manage", manager, problems=(NOT_FOUND,)),
        Route("POST", f"{path}/{{messageId}}/resend", api.resend_message, None, Resent,
              "Send a message again, or now where it waits", "manage", manager, query=ResendQuery,
              problems=(NOT_FOUND, errors.MESSAGE_SUPERSEDED)),
        Route("POST", "/manage/v1/stores/{id}/resend", api.resend_messages, Resend, Resent,
              "Send again what was given up, a thousand messages at most", "manage", manager, problems=(NOT_FOUND,)),
    )
    # fmt: on
