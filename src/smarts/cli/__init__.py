"""The command line: one file a command. Exits 0 fine, 1 failed, 2 misused."""

import sys


def main() -> None:
    """The `smarts` command."""
    try:
        # Loaded here, since it takes a while in which Ctrl-C should be as quiet as later on.
        from smarts.cli import root

        root.main()
    except KeyboardInterrupt:
        sys.exit(130)
