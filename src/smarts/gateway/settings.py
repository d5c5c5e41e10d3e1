"""The gateway's settings, read from the environment; only `app` and the command line read them."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_network
from typing import Self

from smarts.edge.failures import ExplainedError

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"", "0", "false", "no", "off"}


class SettingError(ExplainedError, ValueError):
    """A setting has a value that makes no sense; the message names it."""


@dataclass(frozen=True)
class Settings:
    """What an operator can set.

    Attributes:
        database_url: PostgreSQL 15 or newer; empty for the embedded one in `data`.
        data: the folder of the embedded PostgreSQL.
        connections: database connections of one process at most.
        lock_for: how long a cart stays locked when nobody sends a result.
        allow_private_nodes: whether nodes may be at private addresses; for one's own network and for trying out.
        trusted_proxies: the addresses and networks of proxies that are believed whom they forward, with commas between.
        joins_per_hour: how many shoppers may join from one address within an hour.
        sandbox_payments: whether the sandbox provider, which takes no money, is offered.
        sandbox_authorisation: how long the sandbox holds money.
        stripe_key: the secret key of an account at Stripe; empty where Stripe is not offered.
        stripe_webhook_secret: what Stripe signs its events with; empty where it sends none.
        stripe_url: where Stripe is, if not at its usual address.
        health_every: how often every node is asked how it is.
        version_every: how often every node is asked what it can do, with one of the questions how it is.
        demo: the file that makes this gateway a demonstration, which shows passwords to everybody; else empty.
    """

    database_url: str = ""
    data: str = ".smarts/gateway"
    host: str = "127.0.0.1"
    port: int = 8080
    connections: int = 10
    lock_for: timedelta = timedelta(hours=4)
    allow_private_nodes: bool = False
    trusted_proxies: str = "127.0.0.1"
    joins_per_hour: int = 60
    sandbox_payments: bool = False
    sandbox_authorisation: timedelta = timedelta(days=7)
    stripe_key: str = field(default="", repr=False)
    stripe_webhook_secret: str = field(default="", repr=False)
    stripe_url: str = ""
    health_every: timedelta = timedelta(minutes=1)
    version_every: timedelta = timedelta(minutes=10)
    demo: str = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Reads SMARTS_DATABASE_URL, SMARTS_DATA, SMARTS_HOST and so on.

        Raises:
            SettingError: a value makes no sense.
        """
        default = cls()
        return cls(
            database_url=environment.get("SMARTS_DATABASE_URL", default.database_url),
            data=environment.get("SMARTS_DATA", default.data),
            host=environment.get("SMARTS_HOST", default.host),
            port=_number(environment, "SMARTS_PORT", default.port, 1, 65535),
            connections=_number(environment, "SMARTS_CONNECTIONS", default.connections, 2, 1000),
            lock_for=timedelta(
                seconds=_number(environment, "SMARTS_LOCK_SECONDS", 4 * 3600, 1, 7 * 24 * 3600)
            ),
            allow_private_nodes=_switch(environment, "SMARTS_ALLOW_PRIVATE_NODES"),
            trusted_proxies=_networks(environment, "SMARTS_TRUSTED_PROXIES", default.trusted_proxies),
            joins_per_hour=_number(
                environment, "SMARTS_JOINS_PER_HOUR", default.joins_per_hour, 1, 1_000_000_000
            ),
            sandbox_payments=_switch(environment, "SMARTS_SANDBOX_PAYMENTS"),
            sandbox_authorisation=timedelta(
                seconds=_number(
                    environment, "SMARTS_SANDBOX_AUTHORISATION_SECONDS", 7 * 24 * 3600, 1, 31 * 24 * 3600
                )
            ),
            stripe_key=environment.get("SMARTS_STRIPE_KEY", default.stripe_key),
            stripe_webhook_secret=environment.get(
                "SMARTS_STRIPE_WEBHOOK_SECRET", default.stripe_webhook_secret
            ),
            stripe_url=environment.get("SMARTS_STRIPE_URL", default.stripe_url),
            health_every=timedelta(seconds=_number(environment, "SMARTS_HEALTH_SECONDS", 60, 10, 24 * 3600)),
            version_every=timedelta(
                seconds=_number(environment, "SMARTS_VERSION_SECONDS", 600, 10, 24 * 3600)
            ),
            demo=environment.get("SMARTS_DEMO", default.demo),
        )


def _number(environment: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = environment.get(name, str(default))
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise SettingError(f"{name} is {text!r}: expected a whole number from {least} to {most}")
    return int(text)


def _networks(environment: Mapping[str, str], name: str, default: str) -> str:
    text = environment.get(name, default)
    try:
        return ",".join(str(ip_network(part.strip())) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise SettingError(
            f"{name} is {text!r}: expected addresses or networks with commas between"
        ) from error


def _switch(environment: Mapping[str, str], name: str) -> bool:
    text = environment.get(name, "").lower()
    if text not in _TRUE | _FALSE:
        raise SettingError(f"{name} is {text!r}: expected true or false")
    return text in _TRUE
