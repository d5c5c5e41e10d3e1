"""Words for people: translations and language codes."""

import pytest

from smarts.wire.codec import decode, encode
from smarts.wire.errors import MalformedError
from smarts.wire.products import ProductSearchRequest
from smarts.wire.text import Translatable

MILK = Translatable.of("Piim", ET="Piim", EN="Milk")


def test_translations_are_a_list_of_one_key_objects() -> None:
    """Each translation is an object of its own, with the language code as its only key."""
    text = b'{"originalText":"Piim","translations":[{"ET":"Piim"},{"EN":"Milk"}]}'
    assert encode(MILK) == text
    assert decode(text, Translatable) == MILK


@pytest.mark.parametrize(
    "translation", ["{}", '{"ET":"Piim","EN":"Milk"}', '"Milk"', "null", '["EN","Milk"]']
)
def test_other_translations_are_refused(translation: str) -> None:
    """Objects with no key or several, and what is no object, are refused with their path."""
    text = '{"originalText":"Piim","translations":[{"ET":"Piim"},' + translation + "]}"
    with pytest.raises(MalformedError) as caught:
        decode(text.encode(), Translatable)
    assert (caught.value.is_json, caught.value.error.path) == (True, "$.translations[1]")


@pytest.mark.parametrize(("language", "text"), [("EN", "Milk"), ("ET", "Piim"), ("RU", "Piim"), ("", "Piim")])
def test_words_in_a_language(language: str, text: str) -> None:
    """A text is told in the language asked for, or in the original where there is no translation."""
    assert MILK.in_language(language) == text


def test_an_empty_translation_is_none() -> None:
    """A translation without words is passed over."""
    assert Translatable.of("Piim", EN="").in_language("EN") == "Piim"


@pytest.mark.parametrize("code", ["", "E", "EST", "et", "E1", "ET\\n", " ET", "ÕÜ"])
def test_language_codes_are_two_capitals(code: str) -> None:
    """A language code in a request is two capital letters."""
    with pytest.raises(MalformedError) as caught:
        decode(f'{{"langCode":"{code}"}}'.encode(), ProductSearchRequest)
    assert caught.value.error.path == "$.langCode"
