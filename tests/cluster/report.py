"""What a run came to, for people."""

from collections.abc import Iterator

from .run import Happened, Report

_MOST_TOLD = 40
_EVENT_MAY_TAKE = 2.0  # seconds, after everything is whole again
_HEAD = (
    f"{'what happened':34}{'primary':>12}{'longest':>9}{'promised':>9}{'asked':>7}{'most':>6}{'longest':>9}"
    f"{'whole':>7}{'event':>7}\n"
    f"{'':34}{'':>12}{'without':>9}{'':>9}{'again':>7}{'tries':>6}{'wait':>9}{'after':>7}{'':>7}"
)


def lines(report: Report) -> Iterator[str]:
    """A row a scenario, and the checker's verdict."""
    yield _HEAD
    yield from map(_row, report.happened)
    yield ""
    yield "  longest without: seconds in which no change of any shopper's was acknowledged"
    yield "  asked again: requests that were sent more than once; most tries, and seconds from the first to the last"
    yield "  whole after: seconds until all machines were there again; event: the slowest from any gateway to any other"
    yield ""
    for each in report.happened:
        if each.noticed.refused:
            told = ", ".join(f"{times} x {what}" for what, times in each.noticed.refused.most_common())
            yield f"  {each.scenario.what}: {told}"
    evidence = report.evidence
    paid = sum(1 for cart in evidence.carts.values() if cart["state"] == "PAID")
    yield f"{len(evidence.purchases)} purchases, {paid} paid; at rest after {report.settled_in:.0f} s"
    yield f"{len(report.violations)} promises not kept"
    yield from (f"  {violation}" for violation in report.violations[:_MOST_TOLD])
    yield from (f"  {each}" for each in late(report))


def late(report: Report) -> list[str]:
    """What took longer than is promised: shoppers were without an answer, or heard of a change late."""
    told = []
    for each in report.happened:
        if each.noticed.longest_without > each.scenario.may_take:
            told.append(f"{each.scenario.what}: nobody was served for {each.noticed.longest_without:.1f} s")
        if each.event > _EVENT_MAY_TAKE:
            told.append(f"{each.scenario.what}: a live event took {each.event:.1f} s afterwards")
    return told


def _row(each: Happened) -> str:
    saw, (before, after) = each.noticed, each.primary
    primary = before if before == after else f"{before} > {after}"
    return (
        f"{each.scenario.what:34}{primary:>12}{saw.longest_without:>8.1f}s{each.scenario.may_take:>8.0f}s"
        f"{saw.asked_again:>7}{saw.most_tries:>6}{saw.longest_wait:>8.1f}s{each.whole_after:>6.0f}s{each.event:>6.2f}s"
    )
