"""`smarts staff`: people who act with an API token of their own, and sign in on the pages with a password."""

from typing import Any
from uuid import uuid4

from smarts.cli.database import with_gateway
from smarts.cli.output import CommandFailedError, console, print_document, print_json
from smarts.cli.parameters import Email, Text
from smarts.gateway.app import Gateway
from smarts.gateway.parties import Role
from smarts.gateway.people.store import Colleague

_SHOWN_ONCE = "Secrets are shown now and never again."


def add(
    name: Text,
    *,
    role: Role,
    merchant: Text | None = None,
    store: tuple[str, ...] = (),
    email: Email | None = None,
    json: bool = False,
) -> None:
    """Add a person of the staff; the API token, and the password, are shown now and never again.

    Example: `smarts staff add "Toomas" --role worker --store 7d3f… --email toomas@shop.example`.

    Parameters
    ----------
    name:
        Who it is; stands in the log of what the person changed.
    role:
        An operator sees everything, a manager all stores of a merchant, a worker some stores.
    merchant:
        The manager's merchant, by its name.
    store:
        A worker's store, by its id; may be given several times.
    email:
        With which the person signs in on the pages; a password is made for it.
    json:
        Print the token and the password as JSON.
    """
    if (role is Role.MANAGER) != (merchant is not None) or (role is Role.WORKER) != bool(store):
        raise CommandFailedError("a manager needs --merchant, a worker --store, an operator neither")

    async def command(gateway: Gateway) -> dict[str, Any]:
        stores = [await gateway.stores.get(institution_id) for institution_id in store]
        merchants = {each.merchant_id for each in stores}
        if len(merchants) > 1:
            raise CommandFailedError("the stores belong to different merchants")
        async with gateway.database.transaction() as tx:
            if merchant:
                merchants = {await gateway.stores.known_merchant(tx, merchant)}
            person_id, merchant_id = str(uuid4()), next(iter(merchants), None)
            token = await gateway.people.add_staff(tx, name, role, merchant_id, frozenset(store), person_id)
            password = await gateway.accounts.open(tx, person_id, email) if email else None
        account = {"email": email, "password": password} if email else {}
        return {"name": name, "role": role.value, "token": token, **account}

    print_document(with_gateway(command), json=json, note=_SHOWN_ONCE)


def password(email: Email, *, json: bool = False) -> None:
    """Give a person a new password, which is shown now and never again; whoever is signed in with the old one is out.

    Example: `smarts staff password toomas@shop.example`.

    Parameters
    ----------
    email:
        With which the person signs in.
    json:
        Print it as JSON.
    """

    async def command(gateway: Gateway) -> dict[str, Any]:
        person = await gateway.accounts.colleague_with_email(email)
        known = person.email or email
        async with gateway.database.transaction() as tx:
            made = await gateway.accounts.open(tx, person.staff.person_id, known)
        return {"name": person.staff.name, "email": known, "password": made}

    print_document(with_gateway(command), json=json, note=_SHOWN_ONCE)


def list_staff(*, merchant: Text | None = None, json: bool = False) -> None:
    """List the people of the staff by name, five hundred at most.

    Example: `smarts staff list --merchant "Corner shops"`.

    Parameters
    ----------
    merchant:
        Only those of this merchant, by its name.
    json:
        Print them as JSON.
    """

    async def command(gateway: Gateway) -> list[dict[str, Any]]:
        merchant_id = None
        if merchant:
            async with gateway.database.transaction() as tx:
                merchant_id = await gateway.stores.known_merchant(tx, merchant)
        return [_shown(each) for each in await gateway.accounts.colleagues(merchant_id)]

    found = with_gateway(command)
    if json:
        print_json(found)
        return
    for person in found:
        console.print(f"{person['name']}  {person['role']}  {person['email'] or '-'}", markup=False)


def _shown(colleague: Colleague) -> dict[str, Any]:
    staff = colleague.staff
    return {
        "personId": staff.person_id,
        "name": staff.name,
        "role": staff.role.value,
        "email": colleague.email,
        "stores": sorted(staff.institution_ids),
    }
