"""The token that the gateway shows to the node, set, or made once and kept; the secrets that it signs with."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

import msgspec

from smarts.edge.failures import ExplainedError
from smarts.edge.signatures import key_of
from smarts.ready.kinds import Secret
from smarts.ready.settings import MOST_SIGNING_SECRETS, NodeSettings

VARIABLE = "SMARTS_NODE_TOKEN"
_FILE = "node-token"


class TokenUnusableError(ExplainedError):
    """There is no token to be had; the message says why."""


class Tokens(msgspec.Struct, frozen=True):
    """The tokens that are accepted; `made` is the new one, to be shown once, and `file` where it is kept."""

    accepted: tuple[str, ...]
    made: str | None = None
    file: Path | None = None


def node_tokens(settings: NodeSettings, environment: Mapping[str, str] = os.environ) -> Tokens:
    """The token of the settings, else of SMARTS_NODE_TOKEN, else the one that was made the first time.

    Raises:
        TokenUnusableError: a file cannot be read or written, or holds no token.
    """
    previous = _set(settings.previous_token, settings.previous_token_file, "node.previous_token_file")
    others = (previous,) if previous else ()
    token = _set(settings.token, settings.token_file, "node.token_file") or environment.get(VARIABLE)
    if token:
        return Tokens((_sound(token, VARIABLE), *others))
    file = settings.data / _FILE
    if file.exists():
        return Tokens((_read(file, str(file)), *others))
    made = secrets.token_urlsafe(32)
    _keep(file, made)
    return Tokens((made, *others), made, file)


def signing_secrets(settings: NodeSettings) -> tuple[str, ...]:
    """The secrets that requests have to be signed with; none where they need not be.

    Raises:
        TokenUnusableError: the file cannot be read, or something is no secret.
    """
    name, found = "node.signing_secrets", [each.value for each in settings.signing_secrets]
    if settings.signing_secrets_file is not None:
        name = "node.signing_secrets_file"
        found = [line for line in _text(settings.signing_secrets_file, name).splitlines() if line.strip()]
        if not 0 < len(found) <= MOST_SIGNING_SECRETS:
            raise TokenUnusableError(
                f"{name}: expected from one to {MOST_SIGNING_SECRETS} lines with a secret each"
            )
    try:
        for each in found:
            key_of(each)
    except ValueError as error:
        raise TokenUnusableError(f"{name}: {error}") from None
    return tuple(found)


def _set(value: Secret | None, file: Path | None, name: str) -> str | None:
    if file is not None:
        return _read(file, name)
    return _sound(value.value, name.removesuffix("_file")) if value else None


def _read(file: Path, name: str) -> str:
    return _sound(_text(file, name).strip(), name)


def _text(file: Path, name: str) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TokenUnusableError(f"{name} cannot be read: {error}") from None


def _sound(token: str, name: str) -> str:
    if not (token and token.isascii() and token.isprintable() and " " not in token):
        raise TokenUnusableError(
            f"{name}: expected a token of ASCII letters, digits and signs without blanks"
        )
    return token


def _keep(file: Path, token: str) -> None:
    try:
        file.parent.mkdir(0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
            opened.write(token + "\n")
    except OSError as error:
        raise TokenUnusableError(f"the new token cannot be kept in {file}: {error.strerror}") from None
