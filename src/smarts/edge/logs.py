"""The log of a process.

On a terminal it is for people; elsewhere an event is a line of JSON. `SMARTS_LOG_FORMAT` (`text` or `json`) and
`SMARTS_LOG_LEVEL` (`debug`, `info`, `warning` or `error`) say otherwise.
"""

import json
import logging
import os
import sys
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import structlog

from smarts.edge.failures import ExplainedError
from smarts.edge.scrubbing import Scrubber, scrub_crashes, secrets_of

_FORMATS = ("text", "json")
_LEVELS = {name.lower(): getattr(logging, name) for name in ("DEBUG", "INFO", "WARNING", "ERROR")}


def log_to_standard_error(
    process: str = "", *, level: int | None = None, secrets: Iterable[str] = ()
) -> None:
    """Sends the log to standard error; `process` is named in every line, a `level` wins over the environment.

    What libraries log goes the same way, from warnings on, and so does what nobody caught. Nothing of it shows
    `secrets`, secrets of the environment, or what looks like one.

    Raises:
        ExplainedError: a variable of the environment has a value that it cannot have.
    """
    form = _choice(os.environ, "SMARTS_LOG_FORMAT", _FORMATS) or ("text" if sys.stderr.isatty() else "json")
    least = level or _LEVELS[_choice(os.environ, "SMARTS_LOG_LEVEL", tuple(_LEVELS)) or "info"]
    scrubber = Scrubber([*secrets, *secrets_of(os.environ)])
    # Other formatters show the values at hand where an exception was raised: tokens, telephone numbers.
    readable = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    renderer: Any = readable if form == "text" else _json_line
    common: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.format_exc_info,
        scrubber,
        *([_naming(process)] if process else []),
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*common, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
    )
    _log_of_libraries(common, renderer)
    scrub_crashes(scrubber)


def _choice(environment: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str:
    value = environment.get(name, "").lower()
    if value and value not in allowed:
        raise ExplainedError(f"{name} is {value!r}: expected {' or '.join(allowed)}")
    return value


def _naming(process: str) -> Any:
    def named(_logger: Any, _method: str, event: Any) -> Any:
        event["process"] = process
        return event

    return named


def _json_line(_logger: Any, _method: str, event: Any) -> str:
    try:
        return msgspec.json.format(msgspec.json.encode(event), indent=0).decode()
    except UnicodeEncodeError:  # half a character, as the name of a file may have
        return json.dumps(event)


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
