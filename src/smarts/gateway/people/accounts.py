"""The verbs of accounts: sign in with email and password, be recognised by a session, change the password."""

import hmac
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from smarts.edge.problems import NOT_FOUND, TOO_MANY, invalid
from smarts.edge.tokens import hashed, new_token
from smarts.gateway import errors
from smarts.gateway.parties import Staff
from smarts.gateway.people import passwords, store
from smarts.gateway.people.passwords import Passwords
from smarts.gateway.people.rules import whose
from smarts.gateway.people.store import Colleague
from smarts.gateway.storage import installation
from smarts.gateway.storage.database import Database, Transaction

ATTEMPTS_COUNT_FOR = timedelta(minutes=15)
MOST_FOR_AN_ACCOUNT = 10  # from wherever nobody has signed in to it yet
MOST_FROM_A_KNOWN_ADDRESS = 10  # for one account
MOST_FROM_AN_ADDRESS = 50  # all the people of a store may come from one
SESSION_LIVES = timedelta(days=30)
SESSION_IDLES = timedelta(hours=24)
MOST_SESSIONS = 10  # of one person
_MOST_COLLEAGUES = 500
_SEEN_EVERY = timedelta(minutes=1)
_LONGEST_SESSION = 200


class Accounts:
    """Accounts and sessions in the database; `clock` tells the time in UTC."""

    def __init__(self, database: Database, clock: Callable[[], datetime], hashing: Passwords) -> None:
        self._database = database
        self._secrets = database.unfenced()
        self._clock = clock
        self._passwords = hashing

    async def sign_in(self, email: str, password: str, address: str) -> str:
        """A new session, as only the browser will know it; `address` is where the request comes from.

        An attempt is counted before it is known whether it is right, so that many at the same time are not more than
        one after the other. Where the person has a session already, attempts from elsewhere do not count: strangers
        keep nobody out of the place where they work.

        Raises:
            ProblemError: 401 no such account, or another password: neither the answer nor its time tells which;
                429 there were too many attempts.
        """
        now = self._clock()
        async with self._secrets.transaction() as tx:
            here = await _hidden(tx, f"address {whose(address)}")
            known = await store.is_known_from(tx, email, here, now)
            limits = {
                f"account {email.lower()}" + (f" from {here.hex()}" if known else ""): (
                    MOST_FROM_A_KNOWN_ADDRESS if known else MOST_FOR_AN_ACCOUNT
                ),
                f"address {whose(address)}": MOST_FROM_AN_ADDRESS,
            }
            subjects = await _count(tx, limits, now)
        async with self._secrets.connection() as connection:
            account = await store.account_of(connection, email)
        password_hash = account.password_hash if account else None
        fits = await self._passwords.fits(password_hash, password[: passwords.LONGEST])
        if account is None or not fits:
            raise errors.SIGN_IN_REFUSED.error()
        async with self._secrets.transaction() as tx:
            for subject in subjects:
                await store.SIGN_INS.take_back(tx, subject, now)
            token = new_token("sm_session")
            await store.add_session(
                tx, hashed(token), account.person_id, here, now, now + SESSION_LIVES, MOST_SESSIONS
            )
        await self._hash_anew(account, password)
        return token

    async def _hash_anew(self, account: store.Account, password: str) -> None:
        if self._passwords.outdated(account.password_hash):
            password_hash = await self._passwords.hash(password)
            async with self._secrets.connection() as connection:
                await store.put_password(connection, account, password_hash)

    async def recognise(self, session: str) -> Staff | None:
        """Whose session it is, or None where it has ended or never was."""
        if len(session) > _LONGEST_SESSION:
            return None
        now, session_hash = self._clock(), hashed(session)
        async with self._secrets.connection() as connection:
            found = await store.session_staff(connection, session_hash, now, now - SESSION_IDLES)
            if found is None:
                return None
            staff, last_seen = found
            if last_seen < now - _SEEN_EVERY:
                await store.saw_session(connection, session_hash, now)
        return staff

    async def sign_out(self, session: str) -> None:
        """Ends a session."""
        async with self._secrets.connection() as connection:
            await store.end_session(connection, hashed(session))

    async def open(self, tx: Transaction, person_id: str, email: str) -> str:
        """Lets a person sign in with a new password, which is answered now and never again; sessions end.

        Raises:
            ProblemError: 422, somebody else signs in with this email.
        """
        password = passwords.new_password()
        if not await store.put_account(tx, person_id, email, await self._passwords.hash(password)):
            raise invalid("$.email", "Somebody signs in with this email already")
        await store.end_sessions(tx, person_id)
        return password

    async def change_password(self, person_id: str, session: str, current: str, new: str) -> None:
        """Changes a person's password and ends all the person's sessions but this one.

        Raises:
            ProblemError: 422, the current one is wrong, or the new one too short or too long; 429, wrong too often.
        """
        if not passwords.SHORTEST <= len(new) <= passwords.LONGEST:
            raise invalid("$.new", f"Expected {passwords.SHORTEST} to {passwords.LONGEST} characters")
        now = self._clock()
        async with self._secrets.transaction() as tx:
            (subject,) = await _count(tx, {f"person {person_id}": MOST_FOR_AN_ACCOUNT}, now)
        async with self._secrets.connection() as connection:
            account = await store.account(connection, person_id)
        if account is None or not await self._passwords.fits(
            account.password_hash, current[: passwords.LONGEST]
        ):
            raise invalid("$.current", "This is not the password")
        password_hash = await self._passwords.hash(new)
        async with self._secrets.transaction() as tx:
            if not await store.put_password(tx, account, password_hash):
                raise invalid("$.current", "The password was changed meanwhile")
            await store.SIGN_INS.take_back(tx, subject, now)
            await store.end_sessions(tx, person_id, hashed(session))

    async def colleagues(self, merchant_id: str | None) -> list[Colleague]:
        """The staff of a merchant's stores, or all staff, by name, five hundred at most."""
        async with self._database.connection() as connection:
            return await store.colleagues(connection, merchant_id, _MOST_COLLEAGUES)

    async def colleague(self, merchant_id: str, person_id: str) -> Colleague:
        """A person of a merchant's staff, or a 404."""
        async with self._database.connection() as connection:
            return _required(await store.colleague(connection, merchant_id, person_id))

    async def colleague_with_email(self, email: str) -> Colleague:
        """Whoever of the staff has this email, or a 404."""
        async with self._database.connection() as connection:
            return _required(await store.colleague_with_email(connection, email))

    async def change(self, tx: Transaction, staff: Staff, email: str | None) -> None:
        """Writes a person's name, role, stores and email anew, which count from the person's next request on.

        Raises:
            ProblemError: 422, somebody else signs in with this email.
        """
        if not await store.change_staff(tx, staff, email):
            raise invalid("$.email", "Somebody signs in with this email already")

    async def new_token(self, tx: Transaction, staff: Staff) -> str:
        """A new API token for a person, in place of all before; it is answered now and never again."""
        token = new_token(f"sm_{staff.role}")
        await store.put_token(tx, staff.person_id, hashed(token))
        return token

    async def dismiss(self, tx: Transaction, merchant_id: str, person_id: str) -> None:
        """Takes a person off a merchant's staff: the token and all sessions of the person end.

        Raises:
            ProblemError: 404, there is no such person.
        """
        if not await store.remove_staff(tx, person_id, merchant_id):
            raise NOT_FOUND.error("There is no such person")

    async def forget(self, before: datetime) -> None:
        """Forgets sessions that have ended, and attempts from before a moment or that count no more."""
        now = self._clock()
        async with self._secrets.connection() as connection:
            await store.forget_sessions(connection, now)
            await store.forget_sign_ins(connection, max(before, now - ATTEMPTS_COUNT_FOR))


def _required(colleague: Colleague | None) -> Colleague:
    if colleague is None:
        raise NOT_FOUND.error("There is no such person")
    return colleague


async def _hidden(tx: Transaction, name: str) -> bytes:
    secret = (await installation.secret(tx)).encode()
    return hmac.digest(secret, b"sign-in\n" + name.encode(), "sha256")


async def _count(tx: Transaction, limits: Mapping[str, int], now: datetime) -> list[bytes]:
    """Counts an attempt for each of the subjects, which are kept as keyed hashes only; answers these."""
    hidden = {await _hidden(tx, name): most for name, most in limits.items()}
    since = now - ATTEMPTS_COUNT_FOR
    for subject in sorted(hidden):  # always in the same order, so that two attempts never wait for each other
        if not await store.SIGN_INS.count(tx, subject, now, since, hidden[subject]):
            raise TOO_MANY.error(
                "Wait a while before the next attempt", retry_after=ATTEMPTS_COUNT_FOR.total_seconds()
            )
    return sorted(hidden)
