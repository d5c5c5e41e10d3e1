"""The log of a process."""

import logging
import os
import sys
from collections.abc import Iterable
from typing import Any

import structlog

from smarts.edge.scrubbing import Scrubber, scrub_crashes, secrets_of


def log_to_standard_error(level: int = logging.INFO, *, secrets: Iterable[str] = ()) -> None:
    """Sends the log to standard error: readable on a terminal, a JSON line an event elsewhere.

    What libraries log goes the same way, from warnings on, and so does what nobody caught. Nothing of it shows
    `secrets`, secrets of the environment, or what looks like one.
    """
    terminal = sys.stderr.isatty()
    scrubber = Scrubber([*secrets, *secrets_of(os.environ)])
    # Other formatters show the values at hand where an exception was raised: tokens, telephone numbers.
    readable = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    renderer: Any = readable if terminal else structlog.processors.JSONRenderer()
    common: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        scrubber,
    ]
    structlog.configure(
        processors=[*common, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    _log_of_libraries(common, renderer)
    scrub_crashes(scrubber)


def _log_of_libraries(common: list[Any], renderer: Any) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=common,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(
        handlers=[handler], level=logging.WARNING
    )  # does nothing where there are handlers already
