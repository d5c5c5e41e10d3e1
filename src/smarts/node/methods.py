"""A store's methods as handlers of routes."""

import inspect
from asyncio import get_running_loop
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

import structlog

from smarts.edge.problems import invalid
from smarts.edge.routes import Answer, Call
from smarts.edge.signatures import LONGEST_ID, is_message_id
from smarts.node.inbox import Inbox
from smarts.wire.codec import decode, encode
from smarts.wire.errors import MalformedError
from smarts.wire.nodes import Feature
from smarts.wire.operations import MESSAGE_ID_HEADER, MUST_ARRIVE, Operation

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
    operation: Operation, method: Method, threads: ThreadPoolExecutor, inbox: Inbox | None = None
) -> Callable[[Call[Any, Any]], Awaitable[Any]]:
    """The method as a route's handler; what it returns is looked at before it leaves."""
    do = _once(method, inbox) if inbox and operation in MUST_ARRIVE else _each_time(method, threads)

    async def handle(call: Call[Any, Any]) -> Answer | None:
        result = await do(call)
        answer = None if operation.response is None else Answer(200, _checked(operation, method, result))
        if operation.feature in _TOLD:
            _log.info("answered the gateway", operation=operation.name)
        return answer

    return handle


def _each_time(method: Method, threads: ThreadPoolExecutor) -> Callable[[Call[Any, Any]], Awaitable[Any]]:
    call_method = called(method, threads)
    return lambda call: call_method(call.body)


def _once(method: Method, inbox: Inbox) -> Callable[[Call[Any, Any]], Awaitable[None]]:
    async def do(call: Call[Any, Any]) -> None:
        message_id = call.headers.get(MESSAGE_ID_HEADER)
        if message_id is not None and not is_message_id(message_id):
            raise invalid(
                f"header.{MESSAGE_ID_HEADER}", f"Expected 1 to {LONGEST_ID} visible ASCII characters"
            )
        await inbox.once(message_id, method, call.body)

    return do


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
