"""Commands can be given a real database."""

from postgres_fixtures import database, database_url, empty_database_url, postgres, server_directory

__all__ = ["database", "database_url", "empty_database_url", "postgres", "server_directory"]
