"""The inbox: what has to arrive is done once, whatever dies in between and however often it comes at once."""

import asyncio
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from msgspec.structs import replace
from sqlalchemy import create_engine
from sqlalchemy.ext.asyncio import create_async_engine

from node.stores import TOKEN, Shop, golden, node_of
from serving import serving
from smarts.caller import Answered, Caller, CallFailed, Refused, Target
from smarts.node import (
    AsyncSQLAlchemyEngine,
    Connections,
    Inbox,
    InboxDatabase,
    Node,
    NotFound,
    SQLAlchemyEngine,
    SQLiteFile,
)
from smarts.wire.errors import ProblemError
from smarts.wire.invoices import Invoice
from smarts.wire.operations import RECEIVE_INVOICE, RECEIVE_ORDER, RECEIVE_ORDER_UPDATE
from smarts.wire.orders import Order

INVOICE: Invoice = golden(Invoice)
HERE = Path(__file__).parent
Send = Callable[..., Any]


@asynccontextmanager
async def sending(app: Node) -> AsyncIterator[Send]:
    """Serves a node; gives a function that sends it an invoice under an id, once, as the gateway does."""
    async with serving(app) as address, calling() as caller:

        async def send(message_id: str | None, invoice: Invoice = INVOICE) -> Any:
            return await caller.call(
                Target(address, TOKEN), RECEIVE_INVOICE, invoice, deadline=20, message_id=message_id
            )

        yield send


@asynccontextmanager
async def calling() -> AsyncIterator[Caller]:
    caller = Caller(allow_private_addresses=True)
    try:
        yield caller
    finally:
        await caller.close()


class Elsewhere:
    """Books that are no part of the inbox's database."""

    def __init__(self) -> None:
        self.kept: list[str] = []
        self.trouble: list[Exception] = []

    def receive_invoice(self, invoice: Invoice) -> None:
        if self.trouble:
            raise self.trouble.pop()
        self.kept.append(invoice.id)


@asynccontextmanager
async def process(database: Path, kill_file: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """A node of `inbox_node.py` in a process of its own, and its address."""
    path = os.pathsep.join([str(HERE.parent), *sys.path])
    node = await asyncio.create_subprocess_exec(
        sys.executable,
        str(HERE / "inbox_node.py"),
        str(database),
        str(kill_file),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path},
    )
    try:
        assert node.stdout
        yield node, (await node.stdout.readline()).decode().strip()
    finally:
        if node.returncode is None:
            node.kill()
        await node.wait()


def sold(database: Path) -> list[str]:
    with sqlite3.connect(database) as connection:
        return [row[0] for row in connection.execute("select id from sold order by id")]


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_node_that_dies_between_work_and_answer_has_done_it_once(tmp_path: Path, moment: str) -> None:
    """It is killed before or after the commit; the same message then comes again, and the work is there once."""
    database, kill_file = tmp_path / "store.sqlite3", tmp_path / "kill"
    kill_file.write_text(moment)
    async with calling() as caller:
        async with process(database, kill_file) as (node, address):
            with pytest.raises(CallFailed):
                await caller.call(Target(address, TOKEN), RECEIVE_INVOICE, INVOICE, message_id="m-1")
            assert await node.wait() == -signal.SIGKILL
        async with process(database, kill_file) as (node, address):
            target = Target(address, TOKEN)
            for _ in range(2):
                answer = await caller.call(target, RECEIVE_INVOICE, INVOICE, deadline=20, message_id="m-1")
                assert answer == Answered(204)
    assert sold(database) == [INVOICE.id]


async def test_several_processes_share_an_inbox(tmp_path: Path) -> None:
    """Each message goes to two processes at once, twice to each; every one is answered, and done once."""
    database, kill_file = tmp_path / "store.sqlite3", tmp_path / "kill"
    async with (
        calling() as caller,
        process(database, kill_file) as (_, one),
        process(database, kill_file) as (_, other),
    ):
        names = [f"m-{number:02}" for number in range(10)]
        answers = await asyncio.gather(
            *(
                caller.call(
                    Target(address, TOKEN),
                    RECEIVE_INVOICE,
                    replace(INVOICE, id=name),
                    deadline=30,
                    message_id=name,
                )
                for name in names
                for address in (one, other) * 2
            )
        )
    assert answers == [Answered(204)] * 40
    assert sold(database) == names


@pytest.fixture(params=["file", "sqlite3", "psycopg", "sqlalchemy", "async"])
async def database(
    request: pytest.FixtureRequest, tmp_path: Path, empty_database_url: str
) -> AsyncIterator[InboxDatabase[Any]]:
    """An inbox's database of each kind, with an empty table `sold`."""
    path, kind = tmp_path / "store.sqlite3", request.param
    if kind in {"file", "sqlite3"}:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("create table sold (id text)")
        by_driver = Connections(lambda: sqlite3.connect(path, timeout=20), sqlite3.paramstyle)
        yield SQLiteFile(path) if kind == "file" else by_driver
        return
    url = empty_database_url
    with psycopg.connect(url) as opened:
        opened.execute("create table sold (id text)")
    if kind == "psycopg":
        yield Connections(lambda: psycopg.connect(url), psycopg.paramstyle)
    elif kind == "sqlalchemy":
        engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
        yield SQLAlchemyEngine(engine)
        engine.dispose()
    else:
        asynchronous = create_async_engine(url.replace("postgresql://", "postgresql+psycopg://"))
        yield AsyncSQLAlchemyEngine(asynchronous)
        await asynchronous.dispose()


def counting(database: InboxDatabase[Any], *, is_async: bool) -> object:
    """A store that keeps invoices in the inbox's transaction, whatever that is."""

    def statement(invoice: Invoice, tx: Any) -> Any:
        return database.execute(tx, "insert into sold (id) values (:id)", {"id": invoice.id})

    class Plain:
        def receive_invoice(self, invoice: Invoice, tx: Any) -> None:
            statement(invoice, tx)

    class Async:
        async def receive_invoice(self, invoice: Invoice, tx: Any) -> None:
            rows = statement(invoice, tx)
            if not isinstance(rows, Sequence):
                await rows

    return Async() if is_async else Plain()


async def rows_of(database: InboxDatabase[Any], statement: str) -> Any:
    opened = database.transaction()
    if isinstance(opened, AbstractAsyncContextManager):
        async with opened as tx:
            return await database.execute(tx, statement, {})  # type: ignore[misc]
    with opened as tx:
        return database.execute(tx, statement, {})


async def test_messages_that_come_at_once_are_done_once(database: InboxDatabase[Any]) -> None:
    """In any database, four of each at the same moment to a new inbox: all are answered, each is done once."""
    store = counting(database, is_async=isinstance(database, AsyncSQLAlchemyEngine))
    names = [f"m-{number}" for number in range(5)]
    async with sending(node_of(Shop(), store, inbox=Inbox(database))) as send:
        answers = await asyncio.gather(*(send(name, replace(INVOICE, id=name)) for name in names * 4))
    assert answers == [Answered(204)] * 20
    assert [row[0] for row in await rows_of(database, "select id from sold order by id")] == names


async def test_async_methods_work_in_a_blocking_database(tmp_path: Path) -> None:
    """A method that is async gets the transaction of a database that is not; at once, and once."""
    file = SQLiteFile(tmp_path / "store.sqlite3")
    with file.transaction() as tx:
        tx.execute("create table sold (id text)")
    async with sending(node_of(Shop(), counting(file, is_async=True), inbox=Inbox(file))) as send:
        assert await asyncio.gather(*(send("m") for _ in range(20))) == [Answered(204)] * 20
    assert len(await rows_of(file, "select id from sold")) == 1


def test_a_transaction_within_another_is_a_part_of_it(tmp_path: Path) -> None:
    """What a method writes through the file itself is undone with the rest."""
    file = SQLiteFile(tmp_path / "store.sqlite3")
    with file.transaction() as tx:
        tx.execute("create table sold (id text)")

    def fail() -> None:
        with file.transaction():
            with file.transaction() as within:
                within.execute("insert into sold values ('1')")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with file.transaction() as tx:
        assert tx.execute("select * from sold").fetchall() == []


async def test_work_elsewhere_is_not_done_twice_at_once(tmp_path: Path) -> None:
    """The second of two tries that overlap is told to come again later; when it does, it is answered, and not done."""
    begun, may_end = asyncio.Event(), asyncio.Event()
    kept: list[str] = []

    class Slow:
        async def receive_invoice(self, invoice: Invoice) -> None:
            begun.set()
            await may_end.wait()
            kept.append(invoice.id)

    async with sending(node_of(Shop(), Slow(), inbox=Inbox(SQLiteFile(tmp_path / "inbox.sqlite3")))) as send:
        first = asyncio.create_task(send("m"))
        await begun.wait()
        with pytest.raises(Refused) as refused:
            await send("m")
        assert (refused.value.problem.type, refused.value.retryable) == ("being-done", True)
        assert refused.value.retry_after is not None
        may_end.set()
        assert [await first, await send("m")] == [Answered(204)] * 2
    assert kept == [INVOICE.id]


@pytest.mark.parametrize("trouble", [NotFound("no such receipt"), RuntimeError("out of paper")])
async def test_what_was_not_done_is_done_when_it_comes_again(tmp_path: Path, trouble: Exception) -> None:
    """A method that raises has done nothing: the next try runs it, in the inbox's database and elsewhere."""
    books = Elsewhere()
    books.trouble = [trouble]
    async with sending(node_of(Shop(), books, inbox=Inbox(SQLiteFile(tmp_path / "inbox.sqlite3")))) as send:
        with pytest.raises(CallFailed):
            await send("m")
        assert await send("m") == Answered(204)
    assert books.kept == [INVOICE.id]


async def test_work_elsewhere_that_died_is_taken_up_after_its_lease(tmp_path: Path) -> None:
    """A process that died at its work keeps the message until its lease is over; then it is done by another one."""
    now = [1000.0]
    file = SQLiteFile(tmp_path / "inbox.sqlite3")
    begun = asyncio.Event()

    class Dies:
        async def receive_invoice(self, invoice: Invoice) -> None:
            begun.set()
            await asyncio.Event().wait()

    dying = Inbox(AsyncFile(file), clock=lambda: now[0])
    died = asyncio.create_task(dying.once("m", Dies().receive_invoice, INVOICE))
    await begun.wait()
    died.cancel()  # nothing of it runs any more, as in a process that is gone
    books = Elsewhere()
    async with sending(node_of(Shop(), books, inbox=Inbox(file, clock=lambda: now[0]))) as send:
        with pytest.raises(Refused):
            await send("m")
        now[0] += 121
        assert await send("m") == Answered(204)
    assert books.kept == [INVOICE.id]


class AsyncFile:
    """A file as a database whose methods are async, as strangers may write one."""

    def __init__(self, file: SQLiteFile) -> None:
        self._file = file

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[sqlite3.Connection]:
        with self._file.transaction() as tx:
            yield tx

    async def execute(self, tx: sqlite3.Connection, statement: str, values: Mapping[str, Any], /) -> Any:
        return self._file.execute(tx, statement, values)


async def test_ids_are_forgotten_in_time(tmp_path: Path) -> None:
    """An id is known for ninety days and not for ever."""
    now = [0.0]
    file = SQLiteFile(tmp_path / "inbox.sqlite3")
    books = Elsewhere()
    async with sending(node_of(Shop(), books, inbox=Inbox(file, clock=lambda: now[0]))) as send:
        await send("m")
        now[0] = timedelta(days=89).total_seconds()
        await send("m")
        assert len(books.kept) == 1
        now[0] = timedelta(days=91).total_seconds()
        await send("another")
        assert [row[0] for row in await rows_of(file, "select id from smarts_inbox")] == ["another"]


async def test_messages_without_an_id_are_done_each_time(tmp_path: Path) -> None:
    """A gateway that sends none is served as ever; what cannot be an id is refused."""
    books = Elsewhere()
    async with sending(node_of(Shop(), books, inbox=Inbox(SQLiteFile(tmp_path / "inbox.sqlite3")))) as send:
        assert [await send(None), await send(None)] == [Answered(204)] * 2
        with pytest.raises(Refused) as refused:
            await send("m" * 256)
    assert (len(books.kept), refused.value.problem.type) == (2, "wrong-shape")


async def test_an_order_and_its_update_are_two_messages(tmp_path: Path) -> None:
    """Messages of different operations and ids do not stand for each other, whatever they are about."""
    done: list[str] = []

    class Packing:
        def receive_order(self, order: object) -> None:
            done.append("order")

        def receive_order_update(self, order: object) -> None:
            done.append("update")

    node = node_of(Shop(), Packing(), inbox=Inbox(SQLiteFile(tmp_path / "inbox.sqlite3")))
    async with serving(node) as address, calling() as caller:
        for operation, message_id in ((RECEIVE_ORDER, "o:1"), (RECEIVE_ORDER_UPDATE, "o:2")) * 2:
            await caller.call(Target(address, TOKEN), operation, golden(Order), message_id=message_id)
    assert done == ["order", "update"]


def test_mistakes_are_told_before_anything_is_served(tmp_path: Path) -> None:
    """A method that wants a transaction nobody opens, or one that it cannot use, is named when the node is made."""
    file = SQLiteFile(tmp_path / "inbox.sqlite3")
    with pytest.raises(ValueError, match=r"receive_invoice takes a transaction: give the node the inbox"):
        node_of(Shop(), counting(file, is_async=False))
    with pytest.raises(ValueError, match="has to be async"):
        node_of(Shop(), counting(file, is_async=False), inbox=Inbox(AsyncFile(file)))


class Duplicates(RuleBasedStateMachine):
    """Any number of copies of messages at once, while the store fails now and then, in and out of the transaction."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.file = SQLiteFile(Path(self.folder.name) / "store.sqlite3")
        self.inboxes = [Inbox(self.file), Inbox(self.file)]
        self.done: dict[str, int] = {}
        self.fails = 0

    def _work(self, name: str) -> None:
        if self.fails:
            self.fails -= 1
            raise RuntimeError("as it was told")
        self.done[name] = self.done.get(name, 0) + 1

    @rule(
        names=st.lists(st.sampled_from("abcdef"), min_size=1, max_size=5),
        fails=st.integers(0, 3),
        within=st.booleans(),
    )
    def send(self, names: list[str], fails: int, within: bool) -> None:
        """Whoever is answered without an error has it done; who is refused may come again."""
        self.fails = fails

        def inside(name: str, tx: sqlite3.Connection) -> None:
            self._work(name)

        method = inside if within else self._work

        async def all_at_once() -> list[Any]:
            copies = enumerate(names * 2)
            tries = (self.inboxes[number % 2].once(name, method, name) for number, name in copies)
            return await asyncio.gather(*tries, return_exceptions=True)

        answers = asyncio.run(all_at_once())
        for name, answer in zip(names * 2, answers, strict=True):
            assert answer is not None or self.done[name] == 1
            assert answer is None or isinstance(answer, RuntimeError | ProblemError)

    @invariant()
    def nothing_is_done_twice(self) -> None:
        assert set(self.done.values()) <= {1}

    def teardown(self) -> None:
        self.folder.cleanup()


Duplicates.TestCase.settings = settings(max_examples=15, stateful_step_count=6, deadline=None)
test_whatever_comes_at_once_is_done_once = Duplicates.TestCase
