"""What a built catalogue consists of on disk: a folder that is never changed once it is whole."""

import os
from collections import Counter
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from smarts.ready.catalogue.categories import Kept
from smarts.ready.catalogue.complaints import Complaint

FORMAT = 4
_CURRENT = "current"


class About(Struct, frozen=True, kw_only=True):
    """What is told of a built catalogue.

    Attributes:
        settings: changes with all that says how rows become products.
        fingerprint: of the source; `digest` is of its rows, where it has no fingerprint.
        next_change: when it has to be built anew even though the rows are the same.
    """

    format: int
    source: str
    settings: str
    fingerprint: str | None
    digest: str | None
    made: datetime
    next_change: datetime | None
    count: int
    unpriced: int
    left_out: int
    not_sold_now: int
    complaints: tuple[Complaint, ...]
    complaint_counts: tuple[tuple[str, str, int], ...]
    categories: tuple[Kept, ...]
    category_counts: dict[str, int]
    languages: tuple[str, ...]


class ShelfFiles:
    """The paths of one built catalogue."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.products = folder / "products.db"
        self.index = folder / "index"
        self.about = folder / "about"

    def order(self, name: str) -> Path:
        """Where the places stand in an order, and the turns of places."""
        return self.folder / f"order-{name}"

    def write(self, about: About) -> None:
        """The last file: with it the catalogue is whole."""
        self.about.write_bytes(msgspec.msgpack.encode(about))
        for path in sorted(self.folder.rglob("*")):
            _sync(path)
        _sync(self.folder)

    def read(self) -> About | None:
        """What is told of it; `None` where it is not whole, or of another version of Smarts."""
        try:
            about = msgspec.msgpack.decode(self.about.read_bytes(), type=About)
        except (OSError, msgspec.MsgspecError):
            return None
        return about if about.format == FORMAT else None


def current(folder: Path) -> ShelfFiles | None:
    """The built catalogue that is in use."""
    try:
        name = (folder / _CURRENT).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return ShelfFiles(folder / Path(name).name) if name else None


def make_current(files: ShelfFiles) -> None:
    """Uses this one from now on, whatever happens in between."""
    folder = files.folder.parent
    new = folder / f"{_CURRENT}.new"
    new.write_text(files.folder.name, encoding="ascii")
    _sync(new)
    new.replace(folder / _CURRENT)
    _sync(folder)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def counted(counts: Counter[tuple[str, str]]) -> tuple[tuple[str, str, int], ...]:
    """Counts as they are kept, the largest first."""
    return tuple((column, kind, count) for (column, kind), count in counts.most_common(200))
