"""Purchases over HTTP: a shopper at the gateway, the merchant where a cart is checked, the invoice at the node."""

import asyncio
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

import aiohttp
import msgspec

from smarts.demo.replay.baskets import Basket
from smarts.demo.replay.reckoning import Reckoning
from smarts.node import Gateway
from smarts.wire.codec import decode, encode
from smarts.wire.control import CheckStatus, Decision
from smarts.wire.invoices import Invoice, Total
from smarts.wire.operations import TOKEN_HEADER

T = TypeVar("T")

_INVOICE_SECONDS = 60
_POLL_SECONDS = 0.1


class Demo(msgspec.Struct, frozen=True, rename="camel"):
    """Where a demo runs, as `smarts demo --json` writes it."""

    gateway_url: str
    node_url: str
    institution_id: str
    institution_access_token: str
    node_access_token: str


class _Shopper(msgspec.Struct, frozen=True, rename="camel"):
    person_id: str
    token: str


class _Check(msgspec.Struct, frozen=True):
    decision: Decision


class _Cart(msgspec.Struct, frozen=True, rename="camel"):
    id: str
    state: str
    invoice_id: str
    total: Total
    check: _Check | None = None


class _KeptInvoice(msgspec.Struct, frozen=True):
    invoice: Invoice


@dataclass(frozen=True)
class Purchase:
    """A purchase that went through: what the shopper paid, and the invoice that came to the node."""

    basket: Basket
    paid: Decimal
    decision: Decision
    invoice: Invoice


def differences(purchase: Purchase, reckoning: Reckoning) -> Iterator[str]:
    """What is not as it must be: the total, the invoice's sums, its rows."""
    basket, invoice = purchase.basket, purchase.invoice
    name = f"{basket.source} {basket.id}"
    expected = reckoning.total(basket.contents)
    vat = invoice.total.vat
    rows = {product.barcode: product.quantity.value for product in invoice.products if product.quantity}
    if purchase.paid != expected:
        yield f"{name}: {purchase.paid} was paid, it must be {expected}"
    if not invoice.total.total_to_pay == vat.sum_with_vat == purchase.paid:
        yield f"{name}: the invoice is of {invoice.total.total_to_pay}, {purchase.paid} was paid"
    if sum(product.price.total for product in invoice.products) != purchase.paid:
        yield f"{name}: the invoice's rows do not add up to {purchase.paid}"
    if vat.sum_without_vat + vat.vat_sum != vat.sum_with_vat:
        yield f"{name}: the invoice's VAT does not add up"
    if rows != basket.contents:
        yield f"{name}: the invoice has other goods than the basket"


class PurchaseFailedError(Exception):
    """A step of a purchase was refused or did not lead where it should; the message says which."""


class Purchases:
    """Makes purchases at a demo. `session` is for any addresses, `merchant` speaks for the store."""

    def __init__(self, demo: Demo, session: aiohttp.ClientSession, merchant: Gateway) -> None:
        self._demo = demo
        self._session = session
        self._merchant = merchant

    async def make(self, basket: Basket) -> Purchase:
        """Buys what is in the basket: scans, checkout, the check where there is one, payment, invoice.

        Raises:
            PurchaseFailedError: it did not go through.
            smarts.caller.CallFailed: the gateway did not take the check's result.
        """
        shopper = await self._post("/shoppers", {"langCode": "ET"}, _Shopper)
        cart = await self._post("/carts", {"institutionId": self._demo.institution_id}, _Cart, shopper)
        for barcode, quantity in basket.scans:
            await self._post(
                f"/carts/{cart.id}/lines", {"barcode": barcode, "quantity": quantity}, _Cart, shopper
            )
        cart = await self._post(f"/carts/{cart.id}/checkout", None, _Cart, shopper)
        decision = cart.check.decision if cart.check and cart.state == "LOCKED" else Decision.NO
        if decision is not Decision.NO:
            await self._merchant.send_check_result(cart.invoice_id, CheckStatus.PASSED)
        cart = await self._post(f"/carts/{cart.id}/payment", {"method": "SANDBOX"}, _Cart, shopper)
        if cart.state != "PAID":
            raise PurchaseFailedError(f"the cart is {cart.state} after the payment")
        return Purchase(basket, cart.total.total_to_pay, decision, await self._invoice(cart.invoice_id))

    async def _post(self, path: str, body: object, kind: type[T], shopper: _Shopper | None = None) -> T:
        headers = {"Content-Type": "application/json", "Idempotency-Key": uuid.uuid4().hex}
        if shopper:
            headers["Authorization"] = f"Bearer {shopper.token}"
        url = f"{self._demo.gateway_url}/shop/v1{path}"
        data = None if body is None else encode(body)
        async with self._session.post(url, data=data, headers=headers) as response:
            answer = await response.read()
            if not response.ok:
                raise PurchaseFailedError(f"POST {path}: {response.status} {answer.decode(errors='replace')}")
        return decode(answer, kind)

    async def _invoice(self, invoice_id: str) -> Invoice:
        """The invoice at the node, once the gateway has delivered it."""
        url = f"{self._demo.node_url}/invoices/{invoice_id}"
        headers = {TOKEN_HEADER: self._demo.node_access_token}
        try:
            async with asyncio.timeout(_INVOICE_SECONDS):
                while True:
                    async with self._session.get(url, headers=headers) as response:
                        if response.status == 200:
                            return decode(await response.read(), _KeptInvoice).invoice
                    await asyncio.sleep(_POLL_SECONDS)
        except TimeoutError:
            raise PurchaseFailedError(f"no invoice came to the node in {_INVOICE_SECONDS} s") from None
