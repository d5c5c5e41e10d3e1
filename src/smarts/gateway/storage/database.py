"""The pool of connections to PostgreSQL, and the two ways to borrow one."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import timedelta
from typing import TYPE_CHECKING, NewType, Self

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from smarts.edge import tracing
from smarts.edge.failures import ExplainedError
from smarts.gateway.errors import STORAGE_UNAVAILABLE
from smarts.gateway.storage.fence import Fence, current
from smarts.wire.errors import ProblemError

_TRY_AGAIN_SECONDS = 2.0
_SERVER_ANSWERS_WITHIN = timedelta(seconds=2)
"""Beyond the time of a statement itself, which the server ends: after that the way to it swallows what is sent."""

if TYPE_CHECKING:
    Connection = PoolConnectionProxy[asyncpg.Record]
    _Pool = asyncpg.Pool[asyncpg.Record]
else:
    Connection = PoolConnectionProxy
    _Pool = asyncpg.Pool

# Only `Database.transaction` makes one, so that a function which asks for it cannot be called outside.
Transaction = NewType("Transaction", Connection)
"""A connection inside a transaction: goes wherever a `Connection` does, but not the other way round."""

_UNAVAILABLE: tuple[type[Exception], ...] = (
    ConnectionError,
    asyncpg.PostgresConnectionError,
    asyncpg.InternalClientError,  # a connection used just when the server's farewell arrived
    asyncpg.OperatorInterventionError,  # the server stops, starts, or the statement took too long
    asyncpg.InsufficientResourcesError,  # too many connections, out of memory, disk full
)


class StorageUnavailableError(ProblemError, ExplainedError):
    """The database cannot be reached, or not in time: try again later.

    Callers are answered a 503 without the reason, which is for the log.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(STORAGE_UNAVAILABLE.error("Try again in a moment").problem, _TRY_AGAIN_SECONDS)
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


class Database:
    """A pool of connections. Made by `open`.

    Within a fence (`storage/fence.py`) only the rows of some stores are there, and single statements of one borrowing
    are committed together.
    """

    def __init__(self, pool: _Pool, acquire_timeout: timedelta, *, fenced: bool = True) -> None:
        self._pool = pool
        self._acquire_timeout = acquire_timeout
        self._fenced = fenced

    def unfenced(self) -> "Database":
        """The same for what is nobody's own: who somebody is, and what is remembered for all requests alike."""
        return Database(self._pool, self._acquire_timeout, fenced=False)

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        url: str,
        *,
        application_name: str = "smarts",
        connections: int = 10,
        statement_timeout: timedelta = timedelta(seconds=10),
        acquire_timeout: timedelta = timedelta(seconds=10),
    ) -> AsyncIterator[Self]:
        """Connect, and close every connection at the end.

        Args:
            url: a PostgreSQL connection URL. Pooling proxies that do not keep a session are not supported.
            application_name: what the server's own views call these connections.
            connections: the most that are open at a time; more users wait for one.
            statement_timeout: the longest one statement may run, or a transaction stand idle.
            acquire_timeout: the longest a user waits for a free connection.

        Raises:
            StorageUnavailableError: the server cannot be reached.
        """
        milliseconds = str(int(statement_timeout.total_seconds() * 1000))
        patience = (statement_timeout + _SERVER_ANSWERS_WITHIN).total_seconds()
        with _translated(OSError, TimeoutError):
            pool = await asyncpg.create_pool(
                url,
                min_size=1,
                max_size=connections,
                timeout=acquire_timeout.total_seconds(),
                command_timeout=patience,
                reset=_leave_as_it_is,
                server_settings={
                    "application_name": application_name,
                    "timezone": "UTC",
                    "statement_timeout": milliseconds,
                    "idle_in_transaction_session_timeout": milliseconds,
                },
            )
        try:
            yield cls(pool, acquire_timeout)
        finally:
            await _close(pool)

    def in_use(self) -> dict[str, int]:
        """How many connections are used and idle at this moment, and how many there may be."""
        idle = self._pool.get_idle_size()
        return {"used": self._pool.get_size() - idle, "idle": idle, "most": self._pool.get_max_size()}

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """Borrow a connection for single statements, each of which is committed by itself.

        Raises:
            StorageUnavailableError: no connection could be had in time, or it broke.
        """
        with tracing.span("database", "CLIENT"):
            async with self._borrowed() as connection:
                yield connection

    @asynccontextmanager
    async def _borrowed(self) -> AsyncIterator[Connection]:
        with _translated(OSError, TimeoutError, asyncpg.InterfaceError):
            connection = await self._pool.acquire(timeout=self._acquire_timeout.total_seconds())
        fence = current() if self._fenced else None
        try:
            with _translated(TimeoutError), _given_up_where_silent(connection):
                if fence is None:
                    yield connection
                else:
                    async with _within(fence, connection):
                        yield connection
        except asyncpg.InterfaceError as error:
            if _is_open(connection):
                raise
            message = f"the connection to the database broke: {error}"
            raise StorageUnavailableError(message) from error
        finally:
            # Fails where the connection was lost just now: then the pool has released it already.
            with suppress(asyncpg.InternalClientError):
                await asyncio.shield(self._pool.release(connection))

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Begin a transaction: committed at the end of the block, rolled back by an exception.

        Keep it short, and call nothing over the network inside.

        Raises:
            StorageUnavailableError: no connection could be had in time, or it broke; when it broke at the very
                end, the transaction may have been committed.
        """
        async with self.connection() as connection:
            if self._fenced and current():
                yield Transaction(connection)  # which has begun already
                return
            async with connection.transaction():
                with _given_up_where_silent(connection):
                    yield Transaction(connection)


@asynccontextmanager
async def _within(fence: Fence, connection: Connection) -> AsyncIterator[None]:
    try:
        with _given_up_where_silent(connection):
            await connection.execute(fence.begin)
            yield
            await connection.execute("COMMIT")
    except BaseException:
        with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            await connection.execute("ROLLBACK")
        raise
    finally:
        # Nobody else may get a connection that is still within.
        if _is_open(connection) and connection.is_in_transaction():
            connection.terminate()


def _is_open(connection: Connection) -> bool:
    try:
        return not connection.is_closed()
    except asyncpg.InterfaceError:  # the pool has thrown it away already
        return False


async def _leave_as_it_is(_connection: object) -> None:
    """Save the round trip that would undo session settings, as nobody makes any: all end with a transaction."""


async def _close(pool: _Pool) -> None:
    try:
        with _translated(TimeoutError):
            async with asyncio.timeout(5):
                await pool.close()
    except StorageUnavailableError:
        pool.terminate()


@contextmanager
def _given_up_where_silent(connection: Connection) -> Iterator[None]:
    """A connection on which a statement was not answered in time is not used again, not even to roll back."""
    try:
        yield
    except TimeoutError:
        if _is_open(connection):
            connection.terminate()
        raise


@contextmanager
def _translated(*more: type[Exception]) -> Iterator[None]:
    try:
        yield
    except (*_UNAVAILABLE, *more) as error:
        message = f"the database is not available: {str(error) or type(error).__name__}"
        raise StorageUnavailableError(message) from error
