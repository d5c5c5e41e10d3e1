"""Audits what is installed: that the lock files say exactly what, and that nothing of it is known to be vulnerable.

`make audit`. Exits 1 where a lock file is loose or a vulnerability is known that `accepted.toml` gives no reason for. A
machine that cannot ask PyPI says so and exits 0: what was not asked is not a failure, and not a pass either.
"""

import argparse
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
LOCKS = (HERE / "run.txt", HERE / "dev.txt", HERE / "audit.txt")
SECONDS = 300
NOT_AUDITED = "NOT AUDITED for known vulnerabilities: PyPI cannot be asked from here."
_PINNED = re.compile(r"[A-Za-z0-9._-]+(\[[^\]]+\])?==[^\s;]+( ;.*)? \\")


def loose(lock: Path) -> Iterator[str]:
    """What of a lock file could become something else tomorrow."""
    lines = lock.read_text("utf-8").splitlines()
    for number, line in enumerate(lines):
        if not line.strip() or line.lstrip().startswith(("#", "--hash=sha256:")):
            continue
        followed = lines[number + 1].strip() if number + 1 < len(lines) else ""
        if not _PINNED.fullmatch(line) or not followed.startswith("--hash=sha256:"):
            yield f"{lock.name}, line {number + 1}: not a version with hashes: {line}"


def asked() -> Any | None:
    """What pip-audit, in an environment of its own, knows of all that the lock files name; None where it cannot ask."""
    command = [
        *(
            sys.executable,
            "-m",
            "uv",
            "run",
            "--no-project",
            "--isolated",
            "--with-requirements",
            str(HERE / "audit.txt"),
        ),
        *("pip-audit", "--requirement", str(HERE / "dev.txt"), "--require-hashes", "--disable-pip"),
        *("--format", "json", "--progress-spinner", "off"),
    ]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
        return json.loads(done.stdout)
    except (OSError, subprocess.TimeoutExpired, json.JSONDecodeError):
        return None


def judge(report: Any, accepted: dict[str, str]) -> tuple[list[str], str]:
    """What is known and not accepted, and a sentence on how much could be asked about."""
    known = []
    for each in report["dependencies"]:
        for found in each.get("vulns", ()):
            names = {found["id"], *found.get("aliases", ())}
            if not names & accepted.keys():
                fixed = ", ".join(found.get("fix_versions", ())) or "no version"
                known.append(f"{each['name']} {each['version']}: {found['id']}, mended in {fixed}")
    if all("skip_reason" in each for each in report["dependencies"]):
        return [], NOT_AUDITED
    skipped = sum("skip_reason" in each for each in report["dependencies"])
    count = len(report["dependencies"])
    return known, f"{count - skipped} of {count} packages were audited, {skipped} are not known there."


def main() -> None:
    """Audits, and says what it found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lock", type=Path, action="append", help="other lock files")
    parser.add_argument("--report", type=Path, help="a report of pip-audit (JSON) that was made elsewhere")
    parser.add_argument("--accepted", type=Path, default=HERE / "accepted.toml")
    parser.add_argument("--offline", action="store_true", help="look at the lock files alone")
    options = parser.parse_args()
    wrong = [line for lock in options.lock or LOCKS for line in loose(lock)]
    if not options.offline:
        report = json.loads(options.report.read_text("utf-8")) if options.report else asked()
        if report is None:
            print(NOT_AUDITED)
        else:
            accepted = tomllib.loads(options.accepted.read_text("utf-8")).get("accepted", {})
            known, told = judge(report, accepted)
            wrong += known
            print(told)
    for line in wrong:
        print(line)
    print("Something has to be done." if wrong else "Nothing wrong was found.")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
