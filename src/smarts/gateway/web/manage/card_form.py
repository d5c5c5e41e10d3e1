"""A kind of card as it is typed into a form: its words in each language, its colours, whom it is for."""

from typing import Any

from smarts.gateway.loyalty.store import Kind
from smarts.gateway.web.forms import Form
from smarts.gateway.web.languages import LANGUAGES
from smarts.wire.loyalty import ColorTheme, LoyaltyCardType, LoyaltyCardValidationType
from smarts.wire.text import Translatable

TYPES = tuple(LoyaltyCardType)
VALIDATIONS = tuple(LoyaltyCardValidationType)
CODES = tuple(language.upper() for language in LANGUAGES)
DEFAULT_COLORS = ("#0b3d2e", "#0b6b4f")
_WORDS = ("name", "description")
_TEXTS = (*_WORDS, *(f"{word}{code}" for word in _WORDS for code in CODES))
_CHOICES = ("type", "colorTheme", "colorFrom", "colorTo", "imageId", "noImage", "primary", "pays")
_LISTS = ("validationTypes", "institutionIds")


def typed(form: Form) -> dict[str, Any]:
    """What was typed, by the fields' names, to be shown again."""
    return {name: form.get(name, "") for name in (*_TEXTS, *_CHOICES)} | {
        name: form.getlist(name) for name in _LISTS
    }


def typed_anew() -> dict[str, Any]:
    """What a kind of card begins with."""
    return typed(Form()) | {
        "type": LoyaltyCardType.DEFAULT.value,
        "colorTheme": ColorTheme.DARK.value,
        "colorFrom": DEFAULT_COLORS[0],
        "colorTo": DEFAULT_COLORS[1],
        "validationTypes": [LoyaltyCardValidationType.CARD_NUMBER.value],
    }


def typed_of(kind: Kind) -> dict[str, Any]:
    """A kind as it would be typed."""
    card = kind.card
    colors = (*card.colors[:2], *card.colors[:1])[:2] or DEFAULT_COLORS
    return {
        **_words("name", card.name),
        **_words("description", card.description),
        "type": card.type.value,
        "colorTheme": (card.color_theme or ColorTheme.DARK).value,
        "colorFrom": colors[0].lower(),
        "colorTo": colors[1].lower(),
        "imageId": card.image_id or "",
        "noImage": "",
        "primary": "on" if card.primary else "",
        "pays": "on" if card.can_use_bonus_points_for_payment else "",
        "validationTypes": [each.value for each in card.validation_types],
        "institutionIds": sorted(kind.institution_ids),
    }


def _words(name: str, text: Translatable | None) -> dict[str, str]:
    told = (
        {code: words for translation in text.translations for code, words in translation.items()}
        if text
        else {}
    )
    return {
        name: text.original_text if text else "",
        **{f"{name}{code}": told.get(code, "") for code in CODES},
    }


def document(form: Form, before: Kind | None) -> dict[str, Any]:
    """What the form says, as the API takes it; what the form does not show of a kind stays as it was."""
    card = before.card if before else None
    more = card.colors[2:] if card else ()
    return {
        "type": form.get("type", ""),
        "name": _translatable(form, "name", card.name if card else None) or {"originalText": ""},
        "description": _translatable(form, "description", card.description if card else None),
        "validationTypes": form.getlist("validationTypes"),
        "imageId": None if form.get("noImage") else form.get("imageId") or None,
        "colorTheme": form.get("colorTheme", ""),
        "colors": [form.get("colorFrom", ""), form.get("colorTo", ""), *more],
        "primary": bool(form.get("primary")),
        "canUseBonusPointsForPayment": bool(form.get("pays")),
        "institutionIds": form.getlist("institutionIds"),
    }


def _translatable(form: Form, name: str, before: Translatable | None) -> dict[str, Any] | None:
    original = form.get(name, "").strip()
    told = {code: form.get(f"{name}{code}", "").strip() for code in CODES}
    others = [each for each in (before.translations if before else ()) if not set(each) & set(CODES)]
    translations = [{code: words} for code, words in told.items() if words]
    if not original and not translations:
        return None
    return {"originalText": original, "translations": [*translations, *others]}
