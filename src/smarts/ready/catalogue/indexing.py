"""Makes a catalogue's index and orders, where it is large in a process beside the one that reads."""

from collections.abc import Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Thread
from typing import Any

from smarts.ready.catalogue.goods import unpack_entry
from smarts.ready.catalogue.index import IndexWriter
from smarts.ready.catalogue.orders import FIELDS, sort_places, write_order
from smarts.ready.catalogue.process import prepare
from smarts.ready.catalogue.shelf_files import ShelfFiles

Piece = tuple[Sequence[tuple[int, bytes]], Sequence[tuple[str, str | None]]]
"""Goods by their places, packed; and the categories that are new since the piece before, each with its parent."""

_PIECE = 1_000
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
        """No goods come any more: what is left to do starts, where it is done by a process beside."""
        if self._beside:
            self._beside.send(self._piece())
            self._beside.send(((), ()))

    def finish(self) -> None:
        """Has everything on disk, after the end.

        Raises:
            RuntimeError: the process beside failed.
        """
        if self._beside:
            self._beside.wait()
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
        try:
            self._pipe.send(piece)
        except OSError:
            raise RuntimeError(self._words()) from None

    def wait(self) -> None:
        try:
            self._pipe.recv()
        except EOFError:
            raise RuntimeError(self._words()) from None
        self._process.join()

    def _words(self) -> str:
        self._process.join()
        return f"the process that indexes ended ({self._process.exitcode}), perhaps for want of memory"


def _run(pipe: Connection, folder: Path) -> None:
    prepare(quietly=False)
    work = _Work(ShelfFiles(folder))
    try:
        while (piece := pipe.recv())[0]:
            work.take(piece)
        work.finish()
        pipe.send(None)
    except (EOFError, BrokenPipeError):
        return  # who reads has ended, and nobody wants the index any more


class _Work:
    def __init__(self, files: ShelfFiles) -> None:
        self._files = files
        self._index = IndexWriter(files.index)
        self._keys: dict[str, list[Any]] = {field: [] for field in FIELDS}
        self._appending = [(self._keys[field].append, key) for field, key in FIELDS.items()]
        self._count = 0

    def take(self, piece: Piece) -> None:
        goods, categories = piece
        for id_, parent in categories:
            self._index.category(id_, parent)
        for place, packed in goods:
            self._take(place, packed)

    def _take(self, place: int, packed: bytes) -> None:
        entry = unpack_entry(packed)
        is_new = place == self._count
        self._index.put(place, entry, is_new=is_new)
        if is_new:
            self._count += 1
            for append, key in self._appending:
                append(key(entry))
        else:
            for field, key in FIELDS.items():
                self._keys[field][place] = key(entry)

    def finish(self) -> None:
        """Sorting goes on beside the index's last work."""
        finishing = Thread(target=self._index.finish)
        finishing.start()
        barcodes = self._keys.pop("barcode")
        by_barcode = sort_places(barcodes, range(len(barcodes)))
        write_order(self._files.order("barcode"), by_barcode)
        for field, keys in self._keys.items():
            # Most catalogues have no ids but the barcodes.
            places = by_barcode if keys == barcodes else sort_places(keys, by_barcode)
            write_order(self._files.order(field), places)
        finishing.join()
