"""SQL databases as sources: real ones."""

import sqlite3
from pathlib import Path

import asyncpg
import pytest

from smarts.ready.sources import DatabaseQuery, SourceError, source_of
from smarts.ready.sources.settings import SourceSettings


def shop(path: Path, count: int = 3) -> str:
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE goods (ean TEXT, name TEXT, price NUMERIC)")
        database.executemany(
            "INSERT INTO goods VALUES (?, ?, ?)",
            [(str(number), f"Goods {number}", 1.5) for number in range(count)],
        )
    database.close()
    return f"sqlite:///{path}"


def test_rows_are_what_the_query_answers(tmp_path: Path) -> None:
    """Columns are called as the query calls them; a percent sign and a colon in it are its own."""
    query = "SELECT ean AS barcode, name || ':x' AS name FROM goods WHERE name LIKE 'Goods%' ORDER BY ean"
    source = DatabaseQuery(shop(tmp_path / "shop.db"), query)
    assert [row.cells["name"] for row in source.rows()] == ["Goods 0:x", "Goods 1:x", "Goods 2:x"]
    assert [row.number for row in source.rows()] == [1, 2, 3]


def test_changes_are_seen_by_their_query(tmp_path: Path) -> None:
    """The fingerprint is what `changes` answers."""
    path = tmp_path / "shop.db"
    source = DatabaseQuery(shop(path), "SELECT * FROM goods", "SELECT count(*) FROM goods")
    before = source.fingerprint()
    assert source.fingerprint() == before
    with sqlite3.connect(path) as database:
        database.execute("INSERT INTO goods VALUES ('9', 'More', 1)")
    database.close()
    assert source.fingerprint() != before


def test_database_that_is_not_there_is_told_and_not_made(tmp_path: Path) -> None:
    """SQLite would make an empty database: a wrong path is an error instead."""
    path = tmp_path / "none.db"
    with pytest.raises(SourceError, match="is not there"):
        list(DatabaseQuery(f"sqlite:///{path}", "SELECT 1").rows())
    assert not path.exists()


def test_query_that_fails_is_told_in_the_databases_words(tmp_path: Path) -> None:
    """What the database says is in the error."""
    with pytest.raises(SourceError, match="no such table: wares"):
        list(DatabaseQuery(shop(tmp_path / "shop.db"), "SELECT * FROM wares").rows())


@pytest.mark.parametrize("url", ["shop.db", "nonsense://x", "://", "postgresql+nodriver://u:secret@h/d"])
def test_url_that_is_none_is_told(url: str) -> None:
    """A wrong URL is an error that does not repeat its password."""
    with pytest.raises(SourceError) as caught:
        list(DatabaseQuery(url, "SELECT 1").rows())
    assert "secret" not in str(caught.value)


def test_password_is_never_shown() -> None:
    """Neither the name nor an error nor the object's form has the password."""
    source = DatabaseQuery("postgresql://reader:secret@127.0.0.1:1/shop", "SELECT 1")
    with pytest.raises(SourceError) as caught:
        list(source.rows())
    assert "secret" not in f"{source.name} {source!r} {caught.value}"


async def test_postgresql_is_read_as_a_stream(empty_database_url: str) -> None:
    """A table of PostgreSQL is read, numbers as exact decimals, however the URL spells the driver."""
    connection = await asyncpg.connect(empty_database_url)
    await connection.execute(
        "CREATE TABLE goods AS SELECT n::text AS barcode, 'Ž' || n AS name, 1.10::numeric AS price "
        "FROM generate_series(1, 12000) AS n"
    )
    await connection.close()
    found = list(DatabaseQuery(empty_database_url, "SELECT * FROM goods ORDER BY name").rows())
    assert len(found) == 12_000
    assert str(found[0].cells["price"]) == "1.10"


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (SourceSettings(), "either `file` or `database`"),
        (SourceSettings(file="a.csv", database="sqlite:///a.db"), "either `file` or `database`"),
        (SourceSettings(database="sqlite:///a.db"), "Expected a `query`"),
        (SourceSettings(file="a.csv", encoding="klingon"), "klingon"),
    ],
)
def test_settings_that_name_no_source_are_told(settings: SourceSettings, words: str) -> None:
    """What is missing or too much is named."""
    with pytest.raises(SourceError, match=words):
        source_of(settings)
