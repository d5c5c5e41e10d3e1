"""Loyalty cards: what they are, how one is linked, and the bonus on it (sections 3 and 4)."""

from enum import StrEnum

from msgspec import UNSET, UnsetType

from smarts.wire.model import Model, always, none, take_other_spelling
from smarts.wire.money import Currency, Number
from smarts.wire.text import Translatable
from smarts.wire.times import UtcMillis


class ClientCard(Model, frozen=True):
    """A shopper's card, as it travels with requests."""

    id: str
    card_number: str
    use_bonus_on_payment: bool = always(False)


class LoyaltyCardType(StrEnum):
    """A card that only names its holder, or one that collects a bonus."""

    DEFAULT = "DEFAULT"
    BONUS = "BONUS"


class LoyaltyCardValidationType(StrEnum):
    """What a shopper may type to prove that a card is theirs; the first is spelled so on the wire."""

    CARD_NUMBER = "CARD_NUMER"
    ID_CODE = "IDCODE"
    PHONE = "PHONE"
    EMAIL = "EMAIL"

    @classmethod
    def _missing_(cls, value: object) -> "LoyaltyCardValidationType | None":
        return cls.CARD_NUMBER if value == "CARD_NUMBER" else None


class ColorTheme(StrEnum):
    """Whether the card is dark, with light writing, or light."""

    DARK = "DARK"
    LIGHT = "LIGHT"


class LoyaltyCard(Model, kw_only=True, frozen=True):
    """A kind of card; `colors` are HEX strings. `validationType` is read as `validationTypes`."""

    id: str
    type: LoyaltyCardType
    name: Translatable
    validation_types: tuple[LoyaltyCardValidationType, ...] = none()
    image_id: str | None = None
    description: Translatable | None = None
    color_theme: ColorTheme | None = None
    primary: bool | None = None
    colors: tuple[str, ...] = none()
    can_use_bonus_points_for_payment: bool | None = None
    validation_type: tuple[LoyaltyCardValidationType, ...] | UnsetType = UNSET

    def __post_init__(self) -> None:
        take_other_spelling(self, "validation_types", "validation_type", ())


class LoyaltyCardRegistrationRequest(Model, kw_only=True, frozen=True):
    """A shopper links a card; `value` is what the shopper typed."""

    loyalty_card: LoyaltyCard
    value: str
    person_id: str
    person_email: str | None = None
    person_name: str | None = None


class LoyaltyCardRegistrationResponse(Model, kw_only=True, frozen=True):
    """The card is the shopper's; `machine_readable_code` is the SKP part of campaign codes."""

    card_number: str
    machine_readable_code: str | None = None
    bonus: Number | None = None


class LoyaltyCardBonusRequest(Model, frozen=True):
    """How much bonus is on a card."""

    institution_id: str
    person_id: str
    card: ClientCard


class LoyaltyCardBonusResponse(Model, kw_only=True, frozen=True):
    """The bonus, in the currency."""

    bonus: Number
    currency: Currency | None = None
    expires_at: UtcMillis | None = None
