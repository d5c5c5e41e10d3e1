"""Makes a catalogue's index and the order of its names, where it is large in a process beside the one that reads."""

from collections.abc import Sequence
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from queue import Queue
from threading import Thread

import msgspec

from smarts.ready.catalogue.goods import pack, unpack_entry
from smarts.ready.catalogue.index import IndexWriter
from smarts.ready.catalogue.orders import write_names
from smarts.ready.catalogue.process import prepare
from smarts.ready.catalogue.shelf_files import ShelfFiles
from smarts.ready.catalogue.words import plain

Piece = tuple[Sequence[tuple[int, bytes]], Sequence[tuple[str, str | None]]]
"""Goods by their places, packed; and the categories that are new since the piece before, each with its parent."""

_unpack = msgspec.msgpack.Decoder(Piece).decode

_PIECE = 1_000
_AHEAD = 100  # pieces read before they are indexed: both go on when the other one has to wait for a moment
_LARGE = 20_000  # goods from which on a process of its own is worth its start


class Indexing:
    """Takes goods by their places, and those that become others once more; `finish` has everything on disk."""

    def __init__(self, files: ShelfFiles) -> None:
        self._files = files
        self._goods: list[tuple[int, bytes]] = []
        self._categories: list[tuple[str, str | None]] = []
        self._beside: _Beside | None = None

    def category(self, id_: str, parent: str | None) -> None:
        """A category that goods will be in."""
        self._categories.append((id_, parent))

    def take(self, place: int, packed: bytes) -> None:
        """Goods, packed."""
        self._goods.append((place, packed))
        if len(self._goods) >= (_PIECE if self._beside else _LARGE):
            self._beside = self._beside or _Beside(self._files.folder)
            self._beside.send(self._piece())

    def end(self) -> None:
        """No goods come any more."""
        if self._beside:
            self._beside.send(self._piece())

    def finish(self) -> None:
        """Has everything on disk, after the end; the order of barcodes is there already.

        Raises:
            RuntimeError: the process beside failed.
        """
        if self._beside:
            self._beside.finish()
            return
        work = _Work(self._files)
        work.take(self._piece())
        work.finish()

    def _piece(self) -> Piece:
        piece = (self._goods, self._categories)
        self._goods, self._categories = [], []
        return piece


class _Beside:
    def __init__(self, folder: Path) -> None:
        context = get_context("spawn")
        self._pipe, other = context.Pipe()
        self._process = context.Process(target=_run, args=(other, folder), daemon=True)
        self._process.start()
        other.close()

    def send(self, piece: Piece) -> None:
        self._send(pack(piece))

    def finish(self) -> None:
        self._send(b"")
        try:
            self._pipe.recv()
        except EOFError:
            raise RuntimeError(self._words()) from None
        self._process.join()

    def _send(self, packed: bytes) -> None:
        try:
            self._pipe.send_bytes(packed)
        except OSError:
            raise RuntimeError(self._words()) from None

    def _words(self) -> str:
        self._process.join()
        return f"the process that indexes ended ({self._process.exitcode}), perhaps for want of memory"


def _run(pipe: Connection, folder: Path) -> None:
    prepare(quietly=False)
    arriving: Queue[bytes | None] = Queue(_AHEAD)
    Thread(target=_receive, args=(pipe, arriving), daemon=True).start()
    work = _Work(ShelfFiles(folder))
    while packed := arriving.get():
        work.take(_unpack(packed))
    if packed is None:
        return  # who reads has ended, and nobody wants the index any more
    work.finish()
    with suppress(BrokenPipeError):
        pipe.send(None)


def _receive(pipe: Connection, arriving: "Queue[bytes | None]") -> None:
    """Takes what has been read out of the way of who reads, until the end, which is empty, or until the pipe breaks."""
    packed: bytes | None = b"more"
    while packed:
        try:
            packed = pipe.recv_bytes()
        except EOFError:
            packed = None
        arriving.put(packed)


class _Work:
    def __init__(self, files: ShelfFiles) -> None:
        self._files = files
        self._index = IndexWriter(files.index)
        self._names: list[str] = []

    def take(self, piece: Piece) -> None:
        goods, categories = piece
        for id_, parent in categories:
            self._index.category(id_, parent)
        for place, packed in goods:
            self._take(place, packed)

    def _take(self, place: int, packed: bytes) -> None:
        entry = unpack_entry(packed)
        is_new = place == len(self._names)
        self._index.put(place, entry, is_new=is_new)
        if is_new:
            self._names.append(plain(entry.name))
        else:
            self._names[place] = plain(entry.name)

    def finish(self) -> None:
        """Sorting goes on beside the index's last work."""
        finishing = Thread(target=self._index.finish)
        finishing.start()
        write_names(self._files.order("name"), self._names, self._files.order("barcode"))
        finishing.join()
