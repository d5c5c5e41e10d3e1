"""What a kind of card may be, and what a node may say of a card: pure functions."""

from smarts.campaigns import CampaignCode, CodeRefusedError
from smarts.edge.problems import invalid
from smarts.gateway import errors
from smarts.gateway.loyalty.store import Kind
from smarts.wire.loyalty import LoyaltyCardRegistrationResponse, LoyaltyCardType
from smarts.wire.text import Translatable

LARGEST_IMAGE = 256 * 1024
_LONGEST_CARD_NUMBER = 100
_LONGEST_NAME = 100
_LONGEST_DESCRIPTION = 2000
_MOST_TRANSLATIONS = 50
_CODE_LENGTH = 8


def require_kind(kind: Kind) -> None:
    """Refuses a kind that shoppers could not be shown, or that makes no sense; names the field."""
    card = kind.card
    _require_words("$.name", card.name, _LONGEST_NAME)
    if card.description is not None:
        _require_words("$.description", card.description, _LONGEST_DESCRIPTION)
    if card.can_use_bonus_points_for_payment and card.type is not LoyaltyCardType.BONUS:
        raise invalid("$.canUseBonusPointsForPayment", "Only a BONUS card has bonus to pay with")


def _require_words(path: str, text: Translatable, longest: int) -> None:
    if not text.original_text.strip():
        raise invalid(f"{path}.originalText", "Expected some words")
    if len(text.translations) > _MOST_TRANSLATIONS:
        raise invalid(f"{path}.translations", f"Expected at most {_MOST_TRANSLATIONS}")
    translated = [words for translation in text.translations for words in translation.values()]
    if max(map(len, (text.original_text, *translated))) > longest:
        raise invalid(path, f"Expected at most {longest} characters")


def require_one_primary(kind: Kind, primaries: list[Kind]) -> None:
    """Refuses a second kind that is shown first in the same store."""
    for other in primaries:
        if kind.card.primary and other.id != kind.id and _share_a_store(kind, other):
            raise errors.PRIMARY_TAKEN.error(f"It is {other.card.name.original_text} ({other.id})")


def _share_a_store(one: Kind, other: Kind) -> bool:
    everywhere = not one.institution_ids or not other.institution_ids
    return everywhere or bool(one.institution_ids & other.institution_ids)


def fault_of(answer: LoyaltyCardRegistrationResponse) -> str | None:
    """Why the card that a node confirmed cannot be kept, or its code fits no campaign; None where all is well."""
    number = answer.card_number
    if not (number.strip() and number.isprintable() and len(number) <= _LONGEST_CARD_NUMBER):
        return f"The card number {number[:_LONGEST_CARD_NUMBER]!r} makes no sense"
    try:
        CampaignCode.parse(f"C{(answer.machine_readable_code or '').rjust(_CODE_LENGTH, '0')}001")
    except CodeRefusedError as error:
        return f"The machine-readable code fits no campaign: {error}"
    return None


def is_image(media_type: str, data: bytes) -> bool:
    """Whether bytes begin as an image of this type does."""
    if media_type == "image/webp":
        return data[:4] == b"RIFF" and data[8:12] == b"WEBP"
    first = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}
    return data.startswith(first[media_type])
