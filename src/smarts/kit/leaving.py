"""Goes away when the answer begins: what was sent is done, and whoever sent it does not know."""

import asyncio
import contextlib
import ssl
from typing import Any
from urllib.parse import urlsplit

from smarts.kit.check import Unmet
from smarts.kit.exchange import Exchange, Request
from smarts.kit.subject import Case
from smarts.wire.operations import Operation


async def send_and_leave(case: Case, operation: Operation, document: Any) -> None:
    """Sends a whole request and closes the connection when the answer begins, which is not read.

    Raises:
        Unmet: it could not be sent, or no answer began within the operation's deadline.
        Unseen: that has been so before.
    """
    case.subject.silence.require_hope(operation)
    request = case.request(operation, document)
    case.exchanges.append(Exchange(request, None, "the kit closed the connection when the answer began"))
    try:
        async with asyncio.timeout(operation.deadline * case.subject.patience):
            await _send(request)
        case.subject.silence.note(operation, answered=True, usual=True)
    except (OSError, TimeoutError, ValueError, asyncio.IncompleteReadError) as error:
        case.subject.silence.note(operation, answered=False, usual=True)
        raise Unmet("the beginning of an answer", str(error) or type(error).__name__) from None


async def _send(request: Request) -> None:
    address = urlsplit(request.url)
    is_secure = address.scheme == "https"
    reader, writer = await asyncio.open_connection(
        address.hostname,
        address.port or (443 if is_secure else 80),
        ssl=ssl.create_default_context() if is_secure else None,
    )
    try:
        writer.write(_head(request, address.netloc.rpartition("@")[2], address.path) + (request.body or b""))
        await writer.drain()
        await reader.readexactly(1)
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def _head(request: Request, host: str, path: str) -> bytes:
    headers = {"Host": host, **request.headers, "Content-Length": str(len(request.body or b""))}
    lines = [
        f"{request.method} {path or '/'} HTTP/1.1",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode()
