"""`smarts node check` as its users have it: words, files, and exit codes."""

import asyncio
import os
import re
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import msgspec
import pytest

from cli.commands import Ended, smarts
from demo.parts import TOKEN, store_on
from kit.broken.layer import Asked, Layer, Reply
from serving import serving
from smarts.demo.database import Database
from smarts.kit.examination import chosen
from smarts.wire.operations import HEALTH, PRODUCT_BY_BARCODE, PRODUCT_SEARCH

pytestmark = pytest.mark.xdist_group("node check")
NO_HTML = "<script>\x1b[31m&]]>"


async def _broken(asked: Asked, answer: Any) -> Reply:
    reply: Reply = await answer(asked)
    if asked.of(PRODUCT_BY_BARCODE) and reply.status == 404:
        return Reply(418, body=NO_HTML.encode())
    if asked.of(PRODUCT_SEARCH) and b'"ASC"' in asked.body:
        return Reply(422)
    if asked.of(PRODUCT_SEARCH) and b"[[[" in asked.body:
        return Reply(500)
    if asked.of(HEALTH) and asked.headers.get("accesstoken") != TOKEN:
        return replace(reply, status=200, headers={"content-type": "application/json"}, body=b"{}")
    return reply


@pytest.fixture(scope="module")
async def broken_node(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """The address of a node that is broken in some ways."""
    database = Database(tmp_path_factory.mktemp("check") / "store.sqlite3")
    async with serving(Layer(store_on(database).node(TOKEN), _broken)) as address:
        yield address
    database.close()


@pytest.fixture(scope="module")
async def failed(broken_node: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[Ended, Path]:
    """What is said of it, and the folder of the reports."""
    folder = tmp_path_factory.mktemp("reports")
    only = [
        f"--only={each}"
        for each in ("products.barcode", "products.search", "errors.deep", "tokens.node", "node.features")
    ]
    ended = await smarts(
        "node", "check", broken_node, "--token", TOKEN, *only,
        "--junit", str(folder / "junit.xml"), "--json-file", str(folder / "report.json"),
    )  # fmt: skip
    return ended, folder


def test_failures_are_told(failed: tuple[Ended, Path]) -> None:
    """Each failure is told with what was expected, what was seen, the clause, and without steering the terminal."""
    ended, _ = failed
    assert ended.code == 1, ended.err
    told = ended.out.partition("products.barcode.unknown")[2].partition("\n  ")[2]
    assert re.search(r"expected +404\n", told)
    assert re.search(r"seen +418 application/json <script>", told)
    assert "section 2 errors (must)" in told
    assert "\x1b" not in ended.out
    assert "does not keep the contract" in ended.out
    assert re.search(r"POST /product/search/barcode +\d+ ", ended.out)


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
@pytest.mark.parametrize(
    ("requirement", "status"),
    [
        ("products.barcode.unknown", 418),
        ("errors.deep", 500),
        ("tokens.node", 200),
        ("products.search.asc", 422),
    ],
)
async def test_the_command_line_repeats_it(failed: tuple[Ended, Path], requirement: str, status: int) -> None:
    """Pasted into a shell that has the token in a variable, the line gets the answer that was told."""
    ended, _ = failed
    assert TOKEN not in ended.out
    line = re.search(rf"{re.escape(requirement)} .*?repeat +(curl [^\n]+)", ended.out, re.DOTALL)
    assert line
    process = await asyncio.create_subprocess_exec(
        "bash", "-c", line[1], env=os.environ | {"TOKEN": TOKEN}, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    answers = re.findall(rb"HTTP/1.1 (\d+)", out)
    assert answers[-1] == str(status).encode(), out


def test_the_report_for_programs(failed: tuple[Ended, Path]) -> None:
    """The JSON report says of each requirement how it is met, and agrees with the exit code."""
    _, folder = failed
    report = msgspec.json.decode((folder / "report.json").read_bytes())
    outcomes = {each["id"]: each["outcome"] for each in report["requirements"]}
    broken = {
        "products.barcode.unknown",
        "products.search.asc",
        "errors.deep",
        "tokens.node",
    }
    assert {id_ for id_, outcome in outcomes.items() if outcome == "failed"} == broken
    assert report["passes"] is False
    assert 0 < report["score"] < 100
    assert report["node"]["name"] == "Smarts demo store"
    (unknown,) = [each for each in report["requirements"] if each["id"] == "products.barcode.unknown"]
    assert (unknown["expected"], unknown["level"], unknown["clause"]) == ("404", "must", "2 errors")
    assert unknown["curl"].startswith("curl ")
    assert all(time["count"] > 0 and time["median"] <= time["largest"] for time in report["times"])


def test_the_report_for_ci(failed: tuple[Ended, Path]) -> None:
    """The JUnit report has what CI reads: suites with counts that agree with their cases, failures with words."""
    _, folder = failed
    root = ElementTree.parse(folder / "junit.xml").getroot()
    assert root.tag == "testsuites"
    assert {suite.get("name") for suite in root} == {"node", "tokens", "errors", "products"}
    for suite in (root, *root):
        cases = list(suite.iter("testcase"))
        counts = {"tests": len(cases), "errors": 0}
        counts |= {
            f"{word}{'s' * (word == 'failure')}": len(suite.findall(f".//{word}"))
            for word in ("failure", "skipped")
        }
        assert {name: int(suite.attrib[name]) for name in counts} == counts
        assert float(suite.attrib["time"]) >= 0
    failures = {case.get("name"): case.find("failure") for case in root.iter("testcase")}
    unknown = failures["products.barcode.unknown"]
    assert unknown is not None
    assert "404" in unknown.attrib["message"]
    assert "<script>" in unknown.attrib["message"]
    assert "curl" in (unknown.text or "")
    assert failures["products.search.asc"] is None  # it only should
    assert all({"name", "classname", "time"} <= case.attrib.keys() for case in root.iter("testcase"))


async def test_what_only_should_be(broken_node: str) -> None:
    """What should be and is not costs score but not the exit code, unless --strict; JSON is all that is printed."""
    command = ("node", "check", broken_node, "--token", TOKEN, "--only=products.search", "--json")
    loose, strict = await asyncio.gather(smarts(*command), smarts(*command, "--strict"))
    assert (loose.code, loose.json["passes"]) == (0, True)
    assert (strict.code, strict.json["passes"]) == (1, False)
    # 7 of 7 that must be weigh 3 each, 2 of 3 that should be weigh 1 each: 23 of 24.
    assert loose.json["score"] == strict.json["score"] == 95
    assert loose.err == ""


async def test_all_requirements_are_listed() -> None:
    """--list tells what can be checked, for people and as JSON, all of it or what is chosen; it needs no node."""
    people, programs = await asyncio.gather(
        smarts("node", "check", "--list"), smarts("node", "check", "--list", "--json", "--only=tokens")
    )
    assert people.code == programs.code == 0
    assert all(requirement.id in people.out for requirement in chosen(()))
    assert {each["id"] for each in programs.json} == {requirement.id for requirement in chosen(["tokens"])}


MISUSE = {
    ("http://127.0.0.1:1", "--token=t"): (1, "nobody answers at http://127.0.0.1:1"),
    ("http://127.0.0.1:1",): (2, "token"),
    ("http://127.0.0.1:1", "--token=t", "--only=nothing.such"): (2, "no requirement nothing.such"),
    ("no-address", "--token=t"): (2, "no-address"),
    ("http://127.0.0.1:1", "--token=t", "--language=estonian"): (2, "language"),
    ("http://127.0.0.1:1", "--token=t", "--seconds=0"): (2, "seconds"),
}


async def test_misuse() -> None:
    """What cannot be done is told in a sentence, with the exit code of a failure or of misuse."""
    ended = await asyncio.gather(*(smarts("node", "check", *arguments) for arguments in MISUSE))
    for one, (code, words) in zip(ended, MISUSE.values(), strict=True):
        assert one.code == code, words
        assert words in (one.err + one.out).lower()
        assert "Traceback" not in one.err + one.out
