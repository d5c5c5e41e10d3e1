"""Linking loyalty cards: the shopper types what verifies one, the store's node confirms it (contract section 6.5)."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated

from msgspec import Meta

from smarts.caller import Refused
from smarts.edge.problems import FEATURE_ABSENT, NODE_NONSENSE, NODE_SLOW, NOT_FOUND, WRONG_SHAPE
from smarts.gateway import errors
from smarts.gateway.loyalty import rules
from smarts.gateway.loyalty.service import Guesser, Loyalty
from smarts.gateway.loyalty.store import Kind, LinkedCard
from smarts.gateway.loyalty.view import (
    LinkedCardDocument,
    StoreCardDocument,
    linked_card_document,
    store_card_document,
)
from smarts.gateway.nodes.calls import Nodes
from smarts.gateway.parties import Shopper, Store
from smarts.gateway.people.service import People, Profile
from smarts.gateway.storage.answers import Claim, keep
from smarts.gateway.storage.database import Database
from smarts.gateway.stores.service import Stores
from smarts.wire.codec import encode
from smarts.wire.errors import ProblemError
from smarts.wire.loyalty import (
    LoyaltyCardBonusRequest,
    LoyaltyCardBonusResponse,
    LoyaltyCardRegistrationRequest,
    LoyaltyCardRegistrationResponse,
    LoyaltyCardType,
)
from smarts.wire.model import Model
from smarts.wire.operations import CARD_BONUS, REGISTER_CARD
from smarts.wire.text import Identifier

_BONUS_SECONDS = 2.0
_LONGEST_WORDS = 500


class NewLink(Model, frozen=True):
    """Which card to link, in which store, and what the shopper typed: a number, an email address."""

    card_id: Identifier
    institution_id: Identifier
    value: Annotated[str, Meta(min_length=1, max_length=200)]


class Linking:
    """A shopper's loyalty cards; `clock` tells the time in UTC."""

    def __init__(
        self,
        database: Database,
        stores: Stores,
        people: People,
        loyalty: Loyalty,
        nodes: Nodes,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._stores = stores
        self._people = people
        self._loyalty = loyalty
        self._nodes = nodes
        self._clock = clock

    async def cards_in(self, shopper: Shopper, institution_id: str) -> Sequence[StoreCardDocument]:
        """The cards that can be linked in a store, the primary one first; none where it does not use the feature."""
        store = await self._stores.get(institution_id)
        if not await self._nodes.offers_feature(institution_id, REGISTER_CARD.feature):
            return ()
        linked = {card.kind.id for card in await self._loyalty.cards_of(shopper.person_id, store)}
        kinds = await self._loyalty.kinds_in(store)
        return tuple(store_card_document(kind, linked=kind.id in linked) for kind in kinds)

    async def link(self, shopper: Shopper, new: NewLink, claim: Claim | None) -> LinkedCardDocument:
        """Links the card that the store's node knows by what the shopper typed.

        A shopper who links the same card again gets the same answer.

        Raises:
            ProblemError: 404 no such card in this store, 409 somebody else's card or another one of this kind is
                linked, or the node links none; 422 the node refused, in its words; 429 too many were refused;
                502 to 504 the node failed.
        """
        store = await self._stores.get(new.institution_id)
        kind = await self._loyalty.kind(new.card_id)
        if kind.retired_at or not kind.is_for(store):
            raise NOT_FOUND.error("The store has no such card")
        profile = await self._people.profile(shopper.person_id)
        async with self._loyalty.attempt(Guesser(profile.person_id, profile.joined_at), kind.id):
            return await self._link(profile, store, kind, new.value, claim)

    async def _link(
        self, profile: Profile, store: Store, kind: Kind, value: str, claim: Claim | None
    ) -> LinkedCardDocument:
        answer = await self._register(profile, store, kind, value)
        card = LinkedCard(
            kind,
            profile.person_id,
            store.institution_id,
            answer.card_number,
            answer.machine_readable_code or None,
            self._clock(),
        )
        bonus = None
        if _collects(card) and answer.bonus is not None:
            bonus = LoyaltyCardBonusResponse(bonus=answer.bonus, currency=store.currency)
        async with self._database.transaction() as tx:
            document = linked_card_document(await self._loyalty.link(tx, card), bonus)
            await keep(tx, claim, 201, encode(document))
        return document

    async def _register(
        self, profile: Profile, store: Store, kind: Kind, value: str
    ) -> LoyaltyCardRegistrationResponse:
        request = LoyaltyCardRegistrationRequest(
            loyalty_card=kind.card,
            value=value,
            person_id=profile.person_id,
            person_email=profile.email,
            person_name=profile.name,
        )
        try:
            answer: LoyaltyCardRegistrationResponse = await self._nodes.call(
                store.institution_id, REGISTER_CARD, request
            )
        except Refused as refused:
            raise _refusal(refused) from refused
        fault = rules.fault_of(answer)
        if fault:
            await self._nodes.report(store.institution_id, REGISTER_CARD.name, fault)
            raise NODE_NONSENSE.error("The store's system confirmed a card that makes no sense")
        return answer

    async def linked(self, shopper: Shopper, limit: int, after: str | None) -> Sequence[LinkedCardDocument]:
        """The shopper's cards, the one linked last first, with what their nodes say of the bonus now."""
        cards = await self._loyalty.linked(shopper.person_id, limit, after)
        return await asyncio.gather(*(self._with_bonus(card) for card in cards))

    async def _with_bonus(self, card: LinkedCard) -> LinkedCardDocument:
        """Never fails: without the node's answer the bonus is not known, and a word says why."""
        if not _collects(card):
            return linked_card_document(card)
        try:
            async with asyncio.timeout(_BONUS_SECONDS):
                bonus = await self._bonus(card)
        except TimeoutError:
            return linked_card_document(card, bonus_unknown=NODE_SLOW.type)
        except Refused as refused:
            absent = refused.problem.type == FEATURE_ABSENT.type
            why = FEATURE_ABSENT.type if absent else NODE_NONSENSE.type
            return linked_card_document(card, bonus_unknown=why)
        except ProblemError as error:
            return linked_card_document(card, bonus_unknown=error.problem.type)
        return linked_card_document(card, bonus)

    async def _bonus(self, card: LinkedCard) -> LoyaltyCardBonusResponse:
        request = LoyaltyCardBonusRequest(card.institution_id, card.person_id, card.client_card)
        bonus: LoyaltyCardBonusResponse = await self._nodes.call(card.institution_id, CARD_BONUS, request)
        return bonus

    async def unlink(self, shopper: Shopper, card_id: str) -> None:
        """Unlinks a card; carts drop it when they are checked out, or paid for."""
        await self._loyalty.unlink(shopper.person_id, card_id)


def _collects(card: LinkedCard) -> bool:
    return card.kind.card.type is LoyaltyCardType.BONUS


def _refusal(refused: Refused) -> ProblemError:
    """What a node's refusal means: it has no cards, the card is not the shopper's, or we are not understood."""
    problem = refused.problem
    if problem.type == FEATURE_ABSENT.type:
        return errors.CARDS_ABSENT.error("Ask the store how to get its card")
    explained = problem.status in (404, 409) and problem.type != "about:blank"
    if problem.type != WRONG_SHAPE.type and (problem.status == 422 or explained):
        return errors.CARD_REFUSED.error(problem.detail[:_LONGEST_WORDS])
    return NODE_NONSENSE.error("The store's system refused to look at the card")
