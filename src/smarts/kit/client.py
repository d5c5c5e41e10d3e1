"""The bounded sender: whatever the other side does, an exchange comes back in time."""

import asyncio
import io
import os
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import aiohttp

from smarts.kit.exchange import Answer, Exchange, Request

LARGEST_ANSWER = 8 * 1024 * 1024  # bytes that are read of an answer

_CONNECT_SECONDS = 4.0
_LARGE = 64 * 1024
_LONGEST_TROUBLE = 300


class Client:
    """Sends requests as they are: follows no redirects, keeps no cookies, reads so many bytes for so many seconds."""

    def __init__(self, *, largest_answer: int = LARGEST_ANSWER) -> None:
        self._largest_answer = largest_answer

    async def __aenter__(self) -> Self:
        """Opens the connections."""
        self._session = aiohttp.ClientSession(
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_SECONDS),
            skip_auto_headers=("Content-Type", "User-Agent", "Accept", "Accept-Encoding"),
            auto_decompress=False,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes the connections."""
        await self._session.close()

    async def send(
        self, request: Request, *, seconds: float, pieces: Sequence[bytes] = (), pause: float = 0
    ) -> Exchange:
        """Sends a request; `pieces`, with a `pause` of seconds between them, go instead of its body."""
        data: Any = _slowly(pieces, pause) if pieces else _sendable(request.body)
        try:
            async with asyncio.timeout(seconds):
                headers = request.headers_now(b"".join(pieces) if pieces else request.body)
                return await self._exchange(request, headers, data)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            return Exchange(request, None, _why(error), reached=False)
        except TimeoutError:
            return Exchange(request, None, f"no whole answer within {seconds:g} s", timed_out=True)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Exchange(request, None, (str(error) or type(error).__name__)[:_LONGEST_TROUBLE])

    async def _exchange(self, request: Request, headers: Mapping[str, str], data: Any) -> Exchange:
        start = time.perf_counter()
        async with self._session.request(
            request.method, request.url, headers=headers, data=data, allow_redirects=False
        ) as response:
            body = await self._read(response.content)
            seconds = time.perf_counter() - start
            if body is None:
                return Exchange(request, None, f"an answer of more than {self._largest_answer} bytes")
            answered = {name.lower(): value for name, value in response.headers.items()}
            return Exchange(request, Answer(response.status, answered, body, seconds))

    async def _read(self, content: aiohttp.StreamReader) -> bytes | None:
        body = bytearray()
        async for piece in content.iter_any():
            body += piece
            if len(body) > self._largest_answer:
                return None
        return bytes(body)


def _sendable(body: bytes | None) -> io.BytesIO | bytes | None:
    # Bytes are written at once, which would hold up all else for a large body.
    return io.BytesIO(body) if body and len(body) > _LARGE else body


async def _slowly(pieces: Sequence[bytes], pause: float) -> AsyncIterator[bytes]:
    for number, piece in enumerate(pieces):
        if number:
            await asyncio.sleep(pause)
        yield piece


def _why(error: Exception) -> str:
    """What keeps the other side from being reached, in the words of the system."""
    if not isinstance(error, aiohttp.ClientConnectorError):
        return str(error)
    number = error.os_error.errno
    return f"nobody answers at {error.host}:{error.port}: {os.strerror(number) if number else error.os_error}"
