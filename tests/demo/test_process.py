import asyncio
import contextlib
import os
import signal
import sys

import aiohttp
import pytest

HEADER = "barcode,name,lang,category,quantity,unit,price,currency,country"


@contextlib.asynccontextmanager
async def store_process(*arguments, **variables):
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "smarts.demo", *map(str, arguments)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **variables},
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


async def first_words(process):
    lines = []
    async for line in process.stdout:
        lines.append(line.decode().strip())
        if "listens on" in lines[-1]:
            return lines, lines[-1].split()[-1]
    raise AssertionError((await process.stderr.read()).decode())


async def ask(url, **body):
    method = "POST" if body else "GET"
    async with aiohttp.request(method, url, headers={"accessToken": "t"}, **body) as response:
        return await response.json()


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
async def test_runs_and_stops(tmp_path, stop):
    """The store runs in a process of its own, says where, and stops without complaints when told to."""
    arguments = ("--port", 0, "--data", tmp_path / "data")
    async with store_process(*arguments, SMARTS_NODE_TOKEN="t") as process:
        _, address = await first_words(process)
        version = await ask(f"{address}/version")
        assert "purchase-control" in version["features"]
        process.send_signal(stop)
        assert (await process.communicate())[1] == b""
        assert process.returncode in (0, -stop)


async def test_sells_from_a_price_list(tmp_path):
    """The store sells what is on a price list with the campaigns of a file, and tells what it left out."""
    prices, campaigns = tmp_path / "prices.csv", tmp_path / "campaigns.jsonl"
    prices.write_text(f"{HEADER}\n96385074,Tee,et,,,,2.49,EUR,EE\n4006381333931,Piim,et,,,,,EUR,EE\n")
    campaigns.write_text(
        '{"barcode": "96385074", "name": "Second free", "code": "B00000000001", '
        '"operation": "amount - Math.floor(amount / 2)", "start": "2017-01-01", "end": "2017-01-02"}\n'
    )
    arguments = ("--catalog", prices, "--campaigns", campaigns, "--ignore-campaign-dates")
    async with store_process(
        *arguments, "--port", 0, "--data", tmp_path / "data", SMARTS_NODE_TOKEN="t"
    ) as process:
        lines, address = await first_words(process)
        assert "1 products" in lines[0]
        assert "no price: 1" in lines[0]
        product = await ask(f"{address}/product/search/barcode", json={"barcode": "96385074"})
        assert [campaign["name"] for campaign in product["campaigns"]] == ["Second free"]


async def test_port_that_is_taken(tmp_path):
    """A second store on the same port ends with 1 and a sentence, not a traceback."""
    async with store_process("--port", 0, "--data", tmp_path / "a", SMARTS_NODE_TOKEN="t") as first:
        _, address = await first_words(first)
        port = address.rpartition(":")[2]
        async with store_process("--port", port, "--data", tmp_path / "b", SMARTS_NODE_TOKEN="t") as second:
            _, complaint = await second.communicate()
            assert second.returncode == 1
            assert complaint.startswith(b"The demo store cannot start: ")
            assert complaint.count(b"\n") == 1


@pytest.mark.parametrize(
    ("arguments", "variables", "status", "words"),
    [
        ((), {"SMARTS_NODE_TOKEN": ""}, 2, b"SMARTS_NODE_TOKEN is not set"),
        (("--full-check-share", "2"), {"SMARTS_NODE_TOKEN": "t"}, 2, b"not between 0 and 1"),
        (("--catalog", "nowhere.csv"), {"SMARTS_NODE_TOKEN": "t"}, 1, b"nowhere.csv"),
    ],
)
async def test_started_wrongly(tmp_path, arguments, variables, status, words):
    """A store that is started wrongly says what is wrong and ends with 2, one that cannot start with 1."""
    async with store_process("--data", tmp_path, "--port", 0, *arguments, **variables) as process:
        _, complaint = await process.communicate()
        assert (process.returncode, words in complaint) == (status, True)
