"""Runs `localstripe` as a process of its own, on a free port which it prints; it keeps nothing on the disk."""

import socket
import sys

from aiohttp import web
from localstripe.resources import Store
from localstripe.server import app

if __name__ == "__main__":
    Store.dump_to_disk = lambda _: None
    listening = socket.create_server(("127.0.0.1", 0))
    sys.stdout.write(f"{listening.getsockname()[1]}\n")
    sys.stdout.flush()
    web.run_app(app, sock=listening, print=None)
