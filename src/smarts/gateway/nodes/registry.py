"""Which node belongs to which store."""

from datetime import timedelta

from smarts.caller import Target, check_address
from smarts.edge.problems import NOT_FOUND, invalid
from smarts.edge.signatures import new_secret
from smarts.gateway.nodes import store
from smarts.gateway.nodes.model import Signing
from smarts.gateway.storage.database import Database, Transaction
from smarts.gateway.storage.remembered import Remembered
from smarts.gateway.storage.telling import tell

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
        tell(tx, CHANNEL, institution_id)
        self._targets.forget(institution_id)

    async def new_signing_secret(self, tx: Transaction, institution_id: str, overlap: timedelta) -> str:
        """A secret with which all requests to a store's node are signed from now on; told now and never again.

        During the overlap they are signed with the secret of before, too.

        Raises:
            ProblemError: 404, the store has no node.
        """
        secret = new_secret()
        if not await store.exchange_secret(tx, institution_id, secret, overlap):
            raise NOT_FOUND.error("The store has no node")
        self._targets.forget(institution_id)
        return secret

    async def stop_signing(self, tx: Transaction, institution_id: str) -> None:
        """Signs no more requests to a store's node.

        Raises:
            ProblemError: 404, the store has no node.
        """
        if not await store.remove_secrets(tx, institution_id):
            raise NOT_FOUND.error("The store has no node")
        self._targets.forget(institution_id)

    async def signing(self, institution_id: str) -> Signing:
        """Whether requests to a store's node are signed."""
        async with self._database.connection() as connection:
            return await store.signing(connection, institution_id) or Signing(signed=False)
