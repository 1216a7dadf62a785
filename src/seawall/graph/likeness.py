"""Compiled loops that compare accounts: marks cut from texts, postings that find who shares rare marks, overlaps of two
bags of marks, and how likely one spelling is to have come from another. Columns only; no Python object per post.

A mark is 40 bits: what kind of thing it is in the upper 4, a hash of the thing in the lower 36. The marks of an account
are sorted, so two accounts are compared in one walk.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
WORD, RUN, TAG, NAMED, LINK, SIGN, BIO, NAME, HANDLE, PICTURE, AUDIENCE = range(11)
KINDS = 11
KIND_SHIFT = 36
_LOW = np.uint64((1 << KIND_SHIFT) - 1)
_BEGIN, _PRIME = np.uint64(14695981039346656037), np.uint64(1099511628211)
_MIX, _FOLD = np.uint64(0xBF58476D1CE4E5B9), np.uint64(29)
_RUN_LENGTH = 4  # letters of a run

compiled = numba.njit(cache=True, nogil=True)


@compiled
def _hash(data: Array, start: int, stop: int) -> np.uint64:
    h = _BEGIN
    for i in range(start, stop):
        h = (h ^ np.uint64(data[i])) * _PRIME
    return h


@compiled
def mark(kind: int, h: np.uint64) -> np.uint64:
    """A mark of this kind from a 64-bit hash."""
    mixed = (h ^ (h >> _FOLD)) * _MIX
    return (np.uint64(kind) << np.uint64(KIND_SHIFT)) | ((mixed >> np.uint64(24)) & _LOW)


@compiled
def word_hash(word: Array) -> np.uint64:
    """What stands for a word that is passed over."""
    return _hash(word, 0, len(word))


@compiled
def hashes(offsets: Array, data: Array, kind: int, out: Array) -> None:
    """One mark for each whole text."""
    for row in range(len(offsets) - 1):
        out[row] = mark(kind, _hash(data, offsets[row], offsets[row + 1]))


@compiled
def wide_hashes(offsets: Array, data: Array, out: Array) -> None:
    """A 64-bit hash of each whole text, of no kind."""
    for row in range(len(offsets) - 1):
        out[row] = _hash(data, offsets[row], offsets[row + 1])


@compiled
def _letter(byte: int) -> bool:
    return byte >= 0x80 or 0x30 <= byte <= 0x39 or 0x61 <= byte <= 0x7A or byte == 0x5F


@compiled
def _is_link(data: Array, at: int, end: int) -> bool:
    return at + 2 < end and data[at] == 0x3A and data[at + 1] == 0x2F and data[at + 2] == 0x2F


@compiled
def _put(out: Array, rows: Array, at: int, row: int, key: np.uint64) -> int:
    if at < len(out):
        out[at] = key
        rows[at] = row
    return at + 1


@compiled
def _runs(data: Array, start: int, stop: int, row: int, out: Array, rows: Array, at: int) -> int:
    """Every run of letters inside a word, with a space at each end; a shorter word is its own run."""
    first = start
    while first < stop:
        end, letters = first, 0
        h = _BEGIN
        if first == start:
            h = (h ^ np.uint64(0x20)) * _PRIME
            letters = 1
        while end < stop and letters < _RUN_LENGTH:
            h = (h ^ np.uint64(data[end])) * _PRIME
            end += 1
            while end < stop and 0x80 <= data[end] < 0xC0:
                h = (h ^ np.uint64(data[end])) * _PRIME
                end += 1
            letters += 1
        if letters < _RUN_LENGTH:
            h = (h ^ np.uint64(0x20)) * _PRIME
        at = _put(out, rows, at, row, mark(RUN, h))
        if end >= stop and letters < _RUN_LENGTH:
            break
        first += 1
        while first < stop and 0x80 <= data[first] < 0xC0:
            first += 1
    return at


@compiled
def text_marks(offsets: Array, data: Array, passed: Array, out: Array, rows: Array) -> int:  # noqa: PLR0912 - one pass
    """Words, runs of letters, hashtags, handles, links and runs of signs of lower-cased texts, as many as fit.

    Words whose hashes stand in `passed` (sorted) are passed over. Returns how many marks there are.
    """
    at = 0
    for row in range(len(offsets) - 1):
        i, end = offsets[row], offsets[row + 1]
        while i < end:
            byte = data[i]
            if byte in (0x40, 0x23) and i + 1 < end and _letter(data[i + 1]):
                start = i + 1
                i = start
                while i < end and _letter(data[i]):
                    i += 1
                h = _hash(data, start, i)
                where = np.searchsorted(passed, h)
                if not (where < len(passed) and passed[where] == h):
                    at = _put(out, rows, at, row, mark(NAMED if byte == 0x40 else TAG, h))
            elif _letter(byte):
                start = i
                while i < end and _letter(data[i]):
                    i += 1
                if _is_link(data, i, end):
                    i += 3
                    start = i
                    while i < end and data[i] > 0x20 and data[i] != 0x2F and data[i] != 0x3F:
                        i += 1
                    at = _put(out, rows, at, row, mark(LINK, _hash(data, start, i)))
                    whole = i
                    while i < end and data[i] > 0x20:
                        i += 1
                    if i > whole + 1:
                        at = _put(out, rows, at, row, mark(LINK, _hash(data, start, i)))
                else:
                    h = _hash(data, start, i)
                    where = np.searchsorted(passed, h)
                    if not (where < len(passed) and passed[where] == h):
                        at = _put(out, rows, at, row, mark(WORD, h))
                        at = _runs(data, start, i, row, out, rows, at)
            elif byte > 0x20:
                start = i
                while i < end and data[i] > 0x20 and not _letter(data[i]) and data[i] not in (0x40, 0x23):
                    i += 1
                i = max(i, start + 1)
                at = _put(out, rows, at, row, mark(SIGN, _hash(data, start, i)))
            else:
                i += 1
    return at


@compiled
def name_marks(offsets: Array, data: Array, kind: int, out: Array, rows: Array) -> int:
    """Runs of three bytes of short Latin spellings, with a sign at each end, as many as fit; returns how many."""
    at = 0
    for row in range(len(offsets) - 1):
        start, end = offsets[row], offsets[row + 1]
        if start == end:
            continue
        for first in range(start - 1, end - 1):
            h = _BEGIN
            for i in range(first, first + 3):
                byte = data[i] if start <= i < end else 0x20
                h = (h ^ np.uint64(byte)) * _PRIME
            at = _put(out, rows, at, row, mark(kind, h))
    return at


@compiled
def search(
    wanted: Array, ids: Array, starts: Array, postings: Array, idf: Array, reach: int, score: Array, found: Array
) -> int:
    """Who shares rare marks with one account: the sum of the shared marks' weights, rarest first, until `reach`
    postings were read. `score` is all zero before; rows touched are left in `found`, and how many is returned."""
    places = np.empty(len(wanted), np.int64)
    count = 0
    for key in wanted:
        where = np.searchsorted(ids, key)
        if where < len(ids) and ids[where] == key:
            places[count] = where
            count += 1
    places = places[:count]
    length = starts[places + 1] - starts[places]
    read, touched = 0, 0
    for place in places[np.argsort(length)]:
        begin, end = starts[place], starts[place + 1]
        if read and read + end - begin > reach:
            break
        read += end - begin
        for i in range(begin, min(end, begin + reach)):
            row = postings[i]
            if score[row] == 0:
                found[touched] = row
                touched += 1
            score[row] += idf[place]
    return touched


@compiled
def strongest(score: Array, found: Array, touched: int, most: int) -> Array:
    """The rows of the highest scores, ties by row; clears `score` for the next search."""
    rows = found[:touched].copy()
    values = np.empty(touched, np.float32)
    for i in range(touched):
        values[i] = score[rows[i]]
        score[rows[i]] = 0
    if touched > most:
        least = np.partition(values, touched - most)[touched - most]
        keep = values >= least
        rows, values = rows[keep], values[keep]
    by_row = np.argsort(rows)
    rows, values = rows[by_row], values[by_row]
    return rows[np.argsort(-values, kind="mergesort")][:most]


@compiled
def overlaps(
    keys: Array, weights: Array, norms: Array, rows: Array, starts: Array, all_keys: Array, all_weights: Array,
    all_norms: Array, idf: Array, cosine: Array, shared: Array,
) -> None:  # fmt: skip
    """For one bag against the bags of `rows`: cosine per kind, and the summed rarity (`idf`, of the first bag's marks)
    of what both have."""
    for c in range(len(rows)):
        row = rows[c]
        i, j, end = 0, starts[row], starts[row + 1]
        while i < len(keys) and j < end:
            if keys[i] < all_keys[j]:
                i += 1
            elif keys[i] > all_keys[j]:
                j += 1
            else:
                of = np.int64(keys[i] >> np.uint64(KIND_SHIFT))
                cosine[c, of] += weights[i] * all_weights[j]
                shared[c, of] += idf[i]
                i += 1
                j += 1
        for kind in range(KINDS):
            both = norms[kind] * all_norms[row, kind]
            cosine[c, kind] = cosine[c, kind] / both if both > 0 else 0.0


_LONGEST = 60  # letters of a spelling that are looked at
LETTERS = 40  # a to z, 0 to 9, '_', '.', end, and anything else


@compiled
def code(byte: int) -> int:
    """The place of a byte in a spelling's alphabet."""
    if 0x61 <= byte <= 0x7A:
        return byte - 0x61
    if 0x30 <= byte <= 0x39:
        return byte - 0x30 + 26
    if byte == 0x5F:
        return 36
    if byte in (0x2E, 0x20, 0x2D):
        return 37
    return 39


@compiled
def count_letters(offsets: Array, data: Array, counts: Array) -> None:
    """How often each letter follows each two, over a column of spellings; 38 is the end."""
    for row in range(len(offsets) - 1):
        a = b = 38
        if offsets[row] == offsets[row + 1]:
            continue
        for i in range(offsets[row], offsets[row + 1]):
            c = code(data[i])
            counts[a, b, c] += 1
            a, b = b, c
        counts[a, b, 38] += 1


@compiled
def by_chance(text: Array, letters: Array) -> float:
    """Log-probability of a spelling by itself; `letters` are log-probabilities of a letter after two."""
    a = b = 38
    total = 0.0
    for byte in text[:_LONGEST]:
        c = code(byte)
        total += letters[a, b, c]
        a, b = b, c
    return float(total + letters[a, b, 38])


@compiled
def _twins(a: int, b: int) -> bool:
    """A digit written for a letter: o and 0, i or l and 1, e and 3, a and 4, s and 5, t and 7, b and 8."""
    for letter, digit in ((14, 26), (8, 27), (11, 27), (4, 29), (0, 30), (18, 31), (19, 33), (1, 34)):
        if (a == letter and b == digit) or (b == letter and a == digit):
            return True
    return False


@compiled
def _step(parent: int, child: int, costs: Array) -> float:
    """Probability that a letter was written for another."""
    if parent == child:
        return float(costs[0])
    if _twins(parent, child):
        return float(costs[1])
    if 26 <= parent < 36 and 26 <= child < 36:
        return float(costs[5] * costs[8])
    return float(costs[2] * costs[7])


@compiled
def from_another(child: Array, parent: Array, costs: Array) -> float:
    """Log-probability that `child` was made by editing `parent`: all alignments summed (Ristad and Yianilos 1998).

    `costs`, probabilities: copy a letter, write its twin, another letter, leave one out, put one in, begin to put in at
    an end (or a digit or sign anywhere), go on putting in there, a letter by chance, a digit, a sign between words.
    """
    n, m = min(len(parent), _LONGEST), min(len(child), _LONGEST)
    row, new = np.zeros(m + 1), np.zeros(m + 1)
    row[0] = 1.0
    for j in range(1, m + 1):
        row[j] = row[j - 1] * (costs[5] if j == 1 else costs[6]) * _any(code(child[j - 1]), costs)
    for i in range(1, n + 1):
        p = code(parent[i - 1])
        left = costs[5] if 26 <= p <= 38 else costs[3]
        for j in range(m + 1):
            total = row[j] * left
            if j > 0:
                c = code(child[j - 1])
                opened = costs[5] if 26 <= c <= 38 else costs[4]
                total += row[j - 1] * _step(p, c, costs) + new[j - 1] * opened * _any(c, costs)
            new[j] = total
        row, new = new, row
    after = 0.0
    for j in range(1, m + 1):
        after = (row[j - 1] * costs[5] + after * costs[6]) * _any(code(child[j - 1]), costs)
    return float(np.log(max(row[m] + after, 1e-300)))


@compiled
def _any(letter: int, costs: Array) -> float:
    """Probability of a letter that was put in."""
    if 26 <= letter < 36:
        return float(costs[8])
    return float(costs[9] if letter in (36, 37) else costs[7])


@compiled
def edited(child: Array, rows: Array, offsets: Array, data: Array, costs: Array, out: Array) -> None:
    """`from_another` for one spelling against the spellings of `rows`; -1e9 where there is none."""
    for c in range(len(rows)):
        parent = data[offsets[rows[c]] : offsets[rows[c] + 1]]
        out[c] = from_another(child, parent, costs) if len(parent) and len(child) else -1e9
