"""The gateway that does not look at the Idempotency-Key."""

from typing import Any

from smarts.gateway.storage import answers


def no_claim(*_: Any) -> None:
    """Every request is a new one."""


answers.claim_of = no_claim  # type: ignore[assignment] # before anybody takes it from there

from smarts.cli import main  # noqa: E402, F401 - what is run
