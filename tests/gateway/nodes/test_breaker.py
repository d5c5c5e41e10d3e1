"""The breaker alone: when it opens, whom it lets through, and that it always finds back."""

from dataclasses import dataclass
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from smarts.gateway.nodes.breaker import Breaker, Position, Tuning

TUNING = Tuning(calls=10, window=30.0, least=4, share=0.5, first_pause=1.0, longest_pause=8.0, quiet=20.0)
MOMENTS = st.lists(st.tuples(st.floats(0, 12), st.booleans()), min_size=1, max_size=60)


@given(MOMENTS)
def test_it_opens_when_enough_of_the_latest_calls_were_bad_and_not_before(
    calls: list[tuple[float, bool]],
) -> None:
    """The last ten calls of the last thirty seconds count: four at least, half of them bad, the last one among them."""
    breaker, now, seen = Breaker(TUNING), 0.0, list[tuple[float, bool]]()
    for pause, bad in calls:
        now += pause
        ticket = breaker.admit()
        assert ticket is not None
        breaker.ended(ticket, now, bad, "why")
        seen.append((now, bad))
        lately = [was_bad for when, was_bad in seen[-10:] if when > now - 30.0]
        expected = bad and len(lately) >= 4 and 2 * sum(lately) >= len(lately)
        assert (breaker.position is Position.OPEN) is expected
        if expected:
            assert breaker.why == "why"
            return


@dataclass
class Call:
    """A call under way, and whether it began as the one that tries a half-open breaker."""

    ticket: int
    trial: bool


class Life(RuleBasedStateMachine):
    """Anything that may happen to a breaker, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.breaker = Breaker(TUNING, chance=lambda: self.chance)
        self.chance = 0.5
        self.calls: list[Call] = []

    def moved(self) -> None:
        for call in self.calls:
            call.trial = False

    @rule(seconds=st.floats(0, 40))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def somebody_calls(self) -> None:
        position = self.breaker.position
        trials = sum(call.trial for call in self.calls)
        ticket = self.breaker.admit()
        may = position is Position.CLOSED or (position is Position.HALF_OPEN and not trials)
        assert (ticket is not None) is may
        if ticket is not None:
            self.calls.append(Call(ticket, trial=position is Position.HALF_OPEN))

    @precondition(lambda self: self.calls)
    @rule(data=st.data(), bad=st.sampled_from([True, False, None]))
    def a_call_ends(self, data: Any, bad: bool | None) -> None:
        call = self.calls.pop(data.draw(st.integers(0, len(self.calls) - 1)))
        before = self.breaker.position
        self.breaker.ended(call.ticket, self.now, bad, "a call")
        if call.trial:
            expected = {True: Position.OPEN, False: Position.CLOSED, None: Position.HALF_OPEN}[bad]
            assert self.breaker.position is expected
        elif before is not Position.CLOSED:
            assert (
                self.breaker.position is before
            )  # what began before the breaker moved tells nothing any more
        if self.breaker.position is not before:
            self.moved()

    @rule(healthy=st.booleans(), chance=st.floats(0, 1))
    def the_node_is_asked(self, healthy: bool, chance: float) -> None:
        self.chance = chance
        before = self.breaker.position
        self.breaker.probed(self.now, healthy=healthy)
        if before is Position.OPEN:
            assert self.breaker.position is (Position.HALF_OPEN if healthy else Position.OPEN)
        else:
            assert self.breaker.position is before

    @rule()
    def time_to_rest(self) -> None:
        before = self.breaker.position
        self.breaker.rest(self.now)
        if self.breaker.position is not before:
            assert before is Position.HALF_OPEN
            assert self.now >= self.breaker.probe_at
            assert not any(call.trial for call in self.calls)
            self.moved()

    @rule()
    def the_merchant_calls(self) -> None:
        self.breaker.close()
        assert self.breaker.admit() is not None
        self.moved()

    @invariant()
    def the_next_probe_is_never_far(self) -> None:
        if self.breaker.position is Position.OPEN:
            assert self.breaker.probe_at <= self.now + 8.0 * 1.5


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


@given(st.lists(st.booleans(), max_size=12), st.floats(0, 1))
def test_pauses_double_up_to_the_longest_and_a_well_node_closes_it(
    bad_trials: list[bool], chance: float
) -> None:
    """After any setbacks, by probe or by trial, a good probe and a good call close it, and all is forgotten."""
    breaker, now = Breaker(TUNING, chance=lambda: chance), 0.0
    breaker.open(now, "why")
    for number, by_trial in enumerate(bad_trials):
        expected = min(2.0**number, 8.0)
        assert 0.5 * expected <= breaker.probe_at - now <= 1.5 * expected
        now = breaker.probe_at
        breaker.probed(now, healthy=by_trial)
        if by_trial:
            ticket = breaker.admit()
            assert ticket is not None
            breaker.ended(ticket, now, True, "still bad")
    breaker.probed(now, healthy=True)
    ticket = breaker.admit()
    assert ticket is not None
    assert breaker.admit() is None
    breaker.ended(ticket, now, False)
    assert breaker.is_closed
    breaker.open(now, "anew")
    assert breaker.probe_at - now <= 1.5


def test_a_half_open_breaker_that_nobody_tries_closes() -> None:
    """At night nobody scans: it does not stay half-open until the morning, nor closes while somebody tries it."""
    breaker = Breaker(TUNING)
    breaker.open(0.0, "why")
    breaker.probed(1.0, healthy=True)
    breaker.rest(20.9)
    assert breaker.position is Position.HALF_OPEN
    ticket = breaker.admit()
    breaker.rest(21.0)
    assert breaker.position is Position.HALF_OPEN
    assert ticket is not None
    breaker.ended(ticket, 22.0, None)
    breaker.rest(22.0)
    assert breaker.is_closed
