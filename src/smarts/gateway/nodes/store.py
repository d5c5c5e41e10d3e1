"""The nodes' SQL."""

from smarts.caller import Target
from smarts.gateway.storage.database import Connection


async def load(connection: Connection, institution_id: str) -> Target | None:
    """A store's node."""
    row = await connection.fetchrow("SELECT url, token FROM nodes WHERE institution_id = $1", institution_id)
    return Target(row["url"], row["token"]) if row else None


async def put(connection: Connection, institution_id: str, target: Target) -> None:
    """Writes a store's node, new or changed."""
    await connection.execute(
        "INSERT INTO nodes (institution_id, url, token) VALUES ($1, $2, $3) ON CONFLICT (institution_id)"
        " DO UPDATE SET url = excluded.url, token = excluded.token, updated_at = now()",
        institution_id,
        target.base_url,
        target.token,
    )
