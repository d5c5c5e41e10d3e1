"""A database of each kind."""

import pytest


@pytest.fixture(params=["sqlite", "postgresql"])
def database_address(request):
    """The address of an empty database; none for the usual file."""
    return None if request.param == "sqlite" else request.getfixturevalue("empty_database_url")


@pytest.fixture
def database_section(database_address):
    """The section of the settings that names an empty database."""
    return f'[database]\nurl = "{database_address}"\n' if database_address else ""
