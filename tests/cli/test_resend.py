"""`smarts resend` on a real database."""

from cli.commands import smarts
from smarts.gateway.outbox import Message, put
from smarts.gateway.storage.database import Database


async def test_what_was_given_up_waits_again(database_url: str, database: Database) -> None:
    """All of a store, what died since a moment, or one message by its id; misuse is told before anything is begun."""
    node = ("--node-url", "https://node.example", "--node-token", "t", "--merchant", "Poed")
    added = await smarts("store", "add", "Nurgapood", *node, "--json", SMARTS_DATABASE_URL=database_url)
    store = added.json["institutionId"]
    async with database.transaction() as tx:
        for name in ("old", "new"):
            await put(tx, Message(name, store, "invoice", name, b"{}"))
        await tx.execute("UPDATE outbox_messages SET state = 'dead', finished_at = now()")
        await tx.execute("UPDATE outbox_messages SET finished_at = '2026-01-01' WHERE id = 'old'")
    command = ("resend", "--store", store, "--json")
    since = await smarts(*command, "--since", "2026-01-02T00:00:00", SMARTS_DATABASE_URL=database_url)
    assert (since.code, since.json) == (0, {"resent": 1}), since.err
    one = await smarts(*command, "--message", "old", SMARTS_DATABASE_URL=database_url)
    assert (one.code, one.json) == (0, {"resent": 1}), one.err
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM outbox_messages WHERE state = 'waiting'") == 2
    unknown = await smarts(*command, "--message", "none", SMARTS_DATABASE_URL=database_url)
    assert unknown.code == 1
    assert "There is no such message" in unknown.err
    assert (await smarts(*command, "--delivered", SMARTS_DATABASE_URL=database_url)).code == 1
