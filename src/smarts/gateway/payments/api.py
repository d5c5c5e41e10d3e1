"""Stripe's webhook: what an event says is not believed, it only has the worker ask at once."""

from collections.abc import Sequence
from typing import Any

from smarts.edge.routes import Call, Route
from smarts.gateway.errors import SIGNATURE_WRONG
from smarts.gateway.payments.service import Payments
from smarts.gateway.payments.stripe import SignatureError, Stripe

WEBHOOK_PATH = "/payments/stripe/webhook"


def routes(payments: Payments, stripe: Stripe) -> Sequence[Route]:
    """The row that Stripe calls, which signs what it sends."""

    async def take_event(call: Call[Any, None]) -> None:
        try:
            event = await stripe.read_event(call.raw, call.headers.get("stripe-signature"))
        except SignatureError:
            raise SIGNATURE_WRONG.error() from None
        if event:
            await payments.ask_soon(event.payment_id, event.id)

    return (
        Route("POST", WEBHOOK_PATH, take_event, dict[str, Any], None, "An event of Stripe", "payments", None,
              problems=(SIGNATURE_WRONG,), description="The header `Stripe-Signature` is checked."),
    )  # fmt: skip
