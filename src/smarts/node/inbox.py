"""What the gateway sends until it has arrived is done once, however often it comes.

Such a message has an id, `webhook-id`, which is the same at every try. The inbox keeps the ids of what was done. Where
the store's method works in the inbox's database, the id and the work are committed together: either both are there or
neither is, whenever the node dies.

```python
inbox = Inbox(SQLiteFile("store.sqlite3"))

class Store:
    def receive_invoice(self, invoice, tx):  # tx is the inbox's open transaction
        tx.execute("insert into sales (id, total) values (?, ?)", (invoice.id, str(invoice.total.total_to_pay)))

node = Node(Store(), inbox=inbox, ...)
```
"""

import asyncio
import inspect
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from contextvars import copy_context
from datetime import timedelta
from typing import Any

import structlog

from smarts.edge.problems import BEING_DONE
from smarts.node.databases import InboxDatabase
from smarts.wire.errors import ProblemError

Method = Callable[..., Any]
Work = Callable[..., Awaitable[None]]

TABLE = """
create table smarts_inbox (
    id varchar(255) not null primary key,
    received_at bigint not null,
    busy_until bigint
)
"""
"""Times are milliseconds since 1970; who is done is busy until nothing."""
_LOOK = "select busy_until from smarts_inbox where id = :id"
_ADD = "insert into smarts_inbox (id, received_at, busy_until) values (:id, :now, :until)"
_FREE = "delete from smarts_inbox where id = :id and busy_until = :until"
_DONE = "update smarts_inbox set busy_until = null where id = :id"
_FORGET = "delete from smarts_inbox where received_at < :before"

_TRIES = 3
_FORGET_EVERY = 3600.0  # seconds
_log = structlog.get_logger(__name__)


class _TakenError(Exception):
    """Somebody else took the message at the same moment; the cause is what the database said."""


class Inbox:
    """Keeps which messages were done, so that a store's methods run once for each; any number of processes share it.

    A method that takes a second argument gets the open transaction, and works in it: its work is done once, surely. One
    that does not works elsewhere: it is not run again when it has returned, nor by two tries at once, but a node that
    dies between its work and the mark runs it again, so there it must be able to tell. While it runs it has the message
    for `lease`; then it is taken for dead.

    Ids are kept for `keep`, which is longer than the gateway tries by far. `threads` work at a time where the database
    is not `async`.
    """

    def __init__(
        self,
        database: InboxDatabase[Any],
        *,
        keep: timedelta = timedelta(days=90),
        lease: timedelta = timedelta(minutes=2),
        threads: int = 8,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._is_async = inspect.iscoroutinefunction(database.execute)
        self._keep = keep
        self._lease = lease
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="inbox")
        self._clock = clock
        self._has_table = False
        self._forgot_at = 0.0

    def require_fit(self, method: Method) -> None:
        """Raises ValueError where a method can never work in this inbox's transactions."""
        if self._is_async and takes_transaction(method) and not inspect.iscoroutinefunction(method):
            raise ValueError("a method that takes a transaction of an async database has to be async")

    async def once(self, message_id: str | None, method: Method, document: Any) -> None:
        """Has a method do what a message says, unless that is done; one without an id is always done.

        Raises:
            ProblemError: 409, it is being done at this moment.
        """
        if self._is_async:
            await self._done_once(message_id, method, _waited_for(method, self._threads), document)
            return
        loop = asyncio.get_running_loop()
        flow = self._done_once(message_id, method, _waited_for_in_thread(method, loop), document)
        await loop.run_in_executor(self._threads, copy_context().run, _finish, flow)

    async def _done_once(self, message_id: str | None, method: Method, work: Work, document: Any) -> None:
        await self._prepare()
        if takes_transaction(method):
            await self._repeated(lambda: self._within(message_id, work, document))
        elif message_id is None:
            await work(document)
        else:
            await self._beside(message_id, work, document)
        await self._forget()

    async def _within(self, message_id: str | None, work: Work, document: Any) -> None:
        async with self._transaction() as tx:
            if message_id is None or await self._take(tx, message_id, None):
                await work(document, tx)

    async def _beside(self, message_id: str, work: Work, document: Any) -> None:
        until = self._now() + int(self._lease.total_seconds() * 1000)

        async def take() -> bool:
            async with self._transaction() as tx:
                return await self._take(tx, message_id, until)

        if not await self._repeated(take):
            return
        try:
            await work(document)
        except Exception:
            await self._change(_FREE, id=message_id, until=until)
            raise
        await self._change(_DONE, id=message_id)

    async def _take(self, tx: Any, message_id: str, until: int | None) -> bool:
        """Whether the message is to be done, by us; a second one that adds it waits here for the first one's end."""
        for (busy_until,) in await self._execute(tx, _LOOK, id=message_id):
            if busy_until is None:
                return False
            if busy_until > self._now():
                raise BEING_DONE.error(retry_after=(busy_until - self._now()) / 1000)
            await self._execute(tx, _FREE, id=message_id, until=busy_until)
        try:
            await self._execute(tx, _ADD, id=message_id, now=self._now(), until=until)
        except Exception as error:
            raise _TakenError from error
        return True

    async def _repeated(self, attempt: Callable[[], Awaitable[Any]]) -> Any:
        for _ in range(_TRIES):
            try:
                return await attempt()
            except _TakenError as taken:
                reason = taken.__cause__ or taken
        raise reason

    async def _change(self, statement: str, **values: Any) -> None:
        async with self._transaction() as tx:
            await self._execute(tx, statement, **values)

    async def _prepare(self) -> None:
        if self._has_table:
            return
        try:
            await self._change(_LOOK, id="")
        except ProblemError:
            raise
        except Exception:  # noqa: BLE001 - every driver has its own error for a table that is not there
            await self._make_table()
        self._has_table = True

    async def _make_table(self) -> None:
        try:
            await self._change(TABLE)
        except Exception:  # noqa: BLE001 - another process may have made it at the same moment
            await self._change(_LOOK, id="")

    async def _forget(self) -> None:
        if self._clock() < self._forgot_at + _FORGET_EVERY:
            return
        self._forgot_at = self._clock()
        try:
            await self._change(_FORGET, before=self._now() - int(self._keep.total_seconds() * 1000))
        except Exception:  # noqa: BLE001 - what the message said is done nevertheless
            _log.exception("old messages could not be forgotten")

    def _now(self) -> int:
        return int(self._clock() * 1000)

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[Any]:
        opened = self._database.transaction()
        if isinstance(opened, AbstractAsyncContextManager):
            async with opened as tx:
                yield tx
        else:
            with opened as tx:
                yield tx

    async def _execute(self, tx: Any, statement: str, **values: Any) -> Sequence[Sequence[Any]]:
        rows = self._database.execute(tx, statement, values)
        return await rows if inspect.isawaitable(rows) else rows


def takes_transaction(method: Method) -> bool:
    """Whether a method wants the open transaction beside the document."""
    try:
        parameters = inspect.signature(method).parameters.values()
    except ValueError:  # what is written in C does not tell
        return False
    needed = [each for each in parameters if each.default is each.empty and each.kind in _BY_PLACE]
    return len(needed) > 1


_BY_PLACE = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def _waited_for(method: Method, threads: ThreadPoolExecutor) -> Work:
    """The method on the event loop, or in a thread where it is not `async`."""

    async def work(*arguments: Any) -> None:
        if inspect.iscoroutinefunction(method):
            await method(*arguments)
        else:
            run = copy_context().run
            await asyncio.get_running_loop().run_in_executor(threads, run, method, *arguments)

    return work


def _waited_for_in_thread(method: Method, loop: asyncio.AbstractEventLoop) -> Work:
    """The method within a thread that waits for it; one that is `async` runs on its event loop nevertheless."""

    async def work(*arguments: Any) -> None:
        result = method(*arguments)
        if inspect.iscoroutine(result):
            asyncio.run_coroutine_threadsafe(result, loop).result()

    return work


def _finish(flow: Coroutine[Any, Any, None]) -> None:
    """Runs to its end what is written as `async` but waits in no event loop: all its steps are blocking ones."""
    try:
        flow.send(None)
    except StopIteration:
        return
    raise RuntimeError("a database that is not async has waited for an event loop")
