"""The gateway under check, and the parts that the kit plays around it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from smarts.kit.check import Unmet, Unseen
from smarts.kit.gateway.played_node import PlayedNode
from smarts.kit.subject import Subject

T = TypeVar("T")


@dataclass(frozen=True)
class PlayedStore:
    """A store at the gateway whose node the kit plays; `access_token` is that of the reversed direction."""

    institution_id: str
    access_token: str = field(repr=False)


@dataclass(frozen=True)
class Manager:
    """Somebody who may set the stores up by the manager's API."""

    token: str = field(repr=False)


@dataclass(kw_only=True)
class GatewaySubject(Subject):
    """A gateway; `url` is its address, `address` that of the reversed direction.

    `other` is a second store, which makes its own receipts; without one a few things cannot be looked at.
    """

    url: str
    node: PlayedNode
    store: PlayedStore
    other: PlayedStore | None = None
    manager: Manager | None = None

    def second_store(self) -> PlayedStore:
        """The other store.

        Raises:
            Unseen: there is none.
        """
        if self.other is None:
            raise Unseen("no second store was named (--other-token, --other-institution)")
        return self.other

    async def story(self, name: str, tell: Callable[[], Awaitable[T]]) -> T:
        """A story that is played once and looked at by many checks.

        Raises:
            Unmet: it did not come to its end, for whoever asks first.
            Unseen: the same, for those who come later.
        """
        if isinstance(self.facts.get(name), Unmet):
            raise Unseen(f"the story did not come so far: {self.facts[name]}")
        try:
            return await self.fact(name, tell)
        except Unmet as unmet:
            self.facts[name] = unmet
            raise
