"""What a user would pick instead, on the same work and machine, in one run: `make against`.

Each rival is installed into a folder of its own under `build/`, and started as its own documentation says. Rounds are
interleaved, so that whatever else the machine does strikes all alike.
"""

import argparse
import asyncio
import logging
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog
import uvloop
from benchmarks.against import cart, delivery, endpoints

_PARTS = {"delivery": delivery.compare, "cart": cart.compare, "endpoints": endpoints.compare}


async def _run(options: argparse.Namespace, folder: Path) -> None:
    for part in options.parts:
        place = folder / part
        await asyncio.to_thread(place.mkdir)
        place.chmod(0o711)
        await _PARTS[part](place, options.rounds)


def main() -> None:
    """As the command line says."""
    parser = argparse.ArgumentParser("python -m benchmarks.against", description=__doc__)
    parser.add_argument(
        "parts", nargs="*", default=list(_PARTS), metavar="PART", help=f"of: {', '.join(_PARTS)}"
    )
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if unknown := set(options.parts) - set(_PARTS):
        parser.error(f"no such part: {', '.join(unknown)}")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with TemporaryDirectory(prefix="smarts-against-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        uvloop.run(_run(options, folder))


if __name__ == "__main__":
    main()
