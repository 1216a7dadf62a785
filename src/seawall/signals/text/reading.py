"""Reading: every text of a column as words, and once more as look-alikes where a word shows that it was hidden.

A text is read into one line: its exact words between spaces, its hashtags joined, then, if there is a reason, the same
words in look-alikes, where alphabets, digits, accents and drawn-out letters no longer matter. What is written there
counts only where a hidden word stands, and only if what was found is long enough for how surely the word was hidden.
So ordinary words meet nothing but themselves. The reasons, and how sure each is, are in docs/text.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from seawall.signals.text.columns import as_bytes, as_texts
from seawall.signals.text.kernels import read_rows
from seawall.signals.text.tables import tables

Array = npt.NDArray[Any]
LOOKS, SHORT = "\x01", "\x02"  # between look-alikes, where exact words have a space; SHORT: no letter twice in a row


@dataclass(frozen=True, slots=True)
class Reading:
    """A column of texts as it was read."""

    lines: Array  # bytes, a line per text
    offsets: Array  # where each line begins, and the end of the last; the newline is the line's
    hidden: Array  # hidden words: where each begins and ends in `lines`, and how surely it was hidden; in order

    def surest(self, starts: Array, ends: Array) -> Array:
        """For spans of `lines`, how surely the surest hidden word inside each was hidden; 0 where there is none."""
        sure = np.zeros(len(starts), np.int64)
        for level in np.unique(self.hidden[:, 2]):
            those = self.hidden[self.hidden[:, 2] >= level]
            inside = np.searchsorted(those[:, 1], ends, "right") > np.searchsorted(those[:, 0], starts, "left")
            sure[inside] = level
        return sure

    def around(self, starts: Array, ends: Array) -> Array:
        """For spans of `lines`, how surely the one word that each is a part of was hidden; 0 where it was not."""
        if not len(self.hidden):
            return np.zeros(len(starts), np.int64)
        at = np.minimum(np.searchsorted(self.hidden[:, 1], ends, "left"), len(self.hidden) - 1)
        word = self.hidden[at]
        return np.where((word[:, 0] <= starts) & (ends <= word[:, 1]), word[:, 2], 0)


def read(texts: pl.Series, always: bool = False) -> Reading:
    """Reads a column of texts. With `always`, each text's look-alikes stand in its line whatever it shows."""
    lines, offsets, hidden, apart = _rows(*as_bytes(texts), always)
    if apart.any():  # letters and marks that stand apart are composed first, and the column is read again
        composed = texts.zip_with(pl.Series(~apart), texts.str.normalize("NFKC"))
        lines, offsets, hidden, _ = _rows(*as_bytes(composed), always)
    return Reading(lines, offsets, hidden)


def load() -> None:
    """Load the tables and the compiled loops, as the first reading would. It starts no thread."""
    _rows(np.frombuffer(b"", np.uint8), np.frombuffer(bytes(8), np.int64), always=False)


def _rows(letters: Array, offsets: Array, always: bool) -> tuple[Array, Array, Array, Array]:
    made = tables()
    return read_rows(
        letters, offsets, made.folded, made.pool, made.kind, made.traits,
        made.sound, made.otherwise, made.arabic, always,
    )  # fmt: skip


def lines_of(reading: Reading) -> list[str]:
    """The lines as strings, for phrases and tests."""
    return reading.lines.tobytes().decode().split("\n")[:-1]


def words(text: pl.Expr) -> pl.Expr:
    """Text as folded words between single spaces, one at each end; hashtags come again at the end, joined."""
    return text.map_batches(_words, return_dtype=pl.String, is_elementwise=True)


def _words(texts: pl.Series) -> pl.Series:
    reading = read(texts)
    lines = as_texts(reading.lines, reading.offsets, like=texts)
    return lines.str.extract(r"^([^\n\x01]*)", 1)
