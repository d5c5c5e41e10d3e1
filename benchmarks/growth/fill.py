"""Stores and past purchases by the million, cloned inside PostgreSQL from ones that were really made.

A clone has new ids and another time; what a purchase of its age would have forgotten is not there (two months for
details, two weeks for messages, two days for kept answers). Foreign keys and triggers are off while rows are written,
and indexes are made anew after many.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from smarts.edge.tokens import hashed
from smarts.gateway.carts import rules
from smarts.gateway.carts.store import load
from smarts.gateway.storage.database import Connection, Database
from smarts.wire.codec import encode

DAYS = 730  # over which purchases are spread, whatever their number
PURCHASES_OF_A_SHOPPER = 20
_AT_A_TIME = 50_000
_WITHOUT_INDEXES = 50_000  # from so many new purchases on
_FOREVER = 4 * 3600.0

# `new_id` is like those that the gateway makes: ordered by time where it has such ones, else random.
_FUNCTIONS = """
CREATE OR REPLACE FUNCTION at_moment(i bigint, of bigint) RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN '{now}'::timestamptz - make_interval(secs => (of - i)::double precision / of * {days} * 86400);
CREATE OR REPLACE FUNCTION new_id(kind text, i bigint, at timestamptz) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN {ordered}
        THEN overlay(md5(kind || i) placing lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') from 1)
        ELSE md5(kind || i) END::uuid::text;
"""

# What differs from the purchase that is cloned: `i` is its number, `at` its time, `old` whether it is forgotten.
_SHOPPER = {"id": "new_id('shopper', i, at)", "token_hash": "sha256(('t' || i)::bytea)", "created_at": "at"}
_TABLES: Mapping[str, tuple[str, str, Mapping[str, str]]] = {
    "carts": ("id = $1", "true", {
        "id": "new_id('cart', i, at)", "institution_id": "store", "person_id": "person",
        "head": "CASE WHEN old THEN $3::text::json ELSE t.head END", "created_at": "at", "updated_at": "at",
        "forgotten_at": "CASE WHEN old THEN at + interval '62 days' END"}),
    "cart_lines": ("cart_id = $1", "NOT old", {"cart_id": "new_id('cart', i, at)"}),
    "checks": ("cart_id = $1", "true", {
        "invoice_id": "new_id('invoice', i, at)", "cart_id": "new_id('cart', i, at)", "institution_id": "store",
        "request": "CASE WHEN NOT old THEN t.request END", "facts": "CASE WHEN NOT old THEN t.facts END",
        "created_at": "at", "closed_at": "at"}),
    "payments": ("cart_id = $1", "true", {
        "id": "new_id('payment', i, at)", "cart_id": "new_id('cart', i, at)", "institution_id": "store",
        "invoice_id": "new_id('invoice', i, at)", "created_at": "at", "updated_at": "at"}),
    "payment_steps": ("payment_id = $4", "true", {
        "id": "new_id('payment', i, at)", "payment_id": "new_id('payment', i, at)", "begun_at": "at",
        "ended_at": "at"}),
    "sandbox_charges": ("id = $4", "true", {"id": "new_id('payment', i, at)", "created_at": "at"}),
    "ledger_entries": ("invoice_id = $2", "true", {
        "number": "nextval(pg_get_serial_sequence('ledger_entries', 'number'))",
        "step_id": "new_id('payment', i, at)", "invoice_id": "new_id('invoice', i, at)", "written_at": "at"}),
    "invoices": ("id = $2", "true", {
        "id": "new_id('invoice', i, at)", "institution_id": "store", "person_id": "person",
        "document": "CASE WHEN NOT old THEN t.document END", "paid_at": "at", "begun_at": "at"}),
    "outbox_messages": ("id = $2", "at > now() - interval '14 days'", {
        "id": "new_id('invoice', i, at)", "order_key": "new_id('invoice', i, at)", "lane": "store",
        "sequence": "nextval(pg_get_serial_sequence('outbox_messages', 'sequence'))", "waiting_since": "at",
        "finished_at": "at"}),
    "outbox_attempts": ("message_id = $2", "at > now() - interval '14 days'", {
        "message_id": "new_id('invoice', i, at)", "started_at": "at"}),
    "kept_answers": ("scope = $5", "at > now() - interval '2 days'", {
        "scope": "person", "key": "md5(t.key || i)", "created_at": "at"}),
}  # fmt: skip

_CLONE = """
INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE
SELECT {values} FROM {table} AS t, generate_series($6::bigint, $7::bigint) AS i,
       LATERAL (SELECT at_moment(i, {of}) AS at) AS moment,
       LATERAL (SELECT at < now() - interval '62 days' AS old, 'store-' || i * 7919 % {stores} AS store,
                       new_id('shopper', i / {share}, '{epoch}') AS person) AS about
 WHERE t.{which} AND {kept}
   AND ($1::text, $2::text, $3::text, $4::text, $5::text) IS NOT NULL
"""  # every parameter is used, so that one list of them serves all tables
_EPOCH = "2024-01-01T00:00:00Z"


@dataclass(frozen=True)
class Template:
    """A purchase that was really made and delivered."""

    cart_id: str
    invoice_id: str
    forgotten_head: str
    payment_id: str
    person_id: str


async def template_of(database: Database, cart_id: str) -> Template:
    """What is cloned of a paid cart."""
    async with database.connection() as connection:
        cart = await load(connection, cart_id)
        assert cart
        assert cart.head.payment
        head = encode(rules.forgotten(cart).head).decode()
    return Template(cart.id, cart.head.invoice_id, head, cart.head.payment.id, cart.person_id)


async def add_stores(database: Database, present: int, wanted: int) -> None:
    """Stores like the first one, with nodes that nobody has to ask how they are."""
    async with _writing(database) as connection:
        for table, key, more in (
            ("institutions", "id", ""),
            ("nodes", "institution_id", ""),
            ("node_states", "institution_id", ", 'due', 'infinity', 'version_due', 'infinity'"),
        ):
            await connection.execute(
                f"INSERT INTO {table} SELECT new.* FROM {table} AS t, generate_series({present}, {wanted} - 1) AS i,"
                f" LATERAL jsonb_populate_record(t, jsonb_build_object('{key}', 'store-' || i{more})) AS new"
                f" WHERE t.{key} = 'store-0'",
                timeout=_FOREVER,
            )
        await connection.execute("ANALYZE", timeout=_FOREVER)


async def add_purchases(
    database: Database, template: Template, stores: int, present: int, wanted: int, *, ordered: bool
) -> None:
    """Past purchases, so that there are `wanted` in all."""
    async with _writing(database) as connection:
        now = await connection.fetchval("SELECT now()")
        for statement in _FUNCTIONS.format(now=now, days=DAYS, ordered=ordered).split(";\n"):
            if statement.strip():
                await connection.execute(statement)
        dropped = await _without_indexes(connection) if wanted - present >= _WITHOUT_INDEXES else []
        await _add_shoppers(connection, template, present, wanted)
        for begin in range(present, wanted, _AT_A_TIME):
            await _add_some(connection, template, stores, wanted, begin, min(begin + _AT_A_TIME, wanted) - 1)
        for definition in dropped:
            await connection.execute(definition, timeout=_FOREVER)
        await connection.execute("VACUUM ANALYZE", timeout=_FOREVER)
        await connection.execute("CHECKPOINT", timeout=_FOREVER)


async def _add_shoppers(connection: Connection, template: Template, present: int, wanted: int) -> None:
    changes = _changes(_SHOPPER)
    await connection.execute(
        "INSERT INTO shoppers SELECT new.* FROM shoppers AS t, generate_series($2::bigint, $3::bigint) AS i,"
        f" LATERAL (SELECT '{_EPOCH}'::timestamptz AS at) AS moment,"
        f" LATERAL jsonb_populate_record(t, jsonb_build_object({changes})) AS new WHERE t.id = $1"
        " ON CONFLICT DO NOTHING",
        template.person_id,
        present // PURCHASES_OF_A_SHOPPER,
        wanted // PURCHASES_OF_A_SHOPPER,
        timeout=_FOREVER,
    )


async def _add_some(
    connection: Connection, template: Template, stores: int, wanted: int, first: int, last: int
) -> None:
    for table, (which, kept, changes) in _TABLES.items():
        columns = await _columns(connection, table)
        statement = _CLONE.format(
            table=table, of=wanted, stores=stores, share=PURCHASES_OF_A_SHOPPER, epoch=_EPOCH,
            columns=", ".join(columns), values=", ".join(changes.get(each, f"t.{each}") for each in columns),
            which=which, kept=kept,
        )  # fmt: skip
        await connection.execute(
            statement,
            template.cart_id,
            template.invoice_id,
            template.forgotten_head,
            template.payment_id,
            template.person_id,
            first,
            last,
            timeout=_FOREVER,
        )


async def _columns(connection: Connection, table: str) -> list[str]:
    rows = await connection.fetch(
        "SELECT attname FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped"
        " AND attgenerated = '' ORDER BY attnum",
        table,
    )
    return [row["attname"] for row in rows]


def _changes(changes: Mapping[str, str]) -> str:
    return ", ".join(f"'{column}', {value}" for column, value in changes.items())


async def known_shoppers(database: Database, count: int, purchases: int) -> list[str]:
    """So many tokens of cloned shoppers, who have shopped before; where there are fewer, some are there twice."""
    tokens = [f"sm_shopper_{number}" for number in range(min(count, purchases // PURCHASES_OF_A_SHOPPER))]
    async with _writing(database) as connection:
        await connection.executemany(
            f"UPDATE shoppers SET token_hash = $2 WHERE id = new_id('shopper', $1, '{_EPOCH}')",
            [(number, hashed(token)) for number, token in enumerate(tokens)],
        )
    return [tokens[number % len(tokens)] for number in range(count)]


async def _without_indexes(connection: Connection) -> list[str]:
    """Drops the indexes that no constraint needs, and gives what makes them anew."""
    rows = await connection.fetch(
        "SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition FROM pg_index"
        " WHERE indrelid = ANY ($1::text[]::regclass[]) AND NOT indisprimary"
        " AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)",
        list(_TABLES),
    )
    for row in rows:
        await connection.execute(f"DROP INDEX {row['name']}")
    return [row["definition"] for row in rows]


@asynccontextmanager
async def _writing(database: Database) -> AsyncIterator[Connection]:
    """A connection that checks nothing and takes its time."""
    settings = {
        "session_replication_role": "replica",
        "statement_timeout": "0",
        "maintenance_work_mem": "'1GB'",
    }
    async with database.connection() as connection:
        for name, value in settings.items():
            await connection.execute(f"SET {name} = {value}")
        try:
            yield connection
        finally:
            for name in settings:
                await connection.execute(f"RESET {name}")


async def megabytes(database: Database) -> float:
    """How much the database takes on its disk."""
    async with database.connection() as connection:
        return float(await connection.fetchval("SELECT pg_database_size(current_database())")) / 1024 / 1024
