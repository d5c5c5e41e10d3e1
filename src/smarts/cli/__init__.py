"""The command line: one file a command. Exits 0 fine, 1 failed, 2 misused."""

from smarts.cli.root import main

__all__ = ["main"]
