"""Why a cart costs what it costs, exactly, for the store's manager."""

from decimal import Decimal

from msgspec.structs import asdict

from smarts.campaigns import CampaignEffect, PricedCart
from smarts.gateway.carts.view import EffectDocument, effect_document
from smarts.wire.model import Model, none
from smarts.wire.money import Currency, Number
from smarts.wire.products import Unit


class ExplainedEffect(EffectDocument, frozen=True, kw_only=True):
    """What a campaign did, exactly: what its operation was called with, in the order of its kind's, and what it gave.

    Both without VAT; without them it was not run, or gave no price, and `words` say why.
    """

    inputs: tuple[Number, ...] = none()
    result: Number | None = None


class ExplainedLine(Model, frozen=True, kw_only=True):
    """A line, what it costs without campaigns and with its own, and what each of these did or why not."""

    barcode: str
    name: str
    quantity: Number
    unit: Unit
    price_before: Number
    row_total: Number
    campaigns: tuple[ExplainedEffect, ...]


class ExplainedCart(Model, frozen=True, kw_only=True):
    """Why a cart costs what it costs: each campaign of each line, then the store's, in the order of their turns."""

    currency: Currency
    lines: tuple[ExplainedLine, ...]
    campaigns: tuple[ExplainedEffect, ...]
    total: Number


def explained_cart(prices: PricedCart) -> ExplainedCart:
    """The cart with all its reasons."""
    return ExplainedCart(
        currency=prices.currency,
        lines=tuple(
            ExplainedLine(
                barcode=line.line.product.barcode,
                name=line.line.product.translatable_name.original_text,
                quantity=line.line.quantity,
                unit=line.line.unit,
                price_before=line.price_before,
                row_total=line.row_total,
                campaigns=tuple(map(_explained_effect, line.effects)),
            )
            for line in prices.lines
        ),
        campaigns=tuple(map(_explained_effect, prices.effects)),
        total=prices.total.total_to_pay,
    )


def _explained_effect(effect: CampaignEffect) -> ExplainedEffect:
    return ExplainedEffect(
        **asdict(effect_document(effect)),
        inputs=tuple(Decimal(repr(each)) for each in effect.inputs),
        result=None if effect.result is None else Decimal(repr(effect.result)),
    )
