"""The demo store's one SQLite file."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any


class Database:
    """Transactions, one at a time; what was written is on the disk when it returns. Threads may share it.

    Raises:
        sqlite3.Error: the file is no such one, or cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("pragma journal_mode = wal")
        self._connection.execute("pragma synchronous = full")
        self._one_at_a_time = RLock()  # so that a transaction may read by `read`

    def close(self) -> None:
        """Closes the file."""
        with self._one_at_a_time:
            self._connection.close()

    def prepare(self, *tables: str) -> None:
        """Makes tables that are not there yet."""
        with self.transaction() as tx:
            for table in tables:
                tx.execute(f"create table if not exists {table}")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All statements or none; nobody else writes meanwhile. One that is begun within another is a part of it."""
        with self._one_at_a_time:
            if self._connection.in_transaction:
                yield self._connection
                return
            with self._connection:
                self._connection.execute("begin immediate")
                yield self._connection

    def execute(self, tx: sqlite3.Connection, statement: str, values: Mapping[str, Any], /) -> list[Any]:
        """The rows of a statement within a transaction: what an inbox needs beside `transaction`."""
        return tx.execute(statement, values).fetchall()

    def read(self, statement: str, *values: object) -> list[Any]:
        """The rows of one query."""
        with self._one_at_a_time:
            return self._connection.execute(statement, values).fetchall()

    def is_writable(self) -> bool:
        """Whether something could be kept now."""
        try:
            with self.transaction():
                return True
        except sqlite3.Error:
            return False
