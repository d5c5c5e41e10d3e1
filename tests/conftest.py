"""Every test can ask for a real database; one server serves a whole test process."""

from typing import Any

from kit.broken.caught import summary
from postgres_fixtures import (
    database,
    database_url,
    directory,
    empty_database_url,
    postgres,
    server_directory,
)

__all__ = ["database", "database_url", "directory", "empty_database_url", "postgres", "server_directory"]


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Tells the share of broken nodes that the conformance kit has caught."""
    reports = (report for name in ("passed", "failed") for report in terminalreporter.stats.get(name, ()))
    if words := summary(reports):
        terminalreporter.write_line(words, bold=True)
