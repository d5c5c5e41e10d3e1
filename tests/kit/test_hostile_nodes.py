"""Nodes that hang, stream for ever, redirect, answer with a gigabyte, or with no HTTP: the kit ends, and says so."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from demo.parts import TOKEN
from kit.broken.layer import Asked, Layer, Reply
from serving import Talk, serving, talking
from smarts.kit.client import LARGEST_ANSWER, Client
from smarts.kit.examination import UnreachableError, chosen, examine
from smarts.kit.runner import Outcome, Result
from smarts.kit.score import score
from smarts.kit.subject import Subject

BOUND = 60  # seconds: far more than it takes, and far less than waiting for each check would


@asynccontextmanager
async def listening(talk: Talk) -> AsyncIterator[str]:
    """A server that talks as it likes."""
    async with talking(talk) as port:
        yield f"http://127.0.0.1:{port}"


async def examined(client: Client, address: str, *choices: str, **how: Any) -> list[Result]:
    seconds = how.pop("seconds", BOUND)
    subject = Subject(client, address, TOKEN, **how)
    return (await examine(subject, chosen(choices), seconds=seconds)).results


def of(results: list[Result], outcome: Outcome) -> list[Result]:
    return [result for result in results if result.outcome is outcome]


async def test_a_node_that_never_answers_is_given_up(client: Client) -> None:
    """A few requests are waited for, then everything else is left, and both are told."""
    asked = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        await reader.read()

    start = time.monotonic()
    async with listening(talk) as address:
        results = await examined(client, address, patience=0.02)
    assert time.monotonic() - start < BOUND
    assert asked < 12
    assert any("no whole answer within" in result.seen for result in of(results, Outcome.FAILED))
    assert any("was given up" in result.reason for result in of(results, Outcome.UNSEEN))
    assert not of(results, Outcome.PASSED)
    assert not score(results).passes()


async def test_only_the_operation_that_hangs_is_given_up(good_app: Any, client: Client) -> None:
    """Where one operation hangs, the others are looked at as ever."""

    async def how(asked: Asked, answer: Any) -> Reply:
        if asked.path == "/health":
            await asyncio.sleep(BOUND)
        return await answer(asked)  # type: ignore[no-any-return]

    async with serving(Layer(good_app, how), timeout_graceful_shutdown=0) as address:
        results = await examined(client, address, "node", "tokens", patience=0.25)
    assert "tokens.near" in {result.requirement.id for result in of(results, Outcome.PASSED)}
    assert "node.health.shape" in {result.requirement.id for result in of(results, Outcome.FAILED)}


async def _without_end() -> AsyncIterator[bytes]:
    while True:
        yield b" "
        await asyncio.sleep(0.01)


async def _gigabyte() -> AsyncIterator[bytes]:
    for _ in range(1024):
        yield b" " * 1024 * 1024


@pytest.mark.parametrize(
    ("body", "words"),
    [(_without_end, "no whole answer within"), (_gigabyte, f"more than {LARGEST_ANSWER} bytes")],
    ids=["stream without an end", "gigabyte"],
)
async def test_answers_without_measure(body: Any, words: str, client: Client) -> None:
    """Of an answer no more is read, and for no longer, than is sensible."""

    async def how(asked: Asked, answer: Any) -> Reply:
        return Reply(200, body=body())

    async with serving(Layer(None, how), timeout_graceful_shutdown=0) as address:
        results = await examined(client, address, "node", "products", patience=0.1)
    assert not of(results, Outcome.PASSED)
    assert any(words in result.seen for result in of(results, Outcome.FAILED))


async def test_redirects_are_not_followed(good_node: str, client: Client) -> None:
    """Where a node leads elsewhere, nobody is asked there, and the place is told."""

    async def how(asked: Asked, answer: Any) -> Reply:
        return Reply(302, {"location": f"{good_node}{asked.path}"})

    async with serving(Layer(None, how)) as address:
        results = await examined(client, address, "products")
    assert not of(results, Outcome.PASSED)
    assert any(f"302 to {good_node}" in result.seen for result in of(results, Outcome.FAILED))


async def test_what_is_no_http(client: Client) -> None:
    """Noise instead of HTTP is told in a short line."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"\x1b[2J\x00" * 50_000)
        await writer.drain()

    async with listening(talk) as address:
        results = await examined(client, address, "node.version")
    (failed,) = of(results, Outcome.FAILED)[:1]
    assert failed.requirement.id == "node.version.shape"
    assert 0 < len(failed.seen) < 500


async def test_the_whole_run_is_bounded(client: Client) -> None:
    """When the time is over, what is left is unfinished, and the run has failed."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with listening(talk) as address:
        results = await examined(client, address, seconds=0.2, patience=0.1)
    assert of(results, Outcome.UNFINISHED)
    assert not score(results).passes()


async def test_nobody_at_the_address(client: Client) -> None:
    """Where nobody listens, that is all that is told, at once."""
    with pytest.raises(UnreachableError, match=r"nobody answers at http://127\.0\.0\.1:1"):
        await examined(client, "http://127.0.0.1:1")


async def test_a_token_that_is_refused(good_node: str, client: Client) -> None:
    """Where the node does not take the token at all, that is said instead of a hundred failures."""
    with pytest.raises(UnreachableError, match="refuses this token"):
        await examine(Subject(client, good_node, "another"), chosen(()))


async def test_large_answers_are_not_all_kept(good_app: Any, client: Client) -> None:
    """A node with answers of megabytes does not fill the memory: only their beginnings are kept."""

    async def how(asked: Asked, answer: Any) -> Reply:
        reply: Reply = await answer(asked)
        return replace(reply, body=bytes(reply.body) + b" " * 1_000_000)  # type: ignore[arg-type]

    async with serving(Layer(good_app, how)) as address:
        results = await examined(client, address, "products.name")
    kept = [exchange.answer for result in results for exchange in result.exchanges if exchange.answer]
    assert len(kept) >= 5
    assert max(len(answer.body) for answer in kept) <= 10_000
