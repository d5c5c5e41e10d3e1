"""What commands share: running, stopping, ports."""

import asyncio
import gc
import os
import signal
import socket
from collections.abc import Coroutine
from typing import Any

import uvloop

from smarts.cli.output import CommandFailedError

_NEW_OBJECTS = 10_000  # more made than let go, before the youngest are looked at; Python's own number is 700


def run(command: Coroutine[Any, Any, None]) -> None:
    """Runs a command's coroutine to its end."""
    uvloop.run(command)


def leave_alone_what_is_loaded() -> None:
    """Keeps the garbage collector out of what was loaded at the start, and has it look less often at the rest.

    What is loaded stays to the end, and looking through all of it takes 50 ms, in which nobody is answered.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, 10, 10)


def require_free_port(host: str, port: int, option: str) -> None:
    """Says in words that a port is taken, before anything is started.

    Raises:
        CommandFailedError: another program listens there.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandFailedError(
                f"port {port} on {host} cannot be used ({error.strerror}): "
                f"stop the program that uses it, or choose another with {option}"
            ) from None


def stop_signals() -> asyncio.Event:
    """An event that SIGINT and SIGTERM set from now on, instead of ending this process."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    return stopped


async def until_stopped() -> None:
    """Waits for SIGINT or SIGTERM."""
    await stop_signals().wait()


def tell_supervisor(state: str) -> None:
    """Tells systemd, where it started this process as `Type=notify`, how far it has come: `READY=1`, `STOPPING=1`."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notices:
        notices.sendto(state.encode(), address.replace("@", "\0", 1) if address.startswith("@") else address)
