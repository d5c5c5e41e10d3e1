"""What an inbox is worth: a node is killed and its answers are lost, and what was sent is counted in its books.

The same messages go, with the same plan of faults, to a node that keeps invoices with an inbox and to one without.
Every message is sent until it was answered, as the gateway does. Usage: `python benchmarks/inbox.py`.
"""

import argparse
import asyncio
import contextlib
import random
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec.structs import replace

from smarts.caller import Caller, CallFailed, Target
from smarts.demo.catalogue import invented_catalogue
from smarts.node import Inbox, Node, ProductList, SQLiteFile
from smarts.wire.codec import decode
from smarts.wire.examples import example
from smarts.wire.invoices import Invoice
from smarts.wire.operations import RECEIVE_INVOICE

TOKEN = "token-of-the-benchmark"
INVOICE = decode(example("Invoice"), Invoice)
TABLE = "create table if not exists sold (id text)"
SELL = "insert into sold values (?)"
AT_ONCE = 4
IMPATIENT = 0.3  # the share of tries whose answer is not waited for
MOST_PATIENCE = 0.02  # seconds, of those


class WithInbox:
    """Keeps invoices in the inbox's transaction."""

    def receive_invoice(self, invoice: Invoice, tx: sqlite3.Connection) -> None:
        """Keeps it as often as it is called."""
        tx.execute(SELL, (invoice.id,))


class Without:
    """Keeps invoices in a transaction of its own."""

    def __init__(self, books: SQLiteFile) -> None:
        self._books = books

    def receive_invoice(self, invoice: Invoice) -> None:
        """Keeps it as often as it is called."""
        with self._books.transaction() as tx:
            tx.execute(SELL, (invoice.id,))


def serve(file: str, *, inbox: bool) -> None:
    """A node, until its standard input ends."""
    books = SQLiteFile(file)
    with books.transaction() as tx:
        tx.execute(TABLE)
    store = WithInbox() if inbox else Without(books)
    goods = ProductList(invented_catalogue().products[:1])
    node = Node(goods, store, token=TOKEN, name="bench", version="1", inbox=Inbox(books) if inbox else None)
    with node.serving() as address:
        print(address, flush=True)
        sys.stdin.read()


@dataclass
class Run:
    """One node under the plan of faults."""

    file: Path
    inbox: bool
    messages: int
    kills: int
    target: Target | None = None
    tries: int = 0
    killed: int = 0

    async def whole(self) -> float:
        """Sends everything; how many seconds that took."""
        self._plan = random.Random(7)
        self._caller = Caller(allow_private_addresses=True)
        began = time.perf_counter()
        async with self._node():
            left = [f"message-{number:04}" for number in range(self.messages)]
            kill_at = set(self._plan.sample(range(self.messages), self.kills))
            await asyncio.gather(*(self._send_all(left, kill_at) for _ in range(AT_ONCE)))
        await self._caller.close()
        return time.perf_counter() - began

    @contextlib.asynccontextmanager
    async def _node(self) -> AsyncIterator[None]:
        await self._start()
        try:
            yield
        finally:
            self._process.kill()
            await self._process.wait()

    async def _start(self) -> None:
        way = [] if self.inbox else ["--without"]
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, __file__, "--serve", str(self.file), *way,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert self._process.stdout
        self.target = Target((await self._process.stdout.readline()).decode().strip(), TOKEN)

    async def _send_all(self, left: list[str], kill_at: set[int]) -> None:
        while left:
            name = left.pop()
            if len(left) in kill_at:
                await asyncio.gather(self._send(name), self._kill())
            else:
                await self._send(name)

    async def _kill(self) -> None:
        await asyncio.sleep(self._plan.uniform(0, MOST_PATIENCE))
        self._process.kill()
        await self._process.wait()
        self.killed += 1
        await self._start()

    async def _send(self, name: str) -> None:
        invoice, answered = replace(INVOICE, id=name), False
        while not answered:
            self.tries += 1
            hurried = self._plan.random() < IMPATIENT
            deadline = self._plan.uniform(0.001, MOST_PATIENCE) if hurried else 10
            assert self.target
            try:
                await self._caller.call(
                    self.target, RECEIVE_INVOICE, invoice, deadline=deadline, message_id=name
                )
                answered = True
            except CallFailed:
                await asyncio.sleep(0.01)

    def told(self, seconds: float) -> str:
        """A row of the table."""
        with contextlib.closing(sqlite3.connect(self.file)) as books:
            times = Counter(Counter(row[0] for row in books.execute("select id from sold")).values())
        done = sum(times.values())
        once, more = times[1], done - times[1]
        return (
            f"| {'yes' if self.inbox else 'no':5} | {self.messages:8} | {self.killed:5} | {self.tries:5} "
            f"| {once:9} | {more:15} | {self.messages - done:4} | {seconds:7.1f} |"
        )


async def compare(messages: int, kills: int) -> None:
    """Runs both and prints the table."""
    print("| inbox | messages | kills | tries | done once | done repeatedly | lost | seconds |")
    print("|-------|----------|-------|-------|-----------|-----------------|------|---------|")
    with TemporaryDirectory() as folder:
        for inbox in (True, False):
            run = Run(Path(folder) / f"{inbox}.sqlite3", inbox, messages, kills)
            print(run.told(await run.whole()), flush=True)


def main() -> None:
    """Serves, or compares."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=300)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    parser.add_argument("--without", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve, inbox=not options.without)
    else:
        asyncio.run(compare(options.messages, options.kills))


if __name__ == "__main__":
    main()
