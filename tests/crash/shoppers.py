"""Shoppers who buy, one purchase after the other."""

import asyncio
import random
from collections.abc import Sequence
from typing import Any

import aiohttp

from .notebook import Notebook, Purchase, Seen
from .phone import GaveUpError, Phone
from .stores import BEER, BREAD, DELIVERS, MILK, STAFF_CHECK, Kind, TestStore

GOOD, DECLINED, LOST_ANSWER, LOST_REQUEST, LOST_CAPTURE, LOST_REFUND = (
    "4242424242424242", "4000000000000002", "4000000000000259", "4000000000000341", "4000000000001109",
    "4000000000001307",
)  # fmt: skip
_CARDS = (GOOD,) * 9 + (DECLINED, LOST_ANSWER, LOST_REQUEST, LOST_CAPTURE, LOST_REFUND)
_LONGEST_LOOK = 60  # looks at a locked cart before its shopper walks out
_LOOK_EVERY = 0.25
_COURIER = {
    "method": "COURIER",
    "contactName": "Mari",
    "contactPhone": "+372 5555 5555",
    "address": {"level1": "Eesti", "level5": "Pikk 1", "postalCode": "10123"},
}
_PICKUP = {"method": "PICKUP", "contactEmail": "mari@example.com"}


class Shoppers:
    """Some streams of purchases, until they are told that it is enough."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: str,
        stores: Sequence[TestStore],
        notebook: Notebook,
        seed: int,
        *,
        cards: Sequence[str] = _CARDS,
        think: float = 0,
    ) -> None:
        """`think` is how many seconds pass before each request, on average."""
        self._session = session
        self._url = url
        self._stores = stores
        self._notebook = notebook
        self._seed = seed
        self._cards = cards
        self._think = think
        self.enough = asyncio.Event()

    async def stream(self, number: int) -> None:
        """One purchase after the other."""
        chance = random.Random(f"{self._seed}/{number}")
        while not self.enough.is_set():
            purchase = Purchase(chance.choice(self._stores))
            self._notebook.purchases.append(purchase)
            try:
                await _Shopper(self._session, self._url, purchase, chance, self._cards, self._think).shop()
            except GaveUpError:
                await asyncio.sleep(0.1)


class _Shopper:
    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: str,
        purchase: Purchase,
        chance: random.Random,
        cards: Sequence[str],
        think: float,
    ) -> None:
        tries = chance.choice((2, 40, 40, 40, 40, 40, 40, 40))
        self._phone = Phone(session, url, purchase.note, chance, tries=tries)
        self._purchase = purchase
        self._chance = chance
        self._cards = cards
        self._think = think

    async def shop(self) -> None:
        await self._join()
        await self._fill()
        if (cart := await self._check_out()) is None or self._chance.random() < 0.04:
            await self._ask("give up", "DELETE", self._cart())
            return
        await self._pay(cart)

    async def _join(self) -> None:
        seen = await self._ask("join", "POST", "/shop/v1/shoppers", {"langCode": "ET"})
        if seen.status != 201:
            raise GaveUpError
        self._purchase.person_id, self._phone.token = seen.body["personId"], seen.body["token"]
        self._purchase.token = self._phone.token
        body = {"institutionId": self._purchase.store.institution_id}
        seen = await self._ask("cart", "POST", "/shop/v1/carts", body)
        if seen.status != 201:
            raise GaveUpError
        self._purchase.cart_id = seen.body["id"]

    async def _fill(self) -> None:
        kind = self._purchase.store.kind
        goods = [self._chance.choice((BREAD, MILK)) for _ in range(self._chance.randint(1, 3))]
        if kind in STAFF_CHECK:
            goods.append(BEER)
        for barcode in goods:
            await self._ask("scan", "POST", self._cart("/lines"), {"barcode": barcode})
        if kind in DELIVERS:
            choice = _PICKUP if kind is Kind.PICKUP else _COURIER
            await self._ask("shipment", "PUT", self._cart("/shipment"), choice)

    async def _check_out(self) -> Any:
        """The cart that is ready to be paid for, or None where it does not become so."""
        for _ in range(_LONGEST_LOOK):
            seen = await self._ask("checkout", "POST", self._cart("/checkout"))
            cart = seen.body if seen.status == 200 else None
            if cart and cart["state"] == "LOCKED":
                cart = await self._wait_for_check()
            if cart is None or cart["state"] != "OPEN":
                return cart if cart and cart["state"] == "READY" else None
        return None

    async def _wait_for_check(self) -> Any:
        for _ in range(_LONGEST_LOOK):
            seen = await self._ask("look", "GET", self._cart())
            if seen.status == 200 and seen.body["state"] != "LOCKED":
                return seen.body
            await asyncio.sleep(_LOOK_EVERY)
        return None

    async def _pay(self, cart: Any) -> None:
        card, total = self._chance.choice(self._cards), cart["total"]["totalToPay"]
        seen = await self._try_to_pay(card, total)
        if seen.problem == "receipt-new":
            return
        if seen.status == 402 and self._chance.random() < 0.7:
            seen = await self._try_to_pay(GOOD, total)
        order_id = seen.body.get("orderId") if seen.status == 200 else None
        if order_id and self._chance.random() < 0.3:
            await self._ask("cancel", "POST", f"/shop/v1/orders/{order_id}/cancel")

    async def _try_to_pay(self, card: str, total: Any) -> Seen:
        body = {"method": "SANDBOX", "card": card, "total": float(total)}
        tries = 3 if card == LOST_REQUEST else None  # whoever goes on with this card never gets through
        return await self._ask("pay", "POST", self._cart("/payment"), body, tries)

    def _cart(self, more: str = "") -> str:
        return f"/shop/v1/carts/{self._purchase.cart_id}{more}"

    async def _ask(
        self, verb: str, method: str, path: str, body: Any = None, tries: int | None = None
    ) -> Seen:
        if self._think:
            await asyncio.sleep(self._chance.uniform(0, 2 * self._think))
        return await self._phone.ask(verb, path, method, path, body, tries=tries)
