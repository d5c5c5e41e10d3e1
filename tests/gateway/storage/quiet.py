"""A way to the database that goes silent: the connections stay, and nothing comes through any more."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import parse_qs, urlsplit

from serving import talking


class Way:
    """A proxy in front of the server; `url` leads through it."""

    def __init__(self) -> None:
        self.url = ""
        self.open = asyncio.Event()
        self.open.set()

    def go_silent(self) -> None:
        """From now on nothing comes through."""
        self.open.clear()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One way of one connection."""
        try:
            with suppress(OSError):
                while data := await reader.read(65536):
                    await self.open.wait()
                    writer.write(data)
                    await writer.drain()
        finally:
            writer.close()


@asynccontextmanager
async def way_to(database_url: str) -> AsyncIterator[Way]:
    """A way to a database that listens on a Unix socket."""
    parts = urlsplit(database_url)
    socket = f"{parse_qs(parts.query)['host'][0]}/.s.PGSQL.5432"
    way = Way()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server_reader, server_writer = await asyncio.open_unix_connection(socket)
        await asyncio.gather(way.carry(reader, server_writer), way.carry(server_reader, writer))

    async with talking(connected) as port:
        way.url = f"postgresql://{parts.username}@127.0.0.1:{port}{parts.path}?sslmode=disable"
        yield way
