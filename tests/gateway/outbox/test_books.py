"""What operators see and may do: depth, attempts, dead letters, replay, resume, forgetting."""

from datetime import UTC, datetime, timedelta

from outbox_parts import KIND, LATER, Receiver, message, put_all, until, until_waiting, working
from smarts.gateway.outbox import (
    Depth,
    Letters,
    Refused,
    RetryLater,
    attempts_of,
    cancel,
    dead_letters,
    depth,
    forget,
    replay,
    replay_all,
    resume,
    rewrite,
)
from smarts.gateway.storage.database import Database

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def tomorrow() -> datetime:
    return datetime.now(UTC) + timedelta(days=1)


async def depth_now(database: Database) -> Depth:
    async with database.connection() as connection:
        return await depth(connection)


async def die(database: Database, database_url: str, *ids: str) -> None:
    """Messages, each in the lane that its first letter names, become dead letters one after the other."""
    receiver = Receiver(answers={identity: [Refused(f"no {identity}")] for identity in ids})
    async with working(database, database_url, receiver):
        for identity in ids:
            await put_all(database, [message(identity, lane=identity[0])])
            await until_waiting(database, 0)


async def test_the_depth_tells_waiting_overdue_and_dead(database: Database, database_url: str) -> None:
    """Timers to come are waiting but not overdue; delivered and cancelled messages are neither."""
    receiver = Receiver(answers={"refused": [Refused("no")]})
    async with working(database, database_url, receiver):
        await put_all(database, [message("delivered"), message("refused")])
        await until_waiting(database, 0)
    await put_all(
        database, [message("late", due=LONG_AGO), message("now"), message("tomorrow", due=tomorrow())]
    )
    await put_all(database, [message("cancelled")])
    async with database.transaction() as tx:
        await cancel(tx, "cancelled")
    deep = await depth_now(database)
    assert (deep.waiting, deep.overdue, deep.dead) == (3, 2, 1)
    assert timedelta() < deep.oldest < timedelta(minutes=5)


async def test_an_empty_outbox_has_no_depth(database: Database) -> None:
    """Nothing waiting is zero of everything."""
    assert await depth_now(database) == Depth(0, 0, 0, timedelta())


async def test_dead_letters_are_listed_by_store_and_page(database: Database, database_url: str) -> None:
    """The latest come first, a store's own can be asked for, and a page follows a page."""
    ids = [f"{lane} {number}" for lane in ("a", "b") for number in range(3)]
    await die(database, database_url, *ids)
    async with database.connection() as connection:
        assert [dead.id for dead in await dead_letters(connection)] == ids[::-1]
        of_a = Letters(lane="a")
        first, second = await dead_letters(connection, of_a, limit=2)
        assert (first.id, second.id, second.detail) == ("a 2", "a 1", "no a 1")
        (third,) = await dead_letters(connection, of_a, after=second.id)
        assert (third.id, third.attempts) == ("a 0", 1)
        assert await dead_letters(connection, Letters(kind="another")) == []
        assert await dead_letters(connection, after="nothing") == []


async def test_a_page_after_a_replayed_letter_begins_anew(database: Database, database_url: str) -> None:
    """What was listed before it may be listed again; nothing is passed over."""
    ids = ["1", "2", "3"]
    await die(database, database_url, *ids)
    async with database.transaction() as tx:
        assert await replay(tx, ["2"]) == 1
    async with database.connection() as connection:
        assert [dead.id for dead in await dead_letters(connection, after="2")] == ["3", "1"]


async def test_a_replayed_dead_letter_is_delivered_with_all_its_retries(
    database: Database, database_url: str
) -> None:
    """A replay begins the schedule anew, and the attempts of both lives are kept in one list."""
    receiver = Receiver(answers={"1": [Refused("no"), *[RetryLater("busy")] * 4]})
    async with working(database, database_url, receiver):
        await put_all(database, [message("1")])
        await until_waiting(database, 0)
        async with database.transaction() as tx:
            assert await replay(tx, ["1", "unknown"]) == 1
        await until_waiting(database, 0)
    async with database.connection() as connection:
        assert [attempt.outcome for attempt in await attempts_of(connection, "1")] == [
            "refused",
            *["retry"] * 4,
            "delivered",
        ]


async def test_only_dead_letters_are_replayed(database: Database, database_url: str) -> None:
    """What was delivered or cancelled is not sent again by a mistaken replay."""
    receiver = Receiver()
    await put_all(database, [message("cancelled"), message("delivered")])
    async with database.transaction() as tx:
        await cancel(tx, "cancelled")
    async with working(database, database_url, receiver):
        await until_waiting(database, 0)
        async with database.transaction() as tx:
            assert await replay(tx, ["cancelled", "delivered"]) == 0
    assert receiver.ids == ["delivered"]


async def test_many_dead_letters_are_replayed_at_once(database: Database, database_url: str) -> None:
    """Those of a lane, a kind or a time, the ones that died first before others, so many at a time."""
    await die(database, database_url, "a 1", "b 1", "a 2", "a 3")
    async with database.connection() as connection:
        died = {letter.id: letter.died_at for letter in await dead_letters(connection)}
    later = Letters(lane="a", died_from=died["a 2"])
    for letters, at_most, replayed in (
        (Letters(kind="another"), 10, []),
        (Letters(died_to=died["a 1"]), 10, []),
        (Letters(kind=KIND, died_to=died["b 1"]), 10, ["a 1"]),
        (later, 1, ["a 2"]),
        (later, 10, ["a 3"]),
        (Letters(), 10, ["b 1"]),
    ):
        async with database.transaction() as tx:
            assert await replay_all(tx, letters, at_most) == len(replayed)
            rows = await tx.fetch("SELECT id FROM outbox_messages WHERE state = 'waiting'")
        receiver = Receiver()
        assert {row["id"] for row in rows} == set(replayed)
        async with working(database, database_url, receiver):
            await until_waiting(database, 0)
        assert receiver.ids == replayed


async def test_two_who_replay_all_at_the_same_time_share_the_work(
    database: Database, database_url: str
) -> None:
    """What one is replaying, the other passes over instead of waiting for it."""
    await die(database, database_url, "a", "b")
    async with database.transaction() as one:
        assert await replay_all(one, Letters(), 1) == 1
        async with database.transaction() as other:
            assert await replay_all(other, Letters(), 10) == 1


async def test_a_resting_lane_is_tried_at_once_when_it_is_resumed(
    database: Database, database_url: str
) -> None:
    """A store that shows to be back need not wait for the end of its lane's rest."""
    receiver = Receiver(answers={"1": [RetryLater("refused", whole_lane=True)]})
    async with working(database, database_url, receiver, retries=LATER, lane_rests=LATER):
        await put_all(database, [message("1")])

        async def resting() -> bool:
            async with database.connection() as connection:
                return bool(await connection.fetchval("SELECT rests_until > now() FROM outbox_lanes"))

        await until(resting)
        async with database.transaction() as tx:
            await resume(tx, "store")
        await until_waiting(database, 0)
    assert receiver.ids == ["1", "1"]


async def test_old_messages_are_forgotten_with_their_attempts(database: Database, database_url: str) -> None:
    """What is over is removed when it is old; what waits and what is dead stays."""
    receiver = Receiver(answers={"dead": [Refused("no")]})
    async with working(database, database_url, receiver):
        await put_all(database, [message("delivered"), message("dead")])
        await until_waiting(database, 0)
    await put_all(database, [message("waiting", due=tomorrow()), message("cancelled")])
    async with database.transaction() as tx:
        await cancel(tx, "cancelled")
    assert await forget(database, LONG_AGO) == 0
    assert await forget(database, tomorrow()) == 2
    async with database.connection() as connection:
        assert await attempts_of(connection, "delivered") == []
        assert len(await attempts_of(connection, "dead")) == 1
    deep = await depth_now(database)
    assert (deep.waiting, deep.dead) == (1, 1)


async def test_messages_are_rewritten_by_what_became_of_them(database: Database, database_url: str) -> None:
    """A delivered one keeps nothing, one that is waiting or dead keeps what may be known; others are left alone."""
    receiver = Receiver(answers={"dead": [Refused("no, said Mari")]})
    async with working(database, database_url, receiver):
        await put_all(database, [message("delivered"), message("dead"), message("other")])
        await until_waiting(database, 0)
    await put_all(database, [message("waiting", due=tomorrow())])
    async with database.transaction() as tx:
        await rewrite(tx, ["delivered", "dead", "waiting"], lambda kind, _: f"less of {kind}".encode())
        rows = await tx.fetch("SELECT id, payload, detail FROM outbox_messages")
        attempts = await tx.fetch("SELECT message_id, detail FROM outbox_attempts")
    left = {row["id"]: row["payload"] for row in rows}
    assert left["delivered"] == b""
    assert left["dead"] == left["waiting"] == f"less of {KIND}".encode()
    assert left["other"] == message("other").payload
    assert "Mari" not in f"{[*map(dict, rows), *map(dict, attempts)]}"


async def test_a_message_that_somebody_holds_is_not_waited_for(database: Database) -> None:
    """Its delivery is being recorded at this moment, so it is rewritten the next time."""
    await put_all(database, [message("held"), message("free")])
    async with database.transaction() as holder:
        await holder.execute("SELECT FROM outbox_messages WHERE id = 'held' FOR UPDATE")
        async with database.transaction() as tx:
            await rewrite(tx, ["held", "free"], lambda *_: b"less")
    async with database.connection() as connection:
        rows = await connection.fetch("SELECT id, payload FROM outbox_messages")
    assert {row["id"] for row in rows if row["payload"] == b"less"} == {"free"}
