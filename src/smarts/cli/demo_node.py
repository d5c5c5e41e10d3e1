"""The demo store's node as a process that stops with the demo."""

from smarts.cli.parent import stop_with_parent
from smarts.demo.__main__ import main

if __name__ == "__main__":
    stop_with_parent()
    main()
