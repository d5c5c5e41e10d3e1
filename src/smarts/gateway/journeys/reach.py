"""Which stores are within the reach of whom: a worker's own, a manager's merchant's, every one for an operator."""

from smarts.edge.problems import NOT_FOUND
from smarts.gateway.parties import Role, Staff, Store
from smarts.gateway.stores.service import Stores

_MOST_STORES = 1000


class Reach:
    """Looks whether a store is within the reach of staff; one that is not is hidden from them."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    async def store(self, staff: Staff, institution_id: str) -> Store:
        """A store within reach.

        Raises:
            ProblemError: 404 there is no such store, or it is somebody else's.
        """
        store = await self._stores.get(institution_id)
        in_reach = {
            Role.OPERATOR: True,
            Role.MANAGER: store.merchant_id == staff.merchant_id,
            Role.WORKER: institution_id in staff.institution_ids,
        }
        if not in_reach[staff.role]:
            raise NOT_FOUND.error("There is no such store")
        return store

    async def stores_of(self, staff: Staff) -> list[Store]:
        """The stores within reach, newest first for a manager and an operator (a thousand of them at most)."""
        if staff.role is Role.WORKER:
            return [
                await self._stores.get(institution_id) for institution_id in sorted(staff.institution_ids)
            ]
        merchant = None if staff.role is Role.OPERATOR else staff.merchant_id
        return await self._stores.page(_MOST_STORES, None, merchant)
