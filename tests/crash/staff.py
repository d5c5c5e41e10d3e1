"""People at work in the stores: they check carts and move orders on, in the gateway's own app."""

import asyncio
import random
from typing import Any

import aiohttp

from .notebook import Notebook, Seen
from .office import moves, verdict
from .phone import Phone
from .stores import STAFF_CHECK, Kind, TestStore

_PAUSE = 0.3
_ORDERS_AT_A_TIME = 4


class Colleague:
    """One of a store's staff; what was not answered is asked again, with the same key."""

    def __init__(
        self, session: aiohttp.ClientSession, url: str, store: TestStore, notebook: Notebook, seed: int
    ) -> None:
        self.store = store
        self._notebook = notebook
        chance = random.Random(f"{seed}/{store.institution_id}")
        self._phone = Phone(session, url, notebook.staff.append, chance, store.staff_token)
        self._list_of = Phone(session, url, lambda _: None, chance, store.staff_token)
        self._looked = False
        self._open: dict[str, tuple[str, str, str, Any]] = {}

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing left to do."""
        return not self._open and self._looked

    async def work(self) -> None:
        """For as long as the store is open."""
        while True:
            self._looked = True
            if self.store.kind in STAFF_CHECK:
                for check in await self._list("/work/v1/checks?limit=20"):
                    self._look_at(check["invoiceId"])
            if self.store.kind is Kind.PICKUP:
                for order in await self._list("/work/v1/orders?limit=50"):
                    self._carry(order)
            for key in list(self._open)[: 4 * _ORDERS_AT_A_TIME]:
                await self._do(key)
            await asyncio.sleep(_PAUSE)

    async def _list(self, path: str) -> list[Any]:
        seen = await self._list_of.ask_once("list", path, "GET", path)
        if seen.status != 200:
            self._looked = False
        return seen.body if seen.status == 200 else []

    def _look_at(self, invoice_id: str) -> None:
        path = f"/work/v1/checks/{invoice_id}/result"
        self._want(invoice_id, "staff's result", path, {"status": verdict(invoice_id, of_staff=True).value})

    def _carry(self, order: Any) -> None:
        plan = moves(order["id"], self.store.kind)
        fit = [status for status in plan if status.value in order["mayBecome"]]
        if fit:
            path = f"/work/v1/orders/{order['id']}/status"
            self._want(order["id"], "staff's status", path, {"status": fit[0].value})

    def _want(self, about: str, verb: str, path: str, body: Any) -> None:
        self._open.setdefault(f"{about}/{body['status']}", (verb, about, path, body))

    async def _do(self, key: str) -> Seen:
        verb, about, path, body = self._open[key]
        seen = await self._phone.ask_once(verb, about, "POST", path, body, key=key)
        if not seen.may_help_to_repeat:
            del self._open[key]
        return seen
