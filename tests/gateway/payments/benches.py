"""Both providers, each with its test cards, its ways to lose an answer, and its own books."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, Protocol

import aiohttp

from gateway.payments.lossy import Lossy, lossy
from smarts.gateway.payments import sandbox
from smarts.gateway.payments.providers import PaymentProvider
from smarts.gateway.payments.sandbox import Sandbox
from smarts.gateway.payments.stripe import Stripe
from smarts.gateway.storage.database import Database

KEY = "sk_test_of_the_tests"
GOOD, DECLINED, TO_BE_CONFIRMED = "4242424242424242", "4000000000000341", "4000002500003155"
NOTHING = Decimal(0)


@dataclass(frozen=True)
class Money:
    """What a provider's own books say of a payment."""

    held: Decimal = NOTHING
    taken: Decimal = NOTHING
    refunded: Decimal = NOTHING


class Bench(Protocol):
    """A provider and what the tests can do to it; the `lose_` ones give the card with which the answer is lost."""

    provider: PaymentProvider
    good: str
    declined: str
    to_be_confirmed: str

    def lose_request(self) -> str: ...
    def lose_answer(self) -> str: ...
    def lose_capture_answer(self) -> str: ...
    def lose_refund_answer(self) -> str: ...
    def a_day_goes_by(self) -> None: ...
    async def confirm(self, payment_id: str) -> None: ...
    async def books(self, payment_id: str) -> Money: ...


class SandboxBench:
    """The sandbox: its cards lose what is to be lost."""

    good, declined = sandbox.APPROVED_CARD, sandbox.DECLINED_CARD
    to_be_confirmed = sandbox.ACTION_NEEDED_CARD

    def __init__(self, database: Database, authorisation: timedelta = sandbox.AUTHORISATION) -> None:
        self._database = database
        self.provider: PaymentProvider = Sandbox(database, authorisation)

    def lose_request(self) -> str:
        return sandbox.LOST_REQUEST_CARD

    def lose_answer(self) -> str:
        return sandbox.LOST_ANSWER_CARD

    def lose_capture_answer(self) -> str:
        return sandbox.LOST_CAPTURE_ANSWER_CARD

    def lose_refund_answer(self) -> str:
        return sandbox.LOST_REFUND_ANSWER_CARD

    def a_day_goes_by(self) -> None:
        pass

    async def confirm(self, payment_id: str) -> None:
        """The second time it is asked about, it is confirmed."""

    async def books(self, payment_id: str) -> Money:
        async with self._database.connection() as connection:
            row = await connection.fetchrow(
                "SELECT *, coalesce((SELECT sum(amount) FROM sandbox_steps WHERE charge_id = charge.id"
                " AND kind = 'REFUND' AND refusal = ''), 0) AS refunded"
                " FROM sandbox_charges AS charge WHERE id = $1 AND outcome = 'APPROVED'",
                payment_id,
            )
        if row is None:
            return Money()
        is_held = not row["captured"] and not row["released"]
        return Money(row["amount"] if is_held else NOTHING, row["captured"], row["refunded"])


class StripeBench:
    """Stripe's library, a network that can lose things, and `localstripe`."""

    def __init__(self, database: Database, proxy: Lossy, **settings: Any) -> None:
        self.proxy = proxy
        self.stripe = Stripe(database, KEY, url=proxy.url, timeout_seconds=2, **settings)
        self.provider: PaymentProvider = self.stripe
        self.good = self.declined = self.to_be_confirmed = ""

    async def open(self) -> None:
        await self.call("DELETE", "/_config/data")
        self.good, self.declined, self.to_be_confirmed = [
            (await self._card(number))["id"] for number in (GOOD, DECLINED, TO_BE_CONFIRMED)
        ]

    def lose_request(self) -> str:
        self.proxy.lose_request("POST .*/confirm$")
        return self.good

    def lose_answer(self) -> str:
        self.proxy.lose_answer("POST .*/confirm$")
        return self.good

    def lose_capture_answer(self) -> str:
        self.proxy.lose_answer("POST .*/capture$")
        return self.good

    def lose_refund_answer(self) -> str:
        self.proxy.lose_answer("POST /v1/refunds$")
        return self.good

    def a_day_goes_by(self) -> None:
        self.proxy.forget_keys()

    async def confirm(self, payment_id: str) -> None:
        """As Stripe's own program on the phone does."""
        (intent,) = await self.intents(payment_id)
        data = {"client_secret": intent["client_secret"], "success": "true"}
        await self.call("POST", f"/v1/payment_intents/{intent['id']}/_authenticate", data)

    async def books(self, payment_id: str) -> Money:
        """All of Stripe's intents that name the payment, together."""
        held = taken = refunded = 0
        for intent in await self.intents(payment_id):
            charge = intent["latest_charge"]
            if intent["status"] == "requires_capture":
                held += intent["amount"]
            if intent["status"] == "succeeded":
                refunds = (await self.call("GET", f"/v1/refunds?limit=100&charge={charge['id']}"))["data"]
                ours = sum(each["amount"] for each in refunds if "step_id" in each["metadata"])
                refunded += ours
                taken += charge["amount"] - sum(each["amount"] for each in refunds) + ours
        return Money(*(Decimal(cents) / 100 for cents in (held, taken, refunded)))

    async def intents(self, payment_id: str) -> list[Any]:
        listed = (await self.call("GET", "/v1/payment_intents?limit=100"))["data"]
        return [each for each in listed if each["metadata"].get("payment_id") == payment_id]

    async def _card(self, number: str) -> Any:
        card = {"number": number, "exp_month": 12, "exp_year": 2030, "cvc": "123"}
        data = {f"card[{name}]": str(value) for name, value in card.items()} | {"type": "card"}
        return await self.call("POST", "/v1/payment_methods", data)

    async def call(self, method: str, path: str, data: dict[str, str] | None = None) -> Any:
        """Asks `localstripe` itself, where nothing is lost."""
        headers = {"Authorization": f"Bearer {KEY}"}
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, self.proxy.target + path, data=data, headers=headers) as reply,
        ):
            assert reply.status == 200, await reply.text()
            return await reply.json(content_type=None)


@asynccontextmanager
async def stripe_bench(database: Database, localstripe: str, **settings: Any) -> AsyncIterator[StripeBench]:
    """Stripe behind a network of its own."""
    async with lossy(localstripe) as proxy:
        bench = StripeBench(database, proxy, **settings)
        await bench.open()
        try:
            yield bench
        finally:
            await bench.stripe.close()
