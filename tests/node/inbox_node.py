"""A node in a process of its own that keeps invoices: `python inbox_node.py DATABASE KILL_FILE`.

Where KILL_FILE is there, it is removed, and the process kills itself at the moment that it names: `before` or `after`
the commit of the work, and surely before the answer.
"""

import os
import signal
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from node.stores import TOKEN, Shop
from smarts.node import Inbox, Node, SQLiteFile
from smarts.wire.invoices import Invoice


def die_if_told(file: Path, moment: str) -> None:
    if file.exists() and file.read_text() == moment:
        file.unlink()
        os.kill(os.getpid(), signal.SIGKILL)


class DyingFile(SQLiteFile):
    """Dies when the work is committed, where it was told to."""

    def __init__(self, path: Path, kill_file: Path) -> None:
        super().__init__(path)
        self._kill_file = kill_file

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        with super().transaction() as tx:
            before = tx.total_changes
            yield tx
            worked = tx.total_changes > before
        if worked:
            die_if_told(self._kill_file, "after")


class Books:
    """Keeps invoices in the inbox's own file, each as often as it is called."""

    def __init__(self, kill_file: Path) -> None:
        self._kill_file = kill_file

    def receive_invoice(self, invoice: Invoice, tx: sqlite3.Connection) -> None:
        tx.execute("create table if not exists sold (id text)")
        tx.execute("insert into sold (id) values (?)", (invoice.id,))
        die_if_told(self._kill_file, "before")


def main(database: str, kill_file: str) -> None:
    place = Path(kill_file)
    inbox = Inbox(DyingFile(Path(database), place))
    node = Node(Shop(), Books(place), token=TOKEN, name="Dying store", version="1", inbox=inbox)
    with node.serving() as address:
        print(address, flush=True)  # noqa: T201 - whoever started it reads it
        sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
