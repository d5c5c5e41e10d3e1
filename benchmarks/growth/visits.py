"""The hot requests, one kind after another, so that what each kind costs can be told apart."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import msgspec

from smarts.wire.operations import TOKEN_HEADER

Scans = Sequence[tuple[str, Any]]

_AT_ONCE = 4


@dataclass
class Shopper:
    """Somebody who shopped before, and today's cart."""

    token: str
    store: str
    scans: Scans
    cart: Any = None


@dataclass
class Phones:
    """Shoppers at a gateway, who do the same step at the same time."""

    session: aiohttp.ClientSession
    url: str
    shoppers: Sequence[Shopper]
    access_token: str
    staff_token: str
    manager_token: str
    requests: int = field(default=0)

    def kinds(self) -> Mapping[str, Callable[[], Awaitable[None]]]:
        """The kinds of requests, in the order in which they can be made."""
        return {
            "join": self._each(self._join),
            "stores": self._each(self._stores),
            "begin": self._each(self._begin),
            "search": self._each(self._search),
            "scan": self._each(self._scan),
            "checkout": self._each(self._check_out),
            "staff's list": self._each(self._staff_list),
            "result": self._each(self._result),
            "pay": self._each(self._pay),
            "purchases": self._each(self._purchases),
            "store's purchases": self._each(self._store_purchases),
            "store's checks": self._each(self._store_checks),
            "store's messages": self._each(self._store_messages),
            "metrics": self._each(self._metrics),
        }

    def _each(self, step: Callable[[Shopper], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        async def all_of_them() -> None:
            gate = asyncio.Semaphore(_AT_ONCE)

            async def one(shopper: Shopper) -> None:
                async with gate:
                    await step(shopper)

            await asyncio.gather(*map(one, self.shoppers))

        return all_of_them

    async def ask(
        self, method: str, path: str, token: str = "", body: object = None, **headers: str
    ) -> bytes:
        """One request that has to go well; counted."""
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if method == "POST":
            headers |= {"Content-Type": "application/json", "Idempotency-Key": secrets.token_hex(16)}
        data = None if body is None else msgspec.json.encode(body)
        async with self.session.request(method, self.url + path, data=data, headers=headers) as response:
            answer = await response.read()
            if not response.ok:
                raise RuntimeError(f"{method} {path}: {response.status} {answer.decode(errors='replace')}")
        self.requests += 1
        return answer

    async def _join(self, _: Shopper) -> None:
        address = ".".join(str(secrets.randbelow(256)) for _ in range(3))
        await self.ask(
            "POST", "/shop/v1/shoppers", "", {"langCode": "ET"}, **{"X-Forwarded-For": f"10.{address}"}
        )

    async def _stores(self, shopper: Shopper) -> None:
        await self.ask("GET", "/shop/v1/stores", shopper.token)

    async def _begin(self, shopper: Shopper) -> None:
        answer = await self.ask("POST", "/shop/v1/carts", shopper.token, {"institutionId": shopper.store})
        shopper.cart = msgspec.json.decode(answer)

    async def _search(self, shopper: Shopper) -> None:
        await self.ask("GET", f"/shop/v1/stores/{shopper.store}/products?name=bread", shopper.token)

    async def _scan(self, shopper: Shopper) -> None:
        path = f"/shop/v1/carts/{shopper.cart['id']}/lines"
        for barcode, pieces in shopper.scans:
            await self.ask("POST", path, shopper.token, {"barcode": barcode, "quantity": str(pieces)})

    async def _check_out(self, shopper: Shopper) -> None:
        path = f"/shop/v1/carts/{shopper.cart['id']}/checkout"
        shopper.cart = msgspec.json.decode(await self.ask("POST", path, shopper.token))

    async def _staff_list(self, _: Shopper) -> None:
        await self.ask("GET", "/work/v1/checks", self.staff_token)

    async def _result(self, shopper: Shopper) -> None:
        if shopper.cart["state"] != "LOCKED":
            return
        result = {"invoiceId": shopper.cart["invoiceId"], "institutionId": shopper.store, "status": "PASSED"}
        await self.ask("POST", "/v1/control/result", "", result, **{TOKEN_HEADER: self.access_token})

    async def _pay(self, shopper: Shopper) -> None:
        path = f"/shop/v1/carts/{shopper.cart['id']}/payment"
        shopper.cart = msgspec.json.decode(await self.ask("POST", path, shopper.token, {"method": "SANDBOX"}))
        assert shopper.cart["state"] == "PAID", shopper.cart["state"]

    async def _purchases(self, shopper: Shopper) -> None:
        await self.ask("GET", "/shop/v1/purchases", shopper.token)

    async def _store_purchases(self, shopper: Shopper) -> None:
        await self.ask("GET", f"/manage/v1/stores/{shopper.store}/purchases", self.manager_token)

    async def _store_checks(self, shopper: Shopper) -> None:
        await self.ask("GET", f"/manage/v1/stores/{shopper.store}/checks", self.manager_token)

    async def _store_messages(self, shopper: Shopper) -> None:
        await self.ask("GET", f"/manage/v1/stores/{shopper.store}/messages", self.manager_token)

    async def _metrics(self, _: Shopper) -> None:
        await self.ask("GET", "/metrics")
