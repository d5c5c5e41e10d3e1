"""A short crash test, and proofs that the checker sees what a lost guarantee does."""

import pytest

from crash.mutations import MUTATIONS
from crash.plan import Plan
from crash.run import Options, Report, run
from crash.steps import Fault, strikes

SEED = 20261128
SECONDS_FOR_A_HUNDRED = 75
QUICK = {"seconds": 6, "stores_each": 1, "processes": 1, "rest": 12, "streams": 6}


async def ran(options: Options) -> Report:
    """What came of a run; a machine that is busy has all the time it needs."""
    return await run(options, print)


@pytest.mark.timeout(600)
@pytest.mark.xdist_group("crash")
async def test_a_hundred_faults_break_no_promise() -> None:
    """Whatever is killed, cut off, slowed, filled or set off: in the end all four sets of books agree."""
    report = await ran(
        Options(faults=100, seconds=SECONDS_FOR_A_HUNDRED, seed=SEED, overtime=3, stores_each=2)
    )
    assert not report.violations, "\n".join(map(str, report.violations))
    assert report.plan.struck.total() >= 90, report.plan.missing()
    assert report.paid >= 5


@pytest.mark.timeout(300)
@pytest.mark.xdist_group("crash")
@pytest.mark.parametrize("name", MUTATIONS)
async def test_without_a_guarantee_its_loss_is_found(name: str) -> None:
    """With the outbox, the inbox or the Idempotency-Key switched off, the checker says what broke."""
    mutation = MUTATIONS[name]
    report = await ran(Options(faults=0, seed=SEED, without=mutation, **QUICK))
    assert mutation.found_by in {violation.promise for violation in report.violations}


def test_a_plan_has_every_fault_at_every_step() -> None:
    """The long run leaves nothing out, and the same seed is the same plan."""
    every = set(strikes(Fault))
    now = 0.0
    plan = Plan.drawn(1, tuple(Fault), len(every), 900, lambda: now)
    plan.begin()
    found = set()
    for step in [step for step, _ in every] * 2:
        now += 900.0  # later than any pause
        if fault := plan.strike(step):
            found.add((step, fault))
    assert found == every
