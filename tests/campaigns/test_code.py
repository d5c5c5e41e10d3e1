import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smarts.campaigns import Buyer, CampaignCode, Client, CodeRefusedError, Kind

CARDS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=8)
CODES = st.builds(CampaignCode, st.sampled_from(Client), CARDS, st.sampled_from(Kind))

CLIENT = Buyer(client=True)
PASSER_BY = Buyer(client=False)


def test_printed_code():
    """The code's three parts are read from their places."""
    code = CampaignCode.parse("C00000SKP501")
    assert code == CampaignCode(Client.CLIENTS, "00000SKP", Kind.TOTAL)


@settings(deadline=None)
@given(CODES)
def test_written_as_read(code):
    """A code that is written and read again is the same."""
    assert len(str(code)) == 12
    assert CampaignCode.parse(str(code)) == code


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "12 characters, this one has 0"),
        ("B0000000002", "12 characters, this one has 11"),
        ("B" * 100_000, "12 characters, this one has 100000"),
        ("A00000000002", "C, U or B"),
        ("b00000000002", "C, U or B"),
        ("B00000 00002", "8 characters for the card"),
        ("B0000000000٢", "3 digits"),
        ("B00000000003", "no campaign kind 003: the kinds are 001, 002, 501, 502"),
    ],
)
def test_bad_codes(text, complaint):
    """What is no code is refused with a sentence that says why."""
    with pytest.raises(CodeRefusedError, match=complaint):
        CampaignCode.parse(text)


@settings(deadline=None)
@given(st.text(max_size=14))
def test_any_text(text):
    """Any text is a code, written the same, or is refused; nothing else happens."""
    with contextlib.suppress(CodeRefusedError):
        assert str(CampaignCode.parse(text)) == text


@pytest.mark.parametrize(
    ("code", "client", "passer_by"),
    [("C00000000002", True, False), ("U00000000002", False, True), ("B00000000002", True, True)],
)
def test_clients(code, client, passer_by):
    """C is for clients only, U for unauthenticated shoppers only, B for both."""
    parsed = CampaignCode.parse(code)
    assert parsed.strikes(CLIENT) == client
    assert parsed.strikes(PASSER_BY) == passer_by


@pytest.mark.parametrize(
    ("card_codes", "strikes"),
    [
        ({"SKP"}, True),
        ({"00000SKP"}, True),
        ({"OTHER", "SKP"}, True),
        ({"skp"}, False),
        ({"SKP1"}, False),
        ({"100000SKP"}, False),
        (set(), False),
    ],
)
def test_cards(card_codes, strikes):
    """A campaign with a card is for those who have a card whose code, left-padded with zeros, is just that."""
    buyer = Buyer(client=True, card_codes=frozenset(card_codes))
    assert CampaignCode.parse("B00000SKP002").strikes(buyer) == strikes
    assert CampaignCode.parse("B00000000002").strikes(buyer)
