"""`make fuzz`: every decoder of bytes from outside, the doors of a whole gateway, hostile campaigns, and links.

`ARGS` are the arguments: how many inputs each decoder gets, for how many seconds at most, and which of them.
"""

import argparse
import platform
import sys

from fuzz import campaigns_at_scale, doors, guided, links
from fuzz.running import HEADER, BugError, all_targets, memory_of_process, run


def _arguments() -> argparse.Namespace:
    told = argparse.ArgumentParser(prog="make fuzz ARGS=", description=__doc__)
    told.add_argument("--inputs", type=int, default=20_000, help="for each decoder")
    told.add_argument("--seconds", type=int, default=60, help="for each decoder at most")
    told.add_argument("--seed", type=int, default=1, help="the same one gives the same inputs")
    told.add_argument(
        "--only", nargs="*", default=[], metavar="NAME", help="decoders whose names hold one of these"
    )
    told.add_argument("--unguided", action="store_true", help="without atheris where it is there")
    told.add_argument("--parts", nargs="*", default=[*PARTS], choices=[*PARTS], help="what to run")
    return told.parse_args()


def _decoders(told: argparse.Namespace) -> int:
    guide = guided.is_there() and not told.unguided
    print(f"{'Guided by atheris' if guide else 'Without atheris'}, seed {told.seed}")
    print(HEADER)
    total, bugs = 0, 0
    for target in all_targets(told.only):
        try:
            figures = run(target, told.inputs, told.seconds, told.seed, memory_of_process)
            print(figures.row(), flush=True)
            total += figures.inputs
            if guide:
                figures = guided.run_guided(target, told.inputs, told.seconds, told.seed)
                print(f"{figures.row()} reached by atheris", flush=True)
                total += figures.inputs
        except BugError as bug:
            bugs += 1
            print(f"BUG {bug}", flush=True)
    print(f"{total:,} inputs, {bugs} bugs")
    return bugs


PARTS = {
    "decoders": _decoders,
    "doors": doors.main,
    "campaigns": campaigns_at_scale.main,
    "links": links.main,
}


def main() -> int:
    """Runs what is asked for; 1 where anything was found."""
    told = _arguments()
    print(f"Python {platform.python_version()} on {platform.system()} {platform.machine()}")
    return int(any([PARTS[part](told) for part in told.parts]))  # noqa: C419 - all of them


if __name__ == "__main__":
    sys.exit(main())
