"""What `smarts node check` and `smarts gateway check` share: what both take, and how the report is told."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import Parameter
from cyclopts.validators import Number

from smarts.cli.output import CommandFailedError, console, print_json
from smarts.kit.examination import Examination
from smarts.kit.report.junit import junit as junit_report
from smarts.kit.report.people import Tree, print_requirements, print_summary
from smarts.kit.report.programs import listed, report
from smarts.kit.report.repeating import CommandLines
from smarts.kit.requirement import Requirement

Seconds = Annotated[float, Parameter(validator=Number(gt=0, lte=86_400))]
List = Annotated[bool, Parameter(name="--list")]


@dataclass(frozen=True)
class Telling:
    """How a report is told: to people, or as `json`; to files, too; `strict` about what should be."""

    strict: bool
    json: bool
    json_file: Path | None
    junit: Path | None
    lines: CommandLines

    def tree(self, requirements: Sequence[Requirement]) -> Tree | None:
        """What people see meanwhile."""
        return None if self.json else Tree(console, len(requirements), self.lines.of)

    def conclude(self, examination: Examination) -> None:
        """Tells what was found out; exits with 1 where the contract is not kept."""
        found = report(examination, self.lines.of, strict=self.strict)
        if self.json:
            print_json(found)
        else:
            print_summary(console, examination, strict=self.strict)
        if self.json_file:
            _write(self.json_file, msgspec.json.format(msgspec.json.encode(found), indent=2))
        if self.junit:
            _write(self.junit, junit_report(examination, self.lines.of, strict=self.strict))
        if not found["passes"]:
            sys.exit(1)


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise CommandFailedError(f"{path} cannot be written: {error.strerror}") from None


def list_requirements(requirements: Sequence[Requirement], *, as_json: bool) -> None:
    """Only lists what can be checked."""
    if as_json:
        print_json(listed(requirements))
    else:
        print_requirements(console, requirements)
