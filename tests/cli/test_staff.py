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


async def test_whoever_forgot_a_password_gets_another(database_url: str, database: Database) -> None:
    """By the email, however it is spelled; the one before no longer works, and nobody else's changes."""
    for email in ("olga@pood.ee", "other@pood.ee"):
        await smarts(*ADD, "--email", email, SMARTS_DATABASE_URL=database_url)
    async with database.connection() as connection:
        before = dict(await connection.fetch("SELECT email, password_hash FROM staff"))
    made = await smarts("staff", "password", "OLGA@pood.ee", "--json", SMARTS_DATABASE_URL=database_url)
    assert (made.code, made.json["email"]) == (0, "olga@pood.ee"), made.err
    async with database.connection() as connection:
        after = dict(await connection.fetch("SELECT email, password_hash FROM staff"))
    assert PasswordHasher().verify(after["olga@pood.ee"], made.json["password"])
    assert after["other@pood.ee"] == before["other@pood.ee"]
    unknown = await smarts("staff", "password", "nobody@pood.ee", SMARTS_DATABASE_URL=database_url)
    assert (unknown.code, unknown.err) == (1, "smarts: There is no such person\n")


async def test_the_staff_are_listed_by_name(database_url: str) -> None:
    """All of them or a merchant's, in lines for people and in JSON for programs; no secrets."""
    await smarts(*ADD, "--email", "olga@pood.ee", SMARTS_DATABASE_URL=database_url)
    node = ("--node-url", "https://node.example", "--node-token", "t", "--merchant", "Poed [AS]")
    await smarts("store", "add", "Nurgapood", *node, SMARTS_DATABASE_URL=database_url)
    hired = ("staff", "add", "Mari Manager", "--role", "manager", "--merchant", "Poed [AS]")
    await smarts(*hired, SMARTS_DATABASE_URL=database_url)
    everybody = await smarts("staff", "list", SMARTS_DATABASE_URL=database_url)
    assert everybody.out == "Mari Manager  manager  -\nOlga Operator  operator  olga@pood.ee\n"
    ours = await smarts(
        "staff", "list", "--merchant", "Poed [AS]", "--json", SMARTS_DATABASE_URL=database_url
    )
    assert [(each["name"], each["role"], each["email"], each["stores"]) for each in ours.json] == [
        ("Mari Manager", "manager", None, [])
    ]
    unknown = await smarts("staff", "list", "--merchant", "Nobody", SMARTS_DATABASE_URL=database_url)
    assert (unknown.code, "There is no merchant Nobody" in unknown.err) == (1, True)
