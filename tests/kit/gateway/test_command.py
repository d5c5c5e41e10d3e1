"""`smarts gateway check`: a gateway of its own, one in which it makes stores, one that somebody has set up for it."""

import asyncio
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import aiohttp
import msgspec
import pytest

from cli.commands import COMMAND, environment, smarts
from kit.gateway.broken.bends import status
from kit.gateway.checked import Checked
from smarts.kit.subject import JSON_CONTENT

pytestmark = pytest.mark.xdist_group("gateway under check")

_RESULTS = ("--only", "gateway.result.passed", "--only", "gateway.result.unknown")


async def test_a_gateway_of_its_own() -> None:
    """Without an address a whole gateway is started, checked, and gone."""
    ended = await smarts("gateway", "check", *_RESULTS, "--json")
    assert (ended.code, ended.err) == (0, "")
    assert ended.json["passes"] is True
    outcomes = {each["id"]: each["outcome"] for each in ended.json["requirements"]}
    assert outcomes == {"gateway.result.passed": "passed", "gateway.result.unknown": "passed"}
    assert ended.json["gateway"]["name"] == "Smarts gateway"


async def test_stores_of_its_own_in_another_gateway(checked: Checked, tmp_path: Path) -> None:
    """With a manager's token it makes its stores, says that they stay, and tells people and CI what is broken."""
    manager = checked.subject.manager
    assert manager
    status("/v1/control/result", 404, 204)(checked)
    try:
        ended = await smarts(
            "gateway", "check", checked.front.address, *_RESULTS,
            f"--junit={tmp_path / 'found.xml'}", SMARTS_MANAGER_TOKEN=manager.token,
        )  # fmt: skip
    finally:
        checked.front.behave()
    assert ended.code == 1, ended.err
    assert "✗ gateway.result.unknown" in ended.out
    assert "expected 404" in ended.out
    assert "curl" in ended.out
    assert "does not keep the contract" in ended.out
    assert "were made for this check, and stay" in ended.err
    [failure] = ElementTree.parse(tmp_path / "found.xml").getroot().iter("failure")
    assert "404" in str(failure.get("message"))


async def test_a_store_that_somebody_has_set_up(checked: Checked) -> None:
    """Without a manager's token it says what to do, waits for it, and begins by itself."""
    subject = checked.subject
    process = await asyncio.create_subprocess_exec(
        *COMMAND, "gateway", "check", subject.url, "--institution", subject.store.institution_id,
        "--token", subject.store.access_token, "--json", *_RESULTS, "--only", "gateway.token.isolation",
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(),
    )  # fmt: skip
    assert process.stderr
    assert process.stdout
    try:
        async with asyncio.timeout(60):
            told = await _told(process.stderr)
            change = {"nodeUrl": told["the node's address"], "nodeToken": told["the node's token"]}
            await _set_up(checked, change)
            report = msgspec.json.decode(await process.stdout.read())
            code = await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
        await _set_up(checked, {"nodeUrl": checked.back.address, "nodeToken": subject.node.token})
    outcomes = {each["id"]: each["outcome"] for each in report["requirements"]}
    assert outcomes["gateway.result.passed"] == "passed"
    assert outcomes["gateway.token.isolation"] == "unseen"
    assert code == 0


async def _told(lines: asyncio.StreamReader) -> dict[str, str]:
    told: dict[str, str] = {}
    while "The check begins" not in (line := (await lines.readline()).decode()):
        assert line, told
        name, _, value = line.partition(": ")
        told[name.lstrip(" 0123456789.")] = value.strip()
    return told


async def _set_up(checked: Checked, change: dict[str, str]) -> None:
    subject = checked.subject
    assert subject.manager
    headers = {"Authorization": f"Bearer {subject.manager.token}", "Content-Type": JSON_CONTENT}
    path = f"{subject.url}/manage/v1/stores/{subject.store.institution_id}"
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.patch(path, data=msgspec.json.encode(change)) as answer,
    ):
        assert answer.status == 200


async def test_whoever_errs_is_told_what_is_wrong() -> None:
    """Nobody there: 1; neither a manager's token nor a store, an unknown requirement, half of a store: 2."""
    manager = ("--manager-token", "t")
    cases = (
        (("http://127.0.0.1:9", *manager), 1, "nobody answers at http://127.0.0.1:9"),
        (("http://127.0.0.1:9",), 2, "--manager-token"),
        (("http://127.0.0.1:9", *manager, "--only", "products"), 2, "products"),
        (("http://127.0.0.1:9", *manager, "--other-token", "t"), 2, "--other-institution"),
        (("http://127.0.0.1:9", *manager, "--listen", "9000"), 2, "HOST:PORT"),
    )
    found = await asyncio.gather(*(smarts("gateway", "check", *arguments) for arguments, _, _ in cases))
    for (arguments, code, words), ended in zip(cases, found, strict=True):
        assert ended.code == code, arguments
        assert words in ended.out + ended.err, arguments


async def test_a_node_that_the_gateway_does_not_find(checked: Checked) -> None:
    """A gateway that cannot reach the played node is not checked: the command says so, and what a scan brought."""
    manager = checked.subject.manager
    assert manager
    ended = await smarts(
        "gateway", "check", checked.subject.url, "--wait", "2", "--announce", "http://127.0.0.1:9",
        SMARTS_MANAGER_TOKEN=manager.token,
    )  # fmt: skip
    assert ended.code == 1
    assert "reached the played node within 2 s: a scan was answered with 503" in ended.err


async def test_an_address_that_is_taken(checked: Checked) -> None:
    """Where somebody listens already, the command says so."""
    taken = checked.front.address.removeprefix("http://")
    ended = await smarts("gateway", "check", checked.subject.url, "--manager-token", "t", "--listen", taken)
    assert (ended.code, ended.out) == (1, "")
    assert f"--listen {taken} cannot be used" in ended.err


async def test_the_list_needs_no_gateway() -> None:
    """`--list` names the requirements of gateways, and no others."""
    ended = await smarts("gateway", "check", "--list", "--json")
    assert ended.code == 0
    assert {each["side"] for each in ended.json} == {"gateway"}
    assert len(ended.json) > 100
