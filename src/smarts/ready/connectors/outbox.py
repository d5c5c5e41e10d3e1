"""Documents that are yet to be passed on to a shop system, kept in the node's own database."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import (
    Column,
    Connection,
    Double,
    Index,
    Integer,
    MetaData,
    RowMapping,
    String,
    Table,
    Text,
    delete,
    select,
)
from sqlalchemy.dialects.mysql import LONGTEXT

from smarts.ready.database import Database
from smarts.ready.tables import LONGEST_ID, add, change, find

METADATA = MetaData()

_PAUSES = (1, 2, 5, 15, 60, 300, 900, 3600)  # seconds between tries
_LONGEST_REASON = 500
_MOST_AT_ONCE = 100

_MESSAGES = Table(
    "smarts_passed_on",
    METADATA,
    Column("digest", String(64), primary_key=True),
    Column("number", Integer, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("reference", String(LONGEST_ID), nullable=False),
    Column("document", Text().with_variant(LONGTEXT(), "mysql", "mariadb"), nullable=False),
    Column("put_at", Double, nullable=False),
    Column("due", Double, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("passed_at", Double),
    Index("smarts_passed_on_by_state", "passed_at", "number"),
    Index("smarts_passed_on_by_sale", "reference", "number"),
)
_SALES = Table(
    "smarts_shop_sale",
    METADATA,
    Column("reference", String(LONGEST_ID), primary_key=True),
    Column("first_tried", Double, nullable=False),
    Column("known", String(LONGEST_ID)),
)
_MARKS = Table(
    "smarts_shop_mark",
    METADATA,
    Column("name", String(LONGEST_ID), primary_key=True),
    Column("value", Double, nullable=False),
)


class Message(NamedTuple):
    """A document to pass on.

    Attributes:
        tried_since: when its sale was first tried to be passed on; none where it never was.
        known: what the shop system calls the sale, where that is known.
    """

    digest: str
    kind: str
    reference: str
    document: str
    tries: int
    tried_since: datetime | None
    known: str | None


class Waiting(NamedTuple):
    """How many documents wait, and why the oldest that was tried does."""

    documents: int
    reason: str


class Outbox:
    """Keeps each document once, and gives those of one purchase in their order. Threads may share it.

    All methods raise `ProblemError` (503) while the database is away.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, kind: str, reference: str, document: str) -> None:
        """Keeps a document; one that is kept already is the same one, come again."""
        digest = hashlib.sha256(f"{kind}\n{reference}\n{document}".encode()).hexdigest()
        self._database.write(lambda tx: _put(tx, digest, kind, reference, document))

    def due(self, now: datetime) -> Message | None:
        """The oldest document that is due and the first of its purchase; that it is tried is written down before."""
        return self._database.write(lambda tx: _due(tx, now.timestamp()))

    def passed(self, message: Message, known: str, now: datetime) -> None:
        """The shop system has it, and calls the sale so."""

        def write(tx: Connection) -> None:
            change(tx, _MESSAGES, message.digest, {"passed_at": now.timestamp(), "reason": ""})
            change(tx, _SALES, message.reference, {"known": known or message.known})

        self._database.write(write)

    def failed(self, message: Message, reason: str, pause: float, now: datetime) -> None:
        """It is tried again after a pause."""
        values = {
            "tries": message.tries + 1,
            "due": now.timestamp() + pause,
            "reason": reason[:_LONGEST_REASON],
        }
        self._database.write(lambda tx: change(tx, _MESSAGES, message.digest, values))

    def forget(self, before: datetime) -> None:
        """Lets go of documents that were passed on before a moment, and of the sales that nothing more is known of."""

        def write(tx: Connection) -> None:
            tx.execute(delete(_MESSAGES).where(_MESSAGES.c.passed_at < before.timestamp()))
            has_documents = (
                select(_MESSAGES.c.digest).where(_MESSAGES.c.reference == _SALES.c.reference).exists()
            )
            tx.execute(delete(_SALES).where(_SALES.c.first_tried < before.timestamp(), ~has_documents))

        self._database.write(write)

    def waiting(self) -> Waiting:
        """What is not passed on yet."""
        return self._database.read(_waiting)

    def mark(self, name: str) -> datetime | None:
        """A moment that was written down."""
        found = self._database.read(lambda tx: find(tx, _MARKS, name))
        return datetime.fromtimestamp(found["value"], UTC) if found else None

    def set_mark(self, name: str, moment: datetime) -> None:
        """Writes a moment down."""

        def write(tx: Connection) -> None:
            if find(tx, _MARKS, name) is None:
                add(tx, _MARKS, name=name, value=moment.timestamp())
            else:
                change(tx, _MARKS, name, {"value": moment.timestamp()})

        self._database.write(write)


def pause_after(tries: int) -> timedelta:
    """How long a document waits that was tried so often before."""
    return timedelta(seconds=_PAUSES[min(tries, len(_PAUSES) - 1)])


def _put(tx: Connection, digest: str, kind: str, reference: str, document: str) -> None:
    if find(tx, _MESSAGES, digest) is not None:
        return
    last = tx.execute(select(_MESSAGES.c.number).order_by(_MESSAGES.c.number.desc()).limit(1)).scalar()
    now = datetime.now(UTC).timestamp()
    waiting = {"put_at": now, "due": now, "tries": 0, "reason": ""}
    what = {"digest": digest, "kind": kind, "reference": reference, "document": document}
    add(tx, _MESSAGES, number=(last or 0) + 1, **what, **waiting)


def _due(tx: Connection, now: float) -> Message | None:
    row = next((row for row in _first_of_each(tx) if row["due"] <= now), None)
    if row is None:
        return None
    sale = find(tx, _SALES, row["reference"])
    if sale is None:
        add(tx, _SALES, reference=row["reference"], first_tried=now, known=None)
    what = (row["digest"], row["kind"], row["reference"], row["document"], row["tries"])
    if sale is None:
        return Message(*what, None, None)
    return Message(*what, datetime.fromtimestamp(sale["first_tried"], UTC), sale["known"])


def _first_of_each(tx: Connection) -> Sequence[RowMapping]:
    """The first waiting document of each purchase, oldest first: a later one must not overtake it."""
    waits = _MESSAGES.c.passed_at.is_(None)
    earlier = _MESSAGES.alias()
    is_first = ~(
        select(earlier.c.digest)
        .where(
            earlier.c.passed_at.is_(None),
            earlier.c.reference == _MESSAGES.c.reference,
            earlier.c.number < _MESSAGES.c.number,
        )
        .exists()
    )
    query = select(_MESSAGES).where(waits, is_first).order_by(_MESSAGES.c.due).limit(_MOST_AT_ONCE)
    return tx.execute(query).mappings().all()


def _waiting(tx: Connection) -> Waiting:
    query = select(_MESSAGES.c.reason).where(_MESSAGES.c.passed_at.is_(None)).order_by(_MESSAGES.c.number)
    reasons = tx.execute(query).scalars().all()
    return Waiting(len(reasons), next((reason for reason in reasons if reason), ""))
