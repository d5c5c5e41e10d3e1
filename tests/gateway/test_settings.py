"""What operators can set: read from the environment, and refused in words where it makes no sense."""

import pytest

from smarts.gateway.settings import SettingError, Settings


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("", ""),
        ("10.0.0.0/8, 192.0.2.1", "10.0.0.0/8,192.0.2.1/32"),
        ("2001:db8::1", "2001:db8::1/128"),
    ],
)
def test_trusted_proxies_are_addresses_and_networks(written: str, read: str) -> None:
    """Any number of them, or none."""
    assert Settings.from_environment({"SMARTS_TRUSTED_PROXIES": written}).trusted_proxies == read


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SMARTS_TRUSTED_PROXIES", "*"),
        ("SMARTS_TRUSTED_PROXIES", "proxy.example"),
        ("SMARTS_TRUSTED_PROXIES", "10.0.0.1/8"),
        ("SMARTS_JOINS_PER_HOUR", "0"),
        ("SMARTS_JOINS_PER_HOUR", "many"),
    ],
)
def test_what_makes_no_sense_is_refused(name: str, value: str) -> None:
    """The error names the variable and what was in it."""
    with pytest.raises(SettingError, match=name):
        Settings.from_environment({name: value})


def test_a_way_past_the_pooler_needs_a_pooler() -> None:
    """Either alone would leave the operator wondering which one is used."""
    with pytest.raises(SettingError, match="SMARTS_DATABASE_URL is not"):
        Settings.from_environment({"SMARTS_DIRECT_DATABASE_URL": "postgresql://direct"})
