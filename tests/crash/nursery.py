"""A process that has loaded a program and forks it when it is told to: so that a killed one is back in no time.

Each child is a process of its own, with its own sockets and its own end. Usage: `-m crash.nursery MODULE ARGUMENTS…`,
where `MODULE.main` is what is run. Standard input brings a line for each child; standard output tells its process id,
and then, when it has ended, its exit code. When standard input ends, everything does.
"""

import gc
import importlib
import os
import select
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress

PRELOADED = (
    "smarts.cli.gateway.serve",
    "smarts.cli.worker",
    "uvicorn.protocols.http.httptools_impl",
    "uvloop",
)


def run(module: str, *arguments: str) -> None:
    """Forks for as long as it is told to."""
    main = importlib.import_module(module).main
    if arguments:
        for each in PRELOADED:
            importlib.import_module(each)
    sys.argv = ["smarts", *arguments]
    gc.freeze()
    _tell("ready")
    while os.read(0, 1):
        _tell(f"ended {_child(main)}")


def _child(main: Callable[[], object]) -> int:
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        _become(main, reading, writing)
    os.close(reading)
    _tell(f"pid {pid}")
    lives = os.pidfd_open(pid)
    ready, _, _ = select.select([0, lives], [], [])
    if lives not in ready:  # whoever started us is gone
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    os.close(lives)
    os.close(writing)
    return os.waitstatus_to_exitcode(status)


def _become(main: Callable[[], object], reading: int, writing: int) -> None:
    code = 1
    try:
        os.setsid()
        os.close(writing)
        os.dup2(reading, 0)
        os.dup2(2, 1)
        main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 - the process ends here, whatever it is
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _tell(line: str) -> None:
    os.write(1, f"{line}\n".encode())


if __name__ == "__main__":
    run(*sys.argv[1:])
