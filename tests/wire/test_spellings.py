"""The documentation's misspellings: both spellings are read where the contract says so, and one is written."""

from typing import Any

import msgspec
import pytest

from smarts.wire.codec import decode, encode
from smarts.wire.control import CheckStatus
from smarts.wire.errors import MalformedError
from smarts.wire.loyalty import LoyaltyCard, LoyaltyCardValidationType
from smarts.wire.orders import Order
from smarts.wire.products import InspectionAction, OrderBy
from wire.documents import kind_of, plain, written

ACTION = ("MinAge", "action")
CHECK = ("PurchaseControlResult", "status")
SORTING = ("PageRequest", "orderBy")
CARD = ("LoyaltyCard", "validationTypes")


@pytest.mark.parametrize(
    ("place", "read", "meant", "text"),
    [
        (ACTION, "RESTICT", InspectionAction.RESTRICT, "RESTRICT"),
        (ACTION, "RESTRICT", InspectionAction.RESTRICT, "RESTRICT"),
        (SORTING, "ACS", OrderBy.ASCENDING, "ACS"),
        (SORTING, "ASC", OrderBy.ASCENDING, "ACS"),
        (CHECK, "EXIPRED", CheckStatus.EXPIRED, "EXIPRED"),
        (CHECK, "EXPIRED", CheckStatus.EXPIRED, "EXIPRED"),
        (CARD, ["CARD_NUMER"], (LoyaltyCardValidationType.CARD_NUMBER,), ["CARD_NUMER"]),
        (CARD, ["CARD_NUMBER"], (LoyaltyCardValidationType.CARD_NUMBER,), ["CARD_NUMER"]),
    ],
)
def test_both_spellings_are_read(place: tuple[str, str], read: Any, meant: Any, text: Any) -> None:
    """Both spellings of a word mean the same, and only the contract's is written."""
    name, field = place
    found = decode(written(plain(name) | {field: read}), kind_of(name))
    attributes = {each.encode_name: each.name for each in msgspec.structs.fields(found)}
    assert getattr(found, attributes[field]) == meant
    assert msgspec.json.decode(encode(found))[field] == text


def order(**changes: Any) -> bytes:
    document = plain("Order") | changes
    return written({name: value for name, value in document.items() if value is not ...})


def card(**changes: Any) -> bytes:
    document = plain("LoyaltyCard") | changes
    return written({name: value for name, value in document.items() if value is not ...})


def test_an_order_was_created_or_create() -> None:
    """`create` is read as `created`; where both stand, `created` counts; only `created` is written."""
    found = [
        decode(order(created="2026-11-20"), Order),
        decode(order(created=..., create="2026-11-20"), Order),
        decode(order(created="2026-11-20", create="2026-11-21"), Order),
    ]
    assert found[0] == found[1] == found[2]
    for each in found:
        text = msgspec.json.decode(encode(each))
        assert text["created"] == "2026-11-20"
        assert "create" not in text


def test_an_order_needs_one_of_them() -> None:
    """An order without either is refused as one that lacks `created`, wherever it stands."""
    with pytest.raises(MalformedError) as caught:
        decode(b"[" + order(created=...) + b"]", tuple[Order, ...])
    assert caught.value.error.path == "$[0]"
    assert "`created`" in caught.value.error.message
    with pytest.raises(MalformedError) as caught:
        decode(order(created=..., create="soon"), Order)
    assert caught.value.error.path == "$.create"


def test_a_card_has_validation_types() -> None:
    """`validationType` is read as `validationTypes`; where both stand, the latter counts and is the one written."""
    mail = (LoyaltyCardValidationType.EMAIL,)
    documents = [
        card(validationTypes=["EMAIL"]),
        card(validationTypes=..., validationType=["EMAIL"]),
        card(validationTypes=["EMAIL"], validationType=["PHONE"]),
    ]
    for document in documents:
        found = decode(document, LoyaltyCard)
        assert found.validation_types == mail
        assert msgspec.json.decode(encode(found))["validationTypes"] == ["EMAIL"]
        assert b'"validationType"' not in encode(found)


@pytest.mark.parametrize("changes", [{"validationTypes": ...}, {"validationTypes": []}])
def test_a_card_may_have_none(changes: dict[str, Any]) -> None:
    """A card that nothing verifies is a card, and its empty list is written."""
    found = decode(card(**changes), LoyaltyCard)
    assert found.validation_types == ()
    assert b'"validationTypes":[]' in encode(found)


def test_a_missing_action_is_inspect() -> None:
    """An inspection that does not say what happens asks for a check, and says so when written."""
    found = decode(b'{"type":"MIN_AGE","age":18}', kind_of("MinAge"))
    assert found.action is InspectionAction.INSPECT
    assert encode(found) == b'{"type":"MIN_AGE","action":"INSPECT","age":18}'
