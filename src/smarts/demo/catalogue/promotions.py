"""Campaigns on products from a file: JSON lines, also gzipped, with barcode, name, code, operation, start and end."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import msgspec

from smarts.demo.catalogue.price_list import open_text
from smarts.wire.products import Campaign


@dataclass(frozen=True)
class Promotions:
    """Campaigns by barcode, in the file's order, and how many lines were left out for each reason."""

    campaigns: Mapping[str, tuple[Campaign, ...]]
    left_out: Mapping[str, int]


class _Line(msgspec.Struct, frozen=True):
    barcode: str
    name: str
    code: str
    operation: str
    start: date | None = None
    end: date | None = None

    def is_running(self, day: date) -> bool:
        """Whether the day is from the start to the end, both included."""
        return (self.start or day) <= day <= (self.end or day)


def read_promotions(path: Path, day: date | None) -> Promotions:
    """Reads the campaigns that run on a day, or all of them for no day.

    Raises:
        OSError: the file cannot be read.
    """
    decoder = msgspec.json.Decoder(_Line)
    found: defaultdict[str, list[Campaign]] = defaultdict(list)
    left_out: Counter[str] = Counter()
    with open_text(path) as file:
        for text in file:
            try:
                line = decoder.decode(text)
            except msgspec.DecodeError:
                left_out["not a campaign"] += 1
                continue
            if day and not line.is_running(day):
                left_out["not running"] += 1
                continue
            found[line.barcode].append(Campaign(line.name, line.code, line.operation))
    return Promotions({barcode: tuple(listed) for barcode, listed in found.items()}, left_out)
