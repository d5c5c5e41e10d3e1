"""`smarts resend`: has a store's messages sent to its node again."""

from datetime import UTC, datetime
from typing import Any

from smarts.cli.database import with_gateway
from smarts.cli.output import CommandFailedError, print_document
from smarts.cli.parameters import Text
from smarts.gateway.app import Gateway
from smarts.gateway.journeys.sent import EVER
from smarts.gateway.outbox.sent import Window


def resend(
    *,
    store: Text,
    message: Text | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    delivered: bool = False,
    anew: bool = False,
    json: bool = False,
) -> None:
    """Send to a store's node again what was given up: all of it, or since a moment; or one message, delivered or not.

    Messages keep their ids, so that a node which did one does not do it twice. A thousand at most are sent at once.

    Example: `smarts resend --store 7d3f… --since 2026-11-28T08:00:00`.

    Parameters
    ----------
    store:
        The store's id.
    message:
        One message, by its id.
    since:
        What was given up at this moment or later; in UTC where it names no offset.
    until:
        What was given up before this moment; the same.
    delivered:
        With --since: what was delivered since then, too, for a node that has lost it.
    anew:
        Delivered messages come under new ids: for a node that has lost them but remembers that they were done.
    json:
        Print how many as JSON.
    """
    if message and (since or until or delivered):
        raise CommandFailedError("--message names one message; --since, --until and --delivered are for many")
    if delivered and since is None:
        raise CommandFailedError("--delivered needs --since, or all would be sent again that is kept")

    async def command(gateway: Gateway) -> dict[str, Any]:
        to = await gateway.stores.get(store)
        if message:
            await gateway.sent.resend(to, message, anew=anew)
            return {"resent": 1}
        window = Window(since=_moment(since) or EVER, until=_moment(until), delivered=delivered, anew=anew)
        return {"resent": await gateway.sent.resend_all(to, window)}

    print_document(with_gateway(command), json=json)


def _moment(typed: datetime | None) -> datetime | None:
    return typed.replace(tzinfo=UTC) if typed and typed.tzinfo is None else typed
