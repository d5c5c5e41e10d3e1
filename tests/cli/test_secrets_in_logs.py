"""What processes print shows no secret, not even where something breaks with one in its hands."""

import asyncio
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import aiohttp

from cli.commands import environment, free_ports, smarts
from gateway.journeys.world import until
from smarts.wire.operations import PRODUCT_BY_BARCODE

TOKEN, SHOP_TOKEN, CARD, EMAIL = (
    "kuldne-kala-7",
    "sm_store_" + "x" * 43,
    "4242 4242 4242 4242",
    "mari@pood.example",
)
PASSWORD = "pa55-w0rd"

# A merchant's node whose function breaks, and says with what.
NODE = f'''
from smarts.node import Node

class Store:
    def by_barcode(self, request):
        raise RuntimeError(f"cannot find {{request.barcode}} for {SHOP_TOKEN}, card {CARD}, {EMAIL}, token {TOKEN},"
                           " at postgresql://me:{PASSWORD}@db.example/shop")
    def by_name(self, request): ...
    def search(self, page): ...
    def categories(self, request): ...

Node(Store(), token="{TOKEN}", name="x", version="1").run(port=PORT)
'''


def listens(port: int) -> bool:
    """Whether somebody listens there yet."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


async def test_a_node_that_breaks_tells_where_and_no_secrets(tmp_path: Path) -> None:
    """The log of a merchant's own node has the error, the function and the barcode, and none of what is secret."""
    (port,) = free_ports(1)
    program, log = tmp_path / "node.py", tmp_path / "log.txt"
    program.write_text(NODE.replace("PORT", str(port)))
    with log.open("wb") as file:
        process = subprocess.Popen(  # noqa: ASYNC220 - begins at once
            [sys.executable, str(program)], stdout=file, stderr=file, env=environment()
        )
    try:
        await until(lambda: process.poll() is not None or listens(port), 60)
        async with aiohttp.ClientSession() as session:
            url = f"http://127.0.0.1:{port}{PRODUCT_BY_BARCODE.path}"
            body = {"barcode": "4740000000014"}
            async with session.post(url, json=body, headers={"accessToken": TOKEN}) as answer:
                assert answer.status == 500
                said = await answer.text()
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait)
    logged = log.read_text()
    assert "by_barcode" in logged
    assert "cannot find 4740000000014" in logged
    for secret in (TOKEN, SHOP_TOKEN, CARD, EMAIL, PASSWORD):
        assert secret not in logged
        assert secret not in said


async def test_a_gateway_and_a_worker_that_cannot_reach_the_database_do_not_print_its_password() -> None:
    """The sentence names the database's host, and the password in its address is nowhere."""
    (port,) = free_ports(1)
    url = f"postgresql://smarts:{PASSWORD}@127.0.0.1:{port}/smarts"
    for command in ("gateway", "worker", "migrate"):
        ended = await smarts(command, SMARTS_DATABASE_URL=url, SMARTS_STRIPE_KEY="sk_live_secret-secret")
        assert ended.code == 1
        assert "database" in ended.err
        for secret in (PASSWORD, "secret-secret"):
            assert secret not in ended.out + ended.err


async def test_a_crash_shows_no_secrets() -> None:
    """What nobody caught, on any thread, and what a library logs, goes through the same sieve."""
    program = f'''
import logging, threading
from smarts.edge.logs import log_to_standard_error
log_to_standard_error()
logging.getLogger("a.library").error("token %s", "{SHOP_TOKEN}")
thread = threading.Thread(target=lambda: int("{EMAIL}"))
thread.start(); thread.join()
raise RuntimeError("{CARD} with Bearer {TOKEN}")
'''
    ended = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env=environment(),
        check=False,
    )
    assert ended.returncode == 1
    assert "a.library" in ended.stderr or "token sm_store_[hidden]" in ended.stderr
    assert "ValueError" in ended.stderr
    assert "RuntimeError: [hidden] with Bearer [hidden]" in ended.stderr
    for secret in (SHOP_TOKEN, EMAIL, CARD, TOKEN):
        assert secret not in ended.stderr
