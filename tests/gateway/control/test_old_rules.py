"""The rules that stores had before there were policies go on as their first one."""

import shutil
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import pytest

from smarts.control import AgeCheck, Policy, Unanswered
from smarts.gateway.control import policy_store
from smarts.gateway.storage.database import Database
from smarts.gateway.storage.migrations import migrate

OLD = {
    "all": '{"share":0.025,"firstPurchase":true,"totalOver":99.9,"piecesOver":40,"age":"FULL","unanswered":"RULES"}',
    "older": '{"share":0,"firstPurchase":false,"totalOver":null,"piecesOver":3,"age":"AGE"}',
    "none": "{}",
}


@pytest.mark.parametrize(
    ("store", "version", "expected"),
    [
        (
            "all",
            1,
            Policy(
                share=Decimal("0.025"),
                first_purchases=1,
                total_over=Decimal("99.9"),
                pieces_over=40,
                age=AgeCheck.FULL,
                unanswered=Unanswered.RULES,
                together_minutes=0,
                left_check_hours=0,
            ),
        ),
        ("older", 1, Policy(pieces_over=3, together_minutes=0, left_check_hours=0)),
        ("none", 0, Policy()),
    ],
)
async def test_rules_of_old_are_the_first_version(
    empty_database_url: str, tmp_path: Path, store: str, version: int, expected: Policy
) -> None:
    """With what is new switched off; a store that never had any has no version yet."""
    own = files("smarts.gateway.storage") / "migrations"
    for each in own.iterdir():
        if each.name.endswith(".sql") and each.name < "0025":
            shutil.copy(str(each), tmp_path)
    async with Database.open(empty_database_url) as database:
        await migrate(database, tmp_path)
        async with database.connection() as connection:
            await connection.execute("INSERT INTO merchants (id, name) VALUES ('m', 'M')")
            await connection.execute(
                "INSERT INTO institutions (id, merchant_id, name, seller, currency, time_zone, switches, campaigns,"
                " check_rules) VALUES ($1, 'm', 'S', '{}', 'EUR', 'UTC', '{}', '[]', $2)",
                store,
                OLD[store],
            )
        await migrate(database)
        async with database.connection() as connection:
            saved = await policy_store.current(connection, store)
    assert (saved.version, saved.policy) == (version, expected)
