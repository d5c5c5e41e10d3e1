"""Whoever asks is helped, whoever errs is told what is wrong: exit codes 0, 2 and 1."""

import asyncio
from pathlib import Path

import pytest

from cli.commands import entries, smarts

COMMANDS = [
    (),
    ("demo",),
    ("gateway",),
    ("worker",),
    ("migrate",),
    ("store",),
    ("store", "add"),
    ("store", "list"),
    ("store", "show"),
    ("store", "token"),
    ("policy",),
    ("policy", "simulate"),
    ("node",),
    ("node", "new"),
    ("node", "check"),
    ("node", "run"),
    ("gateway", "check"),
    ("try",),
    ("listen",),
    ("trigger",),
]
ADD = ("store", "add", "Nurgapood", "--node-url", "https://node.example", "--node-token", "t")


async def test_every_command_explains_itself_with_an_example() -> None:
    """`--help` exits 0 and shows the command as one would type it; commands of a command are listed with it."""
    helps = await asyncio.gather(*(smarts(*command, "--help") for command in COMMANDS))
    for command, ended in zip(COMMANDS, helps, strict=True):
        assert (ended.code, ended.err) == (0, ""), command
        example = " ".join(("smarts", *command))
        assert example in ended.out.split("Example: ")[1], command
        below = [each[-1] for each in COMMANDS if each and each[:-1] == command]
        assert all(name in ended.out for name in below), command


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("sell",), "sell"),
        (("store", "show"), "--institution-id"),
        (("gateway", "--port", "0"), "--port"),
        (("demo", "--node-port", "65536"), "--node-port"),
        (("demo", "--full-share", "1.1"), "--full-share"),
        (("demo", "--catalog", "no-such-file.csv"), "no-such-file.csv"),
        ((*ADD[:4], "ftp://node.example", *ADD[5:]), "--node-url"),
        ((*ADD[:6], ""), "--node-token"),
        ((*ADD, "--time-zone", "Europe/Nowhere"), "--time-zone"),
        (("policy", "simulate", "--mix", "nonsense"), "nonsense"),
        (("policy", "simulate", "--seasons", "1"), "--seasons"),
        (("try", "http://node.example", "--story", "nonsense"), "nonsense"),
        (("try", "http://node.example", "--port", "65536"), "--port"),
        (("node", "check", "http://node.example", "--token", "two\nlines"), "--token"),
        (("store", "token", "x", "--overlap-hours", "nan"), "--overlap-hours"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
async def test_misuse_exits_with_2_and_names_what_is_wrong(
    tmp_path: Path, arguments: tuple[str, ...], named: str
) -> None:
    """Nothing is begun: no database is looked for, no folder is made."""
    ended = await smarts(*arguments, SMARTS_DATA=str(tmp_path / "data"))
    assert (ended.code, ended.out) == (2, "")
    assert named in ended.err
    assert "Traceback" not in ended.err
    assert entries(tmp_path) == []


@pytest.mark.parametrize(
    ("command", "name", "value"),
    [
        ("gateway", "SMARTS_PORT", "65536"),
        ("gateway", "SMARTS_HOST", "no.such.host.invalid"),
        ("worker", "SMARTS_CONNECTIONS", "one"),
        ("gateway", "SMARTS_SANDBOX_PAYMENTS", "[/oui]"),
        ("migrate", "SMARTS_DATABASE_URL", "mysql://localhost/smarts"),
        ("migrate", "SMARTS_DATA", "/dev/null/data"),
    ],
)
async def test_a_bad_setting_exits_with_1_and_names_it(command: str, name: str, value: str) -> None:
    """One sentence with the variable and what is wrong with it."""
    ended = await smarts(command, **{name: value})
    assert (ended.code, ended.out) == (1, "")
    assert name in ended.err
    assert ended.err.startswith("smarts: ")
    assert ended.err.count("\n") == 1


async def test_a_database_that_is_away_or_refuses_is_told_without_its_password(database_url: str) -> None:
    """Nobody listening, an unknown database: exit code 1 and one sentence."""
    unknown = database_url.replace("/test_", "/nowhere_")
    for url in ("postgresql://me:secret@127.0.0.1:1/smarts", unknown):
        ended = await smarts("migrate", SMARTS_DATABASE_URL=url)
        assert (ended.code, ended.out, ended.err.count("\n")) == (1, "", 1)
        assert "database" in ended.err
        assert "secret" not in ended.err
