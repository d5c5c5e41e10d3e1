"""Clocks that go wrong: libfaketime in front of a process, told by a file how far its clock is off."""

import os
from collections.abc import Mapping
from pathlib import Path

_LIBRARIES = ("/usr/lib", "/usr/local/lib")


def library() -> Path | None:
    """The library, where it is installed (Debian's package is `faketime`)."""
    found = (path for place in _LIBRARIES for path in Path(place).glob("**/faketime/libfaketimeMT.so.1"))
    return next(found, None)


class Clock:
    """The clock of one process, and of those that come in its place."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._library = library()
        self.set(0)

    def set(self, seconds: int) -> None:
        """From now on (within a second) it is so far off."""
        written = self._file.with_suffix(".new")
        written.write_text(f"{seconds:+d}\n")
        written.chmod(0o644)
        written.replace(self._file)

    def environment(self) -> Mapping[str, str]:
        """What makes a new process use it; pauses and deadlines go by another clock, which stays as it is."""
        if self._library is None:
            return {}
        return {
            "LD_PRELOAD": str(self._library),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }


def sweep(pid: int) -> None:
    """Removes what the library leaves in shared memory where its process was killed."""
    for kind in ("faketime_shm", "sem.faketime_sem"):
        Path(f"/dev/shm/{kind}_{pid}").unlink(missing_ok=True)


def is_installed() -> bool:
    """Whether clocks can be set off here."""
    return library() is not None and os.name == "posix"
