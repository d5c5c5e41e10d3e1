"""An ASGI application made from routes."""

import contextlib
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from time import perf_counter
from typing import Any

import structlog

from smarts.edge import context, tracing
from smarts.edge.answers import Send, problem_answer, send_answer
from smarts.edge.problems import BODY_SLOW, INTERNAL, NOT_FOUND, TOO_LARGE
from smarts.edge.requests import ClientGoneError, Receive, RequestReader
from smarts.edge.router import Router
from smarts.edge.routes import Answer, Events, Route
from smarts.edge.streams import Streams
from smarts.wire.codec import encode
from smarts.wire.errors import ProblemError

Scope = MutableMapping[str, Any]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]
Lifespan = Callable[[], contextlib.AbstractAsyncContextManager[None]]

_log = structlog.get_logger(__name__)
_UNREAD = {TOO_LARGE.status, BODY_SLOW.status}
_NOT_FOUND = problem_answer(NOT_FOUND.error())
_NO_CONTENT = Answer(204, b"")
_READY = (Answer, Events)


class EdgeApp:
    """Serves routes: finds one, authenticates, reads, decodes, calls the handler, and answers.

    `body_limit` in bytes (media have their own) and `body_seconds` bound each request's body. `observe` is told each
    answered request's route, status and seconds. What no route knows goes to `fallback`, or is a 404. `lifespan` is
    entered when the server starts and left when it stops. Requests that come `from_gateway` tell what they are about;
    with an `access_log` each request is a line of the log.
    """

    def __init__(
        self,
        routes: Iterable[Route],
        *,
        body_limit: int = 1024 * 1024,
        body_seconds: float = 15.0,
        observe: Callable[[Route, int, float], None] | None = None,
        fallback: ASGIApp | None = None,
        lifespan: Lifespan | None = None,
        keep_alive: float = 15.0,
        from_gateway: bool = False,
        access_log: bool = False,
    ) -> None:
        self.routes = tuple(routes)
        self._router = Router(self.routes)
        self._reader = RequestReader(body_limit, body_seconds)
        self._observe = observe
        self._unknown = fallback or _not_found
        self._lifespan = lifespan or contextlib.nullcontext
        self._streams = Streams(keep_alive)
        self._from_gateway = from_gateway
        self._access_log = access_log
        self._draining = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves a request, or the server's start and stop."""
        if scope["type"] == "http":
            parent = context.begin_request(scope["headers"], from_gateway=self._from_gateway)
            await self._serve(scope, receive, self._watched(scope, send), parent)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await self._unknown(scope, receive, send)

    @property
    def is_draining(self) -> bool:
        """Whether the server is about to stop, so that nobody new should be sent here."""
        return self._draining

    @property
    def open_streams(self) -> int:
        """How many event streams are open."""
        return self._streams.open

    def drain(self) -> None:
        """Asks whoever calls to go elsewhere: every answer from now on is the last one of its connection."""
        self._draining = True

    def end_streams(self) -> None:
        """Ends all open event streams, so that a server which stops need not wait for them."""
        self._streams.end()

    def _watched(self, scope: Scope, send: Send) -> Send:
        """Where it is wanted, logs how a request is answered, and closes its connection."""
        if not self._access_log and not self._draining:
            return send
        started = perf_counter()

        async def watched(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                if self._draining and scope.get("http_version", "1.1").startswith("1"):
                    message["headers"] = [*message.get("headers", ()), (b"connection", b"close")]
                if self._access_log:
                    took = round(perf_counter() - started, 4)
                    line = f"{scope['method']} {scope['path']}"
                    _log.info("request", line=line, status=message["status"], seconds=took)
            await send(message)

        return watched

    async def _serve(self, scope: Scope, receive: Receive, send: Send, parent: str | None) -> None:
        found = self._router.find(scope)
        if found is None:
            await self._unknown(scope, receive, send)
            return
        route, path = found
        try:
            if isinstance(route, Answer):
                await send_answer(send, route)
            else:
                with tracing.server_span(route.method, route.path, parent):
                    await self._serve_route(route, path, scope, receive, send)
        except (ClientGoneError, OSError):
            # Servers may raise OSError when the client has gone (ASGI 2.4); nobody is left to be told.
            return

    async def _serve_route(
        self, route: Route, path: Mapping[str, str], scope: Scope, receive: Receive, send: Send
    ) -> None:
        started = perf_counter()
        answer = await self._answer(route, path, scope, receive)
        status = route.status if isinstance(answer, Events) else answer.status
        tracing.answered(status)
        if self._observe:
            self._observe(route, status, perf_counter() - started)
        if isinstance(answer, Events):
            await self._stream(route, answer, scope, receive, send)
        else:
            await send_answer(send, answer)

    async def _answer(
        self, route: Route, path: Mapping[str, str], scope: Scope, receive: Receive
    ) -> Answer | Events:
        try:
            call = await self._reader.read(route, path, scope, receive)
            result = await route.handler(call)
            if isinstance(result, _READY):
                return result
            return _NO_CONTENT if route.response is None else Answer(route.status, encode(result))
        except ProblemError as error:
            if error.problem.status >= 500:
                _log.warning(
                    "request not served", route=_named(route), problem=error.problem.type, error=str(error)
                )
            return problem_answer(error, _headers(error, route, scope))
        except ClientGoneError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a handler raises is answered, logged and told to nobody
            return _broken(route, error)

    async def _stream(self, route: Route, events: Events, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if scope["method"] == "HEAD":
                await self._streams.show_headers(events, send)
            else:
                await self._streams.run(events, receive, send)
        except ClientGoneError:
            raise
        except Exception as error:  # noqa: BLE001 - the answer has begun, so that only the log can tell
            _broken(route, error)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        phase = "startup"
        try:
            async with self._lifespan():
                await send({"type": "lifespan.startup.complete"})
                phase = "shutdown"
                await receive()
                self.end_streams()
        except Exception as error:  # noqa: BLE001 - the server is told instead
            _log.exception(f"{phase} failed")
            await send({"type": f"lifespan.{phase}.failed", "message": str(error)})
        else:
            await send({"type": "lifespan.shutdown.complete"})


async def _not_found(scope: Scope, _: Receive, send: Send) -> None:
    if scope["type"] == "http":
        await send_answer(send, _NOT_FOUND)
    else:
        await send({"type": "websocket.close"})


def _headers(error: ProblemError, route: Route, scope: Scope) -> dict[str, str]:
    headers = {}
    if error.problem.status == 401 and route.authenticate:
        headers["WWW-Authenticate"] = route.authenticate.scheme.challenge
    if error.problem.status in _UNREAD and scope.get("http_version", "1.1").startswith("1"):
        headers["Connection"] = "close"  # the rest of the body is not wanted
    return headers


def _named(route: Route) -> str:
    return f"{route.method} {route.path}"


def _broken(route: Route, error: Exception) -> Answer:
    _log.error("request failed", route=_named(route), exc_info=error)
    return problem_answer(INTERNAL.error(f"The log says more under {context.request_id()}."))
