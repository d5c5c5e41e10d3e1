"""Who answers over TLS has to prove who it is: real servers with right certificates and wrong ones."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme

from serving import serving
from smarts.caller import Caller, Target, Unreachable
from smarts.edge.app import EdgeApp
from smarts.edge.routes import Call, serve
from smarts.gateway.app import open_gateway
from smarts.gateway.settings import SettingError, Settings
from smarts.wire.nodes import NodeVersionResponse
from smarts.wire.operations import VERSION

ANSWER = NodeVersionResponse("Shop", "1", "1.0", ())
TOKEN = "a-token-that-must-never-be-seen"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Who makes the certificates of an operator's own network."""
    return trustme.CA()


@pytest.fixture(scope="module")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("tls") / "own-ca.pem"
    authority.cert_pem.write_to_path(str(file))
    return file


@asynccontextmanager
async def node(
    certificate: trustme.LeafCert, folder: Path, host: str = "localhost"
) -> AsyncIterator[tuple[Target, list[str]]]:
    """A node that speaks TLS with a certificate, and the tokens that it was shown."""
    shown: list[str] = []

    async def version(call: Call[Any, Any]) -> NodeVersionResponse:
        shown.append(call.headers["accesstoken"])
        return ANSWER

    key, chain = folder / "key.pem", folder / "chain.pem"
    certificate.private_key_pem.write_to_path(str(key))
    chain.write_bytes(b"".join(each.bytes() for each in certificate.cert_chain_pems))
    tls = {"ssl_keyfile": str(key), "ssl_certfile": str(chain)}
    async with serving(EdgeApp([serve(VERSION, version, None)]), **tls) as address:
        yield Target(f"https://{host}:{address.rpartition(':')[2]}", TOKEN), shown


async def answered(target: Target, **settings: Any) -> Any:
    caller = Caller(allow_private_addresses=True, **settings)
    try:
        return await caller.call(target, VERSION, deadline=10)
    finally:
        await caller.close()


async def test_a_node_of_the_operators_own_authority_is_believed(
    authority: trustme.CA, ca_file: Path, tmp_path: Path
) -> None:
    """A certificate that the named authority made for the node's host is right."""
    async with node(authority.issue_cert("localhost"), tmp_path) as (target, shown):
        assert await answered(target, ca_file=str(ca_file)) == ANSWER
    assert shown == [TOKEN]


@pytest.mark.parametrize(
    "wrong", ["unknown authority", "other authority", "other host", "expired", "not yet"]
)
async def test_a_wrong_certificate_is_refused_before_anything_is_said(
    authority: trustme.CA, ca_file: Path, tmp_path: Path, wrong: str
) -> None:
    """Who cannot prove to be the node sees neither token nor document, and the words say what is wrong."""
    now, day = datetime.now(UTC), timedelta(days=1)
    made, settings, words = {
        "unknown authority": (
            authority.issue_cert("localhost"),
            {},
            "unable to get local issuer certificate",
        ),
        "other authority": (
            trustme.CA().issue_cert("localhost"),
            {"ca_file": str(ca_file)},
            "unable to get local issuer certificate|certificate signature failure",
        ),
        "other host": (
            authority.issue_cert("shop.example"),
            {"ca_file": str(ca_file)},
            "[Hh]ostname mismatch",
        ),
        "expired": (
            authority.issue_cert("localhost", not_before=now - 2 * day, not_after=now - day),
            {"ca_file": str(ca_file)},
            "expired",
        ),
        "not yet": (
            authority.issue_cert("localhost", not_before=now + day, not_after=now + 2 * day),
            {"ca_file": str(ca_file)},
            "not yet valid",
        ),
    }[wrong]
    async with node(made, tmp_path) as (target, shown):
        with pytest.raises(Unreachable, match=f"TLS failed, .*({words})") as refused:
            await answered(target, **settings)
    assert not refused.value.sent
    assert shown == []
    assert TOKEN not in refused.value.detail


async def test_a_file_of_authorities_that_cannot_be_read_is_told_at_the_start(
    database_url: str, tmp_path: Path
) -> None:
    """The gateway does not start with fewer authorities than it was told of."""
    for content in (None, "no certificate"):
        file = tmp_path / "ca.pem"
        if content:
            file.write_text(content)
        with pytest.raises(SettingError, match=r"SMARTS_NODE_CA_FILE: .*ca\.pem"):
            async with open_gateway(
                Settings(database_url=database_url, node_ca_file=str(file)), database_url
            ):
                pass
