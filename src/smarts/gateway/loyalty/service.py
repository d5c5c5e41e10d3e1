"""The verbs of loyalty cards: define kinds, link a card, unlink it, tell which ones count in a store."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from smarts.edge.problems import NOT_FOUND, TOO_MANY, invalid
from smarts.gateway import errors
from smarts.gateway.loyalty import rules, store
from smarts.gateway.loyalty.store import Kind, LinkedCard
from smarts.gateway.parties import Store
from smarts.gateway.storage.database import Database, Transaction
from smarts.wire.errors import ProblemError

MOST_REFUSALS = 10
MOST_REFUSALS_OF_A_KIND = 60  # by all shoppers: more is guessing
MOST_WHILE_GUESSED = 2
REFUSALS_COUNT_FOR = timedelta(hours=1)
_REFUSALS = (errors.CARD_REFUSED.type, errors.CARD_TAKEN.type)


@dataclass(frozen=True)
class Wallet:
    """A shopper's cards that count in a store, the primary one first.

    A `member` has linked any card of the store's merchant, be it one that does not count in this store.
    """

    cards: tuple[LinkedCard, ...]
    member: bool


@dataclass(frozen=True)
class Guesser:
    """A shopper who tries to link a card, and may be guessing; `joined_at` in UTC."""

    person_id: str
    joined_at: datetime


class Loyalty:
    """Loyalty cards in the database; `clock` tells the time in UTC."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def put(self, tx: Transaction, kind: Kind) -> None:
        """Writes a kind of card, new or changed.

        Raises:
            ProblemError: 422 it makes no sense, or its image is not there; 409 it is retired, or one of its stores
                has another primary card.
        """
        rules.require_kind(kind)
        image_id = kind.card.image_id
        if image_id is not None and not await store.has_image(tx, image_id):
            raise invalid("$.imageId", "There is no such image")
        await store.lock_kinds(tx, kind.merchant_id)
        rules.require_one_primary(kind, await store.primaries(tx, kind.merchant_id))
        if not await store.put_kind(tx, kind):
            raise errors.CARD_RETIRED.error("Define a new one")

    async def retire(self, kind_id: str) -> None:
        """Nobody can link such a card from now on; those that are linked go on."""
        async with self._database.connection() as connection:
            await store.retire_kind(connection, kind_id, self._clock())

    async def kind(self, kind_id: str) -> Kind:
        """A kind of card, or a 404."""
        async with self._database.connection() as connection:
            kind = await store.kind(connection, kind_id)
        if kind is None:
            raise NOT_FOUND.error("There is no such card")
        return kind

    async def kinds(self, merchant_id: str | None, limit: int, after: str | None) -> list[Kind]:
        """Kinds of a merchant, or of all, newest first, at most `limit`, those after the kind `after`."""
        async with self._database.connection() as connection:
            return await store.kinds(connection, merchant_id, limit, after)

    async def kinds_in(self, at: Store) -> list[Kind]:
        """The kinds that can be linked in a store, the primary one first."""
        async with self._database.connection() as connection:
            return await store.kinds_in(connection, at)

    async def put_image(self, tx: Transaction, media_type: str, data: bytes) -> str:
        """Keeps an image, and answers its id: the SHA-256 of its bytes.

        Raises:
            ProblemError: 422 the bytes are no image of this type.
        """
        if not rules.is_image(media_type, data):
            raise invalid("$.data", f"Expected the bytes of an {media_type}")
        image_id = sha256(data).hexdigest()
        await store.put_image(tx, image_id, media_type, data)
        return image_id

    async def image(self, image_id: str) -> tuple[str, bytes]:
        """An image's media type and bytes, or a 404."""
        async with self._database.connection() as connection:
            image = await store.image(connection, image_id)
        if image is None:
            raise NOT_FOUND.error("There is no such image")
        return image

    async def wallet(self, person_id: str, at: Store) -> Wallet:
        """The shopper's cards in a store, and whether there are any of its merchant at all."""
        async with self._database.connection() as connection:
            cards = await store.links_with(connection, person_id, at.merchant_id)
        return Wallet(tuple(card for card in cards if card.kind.is_for(at)), bool(cards))

    async def cards_of(self, person_id: str, at: Store) -> tuple[LinkedCard, ...]:
        """The shopper's cards that count in a store, the primary one first."""
        return (await self.wallet(person_id, at)).cards

    async def linked(self, person_id: str, limit: int, after: str | None) -> list[LinkedCard]:
        """All cards of a shopper, the one linked last first, at most `limit`, those after the card of a kind."""
        async with self._database.connection() as connection:
            return await store.links(connection, person_id, limit, after)

    @asynccontextmanager
    async def attempt(self, guesser: Guesser, kind_id: str) -> AsyncIterator[None]:
        """The block tries to link a card: where it is refused, that counts for an hour, against shopper and kind.

        It is counted before it is known, so that many attempts at the same time are not more than one after the other.
        Of a kind that is being guessed by too many, who joined just now may try none, and others a few.

        Raises:
            ProblemError: 429 there were too many.
        """
        now = self._clock()
        async with self._database.transaction() as tx:
            refusal_id = await self._count(tx, guesser, kind_id, now)
        try:
            yield
        except ProblemError as error:
            if error.problem.type not in _REFUSALS:
                await self._forgive(guesser, now, refusal_id)
            raise
        await self._forgive(guesser, now, refusal_id)

    async def _count(self, tx: Transaction, guesser: Guesser, kind_id: str, now: datetime) -> int:
        since = now - REFUSALS_COUNT_FOR
        await store.lock_refusals(tx, kind_id)
        guessed = await store.refusals_of(tx, kind_id, since) >= MOST_REFUSALS_OF_A_KIND
        if guessed and guesser.joined_at > since:
            raise _too_many(guesser.joined_at - since)
        most = MOST_WHILE_GUESSED if guessed else MOST_REFUSALS
        if not await store.ATTEMPTS.count(tx, guesser.person_id, now, since, most):
            until = await store.attempt_before(tx, guesser.person_id, most - 1)
            raise _too_many((until or now) - since)
        return await store.add_refusal(tx, kind_id, now, since)

    async def _forgive(self, guesser: Guesser, tried_at: datetime, refusal_id: int) -> None:
        async with self._database.transaction() as tx:
            await store.ATTEMPTS.take_back(tx, guesser.person_id, tried_at)
            await store.remove_refusal(tx, refusal_id)

    async def link(self, tx: Transaction, card: LinkedCard) -> LinkedCard:
        """Links a card that the store's node has confirmed; one that the shopper has linked already stays as it is.

        Raises:
            ProblemError: 409 somebody else has linked it, or the shopper has another card of this kind.
        """
        await store.add_link(tx, card)
        held = await store.link(tx, card.person_id, card.kind.id)
        if held is None:
            raise errors.CARD_TAKEN.error("Ask in the store if the card is yours")
        if held.card_number != card.card_number:
            raise errors.CARD_ANOTHER.error(f"Unlink {held.card_number} first")
        return held

    async def unlink(self, person_id: str, kind_id: str) -> None:
        """Unlinks the shopper's card of a kind, which anybody can link then, or raises a 404."""
        async with self._database.connection() as connection:
            if not await store.remove_link(connection, person_id, kind_id):
                raise NOT_FOUND.error("You have linked no such card")

    async def forget(self, tx: Transaction, person_id: str) -> None:
        """Forgets all that is kept of a shopper's cards."""
        await store.remove_links(tx, person_id)


def _too_many(wait: timedelta) -> ProblemError:
    return TOO_MANY.error(
        "Too many cards were refused within an hour; try again later", retry_after=wait.total_seconds()
    )
