"""Whatever happens to an order in whatever order: whenever nothing is under way, goods and money agree.

Hypothesis makes up the lives of orders: who does what, which card pays, when the provider is silent, when time passes.
"""

import asyncio
from collections.abc import Awaitable, Coroutine
from typing import Any, ClassVar, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from gateway.journeys.delivering import CHOICES, Delivering
from gateway.journeys.world import BREAD, Reply, until
from smarts.gateway.orders.rules import TABLE
from smarts.gateway.orders.service import ORDER_DUE
from smarts.gateway.payments.sandbox import (
    APPROVED_CARD,
    DECLINED_CAPTURE_CARD,
    DECLINED_CARD,
    LOST_ANSWER_CARD,
    LOST_CAPTURE_ANSWER_CARD,
    LOST_REFUND_ANSWER_CARD,
    LOST_REQUEST_CARD,
)
from smarts.gateway.payments.service import CAPTURE_PAYMENT, REFUND_PAYMENT, SETTLE_PAYMENT
from smarts.wire.shipments import ShipmentStatus

T = TypeVar("T")

# Those that bring an order on come first and twice, since hypothesis likes what comes first.
USUAL = ("CONFIRMED", "SHIPPING", "READY_TO_PICKUP", "ASSEMBLE_READY", "COMPLETED")
WANTED = st.sampled_from([*USUAL, *ShipmentStatus])
CARDS = st.sampled_from(
    [
        APPROVED_CARD,
        LOST_CAPTURE_ANSWER_CARD,
        DECLINED_CAPTURE_CARD,
        LOST_ANSWER_CARD,
        LOST_REFUND_ANSWER_CARD,
        DECLINED_CARD,
        LOST_REQUEST_CARD,
    ]
)
KINDS = (SETTLE_PAYMENT, CAPTURE_PAYMENT, REFUND_PAYMENT, ORDER_DUE)
UNKNOWN = ("PENDING", "UNKNOWN")


class OrderLife(RuleBasedStateMachine):
    """An order of a shopper whom the store did not know before."""

    store: ClassVar[Delivering]
    loop: ClassVar[asyncio.AbstractEventLoop]

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)

    @initialize(card=CARDS, method=st.sampled_from(list(CHOICES)))
    def place(self, card: str, method: str) -> None:
        """An order is placed, or its payment is declined, or not known."""
        self.delivering = self.wait(self.store.another())
        self.cart = self.wait(self.delivering.ready(method))
        self.wait(self.delivering.shopper.pay(self.cart, card))
        self.order = {
            "id": self.wait(self.delivering.order_of(self.cart)),
            "invoiceId": self.cart["invoiceId"],
        }

    @rule(wanted=WANTED, by_api=st.booleans(), few=st.booleans())
    def the_store_moves_it_on(self, wanted: str, by_api: bool, few: bool) -> None:
        """With all that was ordered, or with bread alone."""
        reply = self.wait(_one(self._store(wanted, by_api=by_api, few=few)))
        assert reply.status in (200, 409, 422, 504), reply.text

    def _store(self, wanted: str, *, by_api: bool, few: bool) -> Awaitable[Reply]:
        if by_api:
            return self.delivering.by_api(self.order, wanted)
        picked = {"products": [{"barcode": BREAD, "amount": 1}]} if few else {}
        return self.delivering.by_staff(self.order, wanted, **picked)

    @rule()
    def the_shopper_cancels(self) -> None:
        """As long as it has not gone out."""
        assert self.wait(self.delivering.cancel(self.order)).status in (200, 409)

    @rule(card=CARDS)
    def the_shopper_pays(self, card: str) -> None:
        """Again, or for the first time with success."""
        assert self.wait(self.delivering.shopper.pay(self.cart, card)).status in (200, 402, 409, 504)

    @rule(wanted=WANTED, by_api=st.booleans(), pays=st.booleans())
    def two_act_at_once(self, wanted: str, by_api: bool, pays: bool) -> None:
        """The store and the shopper in the same instant."""
        shopper = self.delivering.shopper.pay(self.cart) if pays else self.delivering.cancel(self.order)
        store = self._store(wanted, by_api=by_api, few=False)
        for reply in self.wait(_both(shopper, store)):
            assert reply.status in (200, 402, 409, 504), reply.text

    @rule(kind=st.sampled_from(KINDS))
    def what_was_to_be_done_later_is_done(self, kind: str) -> None:
        """The worker asks the provider again, or looks whether an order's time is over."""
        self.wait(self.delivering.hurry(kind, self.order["id"] if kind == ORDER_DUE else None))

    @rule(field=st.sampled_from(["reactBy", "lapsesAt"]))
    def time_passes(self, field: str) -> None:
        """The store's time to answer, or that of the hold."""
        self.wait(self.delivering.let_time_pass(self.order, field))

    @rule()
    def the_provider_lets_go(self) -> None:
        """Holds do not last for ever."""
        self.wait(self.delivering.holds_expire())

    @invariant()
    def goods_and_money_agree(self) -> None:
        """Unless the provider still has to tell; and every change there was is one of the table's."""
        order, money = self.wait(self._at_rest())
        log = [(each["previousStatus"], each["newStatus"]) for each in order["statusChangelogs"]]
        assert all((ShipmentStatus(before), ShipmentStatus(after)) in TABLE for before, after in log)
        assert money["charged"] <= money["amount"]
        if not any(step["status"] in UNKNOWN for step in money["steps"]):
            assert self.wait(self.delivering.agrees(order)), (order, money)

    async def _at_rest(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The order and its money when the worker has done what it can."""

        async def now() -> Any:
            order = await self.delivering.look(self.order["id"])
            money = await self.delivering.money(self.order)
            same = (await self.delivering.look(self.order["id"])) == order
            busy = any(step["kind"] == "RELEASE" and step["status"] == "PENDING" for step in money["steps"])
            return None if busy or not same else (order, money)

        found: tuple[dict[str, Any], dict[str, Any]] = await until(now)
        return found

    def teardown(self) -> None:
        """In the end everything is known, and the node has heard of all of it."""
        self.wait(self._end())

    async def _end(self) -> None:
        async def known() -> bool:
            for kind in KINDS[:3]:
                await self.delivering.hurry(kind)
            return await self.delivering.agrees(await self.delivering.look(self.order["id"]))

        await until(known)
        order = await self.delivering.look(self.order["id"])
        log = [each["newStatus"] for each in order["statusChangelogs"]]
        placed = log.index("WAITING_FOR_CONFIRMATION") if "WAITING_FOR_CONFIRMATION" in log else len(log)
        await until(lambda: self.delivering.merchant.told(order["id"]) == log[placed:])
        out = {"SHIPPING", "READY_TO_PICKUP"} & set(log)
        await until(lambda: len(self.delivering.invoices(order)) == (1 if out else 0))
        cart = await self.delivering.shopper.look(self.cart)
        assert (cart["state"] == "PAID") == (placed < len(log))


async def _one(call: Awaitable[Reply]) -> Reply:
    return await call


async def _both(*calls: Awaitable[Reply]) -> list[Reply]:
    return await asyncio.gather(*calls)


async def test_no_life_of_an_order_leaves_goods_and_money_apart(delivering: Delivering) -> None:
    """Orders in their thousand ways: refused, lost, late, at once, and in the end known."""
    OrderLife.store, OrderLife.loop = delivering, asyncio.get_running_loop()
    slowly = settings(
        max_examples=30, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
    )
    await asyncio.to_thread(run_state_machine_as_test, OrderLife, settings=slowly)
