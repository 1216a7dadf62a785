"""Dedupe keys: a 64-bit hash of each row's natural key, kept in sorted runs, so the same fact twice is one row.

The hash (xxh3-64 over table name and key columns) stands for the row: among a million rows the chance that any
two different facts share one is 3 in 100 million; at a billion rows it is 3%. A run is an immutable .npy file;
runs of like size are merged as they come, so looking up n keys among N costs n log N in a few runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import xxhash

from seawall.records.facts import Table

Keys = npt.NDArray[np.uint64]
_PART = 1 << 20  # keys that are sorted at a time
_BETWEEN, _NOTHING, _ESCAPE = "\x1f", "\x1e", "\x1d"
_ESCAPED = {mark: _ESCAPE + letter for mark, letter in ((_ESCAPE, "0"), (_NOTHING, "1"), (_BETWEEN, "2"))}


def keys_of(table: Table, rows: pa.Table) -> Keys:
    """The dedupe keys of rows, in their order. 'day' in a natural key is the day of the table's date column."""
    frame = pl.DataFrame(rows.select([c for c in {*table.key, table.dated_by} if c in rows.schema.names]))
    parts = [_part(table, name) for name in table.key]
    joined = frame.select(pl.concat_str([part.fill_null(_NOTHING) for part in parts], separator=_BETWEEN)).to_series()
    seed = xxhash.xxh3_64_intdigest(table.name.encode())
    digest = xxhash.xxh3_64_intdigest
    return np.fromiter((digest(row, seed) for row in joined.cast(pl.Binary).to_list()), np.uint64, rows.num_rows)


def _part(table: Table, name: str) -> pl.Expr:
    if name == "day":
        return pl.col(table.dated_by).dt.strftime("%Y-%m-%d")
    return pl.col(name).cast(pl.String).str.replace_many(list(_ESCAPED), list(_ESCAPED.values()))


def first_of_each(keys: Keys) -> npt.NDArray[np.bool_]:
    """Marks the first row of each key."""
    mask = np.zeros(len(keys), dtype=bool)
    mask[np.unique(keys, return_index=True)[1]] = True
    return mask


def known(keys: Keys, runs: Sequence[Path]) -> npt.NDArray[np.bool_]:
    """Marks the keys that some run already holds."""
    return known_among(keys, (np.load(run, mmap_mode="r") for run in runs))


def known_among(keys: Keys, sorted_keys: Iterable[Keys]) -> npt.NDArray[np.bool_]:
    """Marks the keys that some of several arrays, each sorted, already holds."""
    found = np.zeros(len(keys), dtype=bool)
    order = np.argsort(keys)
    ordered = keys[order]
    for held in sorted_keys:
        at = np.searchsorted(held, ordered)
        inside = at < len(held)
        found[order[inside]] |= held[at[inside]] == ordered[inside]
    return found


def in_order(new: Keys, runs: Sequence[Path]) -> Iterator[Keys]:
    """New keys and those of runs together, sorted, in parts of some megabytes however many there are.

    Keys are hashes, so equal shares of their range hold about as many of them.
    """
    held = [np.sort(new), *(np.load(run, mmap_mode="r") for run in runs)]
    parts = sum(map(len, held)) // _PART + 1
    cuts = np.array([part * 2**64 // parts for part in range(1, parts)], np.uint64)
    edges = [[0, *np.searchsorted(its, cuts), len(its)] for its in held]
    for part in range(parts):
        yield np.sort(np.concatenate([its[at[part] : at[part + 1]] for its, at in zip(held, edges, strict=True)]))


def write_run(stream: BinaryIO, rows: int, parts: Iterable[Keys]) -> None:
    """Write sorted keys, given in parts, as one .npy file."""
    np.lib.format.write_array_header_1_0(stream, {"descr": "<u8", "fortran_order": False, "shape": (rows,)})
    for part in parts:
        stream.write(part.tobytes())


def runs_to_merge(sizes: Sequence[int], coming: int) -> int:
    """How many of the newest runs (sizes oldest first) to merge with `coming` new keys, so that runs stay few."""
    merged, total = 0, coming
    for size in reversed(sizes):
        if size > 2 * total:
            break
        merged, total = merged + 1, total + size
    return merged
