"""The files of `deploy/`, read by the programs that they are for, where these are installed."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import trustme

from docs.blocks import ROOT

DEPLOY = ROOT / "deploy"


def said_by(*command: str, cwd: Path = ROOT) -> tuple[int, str]:
    """Its exit code and what it printed; the test is left out where there is no such program."""
    if not shutil.which(command[0]):
        pytest.skip(f"{command[0]} is not installed: make cluster-parts")
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["haproxy.cfg", "database.cfg"])
def test_haproxy_reads_its_files(name: str, tmp_path: Path) -> None:
    """Without a warning, with a certificate where its own is looked for."""
    certificate = tmp_path / "gateway.pem"
    trustme.CA().issue_cert("shop.example").private_key_and_cert_chain_pem.write_to_path(str(certificate))
    file = tmp_path / name
    file.write_text(
        (DEPLOY / "haproxy" / name).read_text().replace("/etc/haproxy/gateway.pem", str(certificate))
    )
    code, said = said_by("haproxy", "-c", "-q", "-f", str(file))
    assert (code, said) == (0, "")


@pytest.mark.parametrize("name", ["smarts-gateway@", "smarts-worker@"])
def test_systemd_reads_its_units(name: str, tmp_path: Path) -> None:
    """Nothing in them is unknown or misplaced; only the program is not where it would be installed."""
    text = (DEPLOY / "systemd" / f"{name}.service").read_text()
    unit = tmp_path / f"{name}1.service"
    unit.write_text(text.replace("/opt/smarts/bin/smarts", "/bin/true"))
    code, said = said_by("systemd-analyze", "verify", "--man=no", str(unit))
    about_it = [line for line in said.splitlines() if "smarts" in line]
    assert (code, about_it) == (0, []), said


def test_compose_reads_its_file(tmp_path: Path) -> None:
    """Every service is whole, with the passwords' files beside it as the examples have them."""
    shutil.copytree(DEPLOY, tmp_path / "deploy")
    folder = tmp_path / "deploy" / "compose"
    for example in folder.glob("*.env.example"):
        example.rename(example.with_suffix(""))
    code, said = said_by("docker-compose", "--file", "compose.yaml", "config", "--services", cwd=folder)
    assert code == 0, said
    assert {"balancer", "gateway-3", "worker-2", "database-two", "pgbouncer-one", "witness"} <= set(
        said.split()
    )


def test_the_files_agree_on_addresses() -> None:
    """Whoever is asked for at an address is given it by the Compose file; nobody is asked for who is not there."""
    compose = (DEPLOY / "compose/compose.yaml").read_text()
    given = set(re.findall(r"ipv4_address: (10\.0\.0\.\d+)", compose))
    asked = {
        address
        for file in (
            "haproxy/haproxy.cfg",
            "haproxy/database.cfg",
            "patroni/patroni.yml",
            "etcd/etcd.env",
            "smarts/smarts.env",
        )
        for address in re.findall(r"10\.0\.0\.\d+(?![./\d])", (DEPLOY / file).read_text())
    }
    assert asked <= given
