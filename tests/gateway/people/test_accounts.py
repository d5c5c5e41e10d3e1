"""Accounts: passwords, sessions and how many may be tried, on a real database."""

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import uuid4

import pytest
from argon2 import PasswordHasher

from smarts.edge.tokens import hashed
from smarts.gateway.parties import Role
from smarts.gateway.people.accounts import (
    ATTEMPTS_COUNT_FOR,
    MOST_FOR_AN_ACCOUNT,
    MOST_FROM_A_KNOWN_ADDRESS,
    MOST_FROM_AN_ADDRESS,
    MOST_SESSIONS,
    SESSION_IDLES,
    SESSION_LIVES,
    Accounts,
)
from smarts.gateway.people.passwords import Passwords
from smarts.gateway.people.service import People
from smarts.gateway.storage.database import Database
from smarts.wire.errors import ProblemError

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class Clock:
    """A clock that tests turn."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Office:
    """Accounts with quick hashes, and one person."""

    database: Database
    clock: Clock
    accounts: Accounts
    person_id: str
    email: str
    password: str

    async def hire(self, email: str, hashing: Passwords | None = None) -> tuple[str, str]:
        person_id = str(uuid4())
        accounts = Accounts(self.database, self.clock, hashing or Passwords(QUICK))
        async with self.database.transaction() as tx:
            await People(self.database, joins_per_hour=1).add_staff(
                tx, "Somebody", Role.OPERATOR, None, frozenset(), person_id
            )
            return person_id, await accounts.open(tx, person_id, email)

    async def sign_in(self, password: str | None = None, address: str = "192.0.2.1") -> str:
        return await self.accounts.sign_in(self.email, password or self.password, address)

    async def refusal(self, email: str, password: str, address: str = "192.0.2.1") -> str:
        with pytest.raises(ProblemError) as refused:
            await self.accounts.sign_in(email, password, address)
        return refused.value.problem.type

    async def sessions(self) -> list[bytes]:
        async with self.database.connection() as connection:
            return [row["hash"] for row in await connection.fetch("SELECT hash FROM staff_sessions")]


@pytest.fixture
async def office(database: Database) -> Office:
    clock = Clock()
    made = Office(database, clock, Accounts(database, clock, Passwords(QUICK)), "", "Olga@Pood.ee", "")
    made.person_id, made.password = await made.hire(made.email)
    return made


async def test_who_signs_in_is_recognised_until_signing_out(office: Office) -> None:
    """A session stands for its person, whichever way the email is written, and is nobody's after signing out."""
    session = await office.accounts.sign_in("oLGA@pood.EE", office.password, "192.0.2.1")
    staff = await office.accounts.recognise(session)
    assert staff
    assert staff.person_id == office.person_id
    await office.accounts.sign_out(session)
    assert await office.accounts.recognise(session) is None


async def test_only_the_hash_of_a_session_is_kept(office: Office) -> None:
    """Who reads the database finds nothing in it that a browser could show."""
    session = await office.sign_in()
    kept = await office.sessions()
    assert kept == [hashed(session)]
    assert await office.accounts.recognise(kept[0].hex()) is None


async def test_a_session_ends_when_unused_and_in_the_end_always(office: Office) -> None:
    """An unused session ends after a day, one in use after thirty."""
    unused, used = await office.sign_in(), await office.sign_in()
    end = office.clock.now + SESSION_LIVES
    while office.clock.now < end - SESSION_IDLES / 2:
        office.clock.now += SESSION_IDLES / 2
        assert await office.accounts.recognise(used)
    assert await office.accounts.recognise(unused) is None
    office.clock.now = end
    assert await office.accounts.recognise(used) is None


async def test_a_person_has_so_many_sessions_and_the_oldest_go(office: Office) -> None:
    """Many sign-ins at once leave no more sessions than a person may have, and one more ends the oldest."""
    for _ in range(2):
        await asyncio.gather(*(office.sign_in() for _ in range(MOST_SESSIONS // 2 + 2)))
    assert len(await office.sessions()) == MOST_SESSIONS
    office.clock.now += timedelta(minutes=1)
    newest = await office.sign_in()
    assert len(await office.sessions()) == MOST_SESSIONS
    assert await office.accounts.recognise(newest)


async def test_a_wrong_password_and_an_unknown_account_are_told_the_same(office: Office) -> None:
    """Nobody learns from an answer who has an account."""
    assert await office.refusal(office.email, "wrong password") == "sign-in-refused"
    assert await office.refusal("nobody@pood.ee", "wrong password") == "sign-in-refused"
    assert await office.refusal("", "x" * 100_000) == "sign-in-refused"


async def test_an_unknown_account_takes_as_long_as_a_wrong_password(office: Office) -> None:
    """Both are hashed once with the same cost, so that the time of an answer tells nothing either."""
    accounts = Accounts(office.database, office.clock, slow := Passwords(PasswordHasher(time_cost=8)))
    await office.hire("slow@pood.ee", slow)

    async def seconds(email: str) -> float:
        started = time.perf_counter()
        with pytest.raises(ProblemError):
            await accounts.sign_in(email, "wrong password", "192.0.2.1")
        return time.perf_counter() - started

    known, unknown = await seconds("slow@pood.ee"), await seconds("nobody@pood.ee")
    assert 1 / 4 < known / unknown < 4


async def test_too_many_attempts_for_an_account_are_refused_for_a_while(office: Office) -> None:
    """However many are tried at once, ten are looked at; then even the right password has to wait, from anywhere."""
    tries = (
        office.refusal(office.email, f"guess {n}", f"192.0.2.{n}") for n in range(MOST_FOR_AN_ACCOUNT + 5)
    )
    told = await asyncio.gather(*tries)
    assert sorted(told) == ["sign-in-refused"] * MOST_FOR_AN_ACCOUNT + ["too-many"] * 5
    assert await office.refusal(office.email, office.password, "198.51.100.1") == "too-many"
    office.clock.now += ATTEMPTS_COUNT_FOR
    assert await office.sign_in()


async def test_strangers_do_not_keep_anybody_out_of_where_they_work(office: Office) -> None:
    """Where a person has signed in before, the right password is taken whatever strangers have tried elsewhere.

    From there, too, there are only so many wrong ones.
    """
    await office.sign_in(address="192.0.2.1")
    for number in range(MOST_FOR_AN_ACCOUNT + 5):
        await office.refusal(office.email, "wrong", f"198.51.100.{number}")
    assert await office.refusal(office.email, office.password, "203.0.113.1") == "too-many"
    assert await office.sign_in(address="192.0.2.1")
    for _ in range(MOST_FROM_A_KNOWN_ADDRESS):
        assert await office.refusal(office.email, "wrong", "192.0.2.1") == "sign-in-refused"
    assert await office.refusal(office.email, office.password, "192.0.2.1") == "too-many"


async def test_unknown_accounts_are_limited_like_known_ones(office: Office) -> None:
    """The limit does not tell either who has an account."""
    for number in range(MOST_FOR_AN_ACCOUNT):
        assert await office.refusal("nobody@pood.ee", "guess", f"192.0.2.{number}") == "sign-in-refused"
    assert await office.refusal("nobody@pood.ee", "guess", "198.51.100.1") == "too-many"


async def test_too_many_attempts_from_an_address_are_refused(office: Office) -> None:
    """Who tries one password on many accounts is stopped, and nobody else is."""
    for number in range(MOST_FROM_AN_ADDRESS):
        assert await office.refusal(f"{number}@pood.ee", "guess") == "sign-in-refused"
    assert await office.refusal(office.email, office.password) == "too-many"
    assert await office.sign_in(address="198.51.100.1")


async def test_signing_in_well_costs_no_attempt(office: Office) -> None:
    """People who know their password can sign in as often as they like."""
    for _ in range(MOST_FOR_AN_ACCOUNT + 2):
        await office.sign_in()


async def test_a_new_password_ends_all_other_sessions(office: Office) -> None:
    """Only the session that changed the password stays, and only the new password is right."""
    mine, other = await office.sign_in(), await office.sign_in()
    await office.accounts.change_password(office.person_id, mine, office.password, "a better password")
    assert await office.accounts.recognise(mine)
    assert await office.accounts.recognise(other) is None
    assert await office.refusal(office.email, office.password) == "sign-in-refused"
    assert await office.sign_in("a better password")


@pytest.mark.parametrize(
    ("current", "new", "path"),
    [("wrong", "long enough", "$.current"), (None, "too short", "$.new"), (None, "x" * 201, "$.new")],
)
async def test_a_password_is_changed_only_by_who_knows_it(
    office: Office, current: str | None, new: str, path: str
) -> None:
    """Whoever finds a signed-in browser cannot take the account over, and nobody takes a password of nine letters."""
    session = await office.sign_in()
    with pytest.raises(ProblemError) as refused:
        await office.accounts.change_password(office.person_id, session, current or office.password, new)
    assert refused.value.problem.errors[0].path == path
    assert await office.sign_in()


async def test_the_current_password_cannot_be_guessed_on_the_way_to_another(office: Office) -> None:
    """Changing the password is limited as signing in is."""
    session, told = await office.sign_in(), []
    for number in range(MOST_FOR_AN_ACCOUNT + 1):
        with pytest.raises(ProblemError) as refused:
            await office.accounts.change_password(office.person_id, session, f"guess {number}", "long enough")
        told.append(refused.value.problem.type)
    assert told == ["wrong-shape"] * MOST_FOR_AN_ACCOUNT + ["too-many"]


async def test_a_hash_of_other_parameters_is_made_anew_at_the_next_sign_in(office: Office) -> None:
    """When hashing gets harder, passwords follow as people sign in, and stay what they are."""
    stronger = Accounts(office.database, office.clock, Passwords(PasswordHasher(time_cost=2, memory_cost=64)))
    await stronger.sign_in(office.email, office.password, "192.0.2.1")
    async with office.database.connection() as connection:
        kept = await connection.fetchval("SELECT password_hash FROM staff WHERE id = $1", office.person_id)
    assert "m=64,t=2" in kept
    assert await office.sign_in()


async def test_an_email_has_one_account(office: Office) -> None:
    """A second account with the same email, in other letters, is refused, naming the field."""
    with pytest.raises(ProblemError) as refused:
        await office.hire("OLGA@pood.ee")
    assert refused.value.problem.errors[0].path == "$.email"


async def test_what_counts_no_more_is_forgotten(office: Office) -> None:
    """Attempts go when they do not count any more, sessions when they have ended, and neither before."""
    await office.sign_in()
    await office.refusal(office.email, "guess")

    async def left() -> tuple[int, int]:
        await office.accounts.forget(office.clock.now - timedelta(days=62))
        async with office.database.connection() as connection:
            attempts = await connection.fetchval("SELECT count(*) FROM sign_in_attempts")
        return attempts, len(await office.sessions())

    assert await left() == (2, 1)  # for the account, and for the address
    office.clock.now += ATTEMPTS_COUNT_FOR
    assert await left() == (0, 1)
    office.clock.now += SESSION_LIVES
    assert await left() == (0, 0)


async def test_addresses_and_emails_that_were_tried_are_not_readable(office: Office) -> None:
    """What is counted is kept under keys that only this installation's secret makes of it."""
    await office.refusal("nobody@pood.ee", "guess", "192.0.2.7")
    async with office.database.connection() as connection:
        kept = {row["subject"] for row in await connection.fetch("SELECT subject FROM sign_in_attempts")}
    plain = ("account nobody@pood.ee", "address 192.0.2.7", "nobody@pood.ee", "192.0.2.7")
    assert len(kept) == 2
    assert not kept & {sha256(text.encode()).digest() for text in plain}


async def test_a_network_of_ipv6_is_one_address(office: Office) -> None:
    """Whoever has one address there has all of its network, and may not try from each of them."""
    for number in range(MOST_FROM_AN_ADDRESS):
        assert (
            await office.refusal(f"{number}@pood.ee", "guess", f"2001:db8::{number:x}") == "sign-in-refused"
        )
    assert await office.refusal("another@pood.ee", "guess", "2001:db8::ffff") == "too-many"
    assert await office.refusal("another@pood.ee", "guess", "2001:db8:0:1::1") == "sign-in-refused"
