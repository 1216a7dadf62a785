"""Many literal strings found in a batch of texts by one pass of Hyperscan over the buffer the texts lie in.

Wang et al., Hyperscan: A Fast Multi-pattern Regex Matcher for Modern CPUs, NSDI 2019.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

import hyperscan
import numpy as np
import numpy.typing as npt
import polars as pl

from seawall.signals.rules.databases import database_of

Whole = npt.NDArray[np.int64]
Buffer = memoryview | npt.NDArray[np.uint8]
NOTHING = np.zeros(0, np.int64)
_MOST_BYTES = 1 << 30  # of one scan; Hyperscan counts in 32 bits


class Literals:
    """A compiled set of literals, numbered as given. One thread at a time may ask it."""

    def __init__(self, literals: Sequence[bytes], any_case: bool = False) -> None:
        self._lengths = np.array([len(literal) for literal in literals], np.int64)
        if literals:
            self._database = _compiled(tuple(literals), any_case)
            self._scratch = hyperscan.Scratch(self._database)  # what a scan writes to

    def find(self, texts: pl.Series) -> tuple[Whole, Whole]:
        """Every place where a literal stands inside one text: the row and the literal's number. Null holds none."""
        if not len(texts):
            return NOTHING, NOTHING
        array = texts.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
        offsets = np.frombuffer(array.buffers()[1], np.int64)[array.offset : array.offset + len(array) + 1]
        rows, numbers, _ = self.places(memoryview(array.buffers()[2] or b""), offsets)
        return rows, numbers

    def places(self, letters: Buffer, offsets: Whole) -> tuple[Whole, Whole, Whole]:
        """The same in texts that lie in a row between offsets; and where each match ends among their bytes."""
        if not len(self._lengths) or len(offsets) < 2:
            return NOTHING, NOTHING, NOTHING
        ids, ends = [], []
        for first, last in _stretches(offsets):
            found = self._scan(letters[first:last])
            if found:
                numbers, to = np.array(found, np.int64).T
                ids.append(numbers)
                ends.append(to + first)
        if not ids:
            return NOTHING, NOTHING, NOTHING
        return self._inside(np.concatenate(ids), np.concatenate(ends), offsets)

    def _scan(self, letters: Buffer) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []

        def add(number: int, _from: int, to: int, _flags: int, _context: object) -> None:
            found.append((number, to))

        self._database.scan(letters, match_event_handler=add, scratch=self._scratch)  # type: ignore[type-var] # any buffer will do
        return found

    def _inside(self, numbers: Whole, ends: Whole, offsets: Whole) -> tuple[Whole, Whole, Whole]:
        """Matches that do not reach over from one text into the next."""
        rows = np.searchsorted(offsets, ends, "left") - 1
        own = ends - self._lengths[numbers] >= offsets[rows]
        return rows[own], numbers[own], ends[own]


@lru_cache(maxsize=8)
def _compiled(literals: tuple[bytes, ...], any_case: bool) -> hyperscan.Database:
    """A database, which scans leave as it is: rules that are read again mostly have the lists that they had."""
    return database_of(literals, any_case)


def _stretches(offsets: Whole) -> Iterator[tuple[int, int]]:
    """Where whole texts begin and end that fit into one scan together."""
    first = int(offsets[0])
    while first < offsets[-1]:
        last = int(offsets[np.searchsorted(offsets, first + _MOST_BYTES, "right") - 1])
        if last == first:  # one text, however long
            last = int(offsets[np.searchsorted(offsets, first, "right")])
        yield first, last
        first = last
