"""The merchant's node whose inbox does not know what came before."""

from typing import Any

from smarts.node import Inbox

from . import node


class Forgetful(Inbox):
    """Does everything every time."""

    async def once(self, _: str | None, method: Any, document: Any) -> None:
        """Does it."""
        await super().once(None, method, document)


def main() -> None:
    """Serves until it is told to stop."""
    node.main(Forgetful)
