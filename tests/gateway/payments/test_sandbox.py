"""The sandbox: its test cards, and money whose time is over."""

from datetime import timedelta

import pytest

from gateway.payments.benches import Money, SandboxBench
from gateway.payments.purchases import TEN, hold, now, step
from smarts.gateway.payments import sandbox
from smarts.gateway.payments.providers import Outcome
from smarts.gateway.storage.database import Database


@pytest.fixture
def bench(books: Database) -> SandboxBench:
    return SandboxBench(books)


@pytest.mark.parametrize(
    ("card", "outcome"),
    [
        (None, Outcome.DONE),
        ("4242 4242 4242 4242", Outcome.DONE),
        (sandbox.DECLINED_CARD, Outcome.DECLINED),
        ("4111111111111111", Outcome.DECLINED),
        (sandbox.LOST_ANSWER_CARD, Outcome.UNKNOWN),
        (sandbox.LOST_REQUEST_CARD, Outcome.UNKNOWN),
        (sandbox.ACTION_NEEDED_CARD, Outcome.ACTION_NEEDED),
    ],
)
async def test_cards_do_as_they_say(bench: SandboxBench, card: str | None, outcome: Outcome) -> None:
    """Each card is answered as the sandbox's table of cards says."""
    assert (await bench.provider.authorise(hold(card=card))).outcome is outcome


async def test_a_capture_can_be_declined(bench: SandboxBench) -> None:
    """The money stays held, and can be let go."""
    made = hold(card=sandbox.DECLINED_CAPTURE_CARD)
    await bench.provider.authorise(made)
    assert (await bench.provider.capture(step(made))).outcome is Outcome.DECLINED
    assert await bench.books(made.id) == Money(held=TEN)
    assert (await bench.provider.release(step(made))).outcome is Outcome.DONE


async def test_money_whose_time_is_over_cannot_be_taken(books: Database) -> None:
    """It says so, and letting it go still works."""
    bench = SandboxBench(books, timedelta(0))
    made = hold()
    answered = await bench.provider.authorise(made)
    assert answered.expires_at
    assert answered.expires_at <= now()
    declined = await bench.provider.capture(step(made))
    assert (declined.outcome, declined.detail) == (Outcome.DECLINED, "The authorisation has expired")
    assert (await bench.provider.release(step(made))).outcome is Outcome.DONE


async def test_no_more_is_given_back_than_was_taken(bench: SandboxBench) -> None:
    """A refund beyond that is declined and leaves the rest to be given back."""
    made = hold(capture=True)
    await bench.provider.authorise(made)
    assert (await bench.provider.refund(step(made, "6.00"))).outcome is Outcome.DONE
    assert (await bench.provider.refund(step(made, "4.01"))).outcome is Outcome.DECLINED
    assert (await bench.provider.refund(step(made, "4.00"))).outcome is Outcome.DONE


async def test_what_is_no_test_card_is_not_kept(books: Database, bench: SandboxBench) -> None:
    """Somebody who types a card of their own leaves no trace of it."""
    made = hold(card="4111111111111111")
    await bench.provider.authorise(made)
    async with books.connection() as connection:
        row = await connection.fetchval(
            "SELECT charge::text FROM sandbox_charges AS charge WHERE id = $1", made.id
        )
    assert made.id in row
    assert "4111" not in row
