"""A proxy that looks at requests as they are on the wire, before any server has tidied them."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from serving import talking

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


@asynccontextmanager
async def proxy(address: str, refuse: Callable[[bytes], bytes | None]) -> AsyncIterator[str]:
    """Passes requests on, one a connection; those whose head `refuse` answers go no further."""
    host, port = address.removeprefix("http://").split(":")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head)
        body = await reader.readexactly(int(length[1]) if length else 0)
        answer = refuse(head) or await _passed_on(head, body)
        writer.write(answer)
        await writer.drain()

    async def _passed_on(head: bytes, body: bytes) -> bytes:
        inward, outward = await asyncio.open_connection(host, int(port))
        try:
            outward.write(head.replace(b"\r\n", b"\r\nConnection: close\r\n", 1) + body)
            return await inward.read()
        finally:
            outward.close()

    async with talking(serve) as here:
        yield f"http://127.0.0.1:{here}"
