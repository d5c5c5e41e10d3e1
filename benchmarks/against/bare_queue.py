"""The least that a queue in PostgreSQL does: claims a batch, posts it, deletes it, commits.

It has no order, no lanes, no retries, no attempts written down, and holds its transaction open while it posts.
Usage: `python -m benchmarks.against.bare_queue DATABASE ENDPOINT BATCH`.
"""

import asyncio
import sys

import aiohttp
import asyncpg
import uvloop

CLAIM = "SELECT id, document FROM bare_queue ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED"
DONE = "DELETE FROM bare_queue WHERE id = ANY ($1)"
_EMPTY_SECONDS = 0.1


async def deliver(database: str, endpoint: str, batch: int) -> None:
    connection = await asyncpg.connect(database)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def post(document: bytes) -> None:
            async with session.post(endpoint, data=document) as response:
                response.raise_for_status()

        while True:
            async with connection.transaction():
                rows = await connection.fetch(CLAIM, batch)
                await asyncio.gather(*(post(row["document"]) for row in rows))
                await connection.execute(DONE, [row["id"] for row in rows])
            if not rows:
                await asyncio.sleep(_EMPTY_SECONDS)


if __name__ == "__main__":
    uvloop.run(deliver(sys.argv[1], sys.argv[2], int(sys.argv[3])))
