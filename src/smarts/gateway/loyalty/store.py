"""The loyalty cards' SQL."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from smarts.gateway.parties import Store
from smarts.gateway.storage.attempts import Tally
from smarts.gateway.storage.database import Connection, Transaction
from smarts.wire.codec import decode, encode
from smarts.wire.loyalty import ClientCard, LoyaltyCard, LoyaltyCardType

_KIND = "kind.id, kind.merchant_id, kind.institution_ids, kind.card, kind.retired_at"
_LINK = f"{_KIND}, link.person_id, link.institution_id, link.card_number, link.machine_readable_code, link.linked_at"
_LINKS = f"SELECT {_LINK} FROM loyalty_links AS link JOIN loyalty_kinds AS kind ON kind.id = link.kind_id"
ATTEMPTS = Tally("loyalty_attempts", "person_id")


@dataclass(frozen=True)
class Kind:
    """A kind of card of a merchant, for the stores that `institution_ids` names, or all where it names none.

    Nobody can link a retired one any more.
    """

    id: str
    merchant_id: str
    institution_ids: frozenset[str]
    card: LoyaltyCard
    retired_at: datetime | None = None

    def is_for(self, store: Store) -> bool:
        """Whether the card counts in a store."""
        return store.merchant_id == self.merchant_id and (
            not self.institution_ids or store.institution_id in self.institution_ids
        )

    @property
    def may_pay_with_bonus(self) -> bool:
        """Whether what the card has collected can pay for a purchase."""
        return self.card.type is LoyaltyCardType.BONUS and bool(self.card.can_use_bonus_points_for_payment)


@dataclass(frozen=True)
class LinkedCard:
    """A shopper's card, linked in the store `institution_id`; a shopper has one of each kind at most."""

    kind: Kind
    person_id: str
    institution_id: str
    card_number: str
    machine_readable_code: str | None
    linked_at: datetime

    @property
    def client_card(self) -> ClientCard:
        """The card as it travels with requests; the kind's id names it."""
        return ClientCard(self.kind.id, self.card_number)

    @property
    def may_pay_with_bonus(self) -> bool:
        """Whether what the card has collected can pay for a purchase."""
        return self.kind.may_pay_with_bonus


def _kind(row: Any) -> Kind:
    return Kind(
        row["id"],
        row["merchant_id"],
        frozenset(row["institution_ids"]),
        decode(row["card"].encode(), LoyaltyCard),
        row["retired_at"],
    )


def _link(row: Any) -> LinkedCard:
    return LinkedCard(
        _kind(row),
        row["person_id"],
        row["institution_id"],
        row["card_number"],
        row["machine_readable_code"],
        row["linked_at"],
    )


async def lock_kinds(connection: Connection, merchant_id: str) -> None:
    """Lets nobody else change the merchant's kinds until the end of the transaction."""
    await connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('loyalty ' || $1, 0))", merchant_id
    )


async def put_kind(connection: Connection, kind: Kind) -> bool:
    """Writes a kind, new or changed; False where it was retired."""
    written = await connection.fetchval(
        "INSERT INTO loyalty_kinds AS kind (id, merchant_id, institution_ids, card, is_primary)"
        " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO UPDATE SET institution_ids = excluded.institution_ids,"
        " card = excluded.card, is_primary = excluded.is_primary WHERE kind.retired_at IS NULL RETURNING id",
        kind.id,
        kind.merchant_id,
        sorted(kind.institution_ids),
        encode(kind.card).decode(),
        bool(kind.card.primary),
    )
    return written is not None


async def primaries(connection: Connection, merchant_id: str) -> list[Kind]:
    """The merchant's kinds that are shown first."""
    rows = await connection.fetch(
        f"SELECT {_KIND} FROM loyalty_kinds AS kind WHERE merchant_id = $1 AND is_primary AND retired_at IS NULL",
        merchant_id,
    )
    return [_kind(row) for row in rows]


async def kind(connection: Connection, kind_id: str) -> Kind | None:
    """A kind by its id."""
    row = await connection.fetchrow(f"SELECT {_KIND} FROM loyalty_kinds AS kind WHERE id = $1", kind_id)
    return _kind(row) if row else None


async def kinds(connection: Connection, merchant_id: str | None, limit: int, after: str | None) -> list[Kind]:
    """Kinds of one merchant or all, newest first, those after a kind."""
    rows = await connection.fetch(
        f"SELECT {_KIND} FROM loyalty_kinds AS kind WHERE ($2::text IS NULL OR (created_at, id) <"
        " (SELECT created_at, id FROM loyalty_kinds WHERE id = $2)) AND ($3::text IS NULL OR merchant_id = $3)"
        " ORDER BY created_at DESC, id DESC LIMIT $1",
        limit,
        after,
        merchant_id,
    )
    return [_kind(row) for row in rows]


async def kinds_in(connection: Connection, store: Store) -> list[Kind]:
    """The kinds that can be linked in a store, the primary one first, then newest first."""
    rows = await connection.fetch(
        f"SELECT {_KIND} FROM loyalty_kinds AS kind WHERE merchant_id = $1 AND retired_at IS NULL"
        " AND (institution_ids = '{}' OR $2 = ANY(institution_ids))"
        " ORDER BY is_primary DESC, created_at DESC, id DESC",
        store.merchant_id,
        store.institution_id,
    )
    return [_kind(row) for row in rows]


async def retire_kind(connection: Connection, kind_id: str, now: datetime) -> None:
    """Retires a kind; one that is retired stays as it is."""
    await connection.execute(
        "UPDATE loyalty_kinds SET retired_at = $2 WHERE id = $1 AND retired_at IS NULL", kind_id, now
    )


async def add_link(connection: Connection, card: LinkedCard) -> None:
    """Writes a link, unless the card is linked already or the shopper has one of its kind."""
    await connection.execute(
        "INSERT INTO loyalty_links (person_id, kind_id, institution_id, card_number, machine_readable_code, linked_at)"
        " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
        card.person_id,
        card.kind.id,
        card.institution_id,
        card.card_number,
        card.machine_readable_code,
        card.linked_at,
    )


async def link(connection: Connection, person_id: str, kind_id: str) -> LinkedCard | None:
    """The shopper's card of a kind."""
    row = await connection.fetchrow(
        f"{_LINKS} WHERE link.person_id = $1 AND link.kind_id = $2", person_id, kind_id
    )
    return _link(row) if row else None


async def links(connection: Connection, person_id: str, limit: int, after: str | None) -> list[LinkedCard]:
    """The shopper's cards, the one linked last first, those after the card of a kind."""
    rows = await connection.fetch(
        f"{_LINKS} WHERE link.person_id = $1 AND ($3::text IS NULL OR (link.linked_at, link.kind_id) <"
        " (SELECT linked_at, kind_id FROM loyalty_links WHERE person_id = $1 AND kind_id = $3))"
        " ORDER BY link.linked_at DESC, link.kind_id DESC LIMIT $2",
        person_id,
        limit,
        after,
    )
    return [_link(row) for row in rows]


async def links_with(connection: Connection, person_id: str, merchant_id: str) -> list[LinkedCard]:
    """The shopper's cards of a merchant, the primary one first, then in the order in which they were linked."""
    rows = await connection.fetch(
        f"{_LINKS} WHERE link.person_id = $1 AND kind.merchant_id = $2"
        " ORDER BY (kind.is_primary AND kind.retired_at IS NULL) DESC, link.linked_at, link.kind_id",
        person_id,
        merchant_id,
    )
    return [_link(row) for row in rows]


async def remove_link(connection: Connection, person_id: str, kind_id: str) -> bool:
    """Unlinks the shopper's card of a kind; False where there was none."""
    removed = await connection.fetchval(
        "DELETE FROM loyalty_links WHERE person_id = $1 AND kind_id = $2 RETURNING kind_id",
        person_id,
        kind_id,
    )
    return removed is not None


async def remove_links(connection: Connection, person_id: str) -> None:
    """Unlinks all cards of a shopper."""
    await connection.execute("DELETE FROM loyalty_links WHERE person_id = $1", person_id)
    await connection.execute("DELETE FROM loyalty_attempts WHERE person_id = $1", person_id)


async def attempt_before(connection: Connection, person_id: str, others: int) -> datetime | None:
    """When the last attempt before so many others was made."""
    found: datetime | None = await connection.fetchval(
        "SELECT each FROM loyalty_attempts, unnest(tried_at) AS each WHERE person_id = $1"
        " ORDER BY each DESC OFFSET $2 LIMIT 1",
        person_id,
        others,
    )
    return found


async def lock_refusals(tx: Transaction, kind_id: str) -> None:
    """Lets nobody else count refusals of a kind until the end of the transaction."""
    await tx.execute("SELECT pg_advisory_xact_lock(hashtextextended('refusals ' || $1, 0))", kind_id)


async def refusals_of(connection: Connection, kind_id: str, since: datetime) -> int:
    """How many attempts to link a card of a kind were refused since a moment, whoever made them."""
    found: int = await connection.fetchval(
        "SELECT count(*) FROM loyalty_refusals WHERE kind_id = $1 AND tried_at > $2", kind_id, since
    )
    return found


async def add_refusal(tx: Transaction, kind_id: str, now: datetime, since: datetime) -> int:
    """Counts an attempt to link a card of a kind, answers its id, and deletes some that count no more."""
    await tx.execute(
        "DELETE FROM loyalty_refusals WHERE id IN (SELECT id FROM loyalty_refusals"
        " WHERE kind_id = $1 AND tried_at <= $2 LIMIT 100 FOR UPDATE SKIP LOCKED)",
        kind_id,
        since,
    )
    added: int = await tx.fetchval(
        "INSERT INTO loyalty_refusals (kind_id, tried_at) VALUES ($1, $2) RETURNING id", kind_id, now
    )
    return added


async def remove_refusal(connection: Connection, refusal_id: int) -> None:
    """Takes an attempt back, since it was not refused."""
    await connection.execute("DELETE FROM loyalty_refusals WHERE id = $1", refusal_id)


async def put_image(connection: Connection, image_id: str, media_type: str, data: bytes) -> None:
    """Writes an image; one that is there already stays."""
    await connection.execute(
        "INSERT INTO images (id, media_type, data) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        image_id,
        media_type,
        data,
    )


async def image(connection: Connection, image_id: str) -> tuple[str, bytes] | None:
    """An image's media type and bytes."""
    row = await connection.fetchrow("SELECT media_type, data FROM images WHERE id = $1", image_id)
    return (row["media_type"], row["data"]) if row else None


async def has_image(connection: Connection, image_id: str) -> bool:
    """Whether there is such an image."""
    found: bool = await connection.fetchval("SELECT EXISTS (SELECT FROM images WHERE id = $1)", image_id)
    return found
