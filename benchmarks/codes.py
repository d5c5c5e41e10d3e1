"""Photographs of barcodes through `POST /shop/v1/codes`, against plain zxing-cpp on the same files.

A photograph is read when all that is found in it is the expected number. Plain zxing-cpp looks for every kind of code
in the picture that Pillow opened, in this process; ours is a request over HTTP to a gateway in a process of its own.
Rounds are interleaved, and each file's time is the median of its rounds. Run: `python benchmarks/codes.py`.
"""

import argparse
import asyncio
import csv
import json
import signal
import socket
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import aiohttp
import zxingcpp
from PIL import Image

PHOTOGRAPHS = Path(__file__).parents[2] / "shared" / "data" / "barcodes"
STARTUP_SECONDS = 120


@dataclass
class Reader:
    """One way to read a photograph, and how it went."""

    name: str
    read: Callable[[Path], Awaitable[set[str]]]
    read_well: dict[str, bool] = field(default_factory=dict)
    milliseconds: dict[str, list[float]] = field(default_factory=dict)

    async def look(self, path: Path, expected: str) -> None:
        begun = time.perf_counter()
        found = await self.read(path)
        self.milliseconds.setdefault(path.name, []).append((time.perf_counter() - begun) * 1000)
        self.read_well[path.name] = found == {expected}

    def time_of(self, name: str) -> float:
        return median(self.milliseconds[name])

    def summary(self) -> str:
        times = [self.time_of(name) for name in self.milliseconds]
        return (
            f"{self.name:13} {sum(self.read_well.values())} of {len(self.read_well)} read; "
            f"median {median(times):.1f} ms, slowest {max(times):.1f} ms"
        )


async def plain(path: Path) -> set[str]:
    with Image.open(path) as image:
        return {barcode.text for barcode in zxingcpp.read_barcodes(image.convert("RGB"))}


class Endpoint:
    """The gateway as a phone calls it."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http = http
        self._url = url
        self._headers = {"Content-Type": "image/png"}

    async def join(self) -> None:
        async with self._http.post(f"{self._url}/shop/v1/shoppers", json={}) as reply:
            self._headers["Authorization"] = f"Bearer {(await reply.json())['token']}"

    async def read(self, path: Path) -> set[str]:
        picture = path.read_bytes()  # noqa: ASYNC240 - nothing else runs meanwhile
        async with self._http.post(
            f"{self._url}/shop/v1/codes", data=picture, headers=self._headers
        ) as reply:
            assert reply.status == 200, await reply.text()
            return {code.get("barcode", "") for code in (await reply.json())["codes"]}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def started_demo(told: Path) -> tuple[subprocess.Popen[bytes], str]:
    """`smarts demo` on a folder of its own, and the gateway's address."""
    command = [
        sys.executable,
        "-m",
        "smarts.cli",
        "demo",
        "--json",
        str(told),
        "--data",
        str(told.parent / "d"),
    ]
    ports = ["--port", str(free_port()), "--node-port", str(free_port())]
    demo = subprocess.Popen([*command, *ports], stdout=subprocess.DEVNULL)
    until = time.monotonic() + STARTUP_SECONDS
    while not told.exists() and demo.poll() is None and time.monotonic() < until:
        time.sleep(0.1)
    return demo, json.loads(told.read_text())["gatewayUrl"]


async def measured(url: str, photographs: dict[Path, str], rounds: int) -> list[Reader]:
    async with aiohttp.ClientSession() as http:
        endpoint = Endpoint(http, url)
        await endpoint.join()
        readers = [Reader("our endpoint", endpoint.read), Reader("plain zxing", plain)]
        for _ in range(rounds):
            for path, expected in photographs.items():
                for reader in readers:
                    await reader.look(path, expected)
    return readers


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photographs", type=Path, default=PHOTOGRAPHS, help="a folder with expected.csv")
    parser.add_argument("--rounds", type=int, default=9)
    wanted = parser.parse_args()
    if not wanted.photographs.is_dir():
        print(f"No photographs in {wanted.photographs}: nothing is measured")
        return
    warnings.simplefilter("ignore")  # of Pillow, about palettes
    with (wanted.photographs / "expected.csv").open() as file:
        photographs = {
            wanted.photographs / row["file"]: row["expected_ean13"] for row in csv.DictReader(file)
        }
    with tempfile.TemporaryDirectory() as folder:
        demo, url = started_demo(Path(folder) / "demo.json")
        try:
            readers = asyncio.run(measured(url, photographs, wanted.rounds))
        finally:
            demo.send_signal(signal.SIGINT)
            demo.wait()
    print(f"{'photograph':24}" + "".join(f"{reader.name:>24}" for reader in readers))
    for path in photographs:
        cells = (
            f"{'read' if reader.read_well[path.name] else '-':>12} {reader.time_of(path.name):8.1f} ms"
            for reader in readers
        )
        print(f"{path.name:24}" + "".join(f"{cell:>24}" for cell in cells))
    for reader in readers:
        print(reader.summary())


if __name__ == "__main__":
    main()
