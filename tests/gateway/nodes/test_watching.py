"""Nodes are asked for their version and health on a schedule, and what they said is kept."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from gateway.nodes.parts import HANGS, OFTEN, RARELY, UP, VERSION, Talkers, Watch, watch
from serving import serving
from smarts.gateway.nodes.model import NodeState, Rhythm
from smarts.gateway.storage.database import Database
from smarts.wire.errors import ProblemError
from smarts.wire.nodes import HealthStatus

NOWHERE = "http://127.0.0.1:9"


async def test_a_new_node_is_asked_at_once_what_it_is_and_how(database: Database, database_url: str) -> None:
    """What it said is there without anybody waiting for the next turn, and for the address that came after it too."""
    talkers = Talkers()
    async with (
        serving(talkers) as url,
        watch(database, database_url) as parts,
        parts.watcher.running(),
        asyncio.timeout(10),  # a watcher that nobody wakes looks every fifteen seconds
    ):
        await parts.add("store", f"{url}/store")
        record = await parts.until("store", lambda known: known.state is NodeState.UP)
        assert record.version
        assert (record.version.name, record.version.features) == ("Till", ("invoices", "offers"))
        talkers.answers["/other/version"] = {**VERSION, "version": "8.0"}
        await parts.add("store", f"{url}/other")
        record = await parts.until("store", lambda known: known.version)
        assert record.version
        assert record.version.version == "8.0"
    assert talkers.asked == {
        f"/{name}/{what}": 1 for name in ("store", "other") for what in ("health", "version")
    }


async def test_health_is_asked_in_every_turn_and_the_version_now_and_then(
    database: Database, database_url: str
) -> None:
    """Ten questions how the node is bring one what it can do; where that comes often too, it is asked again."""
    talkers = Talkers()
    async with serving(talkers) as url, watch(database, database_url, OFTEN) as parts:
        await parts.add("store", f"{url}/store")
        async with parts.watcher.running():
            await talkers.until_asked("/store/health", 10)
        assert talkers.asked["/store/version"] == 1
    both_often = Rhythm(timedelta(milliseconds=1), timedelta(milliseconds=1))
    async with serving(talkers) as url, watch(database, database_url, both_often) as parts:
        await parts.add("store", f"{url}/store")
        async with parts.watcher.running():
            await talkers.until_asked("/store/version", 5)


@pytest.mark.parametrize(
    ("health", "state", "words"),
    [
        (503, NodeState.UNREACHABLE, "health: answered 503"),
        (HANGS, NodeState.SLOW, "did not answer within 2 s"),
        (500, NodeState.WRONG, "health: answered 500"),
        ({"status": "FINE"}, NodeState.WRONG, "answered wrongly at $.status"),
        ([], NodeState.WRONG, "answered wrongly at $"),
        (
            {"status": "UP", "checks": {"x" * 17_000: {"status": "UP"}}},
            NodeState.WRONG,
            "more than 16384 bytes",
        ),
        (401, NodeState.REFUSED, "refused with 401"),
        ({"status": "x" * 15_000}, NodeState.WRONG, "answered wrongly at $.status"),
    ],
)
async def test_a_node_that_does_not_tell_how_it_is(
    database: Database, database_url: str, health: Any, state: NodeState, words: str
) -> None:
    """Each way of failing has its name, what failed is kept in words, and what was known of the node stays known."""
    talkers = Talkers()
    async with serving(talkers) as url, watch(database, database_url) as parts:
        await parts.add("store", f"{url}/store")
        await parts.watcher.ask("store")
        well = await parts.record("store")
        assert (well.state, well.failure, well.failed_at) == (NodeState.UP, None, None)
        talkers.answers["/store/health"] = health
        await parts.watcher.ask("store")
        ill = await parts.record("store")
        assert (ill.state, ill.health, ill.version) == (state, well.health, well.version)
        assert ill.failure
        assert words in ill.failure
        assert len(ill.failure) <= 500
        assert ill.answered_at == well.answered_at
        assert ill.failed_at
        assert ill.since > well.since
        del talkers.answers["/store/health"]
        await parts.watcher.ask("store")
        again = await parts.record("store")
        assert (again.state, again.failure) == (NodeState.UP, ill.failure)
        assert [change.state for change in await parts.states.changes("store")] == [
            NodeState.UP,
            state,
            NodeState.UP,
        ]


async def test_nobody_at_the_address(database: Database, database_url: str) -> None:
    """A node that is not there is unreachable from the first question on, and may have every feature until it tells."""
    async with watch(database, database_url) as parts:
        await parts.add("store", NOWHERE)
        assert (await parts.record("store")).state is NodeState.UNKNOWN
        await parts.watcher.ask("store")
        record = await parts.record("store")
        assert (record.state, record.version) == (NodeState.UNREACHABLE, None)
        assert record.failure
        assert "cannot be reached" in record.failure
        assert await parts.states.features("store") is None
        with pytest.raises(ProblemError, match="no node"):
            await parts.watcher.ask("nowhere")


async def test_a_node_says_itself_how_its_parts_are(database: Database, database_url: str) -> None:
    """DEGRADED and DOWN are the node's words; the change tells which part it was, and a turn without change is none."""
    talkers = Talkers()
    printer = {"status": "DEGRADED", "detail": "out of paper"}
    async with serving(talkers) as url, watch(database, database_url) as parts:
        await parts.add("store", f"{url}/store")
        for status in ("DEGRADED", "DEGRADED", "DOWN"):
            checks = {"printer": printer, "ledger": {"status": "UP"}}
            talkers.answers["/store/health"] = {"status": status, "checks": checks}
            await parts.watcher.ask("store")
        record = await parts.record("store")
        assert record.health
        assert record.health.checks["printer"].status is HealthStatus.DEGRADED
        changes = [(change.state, change.detail) for change in await parts.states.changes("store")]
        why = "printer DEGRADED: out of paper"
        assert changes == [(NodeState.DOWN, why), (NodeState.DEGRADED, why)]


async def test_a_version_that_makes_no_sense(database: Database, database_url: str) -> None:
    """It is kept as such and reported, counted while it lasts; the version before it goes on."""
    talkers = Talkers()
    async with serving(talkers) as url, watch(database, database_url) as parts:
        await parts.add("store", f"{url}/store")
        await parts.watcher.ask("store")
        talkers.answers["/store/version"] = {**VERSION, "features": "all"}
        for _ in range(3):
            await parts.watcher.ask("store")
        record = await parts.record("store")
        assert record.version
        assert (record.state, record.version.features) == (NodeState.UP, ("invoices", "offers"))
        assert record.failure
        assert "version: answered wrongly at $.features" in record.failure
        [report] = await parts.states.reports("store", 10, None)
        assert (report.operation, report.times) == ("version", 3)
        assert "$.features" in report.detail


async def test_a_node_that_comes_back_is_asked_at_once_what_it_can_do(
    database: Database, database_url: str
) -> None:
    """A node that was down may have been replaced, so its features are new with the first sign of life."""
    talkers = Talkers()
    async with serving(talkers) as url, watch(database, database_url, OFTEN) as parts:
        await parts.add("store", f"{url}/store")
        async with parts.watcher.running():
            await parts.until("store", lambda known: known.version)
            talkers.answers |= {"/store/health": 503, "/store/version": {**VERSION, "features": ["receipts"]}}
            await parts.until("store", lambda known: known.state is NodeState.UNREACHABLE)
            assert await parts.states.features("store") == {"invoices", "offers"}
            talkers.answers["/store/health"] = UP
            record = await parts.until("store", lambda known: known.state is NodeState.UP)
        assert record.version
        assert record.version.features == ("receipts",)
        assert talkers.asked["/store/version"] == 2


async def test_of_a_nodes_changes_the_latest_fifty_are_kept(database: Database, database_url: str) -> None:
    """A node that goes up and down for days fills nothing."""
    talkers = Talkers()
    async with serving(talkers) as url, watch(database, database_url) as parts:
        await parts.add("store", f"{url}/store")
        for turn in range(60):
            talkers.answers["/store/health"] = UP if turn % 2 else 500
            await parts.watcher.ask("store")
        changes = await parts.states.changes("store")
        assert [change.state for change in changes] == [NodeState.UP, NodeState.WRONG] * 25
        assert list(changes) == sorted(changes, key=lambda change: change.at, reverse=True)


async def test_many_watchers_ask_each_node_once_a_turn(database: Database, database_url: str) -> None:
    """However many processes watch, a node is asked once; together they ask all of them."""
    talkers = Talkers()
    names = [f"s{number}" for number in range(60)]
    async with serving(talkers) as url, watch(database, database_url) as parts:
        for name in names:
            await parts.add(name, f"{url}/{name}")
        async with (
            Database.open(database_url, connections=3) as another,
            watch(another, database_url, at_once=7) as other,
            watch(another, database_url, at_once=7) as third,
            parts.watcher.running(),
            other.watcher.running(),
            third.watcher.running(),
        ):
            for name in names:
                await parts.until(name, lambda known: known.version)
        assert talkers.asked == {f"/{name}/{what}": 1 for name in names for what in ("health", "version")}


async def test_hanging_and_dead_nodes_hold_up_nobody(database: Database, database_url: str) -> None:
    """With three of six places taken by nodes that hang, the others are asked before these are given up."""
    talkers = Talkers()
    hanging, well = ["h1", "h2", "h3"], [f"s{number}" for number in range(15)]
    async with serving(talkers) as url, watch(database, database_url, at_once=6) as parts:
        talkers.answers |= {f"/{name}/health": HANGS for name in hanging}
        for name in (*hanging, *well):
            await parts.add(name, f"{url}/{name}")
        await parts.add("dead", NOWHERE)
        async with parts.watcher.running():
            up = [await parts.until(name, lambda known: known.state is NodeState.UP) for name in well]
            dead = await parts.until("dead", lambda known: known.state is NodeState.UNREACHABLE)
            slow = [await parts.until(name, lambda known: known.state is NodeState.SLOW) for name in hanging]
    assert max(record.since for record in (*up, dead)) < min(record.since for record in slow)
    assert talkers.most_at_once <= 6


async def test_an_answer_that_was_overtaken_counts_no_longer(database: Database, database_url: str) -> None:
    """A node that was set anew, or asked again, while it was asked: only the latest question's answer is kept."""
    talkers = Talkers()
    held, goes_on = asyncio.Event(), asyncio.Event()

    async def late() -> Any:
        held.set()
        await goes_on.wait()
        return {"status": "DOWN", "checks": {}}

    async def overtake(parts: Watch, url: str, *, anew: bool) -> None:
        held.clear()
        goes_on.clear()
        talkers.answers["/store/health"] = late
        asking = asyncio.create_task(parts.watcher.ask("store"))
        await held.wait()
        talkers.answers["/store/health"] = UP
        if anew:
            await parts.add("store", f"{url}/other")
        await parts.watcher.ask("store")
        goes_on.set()
        await asking
        assert (await parts.record("store")).state is NodeState.UP
        assert (await parts.states.changes("store"))[0].state is NodeState.UP

    async with serving(talkers) as url, watch(database, database_url) as parts:
        await parts.add("store", f"{url}/store")
        await overtake(parts, url, anew=False)
        await overtake(parts, url, anew=True)


async def test_a_watcher_that_stops_in_the_middle_leaves_the_node_to_the_next_turn(
    database: Database, database_url: str
) -> None:
    """Nothing is held for ever by a process that died: who comes later asks again."""
    talkers = Talkers()
    talkers.answers["/store/health"] = HANGS
    lease = timedelta(milliseconds=500)
    async with serving(talkers) as url, watch(database, database_url, lease=lease) as parts:
        await parts.add("store", f"{url}/store")
        async with parts.watcher.running():
            await talkers.until_asked("/store/health", 1)
        assert (await parts.record("store")).state is NodeState.UNKNOWN
        del talkers.answers["/store/health"]
        async with watch(database, database_url) as later, later.watcher.running():
            await later.until("store", lambda known: known.state is NodeState.UP)


async def test_nodes_that_were_due_at_once_are_spread(database: Database, database_url: str) -> None:
    """After a long night all nodes are due together; their next turns are not, and each is within a fifth of one."""
    talkers = Talkers()
    async with serving(talkers) as url, watch(database, database_url, RARELY) as parts:
        for number in range(40):
            await parts.add(f"s{number}", f"{url}/s{number}")
        async with parts.watcher.running():
            for number in range(40):
                await parts.until(f"s{number}", lambda known: known.state is NodeState.UP)
        async with database.connection() as connection:
            pauses = [
                row["pause"]
                for row in await connection.fetch("SELECT due - answered_at AS pause FROM node_states")
            ]
    assert all(timedelta(minutes=48) <= pause <= timedelta(minutes=72) for pause in pauses)
    assert max(pauses) - min(pauses) > timedelta(minutes=6)
