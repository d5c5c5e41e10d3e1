"""Notices: who is told to look again, and when."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from smarts.gateway.storage.database import Database
from smarts.gateway.storage.notices import Notices, Subscription
from smarts.gateway.storage.telling import tell


@pytest.fixture
async def notices(database_url: str) -> AsyncIterator[Notices]:
    async with Notices.open(database_url, channels=("cart", "other")) as opened:
        with opened.subscribe("cart") as any_cart:
            await any_cart.changed()  # the very first look
            await any_cart.changed()  # listening has begun
        yield opened


async def say(database: Database, key: str, channel: str = "cart") -> None:
    async with database.transaction() as tx:
        tell(tx, channel, key)


async def all_arrived(database: Database, notices: Notices) -> None:
    """Waits until everything said so far has arrived."""
    with notices.subscribe("cart", "the end") as end:
        await end.changed()
        await say(database, "the end")
        await end.changed()


async def quiet(database: Database, notices: Notices, subscription: Subscription) -> bool:
    """Whether a subscription has nothing to look at, after everything said so far has arrived."""
    await all_arrived(database, notices)
    changed = asyncio.create_task(subscription.changed())
    await asyncio.sleep(0)
    return changed.cancel()


async def test_a_new_subscriber_looks_at_once(notices: Notices) -> None:
    """The first item needs no notice, so that nothing is missed before subscribing."""
    with notices.subscribe("cart", "1") as subscription:
        await subscription.changed()


async def test_a_subscriber_may_want_several_keys(database: Database, notices: Notices) -> None:
    """A notice of any of its keys wakes a subscriber; when it has left, nothing of it is left."""
    with notices.subscribe("cart", "1", "2") as both:
        await both.changed()
        for key in ("1", "2"):
            await say(database, key)
            await both.changed()
    assert not notices._subscriptions


async def test_a_notice_reaches_the_subscribers_of_its_key(database: Database, notices: Notices) -> None:
    """Every subscriber of the key and of the whole channel is told; those of other keys and channels are not."""
    with (
        notices.subscribe("cart", "1") as one,
        notices.subscribe("cart", "1") as one_too,
        notices.subscribe("cart") as any_cart,
        notices.subscribe("cart", "2") as two,
        notices.subscribe("other", "1") as other,
    ):
        for subscription in (one, one_too, any_cart, two, other):
            await subscription.changed()
        await say(database, "1")
        for told in (one, one_too, any_cart):
            await told.changed()
        assert await quiet(database, notices, two)
        assert await quiet(database, notices, other)


async def test_many_notices_become_one(database: Database, notices: Notices) -> None:
    """A subscriber that does not look for a while has one thing to look at, however much was said."""
    with notices.subscribe("cart", "1") as subscription:
        for _ in range(50):
            await say(database, "1")
        await all_arrived(database, notices)
        await subscription.changed()
        assert await quiet(database, notices, subscription)


async def test_after_a_reconnection_everybody_looks_again(database: Database, notices: Notices) -> None:
    """Notices may be lost with the connection, so its return is a notice to all, and later ones arrive again."""
    with notices.subscribe("cart", "1") as subscription:
        await subscription.changed()
        async with database.connection() as connection:
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'smarts notices' AND datname = current_database()"
            )
        await subscription.changed()
        await say(database, "1")
        await subscription.changed()


async def test_a_subscription_can_be_iterated(database: Database, notices: Notices) -> None:
    """`async for` gives an item a look."""
    looks = 0
    with notices.subscribe("cart", "1") as subscription:
        async for _ in subscription:
            looks += 1
            if looks == 3:
                break
            await say(database, "1")
    assert looks == 3


async def test_a_channel_nobody_listens_to_cannot_be_subscribed(notices: Notices) -> None:
    """A mistyped channel is told at once instead of waiting for ever."""
    with pytest.raises(ValueError, match="crat"), notices.subscribe("crat"):
        pass
