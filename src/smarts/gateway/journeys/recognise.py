"""Who calls: shoppers and staff by bearer token, stores by their access token."""

from collections.abc import Mapping
from typing import Any

from smarts.edge.problems import FORBIDDEN, TOKEN_UNKNOWN
from smarts.edge.security import ACCESS_TOKEN, Authenticate, SecurityScheme, bearer_token
from smarts.gateway.nodes.bulkheads import Bulkheads
from smarts.gateway.parties import Institution, Role, Shopper, Staff
from smarts.gateway.people.service import People
from smarts.gateway.storage.fence import Fence, stay_within
from smarts.gateway.stores.service import Stores
from smarts.wire.operations import TOKEN_HEADER

_LONGEST_TOKEN = 200
_SHOPPER = SecurityScheme.bearer("shopper", "The token that POST /shop/v1/shoppers gave.")
_STAFF = SecurityScheme.bearer("staff", "The API token of a worker, a manager or an operator.")


def _presented(token: str | None) -> str:
    if not token or len(token) > _LONGEST_TOKEN:
        raise TOKEN_UNKNOWN.error("Send the token that you were given")
    return token


def fence_in(staff: Staff) -> None:
    """Keeps a worker within the worker's stores, a manager within the merchant's; an operator has no fence."""
    match staff.role:
        case Role.OPERATOR:
            stay_within(None)
        case Role.MANAGER:
            stay_within(Fence(staff.person_id, merchant=staff.merchant_id or ""))
        case Role.WORKER:
            stay_within(Fence(staff.person_id, stores=staff.institution_ids))


class ShopperToken:
    """Recognises shoppers, who act on what is their own in any store, without a fence."""

    scheme = _SHOPPER

    def __init__(self, people: People) -> None:
        self._people = people

    async def __call__(self, headers: Mapping[str, str], /) -> Shopper:
        """The shopper, or a 401."""
        shopper = await self._people.shopper_by_token(_presented(bearer_token(headers)))
        if shopper is None:
            raise TOKEN_UNKNOWN.error("No shopper has this token")
        stay_within(None)
        return shopper


class InstitutionToken:
    """Recognises stores in the reversed direction (contract section 1) and fences each in; its bulkhead hears it."""

    scheme = ACCESS_TOKEN

    def __init__(self, stores: Stores, bulkheads: Bulkheads) -> None:
        self._stores = stores
        self._bulkheads = bulkheads

    async def __call__(self, headers: Mapping[str, str], /) -> Institution:
        """The store, or a 401."""
        institution = await self._stores.by_token(_presented(headers.get(TOKEN_HEADER.lower())))
        if institution is None:
            raise TOKEN_UNKNOWN.error("No store has this access token")
        stay_within(Fence(institution.institution_id, frozenset({institution.institution_id})))
        await self._bulkheads.heard(institution.institution_id)
        return institution


class StaffToken:
    """Recognises staff that may do what `role` may do, and fences them in."""

    scheme = _STAFF

    def __init__(self, people: People, role: Role, *, reads: bool = True) -> None:
        self._people = people
        self._role = role
        self._reads = reads
        self._allowed = frozenset(list(Role)[: list(Role).index(role) + 1])

    def to_change(self) -> "StaffToken":
        """The same for what changes something, which a token for reading alone may not."""
        return StaffToken(self._people, self._role, reads=False)

    async def __call__(self, headers: Mapping[str, str], /) -> Staff:
        """The person, or a 401 or 403."""
        staff = await self._people.staff_by_token(_presented(bearer_token(headers)))
        if staff is None:
            raise TOKEN_UNKNOWN.error("Nobody of the staff has this token")
        if staff.role not in self._allowed:
            raise FORBIDDEN.error(f"This is not for a {staff.role}")
        if staff.reads_only and not self._reads:
            raise FORBIDDEN.error("This token is for reading alone")
        fence_in(staff)
        return staff


def for_method(authenticate: Authenticate[Any] | None, method: str) -> Authenticate[Any] | None:
    """Who may call a row with this method."""
    if method not in ("GET", "HEAD") and isinstance(authenticate, StaffToken):
        return authenticate.to_change()
    return authenticate
