"""Answers to requests with an Idempotency-Key, kept in the transaction that does what was asked.

So a request is answered again exactly when it was carried out: never lost between the two, never done twice. Nor is it
answered again from what a primary that is lost would take along.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import Any, TypeVar

from smarts.edge.routes import Answer, Call
from smarts.gateway import errors
from smarts.gateway.storage.database import CONFIRMED, Database, Transaction
from smarts.gateway.storage.steps import remove_in_steps
from smarts.gateway.storage.writes import NotWrittenError, Write, write
from smarts.wire.codec import encode
from smarts.wire.errors import ProblemError

T = TypeVar("T")

_KEPT = "kept"
_KEEP = (
    "INSERT INTO kept_answers (scope, key, fingerprint, status, body) VALUES ($1, $2, $3, $4, $5)"
    " ON CONFLICT DO NOTHING"
)
_EARLIER = f"SELECT fingerprint, status, body, {CONFIRMED} FROM kept_answers WHERE scope = $1 AND key = $2"  # noqa: S608 - a constant


@dataclass
class Claim:
    """A request that wants to be carried out once: who asks (`scope`), under which key, and what.

    `answer` is there once it is kept, together with what was done.
    """

    scope: str
    key: str
    fingerprint: bytes
    answer: Answer | None = None

    def values(self, status: int, body: bytes) -> tuple[str, str, bytes, int, bytes]:
        """What is written of it and its answer."""
        return self.scope, self.key, self.fingerprint, status, body

    def answered(self, status: int, body: bytes) -> None:
        """The answer is kept."""
        self.answer = _answer(status, body)


def claim_of(call: Call[Any, Any], scope: str, verb: str) -> Claim | None:
    """The claim of a request to do `verb` by the one that `scope` names, or None without an Idempotency-Key."""
    if call.idempotency_key is None:
        return None
    what = f"{verb} {sorted(call.path.items())}\n".encode()
    return Claim(scope, call.idempotency_key, sha256(what + call.raw).digest())


def kept(claim: Claim | None, status: int, body: bytes) -> tuple[Write, ...]:
    """What keeps the answer, to be written with what is done; nothing without a claim.

    Nothing is written where the same request, sent twice, was carried out by the other one: `once` attends to that.
    """
    if claim is None:
        return ()
    queries = f"{_KEPT} AS ({_KEEP} RETURNING 1)"
    done = partial(claim.answered, status, body)
    return (Write(queries, claim.values(status, body), (_KEPT,), done=done),)


async def keep(tx: Transaction, claim: Claim | None, status: int, body: bytes) -> None:
    """Keeps the answer with what the transaction does, which has to be given up where there is one already.

    Raises:
        NotWrittenError: there is; `once` attends to that.
    """
    if claim is not None:
        await write(tx, *kept(claim, status, body))


async def keep_if_unanswered(tx: Transaction, claim: Claim | None, status: int, body: bytes) -> None:
    """The same where what is done must not be undone for the answer's sake, since money has moved.

    To be used where something else makes sure that it is done once.
    """
    if claim is None:
        return
    # Without RETURNING: the claim may be somebody else's, whose answers are fenced off.
    put = await tx.execute(_KEEP, *claim.values(status, body))
    if put == "INSERT 0 1":
        claim.answered(status, body)


async def _earlier(database: Database, claim: Claim) -> Answer | None:
    async with database.connection() as connection:
        row = await connection.fetchrow(_EARLIER, claim.scope, claim.key)
    if row is None:
        return None
    if row["fingerprint"] != claim.fingerprint:
        raise errors.KEY_REUSED.error("Use a new key for a new request")
    return _answer(row["status"], row["body"])


def _answer(status: int, body: bytes) -> Answer:
    return Answer(status, body, "application/json" if status < 400 else "application/problem+json")


async def once(
    database: Database,
    claim: Claim | None,
    carry_out: Callable[[], Awaitable[T]],
    status: int = 200,
    document: Callable[[T], Any] = lambda done: done,
    *,
    whole: bool = False,
) -> Any:
    """Carries a request out, or answers as it was answered before; `document` makes the answer of what was done.

    What is done `whole`, by the very statement or transaction that keeps its answer, and changes nothing before, need
    not be looked up first: where it was done before, it is not done again.

    Raises:
        ProblemError: 409, the key was used for another request.
    """
    if claim is None:
        return document(await carry_out())
    if not whole and (earlier := await _earlier(database, claim)) is not None:
        return earlier
    try:
        done = await carry_out()
        if claim.answer is None:  # nothing had to be done
            body = b"" if done is None else encode(document(done))
            async with database.transaction() as tx:
                await keep(tx, claim, status, body)
    except NotWrittenError as error:
        if error.query != _KEPT or (earlier := await _earlier(database, claim)) is None:
            raise
        return earlier
    except ProblemError as error:
        return await _answer_to(error, database, claim)
    return claim.answer


async def _answer_to(error: ProblemError, database: Database, claim: Claim) -> Answer:
    """What answers a request that was refused, or the refusal itself."""
    # The same request, sent twice at once: what refuses this one may be what the other one did.
    if (earlier := await _earlier(database, claim)) is not None:
        return earlier
    if error.problem.type != errors.PAYMENT_DECLINED.type:
        raise error
    # Somebody else found out that the payment was declined: who is told so does not pay by asking again.
    async with database.transaction() as tx:
        await keep_if_unanswered(tx, claim, error.problem.status, encode(error.problem))
    return claim.answer or await _answer_to(error, database, claim)


async def forget(database: Database, before: datetime) -> None:
    """Forgets answers older than a moment; keys live 24 hours at least."""
    await remove_in_steps(database, "kept_answers", "scope, key", "created_at < $1", "created_at", before)


async def forget_person(tx: Transaction, person_id: str) -> None:
    """Forgets the answers that a person was given, and those to others that name the person."""
    await tx.execute(
        "DELETE FROM kept_answers WHERE scope = $1 OR position($2::bytea IN body) > 0",
        person_id,
        person_id.encode(),
    )
