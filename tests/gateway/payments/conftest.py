"""Tills, and both providers."""

import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from gateway.payments.benches import Bench, SandboxBench, StripeBench, stripe_bench
from gateway.payments.purchases import Till, now
from postgres_fixtures import TEMPLATE, execute
from smarts.gateway.payments.service import Payments
from smarts.gateway.storage.database import Database
from smarts.gateway.storage.embedded import EmbeddedPostgres


@pytest.fixture(scope="session")
def localstripe() -> Iterator[str]:
    """The address of a Stripe for tests, which is a process of its own."""
    program = Path(__file__).with_name("localstripe_process.py")
    with subprocess.Popen(
        [sys.executable, str(program)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        process.terminate()


@pytest.fixture(scope="session")
async def books(postgres: EmbeddedPostgres) -> AsyncIterator[Database]:
    """A database for all tests here, since each begins with a store of its own."""
    await execute(postgres, f"CREATE DATABASE payments TEMPLATE {TEMPLATE} STRATEGY FILE_COPY")
    async with Database.open(postgres.url("payments")) as opened:
        yield opened


@pytest.fixture
async def stripe(books: Database, localstripe: str) -> AsyncIterator[StripeBench]:
    """Stripe, behind a network that can lose things."""
    async with stripe_bench(books, localstripe) as bench:
        yield bench


@pytest.fixture(params=["sandbox", "stripe"])
async def bench(request: pytest.FixtureRequest, books: Database) -> AsyncIterator[Bench]:
    """Each provider in turn."""
    if request.param == "sandbox":
        yield SandboxBench(books)
        return
    async with stripe_bench(books, request.getfixturevalue("localstripe")) as made:
        yield made


@pytest.fixture
async def till(bench: Bench, books: Database) -> Till:
    """A till at each provider in turn."""
    made = Till(books, Payments(books, [bench.provider], now, patience_seconds=3), bench.provider)
    await made.open()
    return made


@pytest.fixture
async def sandbox_till(books: Database) -> Till:
    """A till at the sandbox."""
    provider = SandboxBench(books).provider
    made = Till(books, Payments(books, [provider], now), provider)
    await made.open()
    return made
