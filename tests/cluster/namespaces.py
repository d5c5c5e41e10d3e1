"""A world of its own for the demonstration: when it ends, however it ends, the kernel takes all of it away.

The processes, the network with its machines, and the files (all in memory) are in namespaces of one process. Nothing is
left of them once that has ended, and nothing outside can be reached from within.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from types import FrameType

_INSIDE = "SMARTS_CLUSTER_INSIDE"
_NEW_WORLD = ("unshare", "--net", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child")
# Whoever is killed without a word takes the world along.
_WITH_PARENT = ("setpriv", "--pdeathsig", "KILL")
# The first process of a world takes away what others leave: a server that was killed along with whoever started it
# would else be there for ever, dead, and Patroni wait for its end.
_FIRST_PROCESS = ("sh", "-c", '"$@"; exit $?', "sh")


def are_inside() -> bool:
    """Whether this process is in that world already."""
    return _INSIDE in os.environ


def why_impossible() -> str:
    """What keeps namespaces from being made here; nothing if they can be."""
    if os.geteuid() != 0:
        return "network namespaces are for root alone"
    trial = subprocess.run(
        [*_NEW_WORLD, "sh", "-c", "mount -t tmpfs tmpfs /run && ip link add trial type bridge"],
        capture_output=True,
        text=True,
    )
    return "" if trial.returncode == 0 else f"no namespaces can be made here: {trial.stderr.strip()}"


def again_inside(module: str, arguments: Sequence[str]) -> int:
    """Runs a module in the world, to its end or to ours; gives its exit code."""
    program = (sys.executable, "-m", module, *arguments)
    command = [*_WITH_PARENT, *_NEW_WORLD, "--mount-proc", *_FIRST_PROCESS, *program]
    signal.signal(signal.SIGTERM, _as_interrupt)
    # A session of its own: Ctrl-C comes to us alone.
    process = subprocess.Popen(command, env={**os.environ, _INSIDE: "1"}, start_new_session=True)
    try:
        return process.wait()
    except KeyboardInterrupt:
        process.kill()
        process.wait()
        sys.stdout.write("\nstopped; nothing of it is left\n")
        return 130


def _as_interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
