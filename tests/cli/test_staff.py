"""`smarts staff` on a real database."""

from argon2 import PasswordHasher

from cli.commands import smarts
from smarts.gateway.storage.database import Database

ADD = ("staff", "add", "Olga Operator", "--role", "operator")


async def test_a_person_with_an_email_gets_a_password_once(database_url: str, database: Database) -> None:
    """The password is the person's, only its hash is kept, and a second person cannot have the same email."""
    added = await smarts(*ADD, "--email", "olga@pood.ee", "--json", SMARTS_DATABASE_URL=database_url)
    assert (added.code, added.json["email"]) == (0, "olga@pood.ee"), added.err
    async with database.connection() as connection:
        kept = await connection.fetchval("SELECT password_hash FROM staff WHERE email = 'olga@pood.ee'")
    assert PasswordHasher().verify(kept, added.json["password"])
    again = await smarts(*ADD, "--email", "OLGA@pood.ee", SMARTS_DATABASE_URL=database_url)
    assert again.code == 1
    assert "Somebody signs in with this email already" in again.err
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM staff") == 1


async def test_without_an_email_there_is_a_token_only(database_url: str) -> None:
    """Programs need no password."""
    added = await smarts(*ADD, "--json", SMARTS_DATABASE_URL=database_url)
    assert added.json.keys() == {"name", "role", "token"}


async def test_an_email_that_is_none_is_misuse() -> None:
    """It is told before anything is begun."""
    ended = await smarts(*ADD, "--email", "olga")
    assert ended.code == 2
    assert "Expected an email address" in ended.err
