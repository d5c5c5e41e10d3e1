"""The schedules, and what an outcome means for its message."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from smarts.gateway.outbox import LANE_RESTS, RETRIES, Delivered, Refused, RetryLater, Schedule
from smarts.gateway.outbox.outcomes import State, judge
from smarts.gateway.outbox.schedule import LONGEST_ASKED

pauses = st.timedeltas(timedelta(), timedelta(days=2))
schedules = st.builds(Schedule, st.lists(pauses, min_size=1, max_size=20).map(tuple), st.floats(0, 1))


def test_messages_are_tried_for_over_three_days() -> None:
    """Without any luck of the dice, the last attempt comes more than three days after the first."""
    assert timedelta(days=3) < RETRIES.total < timedelta(days=4)


def test_pauses_grow() -> None:
    """No pause is shorter than the one before."""
    for schedule in (RETRIES, LANE_RESTS):
        assert list(schedule.pauses) == sorted(schedule.pauses)


@given(schedules, st.integers(0, 100))
def test_a_pause_is_lengthened_by_its_jitter_at_most(schedule: Schedule, failures: int) -> None:
    """A pause is never shorter than written and never longer than its share of jitter; the last one goes on."""
    written = schedule.pauses[min(failures, len(schedule.pauses) - 1)]
    assert written <= schedule.pause(failures) <= written * (1 + schedule.jitter) + timedelta(microseconds=1)


@given(schedules, st.integers(0, 100), pauses)
def test_who_asks_for_time_gets_it_but_never_less_than_the_schedule(
    schedule: Schedule, failures: int, asked: timedelta
) -> None:
    """Retry-After lengthens a pause up to twelve hours, and shortens none."""
    pause = schedule.pause(failures, asked)
    assert pause >= min(asked, LONGEST_ASKED)
    assert pause >= schedule.pauses[min(failures, len(schedule.pauses) - 1)]


@given(schedules, st.integers(0, 100))
def test_a_message_is_given_up_when_its_retries_are_used_up(schedule: Schedule, failures: int) -> None:
    """A schedule of n pauses allows n failures and gives up at the next."""
    verdict = judge(RetryLater("busy"), failures, schedule)
    assert verdict.counts
    assert (verdict.state is State.DEAD) == (failures >= len(schedule.pauses))
    assert (verdict.pause is None) == (verdict.state is State.DEAD)


@given(schedules, schedules, st.integers(0, 100))
def test_what_must_not_be_given_up_follows_its_own_schedule_for_ever(
    workers: Schedule, own: Schedule, failures: int
) -> None:
    """However often it has failed, it waits for its next try, no longer than the last of its own pauses allows."""
    verdict = judge(RetryLater("not yet", for_ever=own), failures, workers)
    assert verdict.state is State.WAITING
    assert verdict.pause is not None
    pause = own.pauses[min(failures, len(own.pauses) - 1)]
    assert pause <= verdict.pause <= pause * (1 + own.jitter)


@given(schedules, st.integers(0, 100))
def test_a_lane_that_is_down_uses_up_no_retry_of_its_messages(schedule: Schedule, failures: int) -> None:
    """A message is not to blame when its store cannot be reached."""
    verdict = judge(RetryLater("refused", whole_lane=True), failures, schedule)
    assert verdict.state is State.WAITING
    assert not verdict.counts
    assert verdict.pause is None


@given(schedules, st.integers(0, 100))
def test_delivered_and_refused_are_final(schedule: Schedule, failures: int) -> None:
    """After these nothing is tried again."""
    assert judge(Delivered(), failures, schedule).state is State.DELIVERED
    assert judge(Refused("no"), failures, schedule).state is State.DEAD
