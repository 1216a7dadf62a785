"""Named hashes found among the pictures and files of posts: the same file, byte for byte, whatever it is called.

A hash is a SHA-256 (FIPS 180-4) in hexadecimal, as industry lists give it. A picture that was changed has another one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from seawall.signals.rules.literals import NOTHING, Whole

FORM = r"[0-9a-fA-F]{64}"


class Hashes:
    """Hashes by number."""

    def __init__(self, entries: Sequence[str]) -> None:
        known = {"file": [entry.lower() for entry in entries], "number": range(len(entries))}
        self._known = pl.DataFrame(known, {"file": pl.String, "number": pl.Int64})

    @property
    def all(self) -> pl.Series:
        """Every hash."""
        return self._known["file"]

    def find(self, files: pl.Series) -> tuple[Whole, Whole]:
        """Rows and numbers of the hashes that are among their files (a list column)."""
        if not self._known.height:
            return NOTHING, NOTHING
        every = files.to_frame("file").select("file", row=pl.int_range(pl.len(), dtype=pl.Int64))
        found = every.explode("file", empty_as_null=False, keep_nulls=False).join(self._known, on="file")
        return found["row"].to_numpy().astype(np.int64), found["number"].to_numpy().astype(np.int64)
