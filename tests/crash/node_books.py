"""The merchant's own books: every document that came, what was done about it, and what the office has still to do."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_TABLES = """
create table if not exists documents (
    number integer primary key, kind text not null, id text not null, body blob not null);
create table if not exists effects (number integer primary key, kind text not null, id text not null, total text);
create table if not exists checks (
    invoice_id text primary key, institution_id text not null, decision text not null, told text,
    tries integer default 0);
create table if not exists orders (
    id text primary key, institution_id text not null, moves integer default 0, tries integer default 0,
    ended text);
create table if not exists answers (
    number integer primary key, what text not null, id text not null, wanted text not null, said text not null);
"""


class NodeBooks:
    """Kept in SQLite; what was kept survives a kill."""

    def __init__(self, file: Path) -> None:
        self._connection = sqlite3.connect(file, check_same_thread=False, isolation_level=None, timeout=20)
        self._lock = threading.Lock()
        self._connection.execute("pragma journal_mode = wal")
        self._connection.execute(
            "pragma synchronous = off"
        )  # who is killed loses nothing that the kernel has
        self._connection.executescript(_TABLES)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Everything in the block, or nothing of it."""
        with self._lock:
            self._connection.execute("begin immediate")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("rollback")
                raise
            self._connection.execute("commit")

    def rows(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        """What a question finds."""
        with self._lock:
            return self._connection.execute(statement, values).fetchall()

    def write(self, statement: str, *values: object) -> None:
        """One change."""
        with self.transaction() as tx:
            tx.execute(statement, values)

    def receive(self, kind: str, message_id: str, body: bytes) -> None:
        """A document came, perhaps again."""
        self.write("insert into documents (kind, id, body) values (?, ?, ?)", kind, message_id, body)

    def close(self) -> None:
        """Closes the file."""
        self._connection.close()
