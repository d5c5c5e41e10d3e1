"""Which node belongs to which store."""

from smarts.caller import Target, check_address
from smarts.edge.problems import invalid
from smarts.gateway.nodes import store
from smarts.gateway.storage.database import Database, Transaction
from smarts.gateway.storage.notices import notify
from smarts.gateway.storage.remembered import Remembered

CHANNEL = "nodes"
"""The channel of the notices that a node was set: `Notices.open` of a process that watches must listen to it."""


class Registry:
    """The nodes' addresses and tokens; read often, so that each is remembered for a moment."""

    def __init__(self, database: Database, *, allow_private_addresses: bool) -> None:
        self._database = database
        self._allow_private_addresses = allow_private_addresses
        self._for_all = database.unfenced()
        self._targets: Remembered[Target | None] = Remembered(self._read)

    async def target(self, institution_id: str) -> Target | None:
        """The store's node, or None where it has none."""
        return await self._targets.get(institution_id)

    async def _read(self, institution_id: str) -> Target | None:
        async with self._for_all.connection() as connection:
            return await store.load(connection, institution_id)

    async def set(self, tx: Transaction, institution_id: str, target: Target) -> None:
        """Writes a store's node, which is asked at once what it can do and how it is.

        Raises:
            ProblemError: 422, the address is not one that the gateway may call.
        """
        try:
            check_address(target.base_url, allow_private=self._allow_private_addresses)
        except ValueError as error:
            raise invalid("$.nodeUrl", str(error)) from None
        await store.put(tx, institution_id, target)
        await notify(tx, CHANNEL, institution_id)
        self._targets.forget(institution_id)
