"""Every test of the gateway can ask for a real database."""

from postgres_fixtures import database, database_url, empty_database_url, postgres

__all__ = ["database", "database_url", "empty_database_url", "postgres"]
