"""Run a server for exactly as long as the process that started us lives.

Standard input is a pipe whose other end only that process holds. However it ends (return, exception, SIGTERM, SIGKILL),
the kernel closes the pipe, and the server is told to stop. Started as a script with a bare interpreter: imports
nothing but the standard library.

Usage: `guardian.py ACCOUNT COMMAND...`, ACCOUNT being a user id to run the command as, or `-` for our own.
"""

import os
import pwd
import signal
import subprocess
import sys
import threading


def main(account: str, *command: str) -> int:
    """Run the command until it ends by itself or our standard input does, and return its exit status."""
    # Whoever signals the whole group also reaches the server and our parent; we must outlive both.
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    user = None if account == "-" else pwd.getpwuid(int(account))
    with subprocess.Popen(  # noqa: S603 - the command is our parent's
        command,
        stdin=subprocess.DEVNULL,
        user=user.pw_uid if user else None,
        group=user.pw_gid if user else None,
        extra_groups=[] if user else None,
    ) as server:
        threading.Thread(target=_stop_at_end_of_input, args=(server,), daemon=True).start()
        return server.wait()


def _stop_at_end_of_input(server: "subprocess.Popen[bytes]") -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    # For PostgreSQL this is the fast stop: clients are cut off, nothing committed is lost.
    server.send_signal(signal.SIGINT)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
