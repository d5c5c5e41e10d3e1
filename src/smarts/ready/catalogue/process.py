"""What a process that builds catalogues is."""

import gc
import os
import signal

try:
    import resource
except ImportError:  # Windows has no such limits
    resource = None  # type: ignore[assignment]

_MOST_MEMORY = 8 << 30


def prepare(*, quietly: bool) -> None:
    """Makes this process one that builds; Ctrl-C is for the process that started it."""
    gc.disable()  # what is read of a row is a tree, and there are too many rows to look for anything else
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if resource is not None:
        resource.setrlimit(resource.RLIMIT_DATA, (_MOST_MEMORY, resource.RLIM_INFINITY))
    if quietly and hasattr(os, "nice"):
        os.nice(5)
