"""Loyalty cards from a list: a shopper links one by what its holder knows, and then it is theirs alone."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from hashlib import sha256

import msgspec
from sqlalchemy import Connection

from smarts.node import NotFound, Refused
from smarts.node.words import CARD_TAKEN, NO_SUCH_CARD
from smarts.ready.calendar import Calendar
from smarts.ready.database import Database
from smarts.ready.kinds import Amount
from smarts.ready.lists import RowRefusedError
from smarts.ready.records import require_id
from smarts.ready.tables import CARDS, add, find
from smarts.wire.loyalty import (
    ClientCard,
    LoyaltyCardBonusRequest,
    LoyaltyCardBonusResponse,
    LoyaltyCardRegistrationRequest,
    LoyaltyCardRegistrationResponse,
    LoyaltyCardValidationType,
)
from smarts.wire.money import Currency

COLUMNS = ("number", "code", "phone", "email", "id_code", "bonus", "kind")
NEEDED = ("number",)

_CODE = re.compile(r"[!-~]{0,8}", re.ASCII)
_HASH = re.compile(r"sha256:([0-9a-f]{64})", re.ASCII)


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """A card of the list; `known_by` are digests of what its holder may type, by the way of asking.

    `code` is what campaigns know its holders by, `kind` the gateway's id of such cards, or empty for any.
    """

    number: str
    code: str
    bonus: Decimal
    kind: str
    known_by: Mapping[LoyaltyCardValidationType, str]


class CardList:
    """The cards of a list, to be found by what shoppers type and by their numbers."""

    def __init__(self, cards: Iterable[Card]) -> None:
        self._by_number: dict[str, Card] = {}
        self._by_proof: dict[tuple[LoyaltyCardValidationType, str], list[Card]] = {}
        for card in cards:
            self._by_number[card.number] = card
            for proof in card.known_by.items():
                self._by_proof.setdefault(proof, []).append(card)

    def of(self, number: str) -> Card | None:
        """The card with a number."""
        return self._by_number.get(number)

    def proven(self, way: LoyaltyCardValidationType, digest: str) -> Sequence[Card]:
        """The cards whose holder knows what has this digest."""
        return self._by_proof.get((way, digest), ())


class Cards:
    """The feature loyalty cards; `cards` gives the list as it is now."""

    def __init__(
        self, cards: Callable[[], CardList], country_code: str, database: Database, calendar: Calendar
    ) -> None:
        self._cards = cards
        self._country_code = country_code
        self._database = database
        self._calendar = calendar

    def register_card(self, request: LoyaltyCardRegistrationRequest) -> LoyaltyCardRegistrationResponse:
        """Links the card whose holder knows what was typed; the same shopper may do so again.

        Raises:
            Refused: there is no such card, or somebody else has it.
            ProblemError: 503, the database is away.
        """
        require_id(request.person_id, "$.personId")
        card = self._known_by(request)
        if card is None:
            raise Refused(NO_SUCH_CARD)
        if self._database.write(lambda tx: self._linked(tx, card, request.person_id)) != request.person_id:
            raise Refused(CARD_TAKEN)
        return LoyaltyCardRegistrationResponse(
            card_number=card.number, machine_readable_code=card.code or None, bonus=card.bonus
        )

    def bonus(self, request: LoyaltyCardBonusRequest, currency: Currency) -> LoyaltyCardBonusResponse:
        """The bonus on a shopper's card; raises `NotFound` where it is not theirs."""
        held = self.held(request.person_id, (request.card,))
        if not held:
            raise NotFound("This shopper has no such card.")
        return LoyaltyCardBonusResponse(bonus=held[0].bonus, currency=currency)

    def codes(self, person_id: str | None, shown: Sequence[ClientCard]) -> frozenset[str]:
        """What campaigns know the shopper's own cards by."""
        return frozenset(card.code for card in self.held(person_id, shown))

    def held(self, person_id: str | None, shown: Sequence[ClientCard]) -> tuple[Card, ...]:
        """Those of the cards that are on the list and this shopper's."""
        found = [card for each in shown if (card := self._cards().of(each.card_number))]
        if not found or person_id is None:
            return ()
        return self._database.read(
            lambda tx: tuple(card for card in found if _holder(tx, card.number) == person_id)
        )

    def _known_by(self, request: LoyaltyCardRegistrationRequest) -> Card | None:
        asked = request.loyalty_card
        for way in asked.validation_types or (LoyaltyCardValidationType.CARD_NUMBER,):
            digest = proof(way, request.value, self._country_code)
            fitting = [card for card in self._cards().proven(way, digest) if card.kind in ("", asked.id)]
            if len(fitting) == 1:  # of two who share a telephone number nobody knows whose card is meant
                return fitting[0]
        return None

    def _linked(self, tx: Connection, card: Card, person_id: str) -> str:
        holder = _holder(tx, card.number)
        if holder is None:
            add(tx, CARDS, number=card.number, shopper=person_id, linked_at=self._calendar.now())
        return holder or person_id


class CardBonus:
    """The feature loyalty bonus."""

    def __init__(self, cards: Cards, currency: Currency) -> None:
        self._cards = cards
        self._currency = currency

    def card_bonus(self, request: LoyaltyCardBonusRequest) -> LoyaltyCardBonusResponse:
        """The bonus on a shopper's card, as it stands in the list."""
        return self._cards.bonus(request, self._currency)


def read_card(cells: Mapping[str, str], country_code: str) -> Card:
    """The card of a row.

    Raises:
        RowRefusedError: something in it makes no card.
    """
    number = _digits(cells["number"])
    if not 0 < len(number) <= 100:
        raise RowRefusedError("number", "expected the card's number, of at most 100 characters")
    code = cells.get("code", "")
    if not _CODE.fullmatch(code):
        raise RowRefusedError(
            "code", f"expected at most 8 letters, digits and signs without blanks, got {code}"
        )
    try:
        bonus = Decimal(Amount.read(cells.get("bonus") or "0"))
    except ValueError as error:
        raise RowRefusedError("bonus", str(error)) from None
    proofs = {way: cells.get(column, "") for way, column in _COLUMNS.items()}
    known_by = {way: _kept_proof(way, text, country_code) for way, text in proofs.items() if text}
    return Card(number=number, code=code, bonus=bonus, kind=cells.get("kind", ""), known_by=known_by)


def proof(way: LoyaltyCardValidationType, typed: str, country_code: str) -> str:
    """The digest of what a shopper typed, without the differences of spelling that mean nothing."""
    return sha256(_SPELLINGS[way](typed, country_code).encode()).hexdigest()


def _kept_proof(way: LoyaltyCardValidationType, text: str, country_code: str) -> str:
    hashed = _HASH.fullmatch(text.casefold())
    return hashed[1] if hashed else proof(way, text, country_code)


def _holder(tx: Connection, number: str) -> str | None:
    row = find(tx, CARDS, number, for_change=True)
    return str(row["shopper"]) if row else None


def _digits(text: str) -> str:
    return re.sub(r"[\s-]", "", text)


def _phone(text: str, country_code: str) -> str:
    digits = re.sub(r"[\s()./-]", "", text)
    return re.sub(rf"^(?:00|\+)(?={re.escape(country_code)}){re.escape(country_code)}", "", digits)


_COLUMNS = {
    LoyaltyCardValidationType.CARD_NUMBER: "number",
    LoyaltyCardValidationType.ID_CODE: "id_code",
    LoyaltyCardValidationType.PHONE: "phone",
    LoyaltyCardValidationType.EMAIL: "email",
}
_SPELLINGS: Mapping[LoyaltyCardValidationType, Callable[[str, str], str]] = {
    LoyaltyCardValidationType.CARD_NUMBER: lambda text, _: _digits(text),
    LoyaltyCardValidationType.ID_CODE: lambda text, _: _digits(text),
    LoyaltyCardValidationType.PHONE: _phone,
    LoyaltyCardValidationType.EMAIL: lambda text, _: text.strip().casefold(),
}
