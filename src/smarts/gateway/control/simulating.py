"""The process that simulates: reads a task from its input, writes the comparison to its output, and ends."""

import os
import sys

from smarts.control import CheckedCart, Policy
from smarts.control.simulation import Setting, baskets_of, compare
from smarts.wire.codec import decode, encode
from smarts.wire.model import Model


class Task(Model, frozen=True, kw_only=True, omit_defaults=False):
    """A policy, tried on shoppers who buy what was in some carts."""

    policy: Policy
    carts: tuple[CheckedCart, ...]
    setting: Setting


def main() -> None:
    """Whoever waits for a request goes first."""
    os.nice(10)
    task = decode(sys.stdin.buffer.read(), Task)
    found = compare(baskets_of(task.carts), task.policy, setting=task.setting)
    sys.stdout.buffer.write(encode(found))


if __name__ == "__main__":
    main()
