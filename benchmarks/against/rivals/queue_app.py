"""A queue of procrastinate as its documentation has it: a task, which posts a document, and the worker's command.

Run by the rivals' own interpreter. `fill` defers a task for each line of the file that the command line names.
"""

import asyncio
import os
import sys
from pathlib import Path

import aiohttp
from procrastinate import App, PsycopgConnector

_AT_ONCE = 500

_connections = int(os.environ["QUEUE_CONNECTIONS"])
app = App(connector=PsycopgConnector(conninfo=os.environ["QUEUE_DATABASE"], max_size=_connections))
_sessions: list[aiohttp.ClientSession] = []


@app.task(name="deliver")
async def deliver(document: str) -> None:
    """Posts the document over connections that are kept."""
    if not _sessions:
        _sessions.append(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)))
    async with _sessions[0].post(os.environ["QUEUE_ENDPOINT"], data=document.encode()) as response:
        response.raise_for_status()


def fill() -> None:
    """Puts them into the queue."""
    asyncio.run(_defer(Path(sys.argv[1]).read_text().splitlines()))


async def _defer(documents: list[str]) -> None:
    async with app.open_async():
        for start in range(0, len(documents), _AT_ONCE):
            some = documents[start : start + _AT_ONCE]
            await deliver.batch_defer_async(*({"document": each} for each in some))
