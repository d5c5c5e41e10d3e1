"""Writes that are made together: all of them or none, by one statement."""

from typing import Any

import asyncpg
import pytest

from smarts.gateway.storage.database import Database
from smarts.gateway.storage.writes import NotWrittenError, Write, write


@pytest.fixture
async def books(database: Database) -> Database:
    async with database.connection() as connection:
        await connection.execute("CREATE TABLE books (title text PRIMARY KEY, copies int NOT NULL)")
        await connection.execute("CREATE TABLE readers (name text PRIMARY KEY)")
    return database


async def held(database: Database) -> dict[str, int]:
    async with database.connection() as connection:
        return {row["title"]: row["copies"] for row in await connection.fetch("SELECT * FROM books")}


def bought(name: str, title: str, copies: int, **more: Any) -> Write:
    return Write(f"{name} AS (INSERT INTO books VALUES ($1, $2))", (title, copies), **more)


def lent(title: str) -> Write:
    return Write(
        "lent AS (UPDATE books SET copies = copies - $2 WHERE title = $1 AND copies >= $2 RETURNING 1)",
        (title, 1),
        ("lent",),
    )


async def test_each_part_has_its_own_values(books: Database) -> None:
    """Values are numbered within each part, however many stand before it, more than ten of them, too."""
    many = [bought(f"bought_{number}", f"Volume {number}", number) for number in range(8)]
    async with books.connection() as connection:
        await write(connection, *many)
        await write(connection, lent("Volume 7"), bought("bought", "Index", 2))
    assert await held(books) == {f"Volume {number}": number - (number == 7) for number in range(8)} | {
        "Index": 2
    }


async def test_nothing_is_written_where_a_part_gives_no_row_that_must(books: Database) -> None:
    """Neither what stands before it nor what stands after it; the error names it, and nothing is told to be done."""
    done: list[str] = []
    async with books.connection() as connection:
        await write(connection, bought("bought", "Atlas", 0))
        with pytest.raises(NotWrittenError) as failed:
            await write(
                connection,
                Write("entered AS (INSERT INTO readers VALUES ($1) RETURNING 1)", ("Ann",), ("entered",)),
                lent("Atlas"),
                bought("bought", "Bible", 1, done=lambda: done.append("Bible")),
            )
        assert failed.value.query == "lent"
        assert await connection.fetchval("SELECT count(*) FROM readers") == 0
        assert (await held(books), done) == ({"Atlas": 0}, [])
        await write(connection, bought("bought", "Bible", 1, done=lambda: done.append("Bible")))
    assert (await held(books), done) == ({"Atlas": 0, "Bible": 1}, ["Bible"])


async def test_what_must_be_is_looked_for_before_the_statement(books: Database) -> None:
    """Each part sees what was there before, not what the others write; afterwards it is there for all."""
    async with books.connection() as connection:
        with pytest.raises(NotWrittenError):
            await write(connection, bought("bought", "Bible", 1), lent("Bible"))
        await write(connection, bought("bought", "Bible", 1))
        await write(connection, lent("Bible"))
    assert await held(books) == {"Bible": 0}


async def test_other_errors_stay_what_they_are(books: Database) -> None:
    """What PostgreSQL refuses for another reason is told as it tells it, and nothing is written."""
    async with books.connection() as connection:
        await write(connection, bought("bought", "Bible", 1))
        with pytest.raises(asyncpg.UniqueViolationError):
            await write(connection, bought("first", "Atlas", 1), bought("second", "Bible", 1))
    assert await held(books) == {"Bible": 1}
