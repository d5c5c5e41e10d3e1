"""The ledger in the database, and what an older release wrote."""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import asyncpg
import pytest

from gateway.payments.purchases import Till
from smarts.gateway.storage.database import Database
from smarts.gateway.storage.migrations import OURS, migrate

ENTRY = (
    "INSERT INTO ledger_entries (step_id, invoice_id, account, amount, currency, written_at)"
    " VALUES ($1, 'invoice', $2, $3, $4, now())"
)


async def enter(till: Till, step_id: str, *entries: tuple[str, str, str]) -> None:
    """Writes entries (account, amount, currency) past all of our code."""
    await enter_all(till, *((step_id, *entry) for entry in entries))


async def enter_all(till: Till, *entries: tuple[str, str, str, str]) -> None:
    async with till.database.transaction() as tx:
        for step_id, account, amount, currency in entries:
            await tx.execute(ENTRY, step_id, account, Decimal(amount), currency)


async def test_entries_that_do_not_balance_cannot_be_written(sandbox_till: Till) -> None:
    """The database refuses the transaction: by sum, by currency, and by step."""
    step, other = [(await sandbox_till.begun()).id for _ in range(2)]
    with pytest.raises(asyncpg.CheckViolationError, match="do not balance"):
        await enter(sandbox_till, step, ("provider", "10", "EUR"), ("sales", "-9.99", "EUR"))
    with pytest.raises(asyncpg.CheckViolationError, match="do not balance"):
        await enter(sandbox_till, step, ("provider", "10", "EUR"), ("sales", "-10", "USD"))
    with pytest.raises(asyncpg.CheckViolationError, match="do not balance"):
        await enter_all(sandbox_till, (step, "provider", "10", "EUR"), (other, "sales", "-10", "EUR"))
    await enter(sandbox_till, step, ("provider", "10", "EUR"), ("sales", "-10", "EUR"))


async def test_a_step_is_entered_once(sandbox_till: Till) -> None:
    """Not even a balanced repetition gets into the ledger."""
    payment = await sandbox_till.paid(capture=True)
    with pytest.raises(asyncpg.UniqueViolationError):
        await enter(sandbox_till, payment.id, ("provider", "10", "EUR"), ("sales", "-10", "EUR"))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entries SET amount = amount",
        "DELETE FROM ledger_entries",
        "TRUNCATE ledger_entries",
        "TRUNCATE payment_steps CASCADE",
    ],
)
async def test_the_ledger_is_only_added_to(sandbox_till: Till, statement: str) -> None:
    """Whoever wants to correct it by hand is told how."""
    await sandbox_till.paid(capture=True)
    async with sandbox_till.database.connection() as connection:
        with pytest.raises(asyncpg.CheckViolationError, match="only ever added to"):
            await connection.execute(statement)


@pytest.mark.parametrize(("captured", "refunded"), [("10.01", "0"), ("5", "5.01"), ("5", "-1")])
async def test_a_payment_cannot_stand_impossibly(sandbox_till: Till, captured: str, refunded: str) -> None:
    """Never more is taken than was held, nor given back than was taken."""
    payment = await sandbox_till.paid()
    async with sandbox_till.database.connection() as connection:
        with pytest.raises(asyncpg.CheckViolationError):
            await connection.execute(
                "UPDATE payments SET captured = $2, refunded = $3 WHERE id = $1",
                payment.id,
                Decimal(captured),
                Decimal(refunded),
            )


@pytest.fixture
async def earlier(empty_database_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    """A database as the release before payments could be held left it."""
    for name in ("0001_outbox.sql", "0002_gateway.sql"):
        (tmp_path / name).write_text(OURS.joinpath(name).read_text("utf-8"))
    async with Database.open(empty_database_url, connections=1) as database:
        await migrate(database, tmp_path)
        yield database


_EARLIER = """
INSERT INTO merchants (id, name) VALUES ('m', 'M');
INSERT INTO institutions (id, merchant_id, name, seller, currency, time_zone, switches)
    VALUES ('s', 'm', 'S', '{}', 'EUR', 'Europe/Tallinn', '{}');
INSERT INTO shoppers (id, token_hash, lang_code, fingerprint) VALUES ('p', '', 'ET', '');
INSERT INTO carts (id, institution_id, person_id, state, version, head, created_at, updated_at)
    SELECT status, 's', 'p', 'PAID', 1, json_build_object('payment', json_build_object('status', status)), now(), now()
    FROM unnest(ARRAY['APPROVED', 'DECLINED', 'UNKNOWN']) AS status;
INSERT INTO payments (id, cart_id, invoice_id, method, status, amount, currency)
    SELECT 'payment ' || id, id, 'invoice ' || id, 'SANDBOX', id, 2.73, 'EUR' FROM carts;
INSERT INTO sandbox_charges (id, outcome, amount, currency) VALUES ('payment APPROVED', 'APPROVED', 2.73, 'EUR');
"""


async def test_earlier_payments_are_kept(earlier: Database) -> None:
    """What was approved is captured, in the ledger and in its cart; the others stand as they stood."""
    async with earlier.connection() as connection:
        await connection.execute(_EARLIER)
    await migrate(earlier)
    async with earlier.connection() as connection:
        payments = await connection.fetch("SELECT cart_id, institution_id, status, captured FROM payments")
        steps = await connection.fetch("SELECT payment_id, kind, status FROM payment_steps")
        entries = await connection.fetch("SELECT invoice_id, account, amount FROM ledger_entries")
        cart = await connection.fetchval(
            "SELECT head -> 'payment' ->> 'status' FROM carts WHERE id = 'APPROVED'"
        )
        sandbox = await connection.fetchval("SELECT captured FROM sandbox_charges")
    assert {tuple(row) for row in payments} == {
        ("APPROVED", "s", "CAPTURED", Decimal("2.73")),
        ("DECLINED", "s", "DECLINED", Decimal(0)),
        ("UNKNOWN", "s", "UNKNOWN", Decimal(0)),
    }
    assert {tuple(row) for row in steps} == {
        ("payment APPROVED", "SALE", "DONE"),
        ("payment DECLINED", "SALE", "DECLINED"),
        ("payment UNKNOWN", "SALE", "UNKNOWN"),
    }
    assert {tuple(row) for row in entries} == {
        ("invoice APPROVED", "provider", Decimal("2.73")),
        ("invoice APPROVED", "sales", Decimal("-2.73")),
    }
    assert (cart, sandbox) == ("CAPTURED", Decimal("2.73"))
