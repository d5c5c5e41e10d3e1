"""The verbs of check policies: each change is a new version, so that every decision can be made again."""

from collections.abc import Callable
from datetime import datetime

from smarts.control import Policy, unsound
from smarts.edge.problems import NOT_FOUND, WRONG_SHAPE
from smarts.gateway import errors
from smarts.gateway.control import policy_store
from smarts.gateway.control.policy_store import SavedPolicy
from smarts.gateway.storage.database import Database
from smarts.gateway.storage.remembered import Remembered


class Policies:
    """The policies of all stores."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._for_all = database.unfenced()
        self._clock = clock
        self._in_force: Remembered[SavedPolicy] = Remembered(self._read)

    async def current(self, institution_id: str) -> SavedPolicy:
        """A store's policy as it is now; one that never saved any has no rules."""
        async with self._database.connection() as connection:
            return await policy_store.current(connection, institution_id)

    async def in_force(self, institution_id: str) -> SavedPolicy:
        """The policy by which a store's carts are decided on: each is remembered for a moment."""
        return await self._in_force.get(institution_id)

    async def _read(self, institution_id: str) -> SavedPolicy:
        async with self._for_all.connection() as connection:
            return await policy_store.current(connection, institution_id)

    async def version(self, institution_id: str, number: int) -> SavedPolicy:
        """A version of a store's policy, or a 404."""
        async with self._database.connection() as connection:
            found = await policy_store.version(connection, institution_id, number)
        if found is None:
            raise NOT_FOUND.error("The store's policy has no such version")
        return found

    async def versions(self, institution_id: str, limit: int, before: int | None) -> list[SavedPolicy]:
        """A store's versions, newest first, at most `limit`, those before the version `before`."""
        async with self._database.connection() as connection:
            return await policy_store.versions(connection, institution_id, limit, before)

    async def save(
        self, institution_id: str, policy: Policy, by: str, based_on: int | None = None, path: str = "$"
    ) -> SavedPolicy:
        """Makes a policy count from now on, as the next version.

        Raises:
            ProblemError: 422 that names each field, below `path`, that makes no sense; 409 the policy has changed since
                the version `based_on`.
        """
        now = self._clock()
        async with self._database.transaction() as tx:
            before = await policy_store.current(tx, institution_id)
            self.require_sound(policy, before.policy, path)
            saved = SavedPolicy(before.version + 1, policy, now, by)
            is_latest = based_on in (None, before.version)
            if not is_latest or not await policy_store.save(tx, institution_id, saved):
                raise errors.POLICY_CHANGED.error("Somebody has saved another version meanwhile")
        self._in_force.forget(institution_id)
        return saved

    def require_sound(self, policy: Policy, before: Policy | None = None, path: str = "$") -> None:
        """Refuses a policy that contradicts itself or says nothing.

        Raises:
            ProblemError: 422 that names each field, below `path`.
        """
        wrong = unsound(policy, self._clock(), before, path)
        if wrong:
            raise WRONG_SHAPE.error(f"{wrong[0].path}: {wrong[0].message}", errors=wrong)
