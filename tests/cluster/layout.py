"""Which machines there are, and what runs on them: as `deploy/` has it, file by file."""

import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import trustme

from .machine import Machine, Program
from .packages import postgres_programs

_REPOSITORY = Path(__file__).parents[2]
DEPLOY = _REPOSITORY / "deploy"
BALANCER = "10.0.0.10"
_GATEWAYS = {"gateway-1": "10.0.0.21", "gateway-2": "10.0.0.22", "gateway-3": "10.0.0.23"}
_WORKERS = {"worker-1": "10.0.0.31", "worker-2": "10.0.0.32"}
_DATABASES = {"one": "10.0.0.41", "two": "10.0.0.42"}
_WITNESS = "10.0.0.43"

_HAPROXY = Program("haproxy", ("haproxy", "-W", "-db", "-q", "-f", "/etc/haproxy/haproxy.cfg"))
_ETCD = Program("etcd", ("etcd",), as_postgres=True)
_PATRONI = Program("patroni", ("patroni", "/etc/patroni/patroni.yml"), as_postgres=True)
_PGBOUNCER = Program("pgbouncer", ("pgbouncer", "-q", "/etc/pgbouncer/pgbouncer.ini"), as_postgres=True)
# What is so for the demonstration alone: a sandbox that takes no money, a node next door, one address for all shoppers.
_DEMONSTRATION = {
    "SMARTS_ALLOW_PRIVATE_NODES": "true",
    "SMARTS_SANDBOX_PAYMENTS": "true",
    "SMARTS_JOINS_PER_HOUR": "1000000",
    "SMARTS_DRAIN_SECONDS": "2",
    "PYTHONPATH": f"{_REPOSITORY / 'tests'}:{_REPOSITORY / 'src'}",
    "PYTHONUNBUFFERED": "1",
}


def environment_of(file: Path) -> dict[str, str]:
    """The variables of an environment file."""
    lines = (line.strip() for line in file.read_text().splitlines())
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


@dataclass(frozen=True)
class Secrets:
    """The passwords of one run, and who vouches for its balancer."""

    superuser: str = field(default_factory=secrets.token_urlsafe)
    replication: str = field(default_factory=secrets.token_urlsafe)
    smarts: str = field(default_factory=secrets.token_urlsafe)
    authority: trustme.CA = field(default_factory=trustme.CA)


@dataclass(frozen=True)
class Layout:
    """All machines, by what they are for."""

    balancer: Machine
    gateways: list[Machine]
    workers: list[Machine]
    databases: list[Machine]
    witness: Machine

    @property
    def machines(self) -> list[Machine]:
        """All of them."""
        return [self.witness, *self.databases, self.balancer, *self.gateways, *self.workers]


def layout(given: Secrets) -> Layout:
    """None of them is there yet."""
    return Layout(
        balancer=_balancer(given),
        gateways=[_serving(name, address, "gateway", given) for name, address in _GATEWAYS.items()],
        workers=[_serving(name, address, "worker", given) for name, address in _WORKERS.items()],
        databases=[_database(name, address, given) for name, address in _DATABASES.items()],
        witness=Machine("witness", _WITNESS, [_ETCD], _etcd("witness", _WITNESS), {}),
    )


def _balancer(given: Secrets) -> Machine:
    certificate = given.authority.issue_cert(BALANCER).private_key_and_cert_chain_pem.bytes().decode()
    files: Mapping[str, str | Path] = {
        "/etc/haproxy/haproxy.cfg": DEPLOY / "haproxy/haproxy.cfg",
        "/etc/haproxy/gateway.pem": certificate,
    }
    return Machine("balancer", BALANCER, [_HAPROXY], {}, files)


def _serving(name: str, address: str, command: str, given: Secrets) -> Machine:
    settings = environment_of(DEPLOY / "smarts/smarts.env")
    return Machine(
        name,
        address,
        [_HAPROXY, Program(command, (sys.executable, "-m", "smarts.cli", command))],
        {**settings, "PGPASSWORD": given.smarts, **_DEMONSTRATION},
        {"/etc/haproxy/haproxy.cfg": DEPLOY / "haproxy/database.cfg"},
    )


def _database(name: str, address: str, given: Secrets) -> Machine:
    environment = {
        **_etcd(name, address),
        "PATRONI_NAME": name,
        "PATRONI_RESTAPI_CONNECT_ADDRESS": f"{address}:8008",
        "PATRONI_POSTGRESQL_CONNECT_ADDRESS": f"{address}:5432",
        "PATRONI_POSTGRESQL_BIN_DIR": str(postgres_programs()),
        "PATRONI_SUPERUSER_PASSWORD": given.superuser,
        "PATRONI_REPLICATION_PASSWORD": given.replication,
        "SMARTS_PASSWORD": given.smarts,
    }
    files: Mapping[str, str | Path] = {
        "/etc/patroni/patroni.yml": DEPLOY / "patroni/patroni.yml",
        "/etc/patroni/post-bootstrap.sh": DEPLOY / "patroni/post-bootstrap.sh",
        "/etc/pgbouncer/pgbouncer.ini": DEPLOY / "pgbouncer/pgbouncer.ini",
        "/etc/pgbouncer/userlist.txt": f'"smarts" "{given.smarts}"\n',
    }
    return Machine(name, address, [_ETCD, _PATRONI, _PGBOUNCER], environment, files)


def _etcd(name: str, address: str) -> dict[str, str]:
    own = {
        "ETCD_NAME": name,
        "ETCD_INITIAL_ADVERTISE_PEER_URLS": f"http://{address}:2380",
        "ETCD_ADVERTISE_CLIENT_URLS": f"http://{address}:2379",
    }
    return environment_of(DEPLOY / "etcd/etcd.env") | own
