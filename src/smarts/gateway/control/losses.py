"""What the checks of a store have found: the random ones, to estimate what it loses, and goods scanned for others."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from smarts.control.estimate import Probe
from smarts.gateway.control.exchanges import ExchangedPair, most_exchanged
from smarts.gateway.control.findings import Difference, missing
from smarts.gateway.control.rescanned import Finding
from smarts.gateway.control.store import CheckState
from smarts.gateway.storage.database import Connection, Database
from smarts.wire.codec import decode

_LOOKED_AT = frozenset({CheckState.PASSED, CheckState.FAILED, CheckState.FAILED_ALLOW_PAYMENT})

_MOST_PAIRS = 10
_MOST_CHECKS = 2000


@dataclass(frozen=True)
class Probed:
    """Carts that were checked out, those `within` reach of the random part, and what it chose.

    `unseen` of the chosen ones nobody has looked at: they were given up, or their check was never ended.
    """

    carts: int
    within: int
    unseen: int
    probes: Sequence[Probe]


class Losses:
    """What checks found, by store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def probed(self, institution_id: str, since: datetime) -> Probed:
        """A store's random checks of what was checked out since a moment; what is forgotten has no part in it."""
        async with self._database.connection() as connection:
            carts, within = await _reach(connection, institution_id, since)
            chosen = await _chosen(connection, institution_id, since)
        looked_at = [probe for probe in chosen.values() if probe]
        return Probed(carts, within, len(chosen) - len(looked_at), looked_at)

    async def exchanged(self, institution_id: str, since: datetime) -> tuple[ExchangedPair, ...]:
        """The goods that a store's rescans found scanned for others most often, in its latest checks since a moment."""
        async with self._database.connection() as connection:
            rows = await connection.fetch(
                "SELECT findings, differences FROM checks WHERE institution_id = $1 AND created_at >= $2"
                " AND findings::text LIKE '%\"exchangedFor\"%' ORDER BY created_at DESC, invoice_id DESC LIMIT $3",
                institution_id,
                since,
                _MOST_CHECKS,
            )
        found = (
            (
                decode(row["findings"].encode(), tuple[Finding, ...]),
                decode(row["differences"].encode(), tuple[Difference, ...]),
            )
            for row in rows
        )
        return most_exchanged(found, _MOST_PAIRS)


async def _reach(connection: Connection, institution_id: str, since: datetime) -> tuple[int, int]:
    row = await connection.fetchrow(
        "SELECT count(DISTINCT cart_id) AS carts,"
        " count(DISTINCT cart_id) FILTER (WHERE estimate_chance > 0) AS within"
        " FROM check_decisions JOIN checks USING (invoice_id, institution_id)"
        " WHERE institution_id = $1 AND decided_at >= $2 AND inputs IS NOT NULL",
        institution_id,
        since,
    )
    assert row
    return row["carts"], row["within"]


async def _chosen(connection: Connection, institution_id: str, since: datetime) -> dict[str, Probe | None]:
    """By cart: what was found, if anybody looked; a cart that is checked out again is the same one."""
    rows = await connection.fetch(
        "SELECT cart_id, status, differences, estimate_chance"
        " FROM check_decisions JOIN checks USING (invoice_id, institution_id)"
        " WHERE institution_id = $1 AND decided_at >= $2 AND probe AND inputs IS NOT NULL"
        " ORDER BY decided_at, invoice_id",
        institution_id,
        since,
    )
    chosen: dict[str, Probe | None] = {}
    for row in rows:
        cart = row["cart_id"]
        chosen[cart] = _added(chosen.get(cart), row)
    return chosen


def _added(before: Probe | None, row: Any) -> Probe | None:
    if row["status"] not in _LOOKED_AT:
        return before
    found = missing(decode(row["differences"].encode(), tuple[Difference, ...]))
    return Probe(row["estimate_chance"], found + (before.missing if before else Decimal(0)))
