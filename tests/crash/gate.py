"""Where faults are done: every request comes by here at each of its steps."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence

from .database import Postgres
from .plan import Plan
from .processes import Process
from .steps import TRAFFIC, Fault, Phase, Step

_DISK_FULL_SECONDS = 1.0
_CLOCK_SECONDS = (20, 180)


class Gate:
    """Does what the plan says to the processes; what it says of the connection is for the proxies to do."""

    def __init__(
        self,
        plan: Plan,
        seed: int,
        database: Postgres,
        gateways: Sequence[Process],
        workers: Sequence[Process],
        node: Process,
    ) -> None:
        self.plan = plan
        self.processes = (*gateways, *workers, node)
        self._chance = random.Random(seed)
        self._beside: set[asyncio.Task[None]] = set()
        self._database = database
        self._kinds: Mapping[Fault, Sequence[Process]] = {
            Fault.KILL_GATEWAY: gateways,
            Fault.KILL_WORKER: workers,
            Fault.KILL_NODE: (node,),
        }
        self._deeds: Mapping[Fault, Callable[[], Awaitable[None]]] = {
            Fault.KILL_DATABASE: database.kill,
            Fault.IMMEDIATE_STOP: database.stop_at_once,
            Fault.RESTART: database.restart,
        }

    async def reach(self, phase: Phase, name: str, caller: Callable[[], Process | None]) -> Fault | None:
        """A request has come so far; gives the fault of its connection, if one strikes.

        `caller` finds out whose request it is, where somebody is to be killed.
        """
        step = Step(phase, name)
        fault = self.plan.strike(step)
        if fault is None:
            return None
        if fault in TRAFFIC:
            self.plan.struck_at(step, fault)
            return fault
        # The connection may end with whoever is killed: the fault is done to its end all the same.
        await asyncio.shield(self._beside_it(self._strike(step, fault, caller)))
        return None

    def _beside_it(self, deed: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(deed)
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)
        return task

    async def _strike(self, step: Step, fault: Fault, caller: Callable[[], Process | None]) -> None:
        self.plan.struck_at(step, fault)
        if fault in self._kinds:
            await self._one_of(self._kinds[fault], caller).kill()
        elif fault in self._deeds:
            await self._deeds[fault]()
        elif fault is Fault.DISK_FULL:
            await self._fill_disk()
        else:
            back = -1 if fault is Fault.CLOCK_BACK else 1
            clock = self._one_of(self.processes, caller).clock
            clock.set(back * self._chance.randint(*_CLOCK_SECONDS))

    def _one_of(self, processes: Sequence[Process], caller: Callable[[], Process | None]) -> Process:
        if len(processes) == 1:
            return processes[0]
        whose = caller()
        return whose if whose in processes else self._chance.choice(processes)

    async def _fill_disk(self) -> None:
        """The request goes on while the disk is full."""
        self._beside_it(self._database.fill_disk(_DISK_FULL_SECONDS))
        await asyncio.sleep(_DISK_FULL_SECONDS / 4)

    def slowly(self) -> float:
        """How many seconds the next slow thing takes."""
        return self._chance.choice((0.5, 1.0, 2.0, 4.0))

    async def close(self) -> None:
        """Waits for what is being done beside."""
        await asyncio.gather(*self._beside, return_exceptions=True)
