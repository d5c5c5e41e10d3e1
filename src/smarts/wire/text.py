"""Words for people, in several languages."""

from typing import Annotated

from msgspec import Meta

from smarts.wire.model import Model, none

LangCode = Annotated[
    str,
    Meta(
        pattern="^[A-Z]{2}$",
        max_length=2,
        description="Two capital letters: ET, EN, RU …",
        examples=["ET", "EN"],
    ),
]
Identifier = Annotated[str, Meta(min_length=1, max_length=200)]


# Node data is not refused for an odd language code; such a translation is just not found.
Translation = Annotated[dict[str, str], Meta(min_length=1, max_length=1)]


class Translatable(Model, frozen=True):
    """A text and its translations: a list of one-key objects, the key a language code (section 3, Translatable)."""

    original_text: str
    translations: tuple[Translation, ...] = none()

    def in_language(self, language: str) -> str:
        """The text in a language, or the original where there is no such translation."""
        for translation in self.translations:
            if translation.get(language):
                return translation[language]
        return self.original_text

    @classmethod
    def of(cls, original_text: str, **translations: str) -> "Translatable":
        """A text with translations by language code: `Translatable.of("Piim", EN="Milk")`."""
        return cls(original_text, tuple({language: text} for language, text in translations.items()))
