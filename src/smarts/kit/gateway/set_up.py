"""Stores whose node the kit plays: made by the manager's API, or by the operator, who is told what to do."""

import asyncio
import time
from contextlib import suppress
from dataclasses import replace
from typing import Any

from smarts.edge.failures import ExplainedError
from smarts.kit.check import Unmet, Unseen
from smarts.kit.exchange import Answer
from smarts.kit.gateway.goods import Document, campaign
from smarts.kit.gateway.played_node import PlayedNode
from smarts.kit.gateway.stage import Stage, document_of, require_status
from smarts.kit.gateway.subject import GatewaySubject, Manager, PlayedStore
from smarts.kit.subject import Case

INSTITUTION_CAMPAIGN = campaign("B00000000501", "total >= 50 ? total * 0.98 : total", "2 % off from 50 euros")
_NAME = "Smarts conformance check"
_WEEK = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
_DELIVERY = {
    "price": 3.9,
    "vatRate": 24,
    "weekdays": _WEEK,
    "hoursFrom": "00:00",
    "hoursTo": "00:00",
    "reactWithinMinutes": 60,
    "deliverWithinMinutes": 1440,
}
_CARD = {
    "type": "BONUS",
    "name": {"originalText": _NAME, "translations": []},
    "validationTypes": ["CARD_NUMER"],
    "canUseBonusPointsForPayment": True,
}


class SetUpError(ExplainedError):
    """The stores cannot be made, or the gateway does not reach the played node; the message says why."""


async def set_up(subject: GatewaySubject, manager: Manager, node_address: str) -> None:
    """Makes two stores whose node is at an address: one with the gateway's invoices, one with receipts of its own.

    Raises:
        SetUpError: the gateway refuses; the message says what.
    """
    making = _Making(Stage(Case(subject)), manager, node_address)
    try:
        subject.store = await making.store(_NAME, merchant_side_invoicing=False)
        subject.other = await making.store(f"{_NAME}, own receipts", merchant_side_invoicing=True)
        await making.furnish(subject.store)
        await making.deliver(subject.other)
    except (Unmet, LookupError, TypeError) as error:
        raise SetUpError(f"the manager's API does not make the stores: {error}") from None
    subject.manager = manager


async def tear_down(subject: GatewaySubject, manager: Manager) -> list[str]:
    """Retires what can be; gives the ids of the stores that stay."""
    making = _Making(Stage(Case(subject)), manager, "")
    kind = subject.facts.get(_CARD_FACT)
    if kind:
        with suppress(Unmet):  # a gateway that does not answer any more has been told of already
            await making.call("DELETE", f"/loyalty-kinds/{kind}")
    return [store.institution_id for store in (subject.store, subject.other) if store]


async def await_node(subject: GatewaySubject, *, seconds: float) -> None:
    """Waits until a scan in the store reaches the played node.

    Raises:
        SetUpError: none does in time.
    """
    end = time.monotonic() + seconds
    barcode = subject.node.goods.sell()
    trouble = ""
    while time.monotonic() < end:
        try:
            shopper = await Stage(Case(subject)).shopper()
            while time.monotonic() < end:
                answer = await shopper.tries_to_scan(await shopper.cart(), barcode)
                if answer.status == 200 and subject.node.heard("/product/search/barcode", barcode):
                    return
                trouble = (
                    f"a scan was answered with {answer.status} {answer.body[:200].decode(errors='replace')}"
                )
                await asyncio.sleep(1)
        except (Unmet, Unseen, LookupError, TypeError) as error:
            trouble = str(error)
            await asyncio.sleep(1)
    raise SetUpError(f"no scan in the store reached the played node within {seconds:g} s: {trouble}")


_CARD_FACT = "set up: kind of card"


class _Making:
    def __init__(self, stage: Stage, manager: Manager, node_address: str) -> None:
        self._stage = stage
        self._manager = manager
        self._node_address = node_address

    async def call(self, method: str, path: str, document: Any = None) -> Answer:
        headers = {"Authorization": f"Bearer {self._manager.token}"}
        return await self._stage.send(
            method, f"/manage/v1{path}", document, headers=headers, secret=self._manager.token
        )

    async def store(self, name: str, *, merchant_side_invoicing: bool) -> PlayedStore:
        told: Document = {
            "name": name,
            "timeZone": "Europe/Tallinn",
            "currency": "EUR",
            "nodeUrl": self._node_address,
            "nodeToken": self._stage.node.token,
            "switches": {
                "merchantSidePurchaseControl": True,
                "merchantSideInvoicing": merchant_side_invoicing,
            },
        }
        answer = await self.call("POST", "/stores", told)
        if answer.status == 422 and b"$.merchant" in answer.body:  # an operator says whose the store is
            answer = await self.call("POST", "/stores", told | {"merchant": _NAME})
        institution_id = document_of(answer, 201)["institutionId"]
        token = document_of(await self.call("POST", f"/stores/{institution_id}/token"), 201)["accessToken"]
        return PlayedStore(institution_id, token)

    async def furnish(self, store: PlayedStore) -> None:
        """Delivery by courier, a campaign on the whole invoice, a loyalty card."""
        await self.deliver(store)
        changes = {"campaigns": [INSTITUTION_CAMPAIGN]}
        require_status(await self.call("PATCH", f"/stores/{store.institution_id}", changes), 200)
        told = _CARD | {"institutionIds": [store.institution_id]}
        kind = document_of(await self.call("POST", "/loyalty-kinds", told), 201)
        self._stage.subject.facts[_CARD_FACT] = kind["id"]

    async def deliver(self, store: PlayedStore) -> None:
        path = f"/stores/{store.institution_id}/delivery/COURIER"
        require_status(await self.call("PUT", path, _DELIVERY), 200)


def fresh(subject: GatewaySubject) -> GatewaySubject:
    """The same gateway and stores, with nothing found out yet."""
    kept = {name: value for name, value in subject.facts.items() if name == _CARD_FACT}
    return replace(subject, facts=kept)


def by_hand(node: PlayedNode, node_address: str, store: str, other: str) -> str:
    """What an operator does so that the gateway calls the played node."""
    second = f"\n  5. the same for store {other}, with merchant side invoicing on." if other else ""
    return (
        f"Set up store {store} of the gateway so that the kit can play its node:\n"
        f"  1. the node's address: {node_address}\n"
        f"  2. the node's token: {node.token}\n"
        "  3. merchant side purchase control on, merchant side invoicing off, no check rules of its own;\n"
        "  4. delivery by courier at all hours, a loyalty card (BONUS), the SANDBOX payment;"
        f"{second}\n"
        "The check begins by itself when a scan in the store reaches this node."
    )
