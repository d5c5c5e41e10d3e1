"""The gateway or the worker whose messages are put beside the transaction, a moment later: what an outbox is for."""

import asyncio
from typing import Any

from smarts.gateway import outbox
from smarts.gateway.outbox import Message
from smarts.gateway.outbox import put as put_within
from smarts.gateway.settings import Settings

_LATER = 0.2
_under_way: set[asyncio.Task[None]] = set()


async def put_beside(_: Any, message: Message) -> bool:
    """Puts it as many a program does: when what it is about has been committed."""
    task = asyncio.create_task(_put_later(message))
    _under_way.add(task)
    task.add_done_callback(_under_way.discard)
    return True


async def _put_later(message: Message) -> None:
    await asyncio.sleep(_LATER)
    url = Settings.from_environment().database_url
    async with Database.open(url, connections=1) as database, database.transaction() as tx:
        await put_within(tx, message)


outbox.put = put_beside  # before anybody takes it from there

from smarts.cli import main  # noqa: E402, F401 - what is run
from smarts.gateway.storage.database import Database  # noqa: E402
