"""The pool of connections to PostgreSQL, and the two ways to borrow one."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, nullcontext, suppress
from datetime import timedelta
from typing import TYPE_CHECKING, NewType, Self

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from smarts.edge import tracing
from smarts.edge.failures import ExplainedError
from smarts.gateway.errors import STORAGE_UNAVAILABLE
from smarts.gateway.storage.fence import Fence, current
from smarts.gateway.storage.telling import Teller
from smarts.wire.errors import ProblemError

_TRY_AGAIN_SECONDS = 2.0
_PREPARED_STATEMENTS = 100
# Compiling costs more than it saves: our statements are short, and the one by which the driver learns of types is long
# enough to be compiled for seconds.
_UNSET = {"statement_timeout": "0", "idle_in_transaction_session_timeout": "0", "jit": "on"}
"""How a session has what it must not have so, unless somebody sets it."""
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
    asyncpg.ReadOnlySQLTransactionError,  # the server is a standby by now
)
_WAITS_FOR_STANDBY = "SyncRepWaitForLSN"
"""The server's own function that waits for the standby; unlike the text of its warning it is never translated."""

# A standby gives nobody a transaction's id and says so in the words for that; of the message it would make an error
# that nobody knows.
CONFIRMED = "(SELECT pg_logical_emit_message(true, 'smarts', pg_current_xact_id()::text))"
"""A last column for a query of what was done earlier and is about to be told: what it finds is the standby's, too.

What can be seen here may be here alone: where a wait for the standby was given up, or the server started anew amidst
it. With this column a query that finds something writes into the log, behind all that it saw, and so its commit waits
for the standby as that of any change does. A query that finds nothing writes nothing.
"""
NOT_WAITING_FOR_DISK = "no_wait AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))"
"""A first query after WITH, to be read by the statement: its commit waits neither for the disk nor for the standby."""
SEND_NOTICES = f"""
    WITH {NOT_WAITING_FOR_DISK}
    SELECT pg_notify(channel, key) FROM no_wait, unnest($1::text[], $2::text[]) AS notice (channel, key)
"""  # noqa: S608 - a constant
"""Its values are channels and as many keys."""


class StorageUnavailableError(ProblemError, ExplainedError):
    """The database cannot be reached, or not in time: try again later.

    Callers are answered a 503 without the reason, which is for the log.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(STORAGE_UNAVAILABLE.error("Try again in a moment").problem, _TRY_AGAIN_SECONDS)
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


class SettingsMissingError(ExplainedError):
    """Statements behind a pooler may take for ever, or much too long; the text says what to do."""


class Database:
    """A pool of connections. Made by `open`.

    Within a fence (`storage/fence.py`) only the rows of some stores are there, and single statements of one borrowing
    are committed together.
    """

    def __init__(
        self, pool: _Pool, acquire_timeout: timedelta, teller: Teller, *, fenced: bool = True
    ) -> None:
        self._pool = pool
        self._acquire_timeout = acquire_timeout
        self._teller = teller
        self._fenced = fenced

    def unfenced(self) -> "Database":
        """The same for what is nobody's own: who somebody is, and what is remembered for all requests alike."""
        return Database(self._pool, self._acquire_timeout, self._teller, fenced=False)

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        url: str,
        *,
        application_name: str = "smarts",
        connections: int = 10,
        pooled: bool = False,
        statement_timeout: timedelta = timedelta(seconds=10),
        acquire_timeout: timedelta = timedelta(seconds=10),
    ) -> AsyncIterator[Self]:
        """Connect, and close every connection at the end, when all that was told has been sent.

        Args:
            url: a PostgreSQL connection URL.
            application_name: what the server's own views call these connections.
            connections: the most that are open at a time; more users wait for one.
            pooled: a pooler stands between that keeps a session for a transaction only. Then no statement is prepared
                for later, and what sessions need must have been set where the pooler connects.
            statement_timeout: the longest one statement may run, or a transaction stand idle.
            acquire_timeout: the longest a user waits for a free connection.

        Raises:
            StorageUnavailableError: the server cannot be reached.
            SettingsMissingError: `pooled`, and statements may take too long.
        """
        milliseconds = str(int(statement_timeout.total_seconds() * 1000))
        patience = (statement_timeout + _SERVER_ANSWERS_WITHIN).total_seconds()
        own = dict.fromkeys(_UNSET, milliseconds) | {"jit": "off"}
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
                    **({} if pooled else own),
                },
                statement_cache_size=0 if pooled else _PREPARED_STATEMENTS,
            )
        try:
            database = cls(pool, acquire_timeout, Teller())
            if pooled:
                await database._require_settings()
            async with database._teller.running(database._send):
                yield database
        finally:
            await _close(pool)

    async def _require_settings(self) -> None:
        async with self.connection() as connection:
            missing = [
                name for name, unset in _UNSET.items() if await connection.fetchval(f"SHOW {name}") == unset
            ]
        if missing:
            raise SettingsMissingError(
                "behind the pooler of SMARTS_DATABASE_URL statements may take too long:"
                f" {' and '.join(missing)} must be set where it connects,"
                " by connect_query in PgBouncer or ALTER ROLE … SET in PostgreSQL (jit to off)"
            )

    async def _send(self, channels: Sequence[str], keys: Sequence[str]) -> None:
        async with self._borrowed() as connection:
            await connection.execute(SEND_NOTICES, channels, keys)

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

    def within(self, tx: Transaction | None) -> AbstractAsyncContextManager[Connection]:
        """The connection of a transaction, where there is one, else a borrowed one."""
        return nullcontext(tx) if tx else self.connection()

    @asynccontextmanager
    async def _borrowed(self) -> AsyncIterator[Connection]:
        with _translated(OSError, TimeoutError, asyncpg.InterfaceError):
            connection = await self._pool.acquire(timeout=self._acquire_timeout.total_seconds())
        fence = current() if self._fenced else None
        try:
            with (
                _translated(TimeoutError),
                self._teller.hearing(connection),
                _given_up_where_useless(connection),
                _kept_twice(connection),
            ):
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
            # Fails where the connection was lost just now: then the pool has released it already. A cancellation does
            # not keep the pool from releasing it.
            with suppress(asyncpg.InternalClientError):
                await self._pool.release(connection)

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
                with _given_up_where_useless(connection):
                    yield Transaction(connection)


@asynccontextmanager
async def _within(fence: Fence, connection: Connection) -> AsyncIterator[None]:
    try:
        with _given_up_where_useless(connection):
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
def _given_up_where_useless(connection: Connection) -> Iterator[None]:
    """A connection that does not answer in time is not used again, not even to roll back, nor is one to a standby."""
    try:
        yield
    except (TimeoutError, asyncpg.ReadOnlySQLTransactionError):
        if _is_open(connection):
            connection.terminate()
        raise


@contextmanager
def _kept_twice(connection: Connection) -> Iterator[None]:
    """Nobody is told that something is kept twice where only this server has it.

    When a wait for the standby is cancelled, as an administrator may, PostgreSQL gives a warning and reports success:
    should that server be lost now, so is what was written.
    """
    gave_up = False

    def note(_: object, message: asyncpg.PostgresLogMessage) -> None:
        nonlocal gave_up
        gave_up = gave_up or message.server_source_function == _WAITS_FOR_STANDBY

    connection.add_log_listener(note)
    try:
        yield
    finally:
        with suppress(asyncpg.InterfaceError):  # the pool has thrown it away already
            connection.remove_log_listener(note)
    if gave_up:
        raise StorageUnavailableError(
            "the wait for the standby was cancelled: what was written may be here alone"
        )


@contextmanager
def _translated(*more: type[Exception]) -> Iterator[None]:
    try:
        yield
    except (*_UNAVAILABLE, *more) as error:
        message = f"the database is not available: {str(error) or type(error).__name__}"
        raise StorageUnavailableError(message) from error
