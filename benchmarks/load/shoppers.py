"""A generator: a process that plays its part of the shoppers over HTTP, each step at the moment that is planned."""

import asyncio
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import quote

import aiohttp
import msgspec
import uvloop
from benchmarks.load.plan import Load, Visit
from benchmarks.load.records import Bought, Records

from smarts.wire.operations import TOKEN_HEADER

_PATIENCE = 30.0  # seconds until an answer that does not come counts as an error


@dataclass(frozen=True)
class Shop:
    """Where the shoppers go: the gateways, and each store with its access token."""

    gateways: Sequence[str]
    stores: Sequence[tuple[str, str]]


class _Total(msgspec.Struct, rename="camel"):
    total_to_pay: Decimal


class _Cart(msgspec.Struct, rename="camel"):
    id: str
    state: str
    invoice_id: str
    total: _Total


class _Shopper(msgspec.Struct):
    token: str


_CART = msgspec.json.Decoder(_Cart)
_SHOPPER = msgspec.json.Decoder(_Shopper)


class _StepFailedError(Exception):
    """The shopper goes home."""


def play(shop: Shop, load: Load, visits: Sequence[Visit], began: float) -> Records:
    """Plays these visits, from a moment of the monotonic clock on, to their ends."""
    return uvloop.run(_play(shop, load, visits, began))


async def _play(shop: Shop, load: Load, visits: Sequence[Visit], began: float) -> Records:
    records = Records()
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=60)
    timeout = aiohttp.ClientTimeout(total=_PATIENCE)
    async with (
        aiohttp.ClientSession(connector=connector, timeout=timeout) as session,
        asyncio.TaskGroup() as tasks,
    ):
        for visit in visits:
            await asyncio.sleep(max(began + visit.due - time.monotonic(), 0))
            tasks.create_task(_Phone(shop, load, visit, began, session, records).shop())
    return records


class _Phone:
    """One shopper's, from joining to paying."""

    def __init__(
        self,
        shop: Shop,
        load: Load,
        visit: Visit,
        began: float,
        session: aiohttp.ClientSession,
        records: Records,
    ) -> None:
        self._load, self._visit, self._began = load, visit, began
        self._session, self._records = session, records
        self._url = shop.gateways[visit.gateway]
        self._store, self._store_token = shop.stores[visit.store]
        self._moments: Iterator[float | None] = visit.moments(load.ends)
        self._headers = {"X-Forwarded-For": visit.address}
        self._free = 0.0  # since when the shopper could have gone on
        self._invoice_id = ""
        self._paid: Decimal | None = None

    async def shop(self) -> None:
        """The whole visit; what went wrong is in the records."""
        try:
            await self._buy()
        except _StepFailedError as failure:
            self._records.abandoned[str(failure)] += 1
        if self._invoice_id:
            visit = self._visit
            self._records.bought.append(Bought(visit.basket, visit.store, self._invoice_id, self._paid))

    async def _buy(self) -> None:
        joined = _SHOPPER.decode(await self._step("join", "POST", "/shop/v1/shoppers", {"langCode": "ET"}))
        self._headers["Authorization"] = f"Bearer {joined.token}"
        cart = await self._cart_step("begin", "/shop/v1/carts", {"institutionId": self._store})
        path = f"/shop/v1/carts/{cart.id}"
        for (barcode, pieces), name in zip(self._visit.scans, self._visit.searched, strict=True):
            if name:
                found = f"/shop/v1/stores/{self._store}/products?name={quote(name)}"
                await self._step("search", "GET", found)
            await self._cart_step("scan", f"{path}/lines", {"barcode": barcode, "quantity": str(pieces)})
        cart = await self._cart_step("checkout", f"{path}/checkout", None)
        if cart.state == "LOCKED":
            await self._staff_look(cart.invoice_id)
        else:
            next(self._moments)
        self._invoice_id = cart.invoice_id
        cart = await self._cart_step("pay", f"{path}/payment", {"method": "SANDBOX"})
        self._paid = cart.total.total_to_pay if cart.state == "PAID" else None

    async def _staff_look(self, invoice_id: str) -> None:
        body = {"invoiceId": invoice_id, "institutionId": self._store, "status": "PASSED"}
        await self._step("result", "POST", "/v1/control/result", body, {TOKEN_HEADER: self._store_token})

    async def _cart_step(self, step: str, path: str, body: object) -> _Cart:
        return _CART.decode(await self._step(step, "POST", path, body))

    async def _step(
        self, step: str, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> bytes:
        moment = next(self._moments)
        due = self._free if moment is None else self._began + moment
        await asyncio.sleep(max(due - time.monotonic(), 0))
        sent = time.monotonic()
        answer, failure = await self._ask(method, path, body, headers or self._headers)
        self._write(step, due, sent, failure)
        if failure:
            raise _StepFailedError(f"{step} {failure}")
        return answer

    async def _ask(
        self, method: str, path: str, body: object, headers: dict[str, str]
    ) -> tuple[bytes, str | None]:
        if method == "POST":
            headers = headers | {"Idempotency-Key": uuid.uuid4().hex, "Content-Type": "application/json"}
        data = None if body is None else msgspec.json.encode(body)
        try:
            async with self._session.request(
                method, self._url + path, data=data, headers=headers
            ) as response:
                answer = await response.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            return b"", type(error).__name__
        return answer, None if response.ok else str(response.status)

    def _write(self, step: str, due: float, sent: float, failure: str | None) -> None:
        """Counts the step where it was due in the time that is measured."""
        done = time.monotonic()
        ready, self._free = max(due, self._free), done
        taken = self._records.taken[step]
        taken.answered += self._load.counts(done - self._began) and not failure
        if not self._load.counts(due - self._began):
            return
        self._records.late.append(sent - ready)
        if failure:
            taken.failed[failure] += 1
        else:
            taken.due.append(done - due)
            taken.sent.append(done - sent)
