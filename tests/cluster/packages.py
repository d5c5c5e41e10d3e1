"""What the demonstration is made of: Debian's packages."""

import shutil
import sys
from pathlib import Path

_PROGRAMS = {
    "etcd": "etcd-server",
    "patroni": "patroni",
    "haproxy": "haproxy",
    "pgbouncer": "pgbouncer",
    "ip": "iproute2",
    "unshare": "util-linux",
    "nsenter": "util-linux",
    "setpriv": "util-linux",
}
_POSTGRES = Path("/usr/lib/postgresql")


def postgres_programs() -> Path | None:
    """The folder of the newest PostgreSQL server."""
    found = sorted(
        (path.parent for path in _POSTGRES.glob("*/bin/postgres")), key=lambda path: int(path.parent.name)
    )
    return found[-1] if found else None


def missing() -> list[str]:
    """The packages that are not installed."""
    packages = [package for program, package in _PROGRAMS.items() if not shutil.which(program)]
    return list(dict.fromkeys(packages + ([] if postgres_programs() else ["postgresql"])))


if __name__ == "__main__":
    sys.stdout.write(" ".join(missing()))
