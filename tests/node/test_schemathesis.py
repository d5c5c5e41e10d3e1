"""Schemathesis on a node with all features: what the document says holds, whatever is sent."""

import asyncio
import sys
from pathlib import Path

import pytest

from node.stores import TOKEN, GoldenStore, node_of
from serving import serving

# NUL in texts is refused everywhere, in fields that no schema knows too; no schema can say so.
CONFIG = f"""
hooks = "{Path(__file__).parents[1] / "schemathesis_hooks.py"}"
headers = {{ accessToken = "{TOKEN}" }}
generation.allow-x00 = false
generation.max-examples = 5
generation.deterministic = true
phases.stateful.enabled = false
"""


@pytest.mark.timeout(120)
async def test_the_document_holds(tmp_path: Path) -> None:
    """Nothing that schemathesis sends is answered with a 500 or with anything that the document does not know."""
    config = tmp_path / "schemathesis.toml"
    config.write_text(CONFIG, encoding="utf-8")
    async with serving(node_of(GoldenStore())) as address:
        run = await asyncio.create_subprocess_exec(
            *(Path(sys.executable).with_name("schemathesis"), "--config-file", config),
            *("run", f"{address}/openapi.json", "--no-color", "--seed", "1"),
            cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await run.communicate()
    assert run.returncode == 0, output.decode()[-8000:]
