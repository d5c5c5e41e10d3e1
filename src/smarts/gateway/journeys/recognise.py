"""Who calls: shoppers and staff by bearer token, stores by their access token."""

from collections.abc import Mapping

from smarts.edge.problems import FORBIDDEN, TOKEN_UNKNOWN
from smarts.edge.security import ACCESS_TOKEN, SecurityScheme, bearer_token
from smarts.gateway.parties import Institution, Role, Shopper, Staff
from smarts.gateway.people.service import People
from smarts.gateway.stores.service import Stores
from smarts.wire.operations import TOKEN_HEADER

_LONGEST_TOKEN = 200
_SHOPPER = SecurityScheme.bearer("shopper", "The token that POST /shop/v1/shoppers gave.")
_STAFF = SecurityScheme.bearer("staff", "The API token of a worker, a manager or an operator.")


def _presented(token: str | None) -> str:
    if not token or len(token) > _LONGEST_TOKEN:
        raise TOKEN_UNKNOWN.error("Send the token that you were given")
    return token


class ShopperToken:
    """Recognises shoppers."""

    scheme = _SHOPPER

    def __init__(self, people: People) -> None:
        self._people = people

    async def __call__(self, headers: Mapping[str, str], /) -> Shopper:
        """The shopper, or a 401."""
        shopper = await self._people.shopper_by_token(_presented(bearer_token(headers)))
        if shopper is None:
            raise TOKEN_UNKNOWN.error("No shopper has this token")
        return shopper


class InstitutionToken:
    """Recognises stores in the reversed direction (contract section 1)."""

    scheme = ACCESS_TOKEN

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    async def __call__(self, headers: Mapping[str, str], /) -> Institution:
        """The store, or a 401."""
        institution = await self._stores.by_token(_presented(headers.get(TOKEN_HEADER.lower())))
        if institution is None:
            raise TOKEN_UNKNOWN.error("No store has this access token")
        return institution


class StaffToken:
    """Recognises staff that may do what `role` may do."""

    scheme = _STAFF

    def __init__(self, people: People, role: Role) -> None:
        self._people = people
        self._allowed = frozenset(list(Role)[: list(Role).index(role) + 1])

    async def __call__(self, headers: Mapping[str, str], /) -> Staff:
        """The person, or a 401 or 403."""
        staff = await self._people.staff_by_token(_presented(bearer_token(headers)))
        if staff is None:
            raise TOKEN_UNKNOWN.error("Nobody of the staff has this token")
        if staff.role not in self._allowed:
            raise FORBIDDEN.error(f"This is not for a {staff.role}")
        return staff
