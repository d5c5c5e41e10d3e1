from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smarts.demo.catalogue.barcodes import check_digit, is_barcode, split_weight, with_weight

ARTICLES = st.from_regex(r"23[0-9]{5}00000", fullmatch=True).map(lambda digits: digits + check_digit(digits))


@pytest.mark.parametrize("barcode", ["4006381333931", "9780306406157", "73513537", "96385074"])
def test_known_barcodes(barcode):
    """Barcodes that are known to be right are right."""
    assert is_barcode(barcode)


@given(st.from_regex(r"[0-9]{7}|[0-9]{12}", fullmatch=True), st.integers(1, 9))
def test_one_check_digit(digits, other):
    """Of the ten barcodes with the same digits before it, only the one with the check digit is right."""
    right = check_digit(digits)
    assert is_barcode(digits + right)
    assert not is_barcode(digits + str((int(right) + other) % 10))


@pytest.mark.parametrize("text", ["", "1", "12345678901234", "400638133393١", "40063813-3931", " 96385074"])
def test_not_a_barcode(text):
    """Texts of other lengths and with other signs are no barcodes."""
    assert not is_barcode(text)


@given(ARTICLES, st.integers(1, 99_999))
def test_weight_round_trip(article, grams):
    """What scales print is a barcode, from which the article and the weight come back."""
    printed = with_weight(article, grams)
    assert is_barcode(printed)
    assert split_weight(printed) == (article, Decimal(grams) / 1000)


@given(ARTICLES)
def test_article_itself_has_no_weight(article):
    """An article's own barcode is not taken for one that scales printed."""
    assert split_weight(article) is None


@pytest.mark.parametrize("barcode", ["4006381333931", "2306001012345", "96385074", "nothing"])
def test_no_weight_in_other_barcodes(barcode):
    """No weight is read from other prefixes, wrong check digits, or short barcodes."""
    assert split_weight(barcode) is None


@pytest.mark.parametrize("grams", [0, -1, 100_000])
def test_scales_refuse_what_does_not_fit(grams):
    """A weight that does not fit the five digits is refused."""
    with pytest.raises(ValueError, match="1 to 99999 grams"):
        with_weight("2306001000000", grams)
