"""Files as sources read them: plain or gzipped, never more than a number of bytes."""

import gzip
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from smarts.ready.sources.source import SourceError

_GZIP = b"\x1f\x8b"
_CHUNK = 1 << 20


def file_fingerprint(path: Path) -> str:
    """Is another one once the file was written or replaced.

    Raises:
        SourceError: there is no such file.
    """
    try:
        seen = path.stat()
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}") from error
    if not path.is_file():
        raise SourceError(f"{path} is not a file")
    return f"{path.resolve()} {seen.st_ino} {seen.st_size} {seen.st_mtime_ns}"


@contextmanager
def unpacked(path: Path, most_bytes: int) -> Iterator[BinaryIO]:
    """The bytes of a file, unpacked where it is gzipped.

    Raises:
        SourceError: it cannot be read; while reading: it is cut short, damaged, or longer than `most_bytes`.
    """
    try:
        with path.open("rb") as file:
            packed = file.read(2) == _GZIP
            file.seek(0)
            stream: io.BufferedIOBase = gzip.GzipFile(fileobj=file) if packed else file
            yield io.BufferedReader(_Bounded(stream, path, most_bytes), _CHUNK)
    except EOFError as error:
        raise SourceError(f"{path.name} is cut short: the gzip file has no end") from error
    except OSError as error:
        raise SourceError(f"{path.name} cannot be read: {error.strerror or error}") from error
    except Exception as error:
        if type(error).__module__ != "zlib":
            raise
        raise SourceError(f"{path.name} is damaged: {error}") from error


class _Bounded(io.RawIOBase):
    def __init__(self, stream: io.BufferedIOBase, path: Path, most_bytes: int) -> None:
        self._stream = stream
        self._path = path
        self._left = self._most = most_bytes

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        count = self._stream.readinto(buffer)
        self._left -= count
        if self._left < 0:
            raise SourceError(
                f"{self._path.name} is larger than {self._most:,} bytes unpacked; most_bytes allows more"
            )
        return count
