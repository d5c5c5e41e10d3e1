"""How many broken nodes and gateways the kit has caught: counted from what the tests report, in whichever process."""

from collections.abc import Callable, Iterable
from typing import Any

_PROPERTY = "what is broken is caught"


def note(record_property: Callable[[str, object], None], *, caught: bool) -> None:
    """Takes down in a test's report whether its node or gateway was caught."""
    record_property(_PROPERTY, caught)


def summary(reports: Iterable[Any]) -> str:
    """The share that was caught, in words; empty where nothing broken was looked at."""
    found = [
        value
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == _PROPERTY and report.when == "call"
    ]
    return f"conformance kit: {sum(found)} of {len(found)} broken nodes and gateways caught" if found else ""
