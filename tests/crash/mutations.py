"""The product with a guarantee switched off, and the faults that show it: what proves that the checker can see."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from .plan import Plan
from .steps import Fault, Phase, Step
from .stores import Kind
from .world import Programs


@dataclass(frozen=True)
class Mutation:
    """Programs to run instead of the product's, and the faults that strike where they are weak."""

    programs: Programs
    kinds: tuple[Kind, ...]
    strikes: tuple[tuple[Step, Fault], ...]
    found_by: str
    """The promise that is broken without it."""

    def plan(self, seconds: float, clock: Callable[[], float]) -> Plan:
        """The faults one after the other, evenly over the time."""
        pause = seconds / len(self.strikes)
        return Plan(((pause * place, *strike) for place, strike in enumerate(self.strikes)), clock)


def _often(times: int, *strikes: tuple[Phase, str, Fault]) -> tuple[tuple[Step, Fault], ...]:
    one_round: Iterable[tuple[Step, Fault]] = [(Step(phase, name), fault) for phase, name, fault in strikes]
    return tuple(one_round) * times


MUTATIONS: Mapping[str, Mutation] = {
    "outbox": Mutation(
        Programs(gateway=("crash.without_outbox", "gateway"), worker=("crash.without_outbox", "worker")),
        (Kind.PLAIN, Kind.RECEIPTS),
        _often(8, (Phase.ANSWERED, "commit of money", Fault.KILL_GATEWAY)),
        "invoiced once",
    ),
    "inbox": Mutation(
        Programs(node=("crash.without_inbox",)),
        (Kind.PLAIN, Kind.RECEIPTS),
        _often(4, (Phase.ANSWERED, "invoice", Fault.CUT), (Phase.ANSWERED, "confirmation", Fault.CUT)),
        "invoiced once",
    ),
    "key": Mutation(
        Programs(gateway=("crash.without_key", "gateway")),
        (Kind.PLAIN,),
        _often(8, (Phase.ANSWERED, "scan", Fault.CUT)),
        "one scan, one piece",
    ),
}
