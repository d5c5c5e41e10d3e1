"""Both applications, by requests that follow the links of their OpenAPI documents: what was made is used.

Schemathesis walks from cart to lines, check-out, payment and order as a state machine, with every check it has.
"""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from fuzz.databases import migrated_database
from fuzz.link_hooks import KNOWN
from gateway.journeys.delivering import DeliveringMerchant
from gateway.journeys.world import BREAD, World, small_world
from node.stores import TOKEN, GoldenStore, node_of
from serving import serving
from smarts.gateway.parties import Role

_TESTS = Path(__file__).parents[1]
_CONFIG = f"""
hooks = "{Path(__file__).with_name("link_hooks.py")}"
generation.allow-x00 = false
generation.deterministic = true
request-timeout = 20
checks.not_a_server_error.expected-statuses = ["2xx", "3xx", "4xx", "503"]
"""
# A store that a manager has just made has no node, and what needs one is told so with 503.
# Positive data may well be refused by the state of things, and a cart that was given up can still be looked at.
_LEFT_OUT = "positive_data_acceptance,use_after_free,ensure_resource_availability"


async def follow(
    url: str, headers: Mapping[str, str], examples: int, known: Mapping[str, str], paths: str
) -> str:
    """Lets schemathesis follow the links between the operations whose path matches, and gives what it says.

    Raises:
        AssertionError: with all that it found.
    """
    with TemporaryDirectory(prefix="smarts-fuzz-") as folder:
        config = Path(folder) / "schemathesis.toml"
        config.write_text(_CONFIG)
        shown = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
        process = await asyncio.create_subprocess_exec(
            *(
                sys.executable,
                "-m",
                "schemathesis.cli",
                "--config-file",
                str(config),
                "run",
                f"{url}/openapi.json",
            ),
            *("--include-path-regex", paths, "--exclude-path-regex", "/events$|/me$|/token$"),
            *("--phases", "stateful", "--max-examples", str(examples), "--seed", "1", "--no-color"),
            *("--exclude-checks", _LEFT_OUT, "--suppress-health-check", "all"),
            *shown,
            cwd=folder,
            env=os.environ
            | {KNOWN: json.dumps(known), "PYTHONPATH": os.pathsep.join((str(_TESTS), *sys.path))},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
    said = output.decode()
    assert process.returncode == 0, said[-6000:]
    return said


async def follow_shopper(world: World, examples: int) -> str:
    """From stores and carts to what is paid, as a shopper."""
    shopper = await world.shopper(email="mari@example.ee")
    known = {"institutionId": world.institution_id, "barcode": BREAD, "method": "SANDBOX"}
    return await follow(world.url, shopper.headers, examples, known, "^/shop/v1")


async def follow_manager(world: World, examples: int) -> str:
    """From stores and kinds of cards to all that a manager does with them."""
    manager = await world.staff(Role.MANAGER)
    return await follow(world.url, manager.headers, examples, {}, "^/manage/v1")


async def follow_node(examples: int) -> str:
    """From what a node answers to what it is asked next."""
    async with serving(node_of(GoldenStore())) as address:
        return await follow(address, {"accessToken": TOKEN}, examples, {}, ".*")


async def _main(examples: int) -> list[tuple[str, str]]:
    told = [("node", await follow_node(examples))]
    async with (
        migrated_database() as url,
        small_world(url, merchant=DeliveringMerchant()) as world,
        world.gateway.working(),
    ):
        told.append(("shopper", await follow_shopper(world, examples)))
        told.append(("manager", await follow_manager(world, examples)))
    return told


def summary(said: str) -> str:
    """What schemathesis says of the links and of the requests that it made."""
    wanted = ("API Links", "generated")
    return "; ".join(line.strip() for line in said.splitlines() if any(each in line for each in wanted))


def main(told: argparse.Namespace) -> int:
    """A walk for every hundred inputs of a decoder."""
    started = monotonic()
    for who, said in asyncio.run(_main(max(10, told.inputs // 100))):
        print(f"links as a {who}: {summary(said)}")
    print(f"{monotonic() - started:.0f} s")
    return 0
