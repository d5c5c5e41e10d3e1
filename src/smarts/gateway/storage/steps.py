"""What is done to very many rows: a few at a time, so that no statement takes long or has many locked."""

from typing import Any

from smarts.gateway.storage.database import Database

AT_A_TIME = 5_000


async def in_steps(database: Database, statement: str, *values: Any) -> int:
    """Has a statement change or remove rows until it finds no more, each time by itself; gives how many they were.

    Its last parameter is how many it may take at a time; it finds them by an index in whose order they stand. With
    `= ANY (ARRAY(SELECT …))` PostgreSQL looks each of them up, where it may read the whole table for an `IN`.
    """
    done = 0
    while step := await _step(database, statement, *values):
        done += step
    return done


async def _step(database: Database, statement: str, *values: Any) -> int:
    async with database.connection() as connection:
        told: str = await connection.execute(statement, *values, AT_A_TIME)  # such as DELETE 5000
    return int(told.rpartition(" ")[2])
