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
from benchmarks.against import cart, delivery

_PARTS = ("cart", "delivery")


async def _run(options: argparse.Namespace, folder: Path) -> None:
    for part in options.parts:
        place = folder / part
        await asyncio.to_thread(place.mkdir)
        place.chmod(0o711)
        match part:
            case "cart":
                await cart.compare(place, options.rounds, options.crowds_at_medusa)
            case "delivery":
                await delivery.compare(place, options.messages, options.rounds)


def main() -> None:
    """As the command line says."""
    parser = argparse.ArgumentParser("python -m benchmarks.against", description=__doc__)
    parser.add_argument("parts", nargs="*", default=_PARTS, help=f"of: {', '.join(_PARTS)}")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--crowds-at-medusa",
        type=lambda text: [int(each) for each in text.split(",")],
        default=[1],
        help="shoppers at once at Medusa, 1,16 for example, which takes minutes",
    )
    parser.add_argument("--messages", type=int, default=2_000, help="delivered in a round of each queue")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with TemporaryDirectory(prefix="smarts-against-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        uvloop.run(_run(parser.parse_args(), folder))


if __name__ == "__main__":
    main()
