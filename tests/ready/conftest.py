"""A database of each kind."""

import pytest


@pytest.fixture(params=["sqlite", "postgresql"])
def database_section(request):
    """The section of the settings that names an empty database: the usual file, or a PostgreSQL."""
    if request.param == "sqlite":
        return ""
    return f'[database]\nurl = "{request.getfixturevalue("empty_database_url")}"\n'
