"""Payments by Stripe: one payment intent a payment, always captured by hand.

Stripe forgets an idempotency key after a day, so nothing here relies on it alone. An intent is made without being
confirmed and its id is written down, and only then it is confirmed: so whatever holds money can be found. Whether a
payment counts is decided in our own books, once: HELD or CLOSED. One that is CLOSED is cancelled at Stripe, and a
confirmation that crosses it does not count.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, cast

import msgspec
import stripe
import structlog
from aiohttp import ClientTimeout
from stripe import CardError, InvalidRequestError, RequestOptions, SignatureVerificationError, StripeClient

from smarts.gateway.payments import store
from smarts.gateway.payments.providers import Answered, Hold, Outcome, Step
from smarts.gateway.payments.store import StripeIntent
from smarts.gateway.storage.database import Database
from smarts.wire.money import Currency

if TYPE_CHECKING:
    from stripe.params import PaymentIntentCreateParams

STRIPE_URL = "https://api.stripe.com"

# How Stripe understands and answers us, whatever the library was made for: from 2026-09-30 on, an intent that is only
# for cards is asked for by a parameter that `localstripe`, which stands in for Stripe in the tests, does not know.
_VERSION = "2025-08-27.basil"
_TIMEOUT_SECONDS = 8.0  # less than the patience of whoever asks, so that Stripe's own words are heard
_CONFIRMED_WITHIN = timedelta(minutes=15)
_HELD_FOR = timedelta(days=7)  # cards' usual time; Stripe tells of others
_MARGIN = timedelta(hours=1)
_SIGNED_WITHIN_SECONDS = 300

_HELD, _CLOSED = "HELD", "CLOSED"
_EXPANDED: list[str] = ["latest_charge"]
_DONE = Answered(Outcome.DONE)
_UNKNOWN = Answered(Outcome.UNKNOWN, "The provider does not know yet")

log = structlog.get_logger(__name__)


class _Card(msgspec.Struct, frozen=True):
    capture_before: int | None = None


class _Details(msgspec.Struct, frozen=True):
    card: _Card | None = None


class _Charge(msgspec.Struct, frozen=True):
    amount: int
    amount_refunded: int
    payment_method_details: _Details | None = None


class _Refusal(msgspec.Struct, frozen=True):
    message: str | None = None


class _Intent(msgspec.Struct, frozen=True):
    """What we read of a payment intent; amounts in minor units, moments in Unix seconds."""

    id: str
    status: str
    created: int
    client_secret: str | None = None
    amount_received: int | None = None
    last_payment_error: _Refusal | None = None
    latest_charge: _Charge | str | None = None

    @property
    def taken(self) -> int | None:
        """What was captured."""
        if self.amount_received is None and isinstance(self.latest_charge, _Charge):
            # Where the sum is not told, what was not captured counts as refunded.
            return self.latest_charge.amount - self.latest_charge.amount_refunded
        return self.amount_received

    @property
    def expires_at(self) -> datetime:
        """Until when the money is surely held."""
        charge = self.latest_charge
        details = charge.payment_method_details if isinstance(charge, _Charge) else None
        card = details.card if details else None
        if card and card.capture_before:
            return datetime.fromtimestamp(card.capture_before, UTC) - _MARGIN
        return datetime.fromtimestamp(self.created, UTC) + _HELD_FOR - _MARGIN


class _Object(msgspec.Struct, frozen=True):
    id: str


class _Data(msgspec.Struct, frozen=True):
    object: _Object


class _Event(msgspec.Struct, frozen=True):
    id: str
    data: _Data


@dataclass(frozen=True)
class StripeEvent:
    """An event that Stripe signed, and the payment that it is about."""

    id: str
    payment_id: str


class SignatureError(Exception):
    """An event was not signed by Stripe, or too long ago."""


class Stripe:
    """Stripe over its official library. Made in a running event loop, and closed at the end."""

    method = "STRIPE"

    def __init__(
        self,
        database: Database,
        key: str,
        webhook_secret: str = "",
        url: str = STRIPE_URL,
        *,
        timeout_seconds: float = _TIMEOUT_SECONDS,
        confirmed_within: timedelta = _CONFIRMED_WITHIN,
    ) -> None:
        self._database = database
        self._webhook_secret = webhook_secret
        self._confirmed_within = confirmed_within
        # Retries are ours: each step is repeated until its outcome is known.
        self._http = stripe.AIOHTTPClient(timeout=ClientTimeout(total=timeout_seconds))
        self._client = StripeClient(
            key,
            base_addresses={"api": url},
            http_client=self._http,
            max_network_retries=0,
            stripe_version=_VERSION,
        )
        self._intents = self._client.v1.payment_intents
        self._refunds = self._client.v1.refunds

    async def close(self) -> None:
        """Ends the connections to Stripe."""
        await self._http.close_async()  # type: ignore[no-untyped-call] # the library's own omission

    async def authorise(self, hold: Hold) -> Answered:
        """Holds the money of a payment method (`pm_…`), and takes it where the hold says so."""
        if not hold.card:
            return await self._give_up(hold.id, "Expected a payment method of Stripe: pm_…")
        try:
            made = await self._create(hold, hold.card)
        except (CardError, InvalidRequestError) as refusal:
            return await self._give_up(hold.id, refusal.user_message)
        async with self._database.connection() as connection:
            intent_id = await store.stripe_remember(connection, hold.id, made.id)
        if intent_id is None:
            await self._cancel(made.id, hold.id)
            return await self._give_up(hold.id, "The payment came too late")
        try:
            intent = await self._confirm(intent_id, hold.id)
        except CardError as refusal:
            return await self._give_up(hold.id, refusal.user_message)
        return await self._stands(hold, intent, late=False)

    async def find(self, hold: Hold) -> Answered:
        """What became of a payment; one whose money is not held is cancelled."""
        known = await self._known(hold.id)
        if known is None or known.intent_id is None or known.state == _CLOSED:
            return await self._give_up(hold.id, "The payment never arrived")
        intent = await self._retrieve(known.intent_id)
        return await self._stands(hold, intent, late=known.age >= self._confirmed_within)

    async def capture(self, step: Step) -> Answered:
        """Takes money that is held."""
        return await self._take(await self._intent_id(step), step.id, step.amount, step.currency)

    async def release(self, step: Step) -> Answered:
        """Lets go of money that is held; what has expired is let go already."""
        intent = await self._cancel(await self._intent_id(step), step.id)
        if intent.status == "succeeded":
            return Answered(Outcome.DECLINED, "The money was taken")
        return _DONE if intent.status == "canceled" else _UNKNOWN

    async def refund(self, step: Step) -> Answered:
        """Gives money back, unless a refund that names this step is there already."""
        intent_id = await self._intent_id(step)
        made = await self._refunds.list_async({"payment_intent": intent_id, "limit": 100})
        async for refund in made.auto_paging_iter():
            if refund.metadata and refund.metadata.to_dict().get("step_id") == step.id:
                return _refunded(refund)
        try:
            refund = await self._refunds.create_async(
                {
                    "payment_intent": intent_id,
                    "amount": _minor(step.amount, step.currency),
                    "metadata": {"step_id": step.id},
                },
                _once(step.id),
            )
        except (CardError, InvalidRequestError) as refusal:
            return Answered(Outcome.DECLINED, refusal.user_message or "")
        return _refunded(refund)

    async def read_event(self, body: bytes, signature: str | None) -> StripeEvent | None:
        """The event of a webhook; None where it is about none of our payments.

        Raises:
            SignatureError: Stripe did not sign it, or more than five minutes ago.
        """
        try:
            stripe.WebhookSignature.verify_header(
                body, signature, self._webhook_secret, _SIGNED_WITHIN_SECONDS
            )
        except SignatureVerificationError as error:
            raise SignatureError from error
        try:
            event = msgspec.json.decode(body, type=_Event)
        except msgspec.ValidationError:  # of a kind that is about something else
            return None
        async with self._database.connection() as connection:
            payment_id = await store.stripe_payment(connection, event.data.object.id)
        return StripeEvent(event.id, payment_id) if payment_id else None

    async def _create(self, hold: Hold, card: str) -> _Intent:
        asked = {
            "amount": _minor(hold.amount, hold.currency),
            "currency": hold.currency.lower(),
            "payment_method": card,
            "payment_method_types": ["card"],
            "capture_method": "manual",
            "metadata": {"payment_id": hold.id},
        }
        return _intent(
            await self._intents.create_async(cast("PaymentIntentCreateParams", asked), _once(hold.id))
        )

    async def _confirm(self, intent_id: str, payment_id: str) -> _Intent:
        try:
            return _intent(
                await self._intents.confirm_async(
                    intent_id, {"expand": _EXPANDED}, _once(f"{payment_id}:confirm")
                )
            )
        except InvalidRequestError:  # it was confirmed before, or cancelled
            return await self._retrieve(intent_id)

    async def _retrieve(self, intent_id: str) -> _Intent:
        return _intent(await self._intents.retrieve_async(intent_id, {"expand": _EXPANDED}))

    async def _cancel(self, intent_id: str, asked_by: str) -> _Intent:
        try:
            return _intent(await self._intents.cancel_async(intent_id, options=_once(f"{asked_by}:cancel")))
        except InvalidRequestError:  # it was cancelled before, or cannot be any more
            return await self._retrieve(intent_id)

    async def _stands(self, hold: Hold, intent: _Intent, *, late: bool) -> Answered:
        match intent.status:
            case "requires_capture" | "succeeded":
                return await self._count(hold, intent)
            case "requires_action" if not late:
                return Answered(Outcome.ACTION_NEEDED, "Confirm the payment", action=intent.client_secret)
            case "processing":
                return _UNKNOWN
            case "canceled":
                return Answered(Outcome.DECLINED, "The payment was cancelled")
        error = intent.last_payment_error
        return await self._give_up(hold.id, error.message if error else "The payment was not confirmed")

    async def _count(self, hold: Hold, intent: _Intent) -> Answered:
        """Lets money that Stripe holds count, unless the payment was given up before."""
        if not await self._decide(hold.id, _HELD):
            return await self._give_up(hold.id, "The payment came too late")
        if not hold.capture:
            return Answered(Outcome.DONE, expires_at=intent.expires_at)
        answered = await self._take(intent.id, hold.id, hold.amount, hold.currency)
        if answered.outcome is Outcome.DECLINED:
            await self._cancel(intent.id, hold.id)
        return answered

    async def _take(self, intent_id: str, step_id: str, amount: Decimal, currency: Currency) -> Answered:
        minor, refusal = _minor(amount, currency), None
        try:
            intent = _intent(
                await self._intents.capture_async(
                    intent_id,
                    {"amount_to_capture": minor, "expand": _EXPANDED},
                    _once(f"{step_id}:capture"),
                )
            )
        except (CardError, InvalidRequestError) as error:  # perhaps it was taken before
            refusal = error.user_message or ""
            intent = await self._retrieve(intent_id)
        if intent.status == "succeeded":
            return _compared(intent, minor)
        if intent.status == "canceled":
            return Answered(Outcome.DECLINED, "The authorisation has expired, or was cancelled")
        if intent.status == "requires_capture" and refusal is not None:
            return Answered(Outcome.DECLINED, refusal)
        return _UNKNOWN

    async def _give_up(self, payment_id: str, detail: str | None) -> Answered:
        """Decides that a payment does not count, ever, and cancels it at Stripe."""
        if not await self._decide(payment_id, _CLOSED):
            return _UNKNOWN
        known = await self._known(payment_id)
        if known and known.intent_id:
            intent = await self._cancel(known.intent_id, payment_id)
            if intent.status != "canceled":
                return _UNKNOWN
        return Answered(Outcome.DECLINED, detail or "")

    async def _decide(self, payment_id: str, state: str) -> bool:
        async with self._database.connection() as connection:
            return await store.stripe_decide(connection, payment_id, state)

    async def _known(self, payment_id: str) -> StripeIntent | None:
        async with self._database.connection() as connection:
            return await store.stripe_find(connection, payment_id)

    async def _intent_id(self, step: Step) -> str:
        known = await self._known(step.payment_id)
        assert known
        assert known.intent_id
        return known.intent_id


def _intent(answer: stripe.PaymentIntent) -> _Intent:
    return msgspec.convert(answer.to_dict(), _Intent)


def _once(key: str) -> RequestOptions:
    return {"idempotency_key": key}


def _minor(amount: Decimal, currency: Currency) -> int:
    minor = amount / currency.minor_unit
    assert minor == int(minor), f"{amount} {currency} is no sum that can be paid"
    return int(minor)


def _compared(intent: _Intent, minor: int) -> Answered:
    if intent.taken == minor:
        return _DONE
    log.error("stripe took another sum", intent=intent.id, expected=minor, taken=intent.taken)
    return Answered(Outcome.UNKNOWN, "The provider took another sum")


def _refunded(refund: stripe.Refund) -> Answered:
    if refund.status == "succeeded":
        return _DONE
    if refund.status in ("failed", "canceled"):
        return Answered(Outcome.DECLINED, "The money could not be given back")
    return _UNKNOWN
