"""Loyalty cards as managers and shoppers see them: the contract's LoyaltyCard, and what we know beside it."""

from msgspec.structs import asdict

from smarts.gateway.loyalty.store import Kind, LinkedCard
from smarts.wire.loyalty import LoyaltyCard, LoyaltyCardBonusResponse
from smarts.wire.model import none
from smarts.wire.money import Currency, Number
from smarts.wire.times import UtcMillis


class KindDocument(LoyaltyCard, frozen=True, kw_only=True, omit_defaults=False):
    """A kind of card as its manager sees it; for all stores of the merchant where `institution_ids` is empty."""

    institution_ids: tuple[str, ...] = none()
    retired_at: UtcMillis | None = None


class StoreCardDocument(LoyaltyCard, frozen=True, kw_only=True, omit_defaults=False):
    """A card that can be linked in a store; `validation_types` say what to type for it."""

    linked: bool


class LinkedCardDocument(LoyaltyCard, frozen=True, kw_only=True, omit_defaults=False):
    """A shopper's card, named by the id of its kind.

    `bonus` is in `currency` and can be used until `expires_at`. Where the store's system did not tell it,
    `bonus_unknown` names the reason: `node-down`, `node-slow`, `node-nonsense`, `feature-absent`.
    """

    institution_id: str
    card_number: str
    linked_at: UtcMillis
    bonus: Number | None = None
    currency: Currency | None = None
    expires_at: UtcMillis | None = None
    bonus_unknown: str | None = None


def kind_document(kind: Kind) -> KindDocument:
    """A kind of card as its manager sees it."""
    return KindDocument(
        **asdict(kind.card),
        institution_ids=tuple(sorted(kind.institution_ids)),
        retired_at=UtcMillis.of(kind.retired_at) if kind.retired_at else None,
    )


def store_card_document(kind: Kind, *, linked: bool) -> StoreCardDocument:
    """A card of a store as a shopper sees it."""
    return StoreCardDocument(**asdict(kind.card), linked=linked)


def linked_card_document(
    card: LinkedCard, bonus: LoyaltyCardBonusResponse | None = None, bonus_unknown: str | None = None
) -> LinkedCardDocument:
    """A linked card as its holder sees it."""
    return LinkedCardDocument(
        **asdict(card.kind.card),
        institution_id=card.institution_id,
        card_number=card.card_number,
        linked_at=UtcMillis.of(card.linked_at),
        bonus=bonus.bonus if bonus else None,
        currency=bonus.currency if bonus else None,
        expires_at=bonus.expires_at if bonus else None,
        bonus_unknown=bonus_unknown,
    )
