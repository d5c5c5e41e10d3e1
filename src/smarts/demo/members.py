"""Loyalty cards at the demo store: a shopper links one by what its holder knows, and then it is theirs alone."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from smarts.demo.bonus import CURRENCY, BonusBook
from smarts.demo.cards import Member, demo_card_kinds, demo_members
from smarts.demo.database import Database
from smarts.node import NotFound, Refused
from smarts.node.words import CARD_TAKEN, NO_SUCH_CARD
from smarts.wire.loyalty import (
    ClientCard,
    LoyaltyCard,
    LoyaltyCardBonusRequest,
    LoyaltyCardBonusResponse,
    LoyaltyCardRegistrationRequest,
    LoyaltyCardRegistrationResponse,
    LoyaltyCardType,
    LoyaltyCardValidationType,
)
from smarts.wire.model import Model
from smarts.wire.money import Number

# The request does not say in which language the shopper reads, so the words are in all that the store speaks.
_NO_KIND = "Sellist kaarti meil ei ole. We have no such card. У нас нет такой карты."

_TABLE = "card_link (card_number text primary key, person_id text not null, linked_at text not null)"
_LINKS = "select card_number, person_id from card_link"
_LINK = "insert into card_link values (?, ?, ?) on conflict do nothing"
_UNLINK = "delete from card_link where card_number = ?"
_HOLDER = "select person_id from card_link where card_number = ?"


class HeldCard(NamedTuple):
    """A card of the store in its holder's hand; `pays` says that its bonus is to pay, and may."""

    member: Member
    pays: bool


class MemberStanding(Model, frozen=True, kw_only=True):
    """A member as the back office lists them; `bonus` in euros, `person_id` of the shopper who has linked the card."""

    number: str
    card: str
    name: str
    code: str
    bonus: Number | None = None
    person_id: str | None = None


class Members:
    """The features loyalty cards and loyalty bonus."""

    def __init__(self, database: Database, bonus: BonusBook) -> None:
        database.prepare(_TABLE)
        self._database = database
        self._bonus = bonus
        self._kinds = {kind.id: kind for kind in demo_card_kinds()}
        self._members = {member.number: member for member in demo_members()}
        # In memory too, since every scan asks for them.
        self._holders: dict[str, str] = dict(database.read(_LINKS))

    def register_card(self, request: LoyaltyCardRegistrationRequest) -> LoyaltyCardRegistrationResponse:
        """Links the card whose holder knows what was typed; the same shopper may do so again."""
        kind = self._kinds.get(request.loyalty_card.id)
        if kind is None:
            raise Refused(_NO_KIND)
        member = self._known_by(request.value, request.loyalty_card, kind)
        if member is None:
            raise Refused(NO_SUCH_CARD)
        if self._link(member, request.person_id) != request.person_id:
            raise Refused(CARD_TAKEN)
        bonus = self._bonus.on(member) if _has_bonus(kind) else None
        return LoyaltyCardRegistrationResponse(
            card_number=member.number, machine_readable_code=member.code, bonus=bonus
        )

    def card_bonus(self, request: LoyaltyCardBonusRequest) -> LoyaltyCardBonusResponse:
        """The bonus on a shopper's card; none on a card that collects none."""
        held = self.held(request.person_id, (request.card,))
        if not held:
            raise NotFound("This shopper has no such card")
        return LoyaltyCardBonusResponse(bonus=self._bonus.on(held[0].member), currency=CURRENCY)

    def held(self, person_id: str | None, cards: Iterable[ClientCard]) -> tuple[HeldCard, ...]:
        """Those of the cards which are the store's own and this shopper's, each once."""
        return tuple(
            {
                member: HeldCard(member, card.use_bonus_on_payment and self._may_pay(member))
                for card in cards
                if (member := self._members.get(card.card_number))
                and member.card == card.id
                and person_id is not None
                and self._holders.get(member.number) == person_id
            }.values()
        )

    def collects(self, member: Member) -> bool:
        """Whether the member's card is of a kind that collects a bonus."""
        return _has_bonus(self._kinds[member.card])

    def standings(self) -> tuple[MemberStanding, ...]:
        """All members, with what is on their cards and who has linked them."""
        return tuple(
            MemberStanding(
                number=member.number,
                card=member.card,
                name=member.name,
                code=member.code,
                bonus=self._bonus.on(member) if self.collects(member) else None,
                person_id=self._holders.get(member.number),
            )
            for member in self._members.values()
        )

    def free(self, number: str) -> bool:
        """Forgets who has linked a card, so that somebody else may; False where there is no such card.

        The contract has no word with which a node would learn that a shopper has unlinked one.
        """
        if number not in self._members:
            return False
        with self._database.transaction() as tx:
            tx.execute(_UNLINK, (number,))
        self._holders.pop(number, None)
        return True

    def _may_pay(self, member: Member) -> bool:
        return bool(self._kinds[member.card].can_use_bonus_points_for_payment)

    def _known_by(self, typed: str, asked: LoyaltyCard, kind: LoyaltyCard) -> Member | None:
        ways = [_WAYS[way] for way in asked.validation_types or kind.validation_types]
        for member in self._members.values():
            if member.card == kind.id and any(way(typed) == way(of(member)) for way, of in ways):
                return member
        return None

    def _link(self, member: Member, person_id: str) -> str:
        with self._database.transaction() as tx:
            now = datetime.now(UTC).isoformat(timespec="milliseconds")
            tx.execute(_LINK, (member.number, person_id, now))
            (holder,) = tx.execute(_HOLDER, (member.number,)).fetchone()
        self._holders[member.number] = holder
        return str(holder)


def _has_bonus(kind: LoyaltyCard) -> bool:
    return kind.type is LoyaltyCardType.BONUS


def _digits(text: str) -> str:
    return re.sub(r"[\s-]", "", text)


def _phone(text: str) -> str:
    return re.sub(r"^(?:00|\+)?372", "", re.sub(r"[\s()-]", "", text))


def _email(text: str) -> str:
    return text.strip().casefold()


_WAYS: Mapping[LoyaltyCardValidationType, tuple[Callable[[str], str], Callable[[Member], str]]] = {
    LoyaltyCardValidationType.CARD_NUMBER: (_digits, lambda member: member.number),
    LoyaltyCardValidationType.ID_CODE: (_digits, lambda member: member.id_code),
    LoyaltyCardValidationType.PHONE: (_phone, lambda member: member.phone),
    LoyaltyCardValidationType.EMAIL: (_email, lambda member: member.email),
}
