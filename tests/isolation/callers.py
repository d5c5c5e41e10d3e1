"""Who calls: people and stores with what they show, and what of the gateway that opens."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from isolation.estates import Estate
from smarts.gateway.parties import Role
from smarts.gateway.web.sessions import Session
from smarts.wire.operations import TOKEN_HEADER


@dataclass(frozen=True)
class Caller:
    """Somebody who shows something; `opens` are the doors' needs that it meets, `csrf` what forms carry.

    Who `shops` may do so in any store: for them only what belongs to another shopper is another's.
    """

    name: str
    headers: Mapping[str, str] = field(repr=False)
    opens: frozenset[str] = frozenset()
    csrf: str = ""
    shops: bool = False


def shopper(made: Estate) -> Caller:
    """The shopper of an estate."""
    return Caller("a shopper", made.shopper.headers, frozenset({"shopper"}), shops=True)


def staff(made: Estate, role: Role) -> Caller:
    """The worker or the manager of an estate, by API token."""
    client = {Role.WORKER: made.worker, Role.MANAGER: made.manager}[role]
    return Caller(f"a {role}'s token", client.headers, _opened(role, "token"))


def session(made: Estate, role: Role) -> Caller:
    """The worker or the manager of an estate, by session cookie."""
    return signed_in(f"a {role}'s session", made.sessions[role], role)


def signed_in(name: str, token: str, role: Role | None) -> Caller:
    """Who shows a session; it opens nothing where it has no role."""
    csrf = Session(token, None).csrf  # type: ignore[arg-type]
    opens = _opened(role, "session") if role else frozenset[str]()
    return Caller(name, {"Cookie": f"session={token}"}, opens, csrf)


def store(made: Estate) -> Caller:
    """The store of an estate, by access token."""
    return Caller("a store's token", {TOKEN_HEADER: made.access_token}, frozenset({"institution"}))


def _opened(role: Role, proof: str) -> frozenset[str]:
    roles = list(Role)[list(Role).index(role) :]
    return frozenset(f"{each} {kind}" for each in roles for kind in (proof, "token or session"))


def strangers(made: Estate) -> list[Caller]:
    """Who shows nothing, what nobody has, or what belongs to an estate, in the wrong place."""
    bearers = (made.shopper, made.worker, made.manager)
    tokens = [client.headers["Authorization"].partition(" ")[2] for client in bearers]
    sessions = list(made.sessions.values())
    return [
        Caller("nobody", {}),
        Caller(
            "a token that nobody has", {"Authorization": "Bearer sm_manager_none", TOKEN_HEADER: "sm_none"}
        ),
        signed_in("a session that there is not", "sm_session_none", None),
        *(Caller("a bearer's token as a store's", {TOKEN_HEADER: each}) for each in tokens),
        *(Caller("a bearer's token as a session", {"Cookie": f"session={each}"}) for each in tokens),
        *(Caller("a session as a bearer's token", {"Authorization": f"Bearer {each}"}) for each in sessions),
        Caller("a store's token as a bearer's", {"Authorization": f"Bearer {made.access_token}"}),
    ]
