"""Requests made by schemathesis from an OpenAPI document, against the real application."""

import asyncio
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

EXAMPLES = 10


async def strangers_call(
    url: str,
    paths: str,
    headers: Mapping[str, str],
    folder: Path,
    parameters: Mapping[str, str] | None = None,
) -> None:
    """Lets schemathesis call the operations of the document whose path matches, with every check it has.

    Two checks are left out: positive data may well be refused by the state of things (a cart that is paid), and what is
    deleted is a cart given up, which can still be looked at. Event streams are left out too: they do not end.
    """
    known = "\n".join(f'"path.{name}" = "{value}"' for name, value in (parameters or {}).items())
    config = folder / "schemathesis.toml"
    config.write_text(f"[parameters]\n{known}\n[generation]\nallow-extra-parameters = false\n")
    arguments: Sequence[str] = (
        *(
            sys.executable,
            "-m",
            "schemathesis.cli",
            "--config-file",
            str(config),
            "run",
            f"{url}/openapi.json",
        ),
        *("--include-path-regex", paths, "--max-examples", str(EXAMPLES), "--seed", "1", "--no-color"),
        *("--exclude-path-regex", "/events$"),
        *("--phases", "examples,coverage,fuzzing"),
        *(
            "--exclude-checks",
            "positive_data_acceptance,use_after_free",
            "--request-timeout",
            "10",
            "--suppress-health-check",
            "all",
        ),
        *(part for name, value in headers.items() for part in ("-H", f"{name}: {value}")),
    )
    process = await asyncio.create_subprocess_exec(
        *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, cwd=folder
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()[-6000:]
