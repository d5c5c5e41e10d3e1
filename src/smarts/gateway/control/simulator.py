"""Simulations beside the requests: each in a process of its own, one at a time, for a bounded time."""

import asyncio
import sys
from collections.abc import Sequence

from smarts.control import CheckedCart, Policy
from smarts.control.simulation import Comparison, Setting
from smarts.gateway.control.simulating import Task
from smarts.gateway.errors import SIMULATOR_BUSY
from smarts.wire.codec import decode, encode

_SETTING = Setting(seasons=6, shoppers=100, weeks=13)  # some seconds of one core
_LONGEST = 60.0
_TRY_AGAIN_SECONDS = 10


class Simulator:
    """Compares policies with the baselines, on what a store's shoppers buy."""

    def __init__(self) -> None:
        self._one = asyncio.Lock()

    async def compare(self, policy: Policy, carts: Sequence[CheckedCart]) -> Comparison:
        """The policy beside the baselines; the same carts give the same figures.

        Raises:
            ProblemError: 503, another simulation is under way, or this one takes too long.
        """
        if self._one.locked():
            raise SIMULATOR_BUSY.error(retry_after=_TRY_AGAIN_SECONDS)
        async with self._one:
            return await _compared(Task(policy=policy, carts=tuple(carts), setting=_SETTING))


async def _compared(task: Task) -> Comparison:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "smarts.gateway.control.simulating"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(_LONGEST):
            found, _ = await process.communicate(encode(task))
    except TimeoutError:
        raise SIMULATOR_BUSY.error("It takes too long now", retry_after=_TRY_AGAIN_SECONDS) from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise RuntimeError(f"the process that simulates ended with {process.returncode}")
    return decode(found, Comparison)
