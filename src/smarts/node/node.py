"""A merchant's connection node, made from what the merchant has written."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, MutableMapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from types import ModuleType
from typing import Any, TypeVar

import structlog

from smarts.edge.access import AccessTokens
from smarts.edge.answers import Send
from smarts.edge.app import EdgeApp, Lifespan
from smarts.edge.logs import log_to_standard_error
from smarts.edge.openapi import document_routes, openapi_document
from smarts.edge.problems import FEATURE_ABSENT, NOT_FOUND, REFUSED
from smarts.edge.requests import Receive
from smarts.edge.routes import Call, Route, serve
from smarts.edge.server import CannotServeError, Server
from smarts.edge.signatures import Signatures
from smarts.edge.tracing import traced
from smarts.node.features import METHODS, methods_of
from smarts.node.health import node_health
from smarts.node.inbox import Inbox, takes_transaction
from smarts.node.methods import Method, called, handler
from smarts.wire import operations
from smarts.wire.nodes import CONTRACT_VERSION, Feature, NodeHealthResponse, NodeVersionResponse
from smarts.wire.operations import Operation

Function = TypeVar("Function", bound=Callable[..., Any])

_log = structlog.get_logger(__name__)


class Node:
    """An ASGI application that serves the features which the store objects, or modules, have.

    Run it alone with `run` or any ASGI server, or mount it in another application. `token` is what the gateway
    shows in `accessToken`; while it is being exchanged give both the new and the old one. Functions can be added
    with `handles`. Methods that are not `async` run in `threads` threads. With an `inbox` what has to arrive is done
    once. With `signing_secrets` only requests are answered that the gateway has signed with one of them.

    Raises:
        ValueError: a feature is there by half, or product search is not there; says which methods are missing.
    """

    def __init__(
        self,
        *stores: object,
        token: str | Sequence[str],
        name: str,
        version: str,
        threads: int = 16,
        body_limit: int = 4 * 1024 * 1024,
        lifespan: Lifespan | None = None,
        inbox: Inbox | None = None,
        signing_secrets: Sequence[str] = (),
    ) -> None:
        self._tokens = _usable([token] if isinstance(token, str) else token)
        self._authenticate = AccessTokens(self._tokens)
        self._name = name
        self._version = version
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="store")
        self._body_limit = body_limit
        self._lifespan = lifespan
        self._inbox = inbox
        self._verify = Signatures(signing_secrets) if signing_secrets else None
        self._methods: dict[str, Method] = {}
        self._stores = stores
        for store in stores:
            self._take(store)
        if stores:
            self._require_whole_features()

    @property
    def features(self) -> tuple[Feature, ...]:
        """The features it has."""
        return tuple(
            feature
            for feature in Feature
            if (names := methods_of(feature)) and all(METHODS[name].name in self._methods for name in names)
        )

    def handles(self, operation: Operation) -> Callable[[Function], Function]:
        """Decorates the function that does an operation: `@node.handles(operations.PRODUCT_BY_BARCODE)`."""

        def take(function: Function) -> Function:
            self._add(operation, function)
            return function

        return take

    def run(self, host: str = "127.0.0.1", port: int | str = 8000) -> None:
        """Serves until it is told to stop (Ctrl-C); `port` may be the text of a variable.

        Raises:
            SystemExit: the port is none, or is taken; it says so.
        """
        server = self.server(host, _port(port))
        if not structlog.is_configured():
            log_to_standard_error("node", secrets=self._tokens)
        _log.info(
            "serving", address=f"http://{host}:{port}", features=[feature.value for feature in self.features]
        )
        try:
            with traced("smarts-node"):
                server.run()
        except CannotServeError as error:
            raise SystemExit(f"{error}: is the port taken?") from None

    def server(self, host: str = "127.0.0.1", port: int = 8000) -> Server:
        """A server of it, for a program that has more to do than `run`; `port` 0 takes any free one."""
        return Server(self._app, host, port)

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Serves on a free port of this machine, beside whatever the block does, and gives the address: for tests.

        Raises:
            RuntimeError: it cannot serve; the log says why.
        """
        server = Server(self._app, port=0)
        thread = threading.Thread(target=server.run, name="node", daemon=True)
        thread.start()
        try:
            while not server.started:
                if not thread.is_alive():
                    raise RuntimeError("the node does not serve")
                time.sleep(0.01)
            yield f"http://127.0.0.1:{server.port}"
        finally:
            server.should_exit = True
            thread.join()

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Serves a request (ASGI)."""
        await self._app(scope, receive, send)

    def _take(self, store: object) -> None:
        if isinstance(store, type):
            raise TypeError(f"a node needs an object, such as {store.__name__}(), not the class")
        for name, operation in METHODS.items():
            method = getattr(store, name, None)
            if callable(method):
                self._add(operation, method)

    def _add(self, operation: Operation, method: Method) -> None:
        if operation not in METHODS.values():
            raise ValueError(f"{operation.name} is not for a store to do")
        if operation.name in self._methods:
            raise ValueError(f"{operation.name} is there twice")
        if "_app" in vars(self):
            raise ValueError("the node is already serving")
        if operation in operations.MUST_ARRIVE:
            self._require_fit(method)
        self._methods[operation.name] = method

    def _require_fit(self, method: Method) -> None:
        if self._inbox:
            self._inbox.require_fit(method)
        elif takes_transaction(method):
            raise ValueError(
                f"{method.__qualname__} takes a transaction: give the node the inbox that opens it"
            )

    def _require_whole_features(self) -> None:
        for feature in Feature:
            names = methods_of(feature)
            missing = [name for name in names if METHODS[name].name not in self._methods]
            required = any(METHODS[name].required for name in names)
            if missing and (required or len(missing) < len(names)):
                raise ValueError(f"{feature} needs these methods too: {', '.join(missing)}")

    @cached_property
    def _app(self) -> EdgeApp:
        self._require_whole_features()
        routes = list(self._routes())
        document = openapi_document(
            routes, title=self._name, version=self._version, description="A connection node of Smarts."
        )
        return EdgeApp(
            [*routes, *document_routes(document), *self._absent_routes()],
            body_limit=self._body_limit,
            lifespan=self._lifespan,
            from_gateway=True,
        )

    def _routes(self) -> Iterable[Route]:
        yield serve(operations.VERSION, self._tell_version, self._authenticate, verify=self._verify)
        yield serve(operations.HEALTH, self._tell_health, self._authenticate, verify=self._verify)
        for operation in METHODS.values():
            if operation.name in self._methods:
                handle = handler(operation, self._methods[operation.name], self._threads, self._inbox)
                yield serve(
                    operation, handle, self._authenticate, problems=(NOT_FOUND, REFUSED), verify=self._verify
                )

    def _absent_routes(self) -> Iterable[Route]:
        for operation in METHODS.values():
            if operation.name not in self._methods:
                yield replace(serve(operation, _absent, self._authenticate), request=None)

    async def _tell_version(self, _: Call[None, None]) -> NodeVersionResponse:
        optional = (feature.value for feature in self.features if feature is not Feature.PRODUCT_SEARCH)
        return NodeVersionResponse(self._name, self._version, CONTRACT_VERSION, tuple(optional))

    async def _tell_health(self, _: Call[None, None]) -> NodeHealthResponse:
        return await node_health(
            {
                _name(store): called(store.health, self._threads)
                for store in self._stores
                if hasattr(store, "health")
            }
        )


def _name(store: object) -> str:
    return store.__name__ if isinstance(store, ModuleType) else type(store).__name__


def _port(port: int | str) -> int:
    number = int(port) if str(port).isascii() and str(port).isdigit() else -1
    if number not in range(65536):
        raise SystemExit(f"Expected a port from 0 to 65535, got {port!r}")
    return number


def _usable(tokens: Sequence[str]) -> Sequence[str]:
    if not tokens or not all(token.isascii() and token.isprintable() and token for token in tokens):
        raise ValueError("a node needs a token of visible ASCII characters")
    return tokens


async def _absent(_: Call[None, None]) -> None:
    raise FEATURE_ABSENT.error()
