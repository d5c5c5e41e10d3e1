"""What is wrong with a catalogue's rows, in words for the merchant: all is counted, the first are told row by row."""

from collections import Counter

from msgspec import Struct


class Complaint(Struct, frozen=True, array_like=True):
    """What is wrong with a row, or with all where `row` is 0: `column` is the one, as the merchant calls it.

    `is_left_out` tells whether the row is not sold for it; otherwise it is sold all the same.
    """

    row: int
    column: str
    reason: str
    is_left_out: bool = True

    def __str__(self) -> str:
        place = ", ".join(filter(None, (f"row {self.row}" if self.row else "", self.column)))
        return f"{place}: {self.reason}" + ("" if self.is_left_out else " (sold all the same)")


class Complaints:
    """Collects complaints: the first `most` of each kind in full, all of them by number."""

    def __init__(self, most: int = 200) -> None:
        self._most = most
        self.told: list[Complaint] = []
        self.counts: Counter[tuple[str, str]] = Counter()
        self.left_out = 0

    def add(self, row: int, column: str, reason: str, kind: str, *, is_left_out: bool = True) -> None:
        """Takes what a `Complaint` says; `kind` is what it is counted by: the reason without the row's own words."""
        counted = (column, kind)
        self.counts[counted] = count = self.counts[counted] + 1
        self.left_out += is_left_out
        if count <= self._most:
            self.told.append(Complaint(row, column, reason, is_left_out))
