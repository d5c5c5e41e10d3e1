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


async def remove_in_steps(
    database: Database, table: str, key: str, which: str, order: str, *values: Any
) -> int:
    """Removes the rows of a table that a condition of these values finds; `key` are the columns that tell rows apart.

    The first ones in the `order`, which is that of an index, go first.
    """
    found = f"SELECT {key} FROM {table} WHERE {which} ORDER BY {order} LIMIT ${len(values) + 1}"  # noqa: S608 - constants
    return await in_steps(database, f"DELETE FROM {table} WHERE ({key}) IN ({found})", *values)  # noqa: S608 - as above


async def _step(database: Database, statement: str, *values: Any) -> int:
    async with database.connection() as connection:
        told: str = await connection.execute(statement, *values, AT_A_TIME)  # such as DELETE 5000
    return int(told.rpartition(" ")[2])
