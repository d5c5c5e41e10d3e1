"""The verbs of codes: decoding beside the event loop, by few threads and with few pictures waiting."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import BoundedSemaphore

from smarts.edge.problems import invalid
from smarts.gateway.codes.pictures import UnreadableError, symbols_in
from smarts.gateway.codes.rules import FoundCode, found_code
from smarts.gateway.errors import DECODER_BUSY

_TRY_AGAIN_SECONDS = 1.0


class Codes:
    """Finds codes in pictures.

    `threads` decode at a time and `waiting` pictures wait for them at most; who has waited for `patience` is told to
    try again. A picture that is being decoded is decoded to its end all the same, and keeps its place until then.
    """

    def __init__(
        self, threads: int = 2, waiting: int = 8, patience: timedelta = timedelta(seconds=3)
    ) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="codes")
        self._places = BoundedSemaphore(threads + waiting)
        self._patience = patience.total_seconds()

    async def decode(self, picture: bytes) -> tuple[FoundCode, ...]:
        """The codes in a picture, none where there are none.

        Raises:
            ProblemError: 422 where this is no picture or too large a one, 503 where too many are being decoded.
        """
        if not self._places.acquire(blocking=False):
            raise DECODER_BUSY.error(retry_after=_TRY_AGAIN_SECONDS)
        decoding = self._pool.submit(symbols_in, picture)
        decoding.add_done_callback(lambda _: self._places.release())
        try:
            async with asyncio.timeout(self._patience):
                symbols = await asyncio.wrap_future(decoding)
        except UnreadableError as error:
            raise invalid("body", str(error)) from None
        except TimeoutError:
            raise DECODER_BUSY.error(retry_after=_TRY_AGAIN_SECONDS) from None
        return tuple(found_code(symbol) for symbol in symbols)

    def close(self) -> None:
        """Decodes nothing any more; does not wait."""
        self._pool.shutdown(wait=False, cancel_futures=True)
