"""Hashed runs of letters, over the bytes of a column of texts. No Python object is made for a post.

A word is bytes between spaces and ASCII signs; a space stands at each end. Runs of 3 to 6 bytes are hashed (FNV-1a,
then a mix) into a table of weights: feature hashing (Weinberger et al., ICML 2009) of character n-grams inside words.
Handles, links and the given words are passed over.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
SHORTEST, LONGEST = 3, 6  # bytes of a run: one to six letters
BITS = 18
_MASK = np.uint64((1 << BITS) - 1)
_BEGIN, _PRIME = np.uint64(14695981039346656037), np.uint64(1099511628211)
_MIX, _SHIFT, _TOP = np.uint64(0xBF58476D1CE4E5B9), np.uint64(29), np.uint64(24)
_LOW = np.uint64(0xFFFF)

compiled = numba.njit(cache=True, nogil=True)


@compiled
def _in_word(byte: int) -> bool:
    return byte >= 0x80 or 0x30 <= byte <= 0x39 or 0x61 <= byte <= 0x7A or 0x41 <= byte <= 0x5A


@compiled
def _word(data: Array, at: int, end: int) -> tuple[int, int]:
    """Where the next word of a text begins and ends; both `end` if there is none. Handles and links are none."""
    while at < end:
        byte = data[at]
        if byte == 0x40:  # @
            at += 1
            while at < end and (_in_word(data[at]) or data[at] == 0x5F):
                at += 1
        elif _in_word(byte):
            start = at
            while at < end and _in_word(data[at]):
                at += 1
            if at + 2 >= end or data[at] != 0x3A or data[at + 1] != 0x2F or data[at + 2] != 0x2F:
                return start, at
            while at < end and data[at] > 0x20:  # what follows :// is an address
                at += 1
        else:
            at += 1
    return end, end


@compiled
def _hash(data: Array, start: int, stop: int) -> np.uint64:
    h = _BEGIN
    for i in range(start, stop):
        h = (h ^ np.uint64(data[i])) * _PRIME
    return h


@compiled
def hash_of(word: Array) -> np.uint64:
    """What stands for a word that is passed over."""
    return _hash(word, 0, len(word))


@compiled
def _passed(h: np.uint64, known: Array, near: Array) -> bool:
    """Whether a word is one of those passed over: `known` are their hashes, sorted; `near` says where it may be."""
    if not near[h & _LOW]:
        return False
    at = np.searchsorted(known, h)
    return bool(at < len(known) and known[at] == h)


@compiled
def _place(h: np.uint64) -> np.uint64:
    return (((h ^ (h >> _SHIFT)) * _MIX) >> _TOP) & _MASK


@compiled
def score(offsets: Array, data: Array, known: Array, near: Array, weights: Array, out: Array) -> None:
    """For each text the sum of its runs' weights over the root of their number; 0 where it has none."""
    for row in range(len(offsets) - 1):
        end, total, count = offsets[row + 1], np.float32(0), 0
        start, stop = _word(data, offsets[row], end)
        while start < end:
            if not _passed(_hash(data, start, stop), known, near):
                for first in range(start - 1, stop):
                    h = _BEGIN
                    for i in range(first, min(first + LONGEST, stop + 1)):
                        byte = data[i] if start <= i < stop else 0x20
                        h = (h ^ np.uint64(byte)) * _PRIME
                        if i - first + 1 >= SHORTEST:
                            total += weights[_place(h)]
                            count += 1
            start, stop = _word(data, stop, end)
        out[row] = total / np.sqrt(np.float32(max(count, 1)))


@compiled
def places(offsets: Array, data: Array, known: Array, near: Array, rows: Array, out: Array) -> int:
    """The place of every run in the table: filled into `out`, as many as fit, with where each text's begin in `rows`.

    Returns how many there are.
    """
    count = 0
    for row in range(len(offsets) - 1):
        rows[row] = count
        end = offsets[row + 1]
        start, stop = _word(data, offsets[row], end)
        while start < end:
            if not _passed(_hash(data, start, stop), known, near):
                for first in range(start - 1, stop):
                    h = _BEGIN
                    for i in range(first, min(first + LONGEST, stop + 1)):
                        byte = data[i] if start <= i < stop else 0x20
                        h = (h ^ np.uint64(byte)) * _PRIME
                        if i - first + 1 >= SHORTEST:
                            if count < len(out):
                                out[count] = _place(h)
                            count += 1
            start, stop = _word(data, stop, end)
    rows[len(offsets) - 1] = count
    return count
