"""`smarts store`: add, list and show stores, give them new access tokens."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import msgspec

from smarts.caller import check_address
from smarts.cli.database import with_gateway
from smarts.cli.node_words import node_words
from smarts.cli.output import CommandFailedError, console, print_document, print_json
from smarts.cli.parameters import Latitude, Longitude, NodeAddress, OverlapHours, Text, TimeZoneName
from smarts.gateway.app import Gateway
from smarts.gateway.journeys.set_up import NewStore, SwitchesChange
from smarts.gateway.nodes.model import NodeRecord
from smarts.gateway.parties import Place, Store
from smarts.gateway.settings import Settings
from smarts.gateway.stores.service import ROTATION_OVERLAP_SECONDS
from smarts.wire.codec import encode
from smarts.wire.money import Currency
from smarts.wire.shipments import Address
from smarts.wire.times import TimeZone

_SHOWN_ONCE = "The access token is shown now and never again."


def add(
    name: Text,
    *,
    node_url: NodeAddress,
    node_token: Text,
    merchant: Text | None = None,
    time_zone: TimeZoneName = "Europe/Tallinn",
    currency: Currency = Currency.EUR,
    vat_number: str | None = None,
    registration_number: str | None = None,
    country: str | None = None,
    latitude: Latitude | None = None,
    longitude: Longitude | None = None,
    merchant_side_control: bool = True,
    merchant_side_invoicing: bool = False,
    json: bool = False,
) -> None:
    """Add a store; its access token is shown now and never again.

    Example: `smarts store add "Corner shop" --node-url https://node.example --node-token SECRET`.

    Parameters
    ----------
    name:
        What shoppers see.
    node_url:
        The address of the store's connection node.
    node_token:
        The token with which the gateway calls the node.
    merchant:
        The merchant's name, for one with several stores; the store's own name otherwise.
    time_zone:
        In which the store's rules about hours are read.
    currency:
        Of all the store's prices.
    vat_number:
        The seller's, as it stands on invoices.
    registration_number:
        The seller's, as it stands on invoices.
    country:
        The first level of the store's address.
    latitude:
        Where the store is, in degrees, so that shoppers find the nearest one; goes with --longitude.
    longitude:
        The same to the east; a minus is to the west.
    merchant_side_control:
        Whether the node decides on checks.
    merchant_side_invoicing:
        Whether the node makes the receipts that shoppers pay.
    json:
        Print the ids and the token as JSON.
    """
    new = NewStore(
        name=name,
        address=Address(country) if country else None,
        vat_number=vat_number,
        registration_number=registration_number,
        time_zone=TimeZone.read(time_zone),
        currency=currency,
        place=_place(latitude, longitude),
        switches=SwitchesChange(
            merchant_side_purchase_control=merchant_side_control,
            merchant_side_invoicing=merchant_side_invoicing,
        ),
        node_url=node_url,
        node_token=node_token,
    )

    async def command(gateway: Gateway) -> dict[str, Any]:
        async with gateway.database.transaction() as tx:
            merchant_id = await gateway.stores.merchant(tx, merchant or name)
            store = await gateway.setting_up.add(tx, str(uuid4()), merchant_id, new)
            issued = await gateway.stores.new_token(tx, store.institution_id, overlap_seconds=0)
        return {"institutionId": issued.institution_id, "accessToken": issued.token}

    _require_callable(node_url)
    print_document(with_gateway(command), json=json, note=_SHOWN_ONCE)


def _place(latitude: float | None, longitude: float | None) -> Place | None:
    if latitude is None and longitude is None:
        return None
    if latitude is None or longitude is None:
        raise CommandFailedError("--latitude and --longitude go together")
    return Place(latitude=latitude, longitude=longitude)


def _require_callable(node_url: str) -> None:
    try:
        check_address(node_url, allow_private=Settings.from_environment().allow_private_nodes)
    except ValueError as error:
        raise CommandFailedError(
            f"--node-url {node_url}: {error}; for a node in your own network set SMARTS_ALLOW_PRIVATE_NODES=true"
        ) from None


def list_stores(*, json: bool = False) -> None:
    """List the stores.

    Example: `smarts store list --json`.

    Parameters
    ----------
    json:
        Print them as JSON.
    """

    async def command(gateway: Gateway) -> list[dict[str, Any]]:
        found: list[Store] = []
        while page := await gateway.stores.page(100, found[-1].institution_id if found else None):
            found += page
        return [{"institutionId": store.institution_id, "name": store.name} for store in found]

    stores = with_gateway(command)
    if json:
        print_json(stores)
    else:
        for store in stores:
            console.print(f"{store['institutionId']}  {store['name']}", markup=False)


def show(institution_id: str, *, json: bool = False) -> None:
    """Show a store, and what its node said of itself when it was asked last.

    Example: `smarts store show 7d3f…`.

    Parameters
    ----------
    institution_id:
        The store's id.
    json:
        Print it as JSON.
    """

    async def command(gateway: Gateway) -> tuple[dict[str, Any], NodeRecord | None]:
        store = await gateway.stores.get(institution_id)
        records = await gateway.node_states.records([institution_id])
        target = await gateway.registry.target(institution_id)
        shown = {
            "institutionId": store.institution_id,
            "name": store.name,
            "currency": store.currency,
            "timeZone": str(store.time_zone),
            "place": f"{store.place.latitude}, {store.place.longitude}" if store.place else None,
            "nodeUrl": target.base_url if target else None,
            "signedRequests": bool(target and target.signing_secrets),
            "merchantSidePurchaseControl": store.switches.merchant_side_purchase_control,
            "merchantSideInvoicing": store.switches.merchant_side_invoicing,
            "campaigns": len(store.campaigns),
        }
        return shown, records.get(institution_id)

    shown, node = with_gateway(command)
    of_node = {"node": msgspec.Raw(encode(node))} if json else node_words(node)
    print_document({**shown, **of_node}, json=json)


def token(
    institution_id: str, *, overlap_hours: OverlapHours = ROTATION_OVERLAP_SECONDS / 3600, json: bool = False
) -> None:
    """Give a store a new access token; the old one goes on for a while, so that nothing stops.

    Example: `smarts store token 7d3f… --overlap-hours 1`.

    Parameters
    ----------
    institution_id:
        The store's id.
    overlap_hours:
        How long the old tokens go on.
    json:
        Print it as JSON.
    """

    async def command(gateway: Gateway) -> dict[str, Any]:
        await gateway.stores.get(institution_id)
        async with gateway.database.transaction() as tx:
            issued = await gateway.stores.new_token(tx, institution_id, overlap_seconds=overlap_hours * 3600)
        return {"institutionId": issued.institution_id, "accessToken": issued.token}

    print_document(with_gateway(command), json=json, note=_SHOWN_ONCE)


def signing_secret(
    institution_id: str,
    *,
    overlap_hours: OverlapHours = ROTATION_OVERLAP_SECONDS / 3600,
    remove: bool = False,
    json: bool = False,
) -> None:
    """Have requests to a store's node signed with a new secret; the old one signs them for a while, too.

    Example: `smarts store signing-secret 7d3f… --overlap-hours 1`.

    Parameters
    ----------
    institution_id:
        The store's id.
    overlap_hours:
        How long the old secret goes on.
    remove:
        Make none, and sign no more.
    json:
        Print it as JSON.
    """

    async def command(gateway: Gateway) -> dict[str, Any]:
        overlap = timedelta(hours=overlap_hours)
        async with gateway.database.transaction() as tx:
            if remove:
                await gateway.registry.stop_signing(tx, institution_id)
                return {"institutionId": institution_id, "signed": False}
            secret = await gateway.registry.new_signing_secret(tx, institution_id, overlap)
        return {"institutionId": institution_id, "signingSecret": secret}

    note = "" if remove else "The signing secret is shown now and never again."
    print_document(with_gateway(command), json=json, note=note)
