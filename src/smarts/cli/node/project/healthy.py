"""Whether the node answers, for the container's health check."""

import asyncio
import os

from smarts.caller import Caller, Target
from smarts.wire.operations import HEALTH

target = Target(
    f"http://127.0.0.1:{os.environ.get('PORT', '8000')}",
    os.environ["NODE_TOKEN"],
    tuple(os.environ.get("NODE_SIGNING_SECRETS", "").split()),
)


async def ask() -> None:
    caller = Caller(allow_private_addresses=True)
    try:
        await caller.call(target, HEALTH, deadline=5)
    finally:
        await caller.close()


asyncio.run(ask())
