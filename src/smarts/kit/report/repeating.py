"""Command lines that repeat what a check did."""

import tempfile
from functools import cached_property
from pathlib import Path

from smarts.kit.exchange import Exchange
from smarts.kit.runner import Result


class CommandLines:
    """Writes `curl` lines; bodies that cannot stand in one are written to files in a new folder, which stays."""

    @cached_property
    def _folder(self) -> Path:
        return Path(tempfile.mkdtemp(prefix="smarts-check-"))

    def of(self, result: Result) -> str:
        """The line that repeats the exchange which shows a failure; empty where there is none."""
        exchange = result.exchange
        return "" if exchange is None else exchange.request.curl(self._file(result, exchange))

    def _file(self, result: Result, exchange: Exchange) -> str:
        request = exchange.request
        if request.body is None or not request.needs_file:
            return ""
        path = self._folder / f"{result.requirement.id}.body"
        path.write_bytes(request.body)
        return str(path)
