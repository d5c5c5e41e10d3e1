"""Ids of what is written all the time."""

import os
import time
from uuid import UUID

_RANDOM_BYTES = 10


def new_id() -> str:
    """A UUID of version 7: ordered by when it was made, to the millisecond, and random in its other 74 bits.

    New rows so stand side by side in every index on such ids, however many old ones there are (decision 29). Who joined
    when is nobody's business: ids of people are wholly random.
    """
    milliseconds = time.time_ns() // 1_000_000
    value = milliseconds << 80 | int.from_bytes(os.urandom(_RANDOM_BYTES))
    value = value & ~(0xF << 76) | 7 << 76  # the version
    value = value & ~(0x3 << 62) | 0x2 << 62  # the variant
    return str(UUID(int=value))
