"""What makes this installation unlike any other."""

from smarts.gateway.storage.database import Connection


async def secret(connection: Connection) -> str:
    """The random secret of this installation, for what is derived instead of kept."""
    found: str = await connection.fetchval("SELECT secret FROM installation")
    return found
