"""A street with machines, inside the namespaces of this process: a bridge, and a cable to each machine."""

import asyncio
from pathlib import Path

STREET = "10.0.0.1"
"""Where shoppers, staff and the merchant's node are: in this process's own network."""
ROOT = Path("/run/cluster")
"""Where the machines keep their files, in memory."""


async def command(*words: str, check: bool = True) -> str:
    """What a program prints.

    Raises:
        RuntimeError: it failed; what it said.
    """
    process = await asyncio.create_subprocess_exec(
        *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await process.communicate()
    if check and process.returncode:
        raise RuntimeError(f"{' '.join(words)}: {output.decode(errors='replace').strip()}")
    return output.decode(errors="replace")


async def make_street() -> None:
    """Makes it; `/run` is this world's own from here on."""
    await command("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run")
    (ROOT / "machines").mkdir(parents=True)
    await command("ip", "link", "set", "lo", "up")
    await command("ip", "link", "add", "street", "type", "bridge")
    await command("ip", "address", "add", f"{STREET}/24", "dev", "street")
    await command("ip", "link", "set", "street", "up")


async def plug_in(name: str, address: str) -> None:
    """A machine's network, with a cable to the street."""
    await command("ip", "netns", "add", name)
    await command("ip", "link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name)
    await command("ip", "link", "set", name, "master", "street", "up")
    for words in (
        ("link", "set", "lo", "up"),
        ("address", "add", f"{address}/24", "dev", "eth0"),
        ("link", "set", "eth0", "up"),
    ):
        await command("ip", "-netns", name, *words)


async def cut(name: str) -> None:
    """The cable is pulled."""
    await command("ip", "link", "set", name, "down")


async def mend(name: str) -> None:
    """The cable is back."""
    await command("ip", "link", "set", name, "up")


async def cut_between(name: str, addresses: list[str]) -> None:
    """The machine reaches these addresses no more, and all others as before."""
    for address in addresses:
        await command("ip", "-netns", name, "route", "add", "blackhole", f"{address}/32")


async def mend_between(name: str, addresses: list[str]) -> None:
    """It reaches them again."""
    for address in addresses:
        await command("ip", "-netns", name, "route", "delete", "blackhole", f"{address}/32")
