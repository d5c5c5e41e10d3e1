"""The verbs of stores: add, look up, change, give tokens."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from uuid import uuid4

from smarts.edge.problems import NOT_FOUND
from smarts.edge.tokens import hashed, new_token
from smarts.gateway.nodes.model import WORST_FIRST, NodeState
from smarts.gateway.parties import Institution, NodeLimits, Store
from smarts.gateway.storage.database import Database, Transaction
from smarts.gateway.storage.remembered import Remembered
from smarts.gateway.stores import store as rows

ROTATION_OVERLAP_SECONDS = 24 * 3600.0
_MOST_MERCHANTS = 1000


@dataclass(frozen=True)
class IssuedToken:
    """A store and its new access token, which is shown now and never again."""

    institution_id: str
    token: str


class Stores:
    """Stores in the database; read often, so that each is remembered for a moment."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._for_all = database.unfenced()
        self._stores: Remembered[Store | None] = Remembered(self._read)
        self._tokens: Remembered[str | None] = Remembered(self._read_token)

    async def _read(self, institution_id: str) -> Store | None:
        async with self._for_all.connection() as connection:
            return await rows.load(connection, institution_id)

    async def _read_token(self, token_hash: str) -> str | None:
        async with self._for_all.connection() as connection:
            return await rows.institution_by_token(connection, bytes.fromhex(token_hash))

    async def get(self, institution_id: str) -> Store:
        """The store, or a 404."""
        return _required(await self._stores.get(institution_id))

    async def page(self, limit: int, after: str | None, merchant_id: str | None = None) -> list[Store]:
        """Stores, newest first, at most `limit`, those after the store `after`."""
        async with self._database.connection() as connection:
            return await rows.page(connection, limit, after, merchant_id)

    async def of_merchant(self, merchant_id: str) -> list[str]:
        """The ids of a merchant's stores."""
        async with self._for_all.connection() as connection:
            return await rows.of_merchant(connection, merchant_id)

    async def watched(self, text: str, state: NodeState | None, limit: int, skipped: int) -> list[Store]:
        """Stores by the states of their nodes, the worst first; those with a text in their names, or in one state."""
        async with self._database.connection() as connection:
            return await rows.watched(connection, text, state, WORST_FIRST, limit, skipped)

    async def counts_by_state(self) -> list[tuple[NodeState, int]]:
        """How many stores there are by the states of their nodes, the worst first."""
        async with self._database.connection() as connection:
            found = await rows.counts_by_state(connection)
        return [(state, found.get(state, 0)) for state in WORST_FIRST]

    async def names_of(self, institution_ids: Collection[str]) -> Mapping[str, str]:
        """What stores are called, by their ids; unknown ones are left out."""
        async with self._database.connection() as connection:
            return await rows.names_of(connection, list(institution_ids))

    async def merchant(self, tx: Transaction, name: str) -> str:
        """The id of the merchant of this name, who is added where unknown."""
        known = await rows.merchant_of(tx, name)
        if known:
            return known
        merchant_id = str(uuid4())
        await rows.add_merchant(tx, merchant_id, name)
        return merchant_id

    async def known_merchant(self, tx: Transaction, name: str) -> str:
        """The id of the merchant of this name, or a 404."""
        known = await rows.merchant_of(tx, name)
        if known is None:
            raise NOT_FOUND.error(f"There is no merchant {name}")
        return known

    async def merchants(self) -> list[str]:
        """The merchants' names, in their order, a thousand at most."""
        async with self._database.connection() as connection:
            return await rows.merchants(connection, _MOST_MERCHANTS)

    async def features_off(self, institution_id: str) -> frozenset[str]:
        """The features that a store does not use, whatever its node can do; none where there is no such store."""
        store = await self._stores.get(institution_id)
        return frozenset(store.switches.features_off) if store else frozenset()

    async def node_limits(self, institution_id: str) -> NodeLimits:
        """How hard a store's node may be pressed."""
        return (await self.get(institution_id)).node_limits

    async def makes_receipts(self, institution_id: str) -> bool:
        """Whether a store's own system makes its receipts, without which nothing is paid."""
        return (await self.get(institution_id)).switches.merchant_side_invoicing

    async def add(self, tx: Transaction, store: Store) -> bool:
        """Writes a new store; False where there is one of this id already, which stays as it is."""
        return await rows.add(tx, store)

    async def put(self, tx: Transaction, store: Store) -> None:
        """Writes a store, new or changed."""
        await rows.put(tx, store)
        self._stores.forget(store.institution_id)

    async def change(self, tx: Transaction, institution_id: str, rule: Callable[[Store], Store]) -> Store:
        """Changes a store by a rule, which sees it with all changes before; `forget` it after the transaction.

        Raises:
            ProblemError: 404, there is no such store.
        """
        changed = rule(_required(await rows.lock(tx, institution_id)))
        await rows.put(tx, changed)
        return changed

    def forget(self, institution_id: str) -> None:
        """Reads a store anew next time, since this process changed it."""
        self._stores.forget(institution_id)

    async def new_token(self, tx: Transaction, institution_id: str, *, overlap_seconds: float) -> IssuedToken:
        """A new access token; those before it go on for the overlap."""
        token = new_token("sm_store")
        await rows.end_tokens(tx, institution_id, overlap_seconds)
        await rows.add_token(tx, institution_id, hashed(token))
        return IssuedToken(institution_id, token)

    async def by_token(self, token: str) -> Institution | None:
        """The store that acts with this access token."""
        institution_id = await self._tokens.get(hashed(token).hex())
        return Institution(institution_id) if institution_id else None


def _required(store: Store | None) -> Store:
    if store is None:
        raise NOT_FOUND.error("There is no such store")
    return store
