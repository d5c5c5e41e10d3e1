"""Kinds of values that commands take: misuse is told before anything is begun."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number
from cyclopts.validators import Path as PathIs

from smarts.edge.signatures import key_of
from smarts.wire.times import TimeZone

_LONGEST_OVERLAP_HOURS = 366 * 24


def _signing_secrets(_: object, values: Sequence[str]) -> None:
    for value in values:
        key_of(value)


def _share(_: object, value: float) -> None:
    if not 0 <= value <= 1:
        raise ValueError("Expected a number from 0 to 1")


def _overlap(_: object, value: float) -> None:
    if not 0 <= value <= _LONGEST_OVERLAP_HOURS:
        raise ValueError(f"Expected hours from 0 to {_LONGEST_OVERLAP_HOURS}")


def _text(_: object, value: str | None) -> None:
    if value is not None and not value.strip():
        raise ValueError("Expected some text")


def _token(_: object, value: str | None) -> None:
    if value is not None and not value.isprintable():
        raise ValueError("Expected a token without line breaks and other control characters")


def _email(_: object, value: str | None) -> None:
    if value is not None and not re.fullmatch(r"[^@\s]+@[^@\s]+", value):
        raise ValueError("Expected an email address")


def _address(_: object, value: str | None) -> None:
    if value is None:
        return
    from smarts.caller import check_address  # takes long to load, and most commands need none of it

    check_address(value, allow_private=True)


def _time_zone(_: object, value: str) -> None:
    TimeZone.read(value)


Port = Annotated[int, Parameter(validator=Number(gte=1, lte=65535))]
Share = Annotated[float, Parameter(validator=_share)]
OverlapHours = Annotated[float, Parameter(validator=_overlap)]


Latitude = Annotated[float, Parameter(validator=Number(gte=-90, lte=90))]
Longitude = Annotated[float, Parameter(validator=Number(gte=-180, lte=180))]
Text = Annotated[str, Parameter(validator=_text)]
NodeToken = Annotated[str, Parameter(env_var=["SMARTS_NODE_TOKEN", "NODE_TOKEN"], validator=_token)]
SigningSecrets = Annotated[
    list[str],
    Parameter(
        name="--signing-secret", env_var="SMARTS_SIGNING_SECRET", negative="", validator=_signing_secrets
    ),
]
Email = Annotated[str, Parameter(validator=_email)]
NodeAddress = Annotated[str, Parameter(validator=_address)]
TimeZoneName = Annotated[str, Parameter(validator=_time_zone)]
ReadableFile = Annotated[Path, Parameter(validator=PathIs(exists=True, dir_okay=False))]
OpenPage = Annotated[bool | None, Parameter(name="--open", negative="--no-open")]
NewFile = Annotated[Path, Parameter(validator=PathIs(dir_okay=False))]
