"""A short crash test, and proofs that the checker sees what a lost guarantee does."""

import pytest

from crash.mutations import MUTATIONS
from crash.plan import Plan
from crash.run import Options, Report, run
from crash.steps import Fault, strikes

pytestmark = [pytest.mark.xdist_group("crash"), pytest.mark.timeout(600)]


async def test_a_hundred_faults_break_no_promise(hundred: Report) -> None:
    """Whatever is killed, cut off, slowed, filled or set off: in the end all sets of books agree."""
    assert not hundred.violations, "\n".join(map(str, hundred.violations))
    assert hundred.plan.struck.total() >= 90, hundred.plan.missing()
    assert hundred.paid >= 5


@pytest.mark.parametrize("name", MUTATIONS)
async def test_without_a_guarantee_its_loss_is_found(name: str) -> None:
    """With the outbox, the inbox or the Idempotency-Key switched off, the checker says what broke."""
    mutation = MUTATIONS[name]
    options = Options(
        faults=0, seconds=6, seed=1, without=mutation, streams=6, stores_each=1, processes=1, rest=12
    )
    report = await run(options, print)
    assert mutation.found_by in {violation.promise for violation in report.violations}


def test_a_plan_has_every_fault_at_every_step() -> None:
    """The long run leaves nothing out, whatever the seed."""
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
