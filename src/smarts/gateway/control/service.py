"""The verbs of checks: begin, decide, end each exactly once."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from smarts.control import AgeSeen, Inputs, Seed
from smarts.edge.problems import NOT_FOUND
from smarts.gateway import errors
from smarts.gateway.control import policy_store, store
from smarts.gateway.control.policy_store import Decided, DecisionOfShopper, KeptDecision
from smarts.gateway.control.store import (
    OPEN_STATES,
    Check,
    CheckSearch,
    CheckState,
    CheckTally,
    Found,
    Holder,
    PastCheck,
)
from smarts.gateway.outbox import Message, cancelling, putting
from smarts.gateway.parties import WORK, Staff
from smarts.gateway.storage import installation
from smarts.gateway.storage.database import Database, Transaction
from smarts.gateway.storage.telling import tell
from smarts.gateway.storage.writes import Write
from smarts.wire.control import CheckStatus
from smarts.wire.errors import ProblemError

LOCK_EXPIRES = "control.lock-expires"
_DECIDED_WITHIN = timedelta(minutes=1)  # after that the gateway that asked must have stopped in between


class Control:
    """Checks in the database; a lock that nobody answers ends after `lock_for` (contract section 6.2)."""

    def __init__(self, database: Database, lock_for: timedelta) -> None:
        self._database = database
        self._secret = ""
        self.lock_for = lock_for

    def beginning(self, check: Check) -> Write:
        """What writes the document down before it is sent, so that it can be sent again."""
        return store.beginning(check)

    async def of(self, institution_id: str, invoice_id: str) -> Check:
        """The store's own check; another's is not found."""
        return (await self.beside(institution_id, invoice_id, ""))[0]

    async def beside(
        self, institution_id: str, invoice_id: str, columns: str, tx: Transaction | None = None
    ) -> tuple[Check, Any]:
        """The same, as a transaction sees it, where there is one; and its row with `columns` that others read."""
        async with self._database.within(tx) as connection:
            row = await store.find_row(connection, invoice_id, columns)
        if row is None or row["institution_id"] != institution_id:
            raise NOT_FOUND.error("There is no such check")
        return store.check_of(row), row

    async def find(self, invoice_id: str) -> Check | None:
        """Any check."""
        async with self._database.connection() as connection:
            return await store.find(connection, invoice_id)

    def not_needing(
        self, institution_id: str, invoice_id: str, decided: Decided, age_seen: AgeSeen | None
    ) -> tuple[Write, ...]:
        """What writes that the decision was NO; `age_seen` is the age that was not looked at again."""
        return (
            store.deciding(invoice_id, CheckState.NOT_NEEDED, decided.outcome, None, age_seen),
            policy_store.keeping(institution_id, invoice_id, decided),
        )

    def locking(
        self,
        institution_id: str,
        invoice_id: str,
        decided: Decided,
        age_seen: AgeSeen | None,
        expires_at: datetime,
    ) -> tuple[Write, ...]:
        """What has the check wait for staff; its end is set with it and survives restarts."""
        timer = Message(
            id=_timer_id(invoice_id),
            lane=f"timers:{institution_id}",
            kind=LOCK_EXPIRES,
            order_key=invoice_id,
            payload=invoice_id.encode(),
            due=expires_at,
        )
        return (
            store.deciding(invoice_id, CheckState.WAITING, decided.outcome, expires_at, age_seen),
            policy_store.keeping(institution_id, invoice_id, decided),
            putting(timer),
            Write(tells=(WORK, institution_id)),
        )

    async def take(self, check: Check, staff: Staff, now: datetime) -> bool:
        """Somebody of the staff looks at the cart from now on, if the check stands as it was read."""
        before = check.holder.person_id if check.holder else None
        async with self._database.transaction() as tx:
            taken = await store.take(tx, check.invoice_id, Holder(staff.person_id, staff.name, now), before)
            tell(tx, WORK, check.institution_id)
        return taken

    def moving(
        self,
        check: Check,
        status: CheckStatus,
        now: datetime,
        person_id: str | None = None,
        found: Found | None = None,
    ) -> tuple[Write, ...]:
        """What a result writes: it ends the check, or says that staff are at it (PENDING).

        With a person it counts only where nobody else has taken the cart over. Where it does not count, the query
        `MOVED` gives no row; `not_moved` says why.
        """
        ends = status is not CheckStatus.PENDING
        moved = store.moving(
            check.invoice_id, CheckState(status), now, ends=ends, person_id=person_id, found=found
        )
        timer = (cancelling(_timer_id(check.invoice_id)),) if ends else ()
        return (moved, *timer, Write(tells=(WORK, check.institution_id)))

    async def not_moved(self, invoice_id: str) -> ProblemError:
        """Why a result does not count: 409, the check is finished, or somebody else has taken it over."""
        now_is = await self.find(invoice_id)
        if now_is and now_is.holder and now_is.status in OPEN_STATES:
            return errors.CHECK_TAKEN.error(f"{now_is.holder.name} has taken it over")
        return errors.CHECK_CLOSED.error("Its result is known, or it has expired")

    async def give_up(self, tx: Transaction, cart_id: str, now: datetime) -> None:
        """The cart's shopper gave up."""
        institution_id = await store.give_up(tx, cart_id, now)
        if institution_id:
            tell(tx, WORK, institution_id)

    async def abandon(self, invoice_id: str, now: datetime) -> None:
        """A checkout did not come to its end; a result that the node's staff send for it is told so."""
        async with self._database.connection() as connection:
            await store.abandon(connection, invoice_id, now)

    async def waiting(
        self, institution_ids: frozenset[str], limit: int, after: str | None = None
    ) -> list[Check]:
        """What waits for staff in some stores, oldest first, at most `limit`, those after the check `after`."""
        async with self._database.connection() as connection:
            return await store.waiting(connection, sorted(institution_ids), limit, after)

    async def search(
        self, institution_id: str, sought: CheckSearch, limit: int, after: str | None
    ) -> list[PastCheck]:
        """A store's checks, newest first, at most `limit`, those after the check `after`."""
        async with self._database.connection() as connection:
            return await store.search(connection, institution_id, sought, limit, after)

    async def past(self, institution_id: str, invoice_id: str) -> PastCheck | None:
        """A store's check as its manager sees it."""
        async with self._database.connection() as connection:
            return await store.past(connection, institution_id, invoice_id)

    async def tallies(self, institution_id: str, moments: Sequence[datetime]) -> list[CheckTally]:
        """How many carts were checked in a store, and how it ended, from each of some moments to the next one."""
        async with self._database.connection() as connection:
            return await store.tallies(connection, institution_id, moments)

    async def of_carts(self, cart_ids: Sequence[str]) -> list[Check]:
        """The checks of some carts, newest first."""
        async with self._database.connection() as connection:
            return await store.of_carts(connection, cart_ids)

    async def seed(self, institution_id: str, person_id: str, latest_invoice_id: str | None) -> Seed:
        """What a shopper's draws in a store come from, which nobody outside can tell.

        It stays the same until the shopper has paid for something: neither another basket nor another cart draws anew
        (docs/decisions/0009).
        """
        if not self._secret:  # it never changes
            async with self._database.unfenced().connection() as connection:
                self._secret = await installation.secret(connection)
        return Seed.of(self._secret, "check", institution_id, person_id, latest_invoice_id or "")

    async def decisions_on(
        self, institution_id: str, person_id: str, since: datetime, limit: int
    ) -> list[DecisionOfShopper]:
        """The decisions on a shopper's carts in a store since a moment, newest first, and how their checks ended."""
        async with self._database.connection() as connection:
            return await policy_store.of_shopper(connection, institution_id, person_id, since, limit)

    async def kept(self, institution_id: str, invoice_id: str) -> KeptDecision | None:
        """What is kept of a decision of a store."""
        async with self._database.connection() as connection:
            return await policy_store.kept(connection, institution_id, invoice_id)

    async def latest(self, institution_id: str, limit: int) -> list[KeptDecision]:
        """A store's latest decisions that can be made again, the last one of each cart, newest first."""
        async with self._database.connection() as connection:
            return await policy_store.latest(connection, institution_id, limit)

    async def inputs_of(self, invoice_ids: Sequence[str]) -> dict[str, Inputs]:
        """What decisions came from, by their invoices, where that is kept."""
        async with self._database.connection() as connection:
            return await policy_store.inputs_of(connection, invoice_ids)

    async def forget_shopper(self, tx: Transaction, person_id: str, cart_ids: Sequence[str]) -> None:
        """Forgets what was sent to the node about a shopper's carts, and what was decided on."""
        await store.forget_documents_of(tx, cart_ids)
        await policy_store.forget_of(tx, person_id)

    async def forget_documents(self, before: datetime) -> None:
        """Forgets what was sent to the node before a moment, and what was decided on."""
        await store.forget_documents(self._database, before)
        await policy_store.forget(self._database, before)


def require_open(check: Check, now: datetime) -> None:
    """A result is taken while the check waits, and not after its end.

    Raises:
        ProblemError: 409, told apart: not yet decided (a retry helps), or finished.
    """
    if check.status is CheckState.ASKED and now - check.created_at < _DECIDED_WITHIN:
        raise errors.CHECK_NOT_BEGUN.error("The cart is not locked yet")
    if check.status not in OPEN_STATES:
        raise errors.CHECK_CLOSED.error(f"The check is {check.status}")
    if check.expires_at and check.expires_at <= now:
        raise errors.CHECK_CLOSED.error("The check has expired")


def _timer_id(invoice_id: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"lock-expires:{invoice_id}"))
