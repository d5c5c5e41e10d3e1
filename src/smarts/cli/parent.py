"""A process that stops when the one that started it is gone."""

import os
import signal
import sys
import threading

STOP_WITH_PARENT = "SMARTS_STOP_WITH_PARENT"


def stop_with_parent() -> None:
    """Makes this process stop when the one that started it is gone: the pipe between them is closed then."""
    if os.environ.get(STOP_WITH_PARENT):
        threading.Thread(target=_terminate_at_end_of_input, daemon=True).start()


def _terminate_at_end_of_input() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
