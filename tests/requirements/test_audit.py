"""The audit of what is installed: it passes what is exact and unknown to be harmful, and fails for anything else."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

AUDIT = Path(__file__).parents[2] / "requirements" / "audit.py"


def audit(*arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, str(AUDIT), *arguments], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def test_our_own_lock_files_are_exact() -> None:
    """Every package is one version whose files are known by their hashes."""
    assert audit("--offline") == (0, "Nothing wrong was found.\n")


@pytest.mark.parametrize(
    "line",
    ["jinja2>=3", "jinja2==3.1.6", "git+https://example.com/jinja2", "-e .", "--index-url https://example.com",
     "jinja2 @ https://example.com/jinja2.whl"],
)  # fmt: skip
def test_a_loose_line_is_found(tmp_path: Path, line: str) -> None:
    """A range, a missing hash, an address or another index is told with its line."""
    lock = tmp_path / "lock.txt"
    lock.write_text(f"# a comment\n{line}\n")
    code, said = audit("--offline", f"--lock={lock}")
    assert (code, f"lock.txt, line 2: not a version with hashes: {line}" in said) == (1, True)


def test_what_is_known_fails_until_there_is_a_reason(tmp_path: Path) -> None:
    """A known vulnerability fails the audit, by any of its names it can be accepted; what was not asked is told."""
    report, accepted = tmp_path / "report.json", tmp_path / "accepted.toml"
    found = {"id": "PYSEC-1", "aliases": ["CVE-1"], "fix_versions": ["2.0"], "description": "x"}
    report.write_text(json.dumps({"dependencies": [
        {"name": "a", "version": "1.0", "vulns": [found]},
        {"name": "b", "version": "1.0", "vulns": []},
        {"name": "c", "skip_reason": "Dependency not found on PyPI"},
    ]}))  # fmt: skip
    accepted.write_text("[accepted]\n")
    told = "2 of 3 packages were audited, 1 are not known there.\n"
    asked = (f"--report={report}", f"--accepted={accepted}")
    assert audit(*asked) == (1, f"{told}a 1.0: PYSEC-1, mended in 2.0\nSomething has to be done.\n")
    accepted.write_text('[accepted]\n"CVE-1" = "not in the part that is used"\n')
    assert audit(*asked) == (0, f"{told}Nothing wrong was found.\n")


def test_a_machine_that_cannot_ask_says_so(tmp_path: Path) -> None:
    """Where nothing could be asked about, the audit does not fail, and does not claim that all is well."""
    report = tmp_path / "report.json"
    report.write_text(json.dumps({"dependencies": [{"name": "a", "skip_reason": "not found on PyPI"}]}))
    code, said = audit(f"--report={report}")
    assert (code, said.startswith("NOT AUDITED")) == (0, True)
