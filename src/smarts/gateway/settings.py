"""The gateway's settings, read from the environment; only `app` and the command line read them."""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from ipaddress import ip_network
from typing import Any, Self

from smarts.edge.failures import ExplainedError

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"", "0", "false", "no", "off"}
_DAY = 24 * 3600


class SettingError(ExplainedError, ValueError):
    """A setting has a value that makes no sense; the message names it."""


@dataclass(frozen=True)
class Variable:
    """A variable of the environment: how it is read, what it is where it is not set, and what it is for."""

    name: str
    default: str
    read: Callable[[str], object]
    meaning: str

    def value(self, environment: Mapping[str, str]) -> object:
        """What it says.

        Raises:
            SettingError: that makes no sense.
        """
        text = environment.get(self.name, self.default)
        try:
            return self.read(text)
        except ValueError as error:
            raise SettingError(f"{self.name} is {text!r}: {error}") from error


def _variable(name: str, default: str, read: Callable[[str], object], meaning: str) -> Any:
    variable = Variable(f"SMARTS_{name}", default, read, meaning)
    return field(
        default_factory=lambda: read(default), repr=read is not _secret, metadata={Variable: variable}
    )


def _secret(text: str) -> str:
    return text


def _number(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
            raise ValueError(f"expected a whole number from {least} to {most}")
        return int(text)

    return read


def _seconds(least: int, most: int) -> Callable[[str], timedelta]:
    number = _number(least, most)
    return lambda text: timedelta(seconds=number(text))


def _networks(text: str) -> str:
    try:
        return ",".join(str(ip_network(part.strip())) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise ValueError("expected addresses or networks with commas between") from error


def _switch(text: str) -> bool:
    if text.lower() not in _TRUE | _FALSE:
        raise ValueError("expected true or false")
    return text.lower() in _TRUE


# fmt: off
@dataclass(frozen=True)
class Settings:
    """What an operator can set."""

    database_url: str = _variable(
        "DATABASE_URL", "", str,
        "PostgreSQL 15 or newer, else an embedded one; behind a pooler such as PgBouncer see the next setting")
    direct_database_url: str = _variable(
        "DIRECT_DATABASE_URL", "", str,
        "where the former leads through a pooler, the same database past it: for notices, migrations and copies")
    data: str = _variable("DATA", ".smarts/gateway", str, "the folder of the embedded PostgreSQL")
    host: str = _variable("HOST", "127.0.0.1", str, "the address at which the gateway listens")
    port: int = _variable("PORT", "8080", _number(1, 65535), "the port at which it listens")
    connections: int = _variable(
        "CONNECTIONS", "10", _number(2, 1000), "database connections of one process at most")
    lock_for: timedelta = _variable(
        "LOCK_SECONDS", "14400", _seconds(1, 7 * _DAY),
        "how long a cart stays locked when nobody sends a result (4 hours)")
    allow_private_nodes: bool = _variable(
        "ALLOW_PRIVATE_NODES", "false", _switch,
        "whether nodes may be at private addresses; for one's own network and for trying out")
    node_ca_file: str = _variable(
        "NODE_CA_FILE", "", str,
        "a file with certificates (PEM) of authorities that are believed beside the system's, for one's own network")
    trusted_proxies: str = _variable(
        "TRUSTED_PROXIES", "127.0.0.1", _networks,
        "addresses and networks, with commas between, of proxies whose `X-Forwarded-For` is believed")
    joins_per_hour: int = _variable(
        "JOINS_PER_HOUR", "60", _number(1, 1_000_000_000),
        "how many shoppers may join from one address within an hour")
    sandbox_payments: bool = _variable(
        "SANDBOX_PAYMENTS", "false", _switch,
        "whether the sandbox provider, which takes no money, is offered")
    sandbox_authorisation: timedelta = _variable(
        "SANDBOX_AUTHORISATION_SECONDS", "604800", _seconds(1, 31 * _DAY),
        "how long the sandbox holds money (7 days)")
    stripe_key: str = _variable(
        "STRIPE_KEY", "", _secret,
        "the secret key of an account at Stripe; Stripe is offered where it is set")
    stripe_webhook_secret: str = _variable(
        "STRIPE_WEBHOOK_SECRET", "", _secret,
        "what Stripe signs its events with; the webhook is there where it is set")
    stripe_url: str = _variable(
        "STRIPE_URL", "", str, "where Stripe is, if not at its usual address `https://api.stripe.com`")
    health_every: timedelta = _variable(
        "HEALTH_SECONDS", "60", _seconds(10, _DAY), "how often every node is asked how it is")
    version_every: timedelta = _variable(
        "VERSION_SECONDS", "600", _seconds(10, _DAY),
        "how often every node is asked what it can do, with one of the questions how it is")
    drain: timedelta = _variable(
        "DRAIN_SECONDS", "0", _seconds(0, 600),
        "how long a gateway that is told to stop goes on serving while `/readyz` says 503, so that a balancer notices")
    access_log: bool = _variable(
        "ACCESS_LOG", "false", _switch, "whether every request to the gateway is a line of the log")
    metrics_port: int = _variable(
        "METRICS_PORT", "0", _number(0, 65535),
        "the port at which `smarts worker` tells `/metrics`, `/healthz` and `/readyz`, at `SMARTS_HOST`; 0 is nowhere")
    demo: str = _variable(
        "DEMO", "", str,
        "the file of a demonstration, which shows passwords to everybody: never where people really shop")

    def __post_init__(self) -> None:
        if self.direct_database_url and not self.database_url:
            raise SettingError("SMARTS_DIRECT_DATABASE_URL is set, SMARTS_DATABASE_URL is not: set both or the latter")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Reads all variables.

        Raises:
            SettingError: a value makes no sense.
        """
        values = {each.name: each.metadata[Variable].value(environment) for each in fields(cls)}
        return cls(**values)
# fmt: on


def variables() -> Iterator[Variable]:
    """What can be set, in order."""
    return (each.metadata[Variable] for each in fields(Settings))
