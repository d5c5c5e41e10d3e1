"""What a run came to, in tables."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.load.plan import Load
from benchmarks.load.processes import Use
from benchmarks.load.proof import Proof
from benchmarks.load.records import QUANTILES, STEPS, Records, Taken, quantile
from rich.console import Console
from rich.table import Table

_SHOWN_FAULTS = 20
_LATE = (
    0.005  # seconds by which a generator may be late at the 99th percentile before its figures are in doubt
)


@dataclass(frozen=True)
class Run:
    """One rate, with what was measured and used, and what it came to."""

    load: Load
    records: Records
    uses: Sequence[Use]

    @property
    def scans(self) -> float:
        """Scans a second that were answered well."""
        return self.records.taken["scan"].answered / self.load.seconds


def show(run: Run, console: Console) -> None:
    """Latencies by step, then what the processes used."""
    console.print(_steps(run))
    late = 1000 * quantile(sorted(run.records.late), 0.99)
    doubt = "" if late < 1000 * _LATE else ": the generator itself cannot keep up, do not trust these figures"
    console.print(
        f"the generator sent 99 % of its requests within {late:.1f} ms of when it could{doubt}; "
        f"visits given up: {_told(run.records.abandoned)}"
    )
    console.print(_uses(run))


def _steps(run: Run) -> Table:
    load = run.load
    title = f"{load.rate:g} scans a second planned, {run.scans:.1f} answered, for {load.seconds:g} s; ms from when due"
    table = Table(
        "step", "due a second", "answered", *(f"p{100 * share:g}" for share in QUANTILES), title=title
    )
    for column in ("p50 from sending", "p99 from sending", "errors"):
        table.add_column(column)
    for step in STEPS:
        taken = run.records.taken[step]
        if taken.due or taken.failed:
            table.add_row(step, *_figures(taken, load.seconds))
    return table


def _figures(taken: Taken, seconds: float) -> list[str]:
    due, sent = sorted(taken.due), sorted(taken.sent)
    shown = [quantile(due, share) for share in QUANTILES] + [quantile(sent, share) for share in (0.5, 0.99)]
    planned = (len(due) + taken.failed.total()) / seconds
    rates = [f"{planned:.1f}", f"{taken.answered / seconds:.1f}"]
    return [*rates, *(f"{1000 * each:.1f}" for each in shown), _told(taken.failed)]


def _told(counts: Counter[str]) -> str:
    return ", ".join(f"{name}: {count}" for name, count in sorted(counts.items())) or "0"


def _uses(run: Run) -> Table:
    table = Table("process", "cores", "CPU ms a scan", "MB at first", "at the end", "most", "MB an hour")
    scans = run.scans * run.load.seconds
    for use in run.uses:
        sizes = [size for _, size in use.memory]
        table.add_row(
            use.name, f"{use.seconds / run.load.seconds:.2f}",
            f"{1000 * use.seconds / scans:.2f}" if scans else "",
            f"{sizes[0]:.0f}", f"{sizes[-1]:.0f}", f"{max(sizes):.0f}", f"{use.megabytes_an_hour:+.0f}",
        )  # fmt: skip
    return table


def show_scaling(runs: Sequence[tuple[int, Run]], console: Console) -> None:
    """What more gateway processes bring."""
    table = Table(
        "gateways", "planned", "scans a second", "a gateway", "scan p50", "p99", "cores of gateways"
    )
    for gateways, run in runs:
        due = sorted(run.records.taken["scan"].due)
        cores = sum(use.seconds for use in run.uses if use.name.startswith("gateway")) / run.load.seconds
        table.add_row(
            str(gateways), f"{run.load.rate:g}", f"{run.scans:.1f}", f"{run.scans / gateways:.1f}",
            f"{1000 * quantile(due, 0.5):.1f}", f"{1000 * quantile(due, 0.99):.1f}", f"{cores:.2f}",
        )  # fmt: skip
    console.print(table)


def show_proof(proof: Proof, console: Console) -> None:
    """Whether all of it counts."""
    console.print(
        f"{proof.purchases} purchases, {proof.paid} € paid, each looked for in the ledger and at its node "
        f"({proof.received_again} invoices came again): {len(proof.faults)} differences"
    )
    for fault in proof.faults[:_SHOWN_FAULTS]:
        console.print(f"  {fault}", style="red", markup=False)
    if proof.faults:
        console.print("A total is wrong or missing: every speed above counts as zero.", style="bold red")
