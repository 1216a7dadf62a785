"""Near-duplicate texts: one-permutation MinHash (Li, Owen and Zhang, NeurIPS 2012; rotation of empty bins after
Shrivastava and Li, ICML 2014) over runs of bytes, banded, and every candidate checked on its whole signature."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
RUN = 8  # bytes of a shingle
BINS, BANDS = 64, 16
ALIKE = 48  # bins of 64 that two near-duplicates share at least: about three quarters of their shingles
_EMPTY = np.uint64(0xFFFFFFFFFFFFFFFF)
_BEGIN, _PRIME = np.uint64(14695981039346656037), np.uint64(1099511628211)
_MIX, _GOLD = np.uint64(0xFF51AFD7ED558CCD), np.uint64(0x9E3779B97F4A7C15)
_HALF, _ODD = np.uint64(32), np.uint64(33)

compiled = numba.njit(cache=True, nogil=True)


def alike(data: Array, offsets: Array) -> Array:
    """For each text the number of its group: texts of a group are near-duplicates of each other, link by link.

    `data` are the bytes of all texts in a row, text i from `offsets[i]` to `offsets[i + 1]`.
    """
    marks = _signatures(data, offsets)
    parents = np.arange(len(marks), dtype=np.int64)
    for band in range(BANDS):
        keys = _band(marks, band)
        _join(marks, keys, np.argsort(keys, kind="stable"), parents)
    return _roots(parents)


@compiled
def _signatures(data: Array, offsets: Array) -> Array:
    out = np.full((len(offsets) - 1, BINS), _EMPTY, np.uint64)
    for row in range(len(offsets) - 1):
        start, end = offsets[row], offsets[row + 1]
        for i in range(start, max(end - RUN + 1, start + 1)):
            h = _BEGIN
            for j in range(i, min(i + RUN, end)):
                h = (h ^ np.uint64(data[j])) * _PRIME
            h = (h ^ (h >> _ODD)) * _MIX
            h ^= h >> _ODD
            at = (h >> _HALF) % np.uint64(BINS)
            out[row, at] = min(out[row, at], h)
        _fill(out[row])
    return out


@compiled
def _fill(mark: Array) -> None:
    """Empty bins take from the next that is not, changed by how far it is."""
    was = mark.copy()
    for i in range(BINS):
        if was[i] == _EMPTY:
            for step in range(1, BINS):
                other = was[(i + step) % BINS]
                if other != _EMPTY:
                    mark[i] = other + np.uint64(step) * _GOLD
                    break


@compiled
def _band(marks: Array, band: int) -> Array:
    keys = np.empty(len(marks), np.uint64)
    rows = BINS // BANDS
    for i in range(len(marks)):
        h = np.uint64(band + 1) * _GOLD
        for j in range(band * rows, (band + 1) * rows):
            h = (h ^ marks[i, j]) * _MIX
            h ^= h >> _ODD
        keys[i] = h
    return keys


@compiled
def _join(marks: Array, keys: Array, order: Array, parents: Array) -> None:
    for k in range(1, len(order)):
        i, j = order[k - 1], order[k]
        if keys[i] == keys[j] and (marks[i] == marks[j]).sum() >= ALIKE:
            a, b = _root(parents, i), _root(parents, j)
            parents[max(a, b)] = min(a, b)


@compiled
def _root(parents: Array, i: int) -> int:
    while parents[i] != i:
        parents[i] = parents[parents[i]]
        i = parents[i]
    return i


@compiled
def _roots(parents: Array) -> Array:
    out = np.empty(len(parents), np.int64)
    for i in range(len(parents)):
        out[i] = _root(parents, i)
    return out
