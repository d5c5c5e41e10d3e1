"""`smarts node new` makes projects that work, and refuses what it cannot make."""

import asyncio
import itertools
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cli.commands import Ended, entries, environment, smarts
from smarts.cli.node.source import smarts_source
from smarts.cli.node.template import OPTIONAL, project
from smarts.wire.nodes import Feature

ROOT = Path(__file__).parents[3]
ALL = tuple(map(str, OPTIONAL))
MOST_LINES = 40
# One process for many projects, since most of the time is spent on starting.
IN_EACH = """
import importlib, json, os, sys, pytest
os.environ["NODE_TOKEN"] = "t"
for folder in map(os.path.abspath, sys.argv[1:]):
    sys.path.insert(0, folder)
    %s
    sys.path.remove(folder)
    for name, module in [*sys.modules.items()]:
        if (getattr(module, "__file__", None) or "").startswith(folder + "/"):
            del sys.modules[name]
"""
FEATURES = 'print(json.dumps(sorted(importlib.import_module("store").node.features)))'
TESTS = 'assert pytest.main(["-q", "-p", "no:cacheprovider", f"--rootdir={folder}", folder]) == 0'

HEALTH = """
import os, subprocess, sys
from store import node
command = [sys.executable, "healthy.py"]
with node.serving() as address:
    os.environ["PORT"] = address.rpartition(":")[2]
    told = [subprocess.call(command), subprocess.call(command, env={**os.environ, "NODE_TOKEN": "another"})]
print(*told, subprocess.call(command))
"""


async def new(folder: Path, name: str, *options: str) -> Ended:
    return await smarts("node", "new", name, f"--directory={folder}", *options)


async def made(folder: Path, features: str, name: str = "my-shop") -> Path:
    ended = await new(folder, name, f"--features={features}")
    assert (ended.code, ended.err) == (0, "")
    return folder / name


async def ran(folder: Path, *command: str, **settings: str) -> tuple[int, str]:
    """What became of a command in a folder, and all that it said."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env=environment(PYTHONPATH=str(ROOT / "src"), **settings),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    out, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode()


def write(folder: Path, features: Collection[Feature]) -> Mapping[str, str]:
    """A project without the command."""
    texts = project("my-shop", features, "")
    for path, text in texts.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    return texts


def lines_to_write(project: Path) -> int:
    files = (project / "goods.py", project / "store.py")
    return sum(bool(line.strip()) for file in files for line in file.read_text().splitlines())


async def proven(project: Path) -> Any:
    """The kit's report on a project, by `make check`, which fails where anything is not as it should be."""
    code, said = await ran(project, "make", "check", f"PYTHON={sys.executable}", "ARGS=--strict --json")
    assert code == 0, said
    return msgspec.json.decode(said)


async def test_a_node_with_what_every_node_needs_is_under_forty_lines_and_proven(tmp_path: Path) -> None:
    """Without a terminal to ask at, there is product search alone: two short files that keep the whole contract."""
    ended = await new(tmp_path, "my-shop")
    assert (ended.code, ended.err) == (0, "")
    assert "make check" in ended.out
    assert entries(tmp_path) == ["my-shop"]
    assert lines_to_write(tmp_path / "my-shop") < MOST_LINES
    (code, said), report = await asyncio.gather(
        ran(tmp_path / "my-shop", "make", "test", f"PYTHON={sys.executable}"), proven(tmp_path / "my-shop")
    )
    assert code == 0, said
    assert "6 passed" in said
    assert (report["node"]["name"], report["score"]) == ("my-shop", 100)


async def test_a_node_with_every_feature_is_proven(tmp_path: Path) -> None:
    """As it is made it declares all features and keeps the whole contract."""
    report = await proven(await made(tmp_path, "all"))
    assert {*ALL} < {*report["node"]["features"]}
    assert report["score"] == 100


async def test_a_node_that_breaks_the_contract_is_not(tmp_path: Path) -> None:
    """`make check` exits with a failure where the merchant has broken something."""
    folder = await made(tmp_path, "none")
    goods = (folder / "goods.py").read_text()
    (folder / "goods.py").write_text(goods + "\nProductList.find = lambda _, __: goods.products[0]\n")
    code, said = await ran(
        folder, "make", "check", f"PYTHON={sys.executable}", "ARGS=--only products.barcode"
    )
    assert code != 0
    assert "products.barcode.unknown" in said


async def test_the_health_check_of_the_container_tells_a_node_that_serves_from_none(tmp_path: Path) -> None:
    """It exits with 0 while the node serves, with 1 where the token is another one, and where nobody answers."""
    folder = await made(tmp_path, "none")
    assert 'HEALTHCHECK CMD ["python", "healthy.py"]' in (folder / "Dockerfile").read_text()
    code, said = await ran(folder, sys.executable, "-c", HEALTH, NODE_TOKEN="token")
    assert (code, said.splitlines()[-1]) == (0, "0 1 1"), said


async def test_every_feature_by_itself_and_all_together_have_tests_that_pass(tmp_path: Path) -> None:
    """A project with one chosen feature has it and no other, and proves it by a test of its own."""
    modules = {feature: feature.replace("-", "_") for feature in ALL}
    for feature, module in modules.items():
        write(tmp_path / feature, [Feature(feature)])
        assert {*modules.values()} & {path.stem for path in (tmp_path / feature).glob("*.py")} == {module}
        assert (tmp_path / feature / "tests" / f"test_{module}.py").is_file()
    write(tmp_path / "all", OPTIONAL)
    code, said = await ran(tmp_path, sys.executable, "-c", IN_EACH % TESTS, *ALL, "all")
    assert code == 0, said


async def test_every_choice_of_features_makes_a_node_with_just_these(tmp_path: Path) -> None:
    """All 128 projects can be loaded, name the features that were chosen, and no mark of the template is left."""
    choices = [choice for count in range(len(ALL) + 1) for choice in itertools.combinations(OPTIONAL, count)]
    for number, choice in enumerate(choices):
        texts = write(tmp_path / str(number), choice)
        assert not [path for path, text in texts.items() if "only:" in text or "my-store" in text]
    folders = map(str, range(len(choices)))
    code, said = await ran(tmp_path, sys.executable, "-c", IN_EACH % FEATURES, *folders)
    assert code == 0, said
    told = [msgspec.json.decode(line, type=set[str]) for line in said.splitlines()]
    assert told == [{*map(str, choice), "product-search"} for choice in choices]


async def test_the_token_is_secret_and_another_one_each_time(tmp_path: Path) -> None:
    """Only its owner can read the token, version control leaves it out, and `make` draws one where there is none."""
    tokens = []
    for name in ("one", "two"):
        folder = await made(tmp_path, "none", name)
        assert ".env" in (folder / ".gitignore").read_text().splitlines()
        tokens.append((folder / ".env").read_text())
    (folder / ".env").unlink()
    code, said = await ran(folder, "make", "help", f"PYTHON={sys.executable}")
    assert code == 0, said
    assert "check" in said
    tokens.append((folder / ".env").read_text())
    assert len(set(tokens)) == len(tokens)
    assert all(len(token.strip()) > len("NODE_TOKEN=") + 30 for token in tokens)
    assert stat.S_IMODE((folder / ".env").stat().st_mode) == 0o600


async def test_without_its_token_the_node_says_what_it_lacks(tmp_path: Path) -> None:
    """A node that is started by hand, without the token, does not begin to serve without one."""
    folder = await made(tmp_path, "none")
    code, said = await ran(folder, sys.executable, "store.py")
    assert code == 1
    assert "a node needs a token" in said.splitlines()[-1]


async def test_a_port_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    """No number, no such number, a port that is taken: exit 1, and a sentence instead of a traceback."""
    folder = await made(tmp_path, "none")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for value, says in (
            ("abc", "'abc'"),
            ("99999", "'99999'"),
            (port, f"cannot serve on 127.0.0.1:{port}"),
        ):
            code, said = await ran(folder, sys.executable, "store.py", NODE_TOKEN="token", PORT=value)
            assert code == 1
            assert says in said.splitlines()[-1]
            assert "Traceback" not in said


@pytest.mark.parametrize("name", ["My Shop", "kauplus-öö", "../shop", "s" * 61])
async def test_a_name_that_is_none_is_misuse(tmp_path: Path, name: str) -> None:
    """It exits with 2, says what names are like, and makes nothing."""
    ended = await smarts("node", "new", f"--name={name}", f"--directory={tmp_path}")
    assert (ended.code, ended.out) == (2, "")
    assert "letters a-z, digits and hyphens" in ended.err
    assert entries(tmp_path) == []


async def test_an_unknown_feature_is_misuse_that_names_those_that_there_are(tmp_path: Path) -> None:
    """It exits with 2 and one can choose again from what it says."""
    ended = await new(tmp_path, "my-shop", "--features=invoices,parking")
    assert (ended.code, ended.out) == (2, "")
    assert "'parking'" in ended.err
    assert all(feature in ended.err for feature in ALL)
    assert entries(tmp_path) == []


async def test_nothing_is_written_over(tmp_path: Path) -> None:
    """A file, a folder with something in it, a link to nowhere stay as they are; an empty folder is taken."""
    (tmp_path / "file").write_text("mine")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").touch()
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name in ("file", "full", "link"):
        ended = await new(tmp_path, name, "--features=all")
        assert (ended.code, ended.out) == (1, "")
        assert f"{tmp_path / name} is there already" in ended.err
    assert (tmp_path / "file").read_text() == "mine"
    assert entries(tmp_path / "full") == ["mine"]
    (tmp_path / "empty").mkdir()
    assert "store.py" in entries(await made(tmp_path, "none", "empty"))


async def test_a_folder_that_cannot_be_written_in_is_told(tmp_path: Path) -> None:
    """No such folder, a file in its place: exit 1, one sentence with the folder, and nothing is left behind."""
    (tmp_path / "file").touch()
    for place in (tmp_path / "nowhere", tmp_path / "file", Path("/proc")):
        ended = await new(place, "my-shop", "--features=none")
        assert (ended.code, ended.out, ended.err.count("\n")) == (1, "", 1)
        assert f"cannot make {place / 'my-shop'}" in ended.err
    assert entries(tmp_path) == ["file"]


async def test_on_a_terminal_it_asks_until_it_understands(tmp_path: Path) -> None:
    """An unknown feature is asked for again; what is typed then is what the node has."""
    ours, theirs = os.openpty()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "smarts.cli", "node", "new", "my-shop"),
        cwd=tmp_path,
        env=environment(PYTHONPATH=str(ROOT / "src")),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    os.write(ours, b"parking\nreceipts, offers\n")
    assert await process.wait() == 0
    said = os.read(ours, 100_000).decode()
    os.close(ours)
    assert "no feature 'parking'" in said
    files = entries(tmp_path / "my-shop")
    assert {"receipts.py", "offers.py"} <= {*files}
    assert "orders.py" not in files


@pytest.mark.parametrize(
    ("told", "source"),
    [
        ({"url": "file:///src/smarts", "dir_info": {"editable": True}}, " @ file:///src/smarts"),
        (
            {"url": "https://git.example/smarts.git", "vcs_info": {"vcs": "git", "commit_id": "5f"}},
            " @ git+https://git.example/smarts.git@5f",
        ),
        (
            {"url": "https://files.example/smarts.whl", "archive_info": {}},
            " @ https://files.example/smarts.whl",
        ),
        (
            {"url": "https://files.example/all.zip", "archive_info": {}, "subdirectory": "py"},
            " @ https://files.example/all.zip#subdirectory=py",
        ),
        (None, "~=1.2.3"),
    ],
)
def test_the_project_gets_smarts_from_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: object, source: str
) -> None:
    """The folder, commit or file in the installation's record (PEP 610); where there is none, the release."""
    record = tmp_path / "smarts-1.2.3.dist-info"
    record.mkdir()
    (record / "METADATA").write_text("Metadata-Version: 2.4\nName: smarts\nVersion: 1.2.3\n")
    if told:
        (record / "direct_url.json").write_bytes(msgspec.json.encode(told))
    monkeypatch.syspath_prepend(tmp_path)
    assert smarts_source() == source
    texts = project("my-shop", (), source)
    assert texts["requirements.txt"] == f"smarts{source}\n"
    assert f"smarts[kit]{source}" in texts["requirements-dev.txt"].splitlines()
