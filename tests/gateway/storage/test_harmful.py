"""Migrations that the release before survives (docs/how-to/upgrade.md, decision 24)."""

import pytest

from gateway.storage.harmful import harms
from smarts.gateway.storage.migrations import OURS, Migration, load

# Made before there was a release that could be at work beside them.
BEFORE_THE_FIRST_RELEASE = "0018_past_carts"
RECENT = [each for each in load(OURS) if each.name > BEFORE_THE_FIRST_RELEASE]


@pytest.mark.parametrize("migration", RECENT, ids=lambda each: each.name)
def test_no_migration_harms_the_release_before(migration: Migration) -> None:
    """Nothing that old code uses is taken away or narrowed, and no table is locked for long."""
    assert list(harms(migration.sql)) == []


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE carts",
        "ALTER TABLE carts DROP COLUMN head",
        "ALTER TABLE carts DROP head",
        "ALTER TABLE carts RENAME head TO top",
        "ALTER TABLE carts RENAME TO baskets",
        "ALTER TABLE carts ALTER COLUMN version TYPE bigint",
        "ALTER TABLE carts ALTER head SET NOT NULL",
        "ALTER TABLE carts ADD COLUMN colour text NOT NULL",
        "ALTER TABLE carts ADD colour text NOT NULL, ADD size int",
        "ALTER TABLE carts ADD COLUMN key uuid DEFAULT gen_random_uuid()",
        "ALTER TABLE carts ADD CHECK (version > 0)",
        "ALTER TABLE carts ADD CONSTRAINT of_store FOREIGN KEY (store) REFERENCES institutions",
        "CREATE INDEX ON carts (state)",
        "CREATE UNIQUE INDEX one ON carts (state)",
        "DROP INDEX carts_state_idx",
        "UPDATE carts SET version = 1",
        "DELETE FROM carts",
        "LOCK TABLE carts",
        "TRUNCATE carts",
        "CREATE TABLE more (id text); -- of carts\nCREATE INDEX ON carts (state)",
    ],
)
def test_what_does_harm_is_found(sql: str) -> None:
    """Each of these would break or hold up the release before."""
    assert len(list(harms(sql))) >= 1


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE colours (id text PRIMARY KEY, name text NOT NULL); CREATE INDEX ON colours (name)",
        "CREATE TABLE colours (name text); ALTER TABLE colours ADD CHECK (name <> '')",
        "CREATE INDEX ON institutions (merchant_id)",
        "ALTER TABLE carts ADD COLUMN colour text",
        "ALTER TABLE carts ADD COLUMN colour text NOT NULL DEFAULT ''",
        "ALTER TABLE carts ADD CHECK (version > 0) NOT VALID",
        "ALTER TABLE carts ALTER head DROP NOT NULL",
        "CREATE INDEX CONCURRENTLY by_state ON carts (state)",
        "-- DROP TABLE carts\nALTER TABLE carts ADD size int",
    ],
)
def test_what_does_none_is_let_through(sql: str) -> None:
    """Expanding is fine, and new tables may be made as one likes."""
    assert list(harms(sql)) == []
