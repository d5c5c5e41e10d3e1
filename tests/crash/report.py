"""What a run printed, for people."""

from collections.abc import Iterator

from .run import Report

_MOST_TOLD = 40


def lines(report: Report, seed: int) -> Iterator[str]:
    """Coverage, figures, and every promise that was not kept."""
    plan = report.plan
    yield from plan.table()
    yield ""
    steps = {step for step, _ in plan.struck}
    yield f"{plan.struck.total()} faults at {len(steps)} steps, {len(plan.struck)} different ones"
    if missing := plan.missing():
        yield f"not struck, as their steps were not reached in time: {', '.join(missing)}"
    for fault, why in report.left_out.items():
        yield f"left out: {fault}, as {why}"
    yield (
        f"{report.purchases} purchases, {report.paid} paid, {report.orders} orders, {report.checks} checks,"
        f" {report.duplicates} documents that came to the node again"
    )
    yield f"answers: {', '.join(f'{times} x {what}' for what, times in report.answers.most_common(14))}"
    for name, codes in report.ended_by_themselves.items():
        yield f"{name} ended by itself: {', '.join(f'{times} x exit {code}' for code, times in codes.items())}"
    yield f"{report.seconds:.0f} s in all; at rest {report.settled_in:.0f} s after the last fault"
    yield f"{len(report.violations)} promises not kept (seed {seed})"
    yield from (f"  {violation}" for violation in report.violations[:_MOST_TOLD])
