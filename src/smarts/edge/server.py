"""Running an application: uvicorn, told to end event streams before it waits for answers under way."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from typing import Any, Protocol

import uvicorn

from smarts.edge.answers import Send
from smarts.edge.requests import Receive

_GRACE = 10  # seconds that answers under way have when the server stops
_IDLE = (
    75  # seconds that an unused connection is kept; longer than callers keep theirs, so that they close it
)


class Application(Protocol):
    """An ASGI application with event streams to end."""

    async def __call__(self, scope: Any, receive: Receive, send: Send, /) -> None:
        """Serves."""

    def drain(self) -> None:
        """Asks whoever calls to go elsewhere."""

    def end_streams(self) -> None:
        """Ends all open event streams."""


class CannotServeError(RuntimeError):
    """The application does not start, or the port is taken; the log says which."""


class Server(uvicorn.Server):
    """Serves one application on one address; `port` 0 takes any free one, `sockets` already bound win over both.

    When it is told to stop it goes on serving for `drain` seconds, in which whoever sends requests here can notice.
    """

    def __init__(
        self, app: Application, host: str = "127.0.0.1", port: int = 8000, *, drain: float = 0.0, **more: Any
    ) -> None:
        settings: dict[str, Any] = {
            "access_log": False,
            "log_config": None,
            "server_header": False,
            "timeout_graceful_shutdown": _GRACE,
            "timeout_keep_alive": _IDLE,
        }
        super().__init__(uvicorn.Config(app, host, port, **(settings | more)))
        self._app = app
        self._drain = drain

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts the application and listens.

        Raises:
            CannotServeError: as it says.
        """
        try:
            await super().startup(sockets)
        except SystemExit:
            self.should_exit = True
            raise CannotServeError(f"cannot serve on {self.config.host}:{self.config.port}") from None

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stops: callers are asked to go elsewhere, then streams end, and answers under way are finished."""
        self._app.drain()
        clock = asyncio.get_running_loop().time
        ends = clock() + self._drain
        while clock() < ends and not self.force_exit:  # noqa: ASYNC110 - a second Ctrl-C only sets this flag
            await asyncio.sleep(0.05)
        self._app.end_streams()
        await super().shutdown(sockets)

    @property
    def port(self) -> int:
        """The port it listens on, once started."""
        return int(self.servers[0].sockets[0].getsockname()[1])

    async def ready(self) -> None:
        """Returns when it listens.

        Raises:
            RuntimeError: it stopped before that.
        """
        while not self.started:
            if self.should_exit:
                raise RuntimeError("the server stopped before it was ready")
            await asyncio.sleep(0.01)


class _Beside(Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def serving(
    app: Application, host: str = "127.0.0.1", port: int = 0, **more: Any
) -> AsyncIterator[str]:
    """Serves an application beside what goes on in the block, and gives its address; signals are left alone.

    Raises:
        RuntimeError: the application does not start, or the port is taken.
    """
    server = _Beside(app, host, port, **more)
    running = asyncio.create_task(server.serve())
    try:
        await _started(server, running)
        yield f"http://{host}:{server.port}"
    finally:
        server.should_exit = True
        await asyncio.gather(running, return_exceptions=True)


async def _started(server: Server, running: "asyncio.Task[None]") -> None:
    ready = asyncio.ensure_future(server.ready())
    await asyncio.wait({ready, running}, return_when=asyncio.FIRST_COMPLETED)
    if running.done():
        ready.cancel()
        await running
    await ready
