"""`make crash-test`, or `python -m tests.crash`."""

import argparse
import asyncio
import random
import sys
import time

from .mutations import MUTATIONS
from .report import lines
from .run import Options, run


def main() -> int:
    """Runs it and prints what came of it; 0 where every promise was kept."""
    parser = argparse.ArgumentParser(prog="make crash-test ARGS=…", description=__doc__)
    parser.add_argument("--faults", type=int, default=1100, help="how many (%(default)s)")
    parser.add_argument(
        "--minutes", type=float, default=15, help="over how long they are spread (%(default)g)"
    )
    parser.add_argument(
        "--seed", type=int, help="of the plan and of the shoppers; drawn, and printed, if not given"
    )
    parser.add_argument("--streams", type=int, default=12, help="shoppers at a time (%(default)s)")
    parser.add_argument(
        "--without", choices=sorted(MUTATIONS), help="switch a guarantee off, to see that its loss is found"
    )
    given = parser.parse_args()
    seed = random.randrange(10**6) if given.seed is None else given.seed
    options = Options(
        faults=given.faults,
        seconds=given.minutes * 60,
        seed=seed,
        without=MUTATIONS[given.without] if given.without else None,
        streams=given.streams,
    )
    say(f"seed {seed}")
    report = asyncio.run(run(options, say))
    sys.stdout.writelines(f"{line}\n" for line in lines(report, seed))
    return 1 if report.violations else 0


def say(line: str) -> None:
    """Tells how it goes."""
    sys.stdout.write(f"{time.strftime('%H:%M:%S')} {line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
