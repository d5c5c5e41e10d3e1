"""`make cluster-demo`, or `python -m cluster` in `tests`."""

import argparse
import asyncio
import random
import sys
import time

from . import namespaces, packages
from .deeds import SCENARIOS
from .report import late, lines
from .run import run


def main() -> int:
    """Runs it and prints what came of it; 0 where every promise was kept."""
    given = _arguments().parse_args()
    if needed := packages.missing():
        say(f"these packages are needed: apt-get install {' '.join(needed)}")
        return 2
    if not namespaces.are_inside():
        if why := namespaces.why_impossible():
            say(f"the cluster cannot be shown here: {why}")
            return 2
        return namespaces.again_inside("cluster", sys.argv[1:])
    scenarios = [SCENARIOS[name] for name in given.only or SCENARIOS]
    report = asyncio.run(run(scenarios, given.streams, given.seed, say))
    sys.stdout.writelines(f"{line}\n" for line in lines(report))
    return 1 if report.violations or late(report) else 0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make cluster-demo ARGS=…", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=SCENARIOS, help="what is to happen (all, in this order)")
    parser.add_argument("--streams", type=int, default=8, help="shoppers at a time (%(default)s)")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="of the shoppers")
    return parser


def say(line: str) -> None:
    """Tells how it goes."""
    sys.stdout.write(f"{time.strftime('%H:%M:%S')} {line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
