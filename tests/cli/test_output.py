"""What commands log: on a terminal for people, elsewhere for programs, and never what a function had in its hands."""

import io
import json
import sys
from collections.abc import Iterator

import pytest
import structlog

from smarts.edge.logs import log_to_standard_error

SECRET = "sm_shopper_that-nobody-may-read"


class Screen(io.StringIO):
    """Standard error that is a terminal, or is not."""

    def __init__(self, *, terminal: bool) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


@pytest.fixture(params=[True, False], ids=["terminal", "file"])
def screen(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Screen]:
    """What a command that logs writes into."""
    made = Screen(terminal=request.param)
    monkeypatch.setattr(sys, "stderr", made)
    log_to_standard_error()
    yield made
    structlog.reset_defaults()


def fail_with(token: str) -> None:
    """Fails with something secret among its values."""
    raise RuntimeError(f"{len(token)} characters are too many")


def test_a_logged_exception_shows_no_values(screen: Screen) -> None:
    """The log names the error and where it happened, and not the tokens and numbers that were at hand there."""
    try:
        fail_with(SECRET)
    except RuntimeError:
        structlog.get_logger().exception("failed")
    logged = screen.getvalue()
    assert "RuntimeError" in logged
    assert "fail_with" in logged
    assert SECRET not in logged


def test_a_line_for_programs_is_json_whatever_is_in_it(screen: Screen) -> None:
    """Letters of all languages, half a character and what is no number do not break a line."""
    log = structlog.get_logger()
    log.info("odd", name="Õun \N{GREEN APPLE}", share=float("nan"))
    log.info("odd", path="\udce4.csv")
    written = screen.getvalue()
    assert written.count("odd") == 2
    if not screen.isatty():
        assert '"name": "Õun' in written  # with the space that people look for
        first, second = map(json.loads, written.splitlines())
        assert (first["name"], first["share"]) == ("Õun \N{GREEN APPLE}", None)
        assert second["path"] == "\udce4.csv"
