"""Every test can ask for a real database; one server serves a whole test process."""

from postgres_fixtures import (
    database,
    database_url,
    directory,
    empty_database_url,
    postgres,
    server_directory,
)

__all__ = ["database", "database_url", "directory", "empty_database_url", "postgres", "server_directory"]
