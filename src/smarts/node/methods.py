"""A store's methods as handlers of routes."""

import inspect
from asyncio import get_running_loop
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

import structlog

from smarts.edge.routes import Answer, Call
from smarts.wire.codec import decode, encode
from smarts.wire.errors import MalformedError
from smarts.wire.nodes import Feature
from smarts.wire.operations import Operation

Method = Callable[..., Any]

# What something comes of; questions, such as that for a price, are asked all the time.
_TOLD = {
    Feature.INVOICES,
    Feature.RECEIPTS,
    Feature.PURCHASE_CONTROL,
    Feature.LOYALTY_CARDS,
    Feature.ORDERS,
}
_log = structlog.get_logger(__name__)


class WrongAnswerError(Exception):
    """A method of the store returned what its operation does not answer."""


def called(method: Method, threads: ThreadPoolExecutor) -> Callable[..., Awaitable[Any]]:
    """The method as something to await; one that is not `async` is run in a thread, so that it may wait."""
    if inspect.iscoroutinefunction(method):
        return method

    async def call(*arguments: Any) -> Any:
        result = await get_running_loop().run_in_executor(threads, copy_context().run, method, *arguments)
        return await result if inspect.isawaitable(result) else result

    return call


def handler(
    operation: Operation, method: Method, threads: ThreadPoolExecutor
) -> Callable[[Call[Any, Any]], Awaitable[Any]]:
    """The method as a route's handler; what it returns is looked at before it leaves."""
    call_method = called(method, threads)

    async def handle(call: Call[Any, Any]) -> Answer | None:
        result = await call_method(call.body)
        answer = None if operation.response is None else Answer(200, _checked(operation, method, result))
        if operation.feature in _TOLD:
            _log.info("answered the gateway", operation=operation.name)
        return answer

    return handle


def _checked(operation: Operation, method: Method, result: Any) -> bytes:
    try:
        body = encode(result)
        decode(body, operation.response)
    except (MalformedError, TypeError, AttributeError) as error:
        place = f" at {error.error.path}" if isinstance(error, MalformedError) else ""
        raise WrongAnswerError(
            f"{method.__qualname__} returned {type(result).__name__}, which is no answer to {operation.name}: "
            f"{error}{place}"
        ) from None
    return body
