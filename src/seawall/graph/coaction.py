"""Windowed co-action: which accounts did the same thing within so many seconds of each other, and how often.

Actions are columns: who (dense numbers), what (dense numbers of objects), when (seconds). A pair's weight is the number
of objects on which the two acted within the window; an account must act at most once on each object (its first act).
Memory is bounded: pairs are first counted per account, then collected for one stretch of accounts after the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
MOST_PAIRS = 1 << 25  # collected at a time: 256 MiB, and as much again to sort them
_DIGIT = 11
_HOUR, _DAY = 3600, 86_400
_NO_ROWS = np.zeros(0, np.uint32)

compiled = numba.njit(cache=True, nogil=True)


@dataclass(frozen=True, slots=True)
class Actions:
    """Acts in order of object, then time. Times are seconds of UTC."""

    who: Array  # uint32
    what: Array  # uint32
    when: Array  # int64
    accounts: int

    def __len__(self) -> int:
        return len(self.who)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of accounts, first < second, in order; how often each co-acted; and all co-acts by hour of the day."""

    first: Array  # uint32
    second: Array  # uint32
    weight: Array  # int64
    hours: Array  # int64, 24: co-acts of all pairs, those not kept too

    def __len__(self) -> int:
        return len(self.first)


def actions(who: Array, what: Array, when: Array, accounts: int) -> Actions:
    """Puts acts in order of object, then time."""
    if not len(who):
        return Actions(np.zeros(0, np.uint32), np.zeros(0, np.uint32), np.zeros(0, np.int64), accounts)
    start = int(when.min())
    bits = max(int(int(when.max()) - start).bit_length(), 1)
    if int(what.max()).bit_length() + bits > 64:
        raise ValueError("times lie too far apart")
    keys = (what.astype(np.uint64) << np.uint64(bits)) | (when - start).astype(np.uint64)
    rows, most = who.astype(np.uint32), int(keys.max()).bit_length()
    keys, ordered = _radix(keys, np.empty_like(keys), rows, np.empty_like(rows), most)
    times = (keys & np.uint64((1 << bits) - 1)).astype(np.int64) + start
    return Actions(ordered, (keys >> np.uint64(bits)).astype(np.uint32), times, accounts)


def pairs(acts: Actions, window: int, least: int = 2, most: int = MOST_PAIRS) -> Pairs:
    """Pairs that co-acted on at least `least` objects within `window` seconds. `most` bounds memory, not the answer."""
    counts, hours = _count(acts.who, acts.what, acts.when, window, acts.accounts)
    bits = max(int(acts.accounts).bit_length(), 1)
    found = []
    for low, high, total in _stretches(counts, most):
        keys = np.empty(total, np.uint64)
        _collect(acts.who, acts.what, acts.when, window, low, high, bits, keys)
        found.append(_weighed(_radix(keys, np.empty_like(keys), _NO_ROWS, _NO_ROWS, 2 * bits)[0], least))
    keys = np.concatenate([part[0] for part in found]) if found else np.zeros(0, np.uint64)
    weight = np.concatenate([part[1] for part in found]) if found else np.zeros(0, np.int64)
    second = (keys & np.uint64((1 << bits) - 1)).astype(np.uint32)
    return Pairs((keys >> np.uint64(bits)).astype(np.uint32), second, weight, hours)


def size(acts: Actions, window: int) -> int:
    """How many co-acts a window holds, of accounts with themselves too; takes one pass and no memory."""
    return int(_size(acts.what, acts.when, window))


def close(acts: Actions, window: int) -> Array:
    """Of each object: how many pairs of its acts lie within `window` seconds."""
    return _close(acts.what, acts.when, window)


def together(
    starts: Array, objects: Array, times: Array, first: Array, second: Array, window: int, chance: Array
) -> tuple[Array, Array]:
    """Of each pair: on how many objects both acted within `window` seconds, and the mean of `chance` over these.

    `objects` and `times` are those of account i in order of object, from `starts[i]` to `starts[i + 1]`; `chance` is
    per object.
    """
    return _together(starts, objects, times, first, second, window, chance)


def made_by(starts: Array, objects: Array, times: Array, first: Array, second: Array, window: int, kinds: int) -> Array:
    """Of each object: how many of the given pairs acted on it within `window` seconds."""
    return _made_by(starts, objects, times, first, second, window, kinds)


def near(starts: Array, times: Array, first: Array, second: Array, window: int) -> Array:
    """Of each pair: how many pairs of their acts lie within `window` seconds, whatever they were.

    `times` are those of account i in order, from `starts[i]` to `starts[i + 1]`.
    """
    return _near(starts, times, first, second, window)


def poisson_tail(counts: Array, means: Array) -> Array:
    """log10 of the chance that a Poisson number of this mean is at least this count; 0 where it is no surprise."""
    return _poisson_tail(counts.astype(np.int64), means.astype(np.float64))


def binomial_tail(counts: Array, tries: Array, chances: Array) -> Array:
    """log10 of the chance of at least `counts` hits in `tries`. It bounds the tail of tries of unequal chances with
    this mean (Hoeffding 1956); 0 where it is no surprise."""
    return _binomial_tail(counts.astype(np.int64), tries.astype(np.int64), chances.astype(np.float64))


def _stretches(counts: Array, most: int) -> list[tuple[int, int, int]]:
    """Stretches of accounts whose pairs fit into memory together. One account alone may not fit: it is one stretch."""
    ends = np.cumsum(counts)
    stretches, low, done = [], 0, 0
    while low < len(counts) and done < (ends[-1] if len(ends) else 0):
        high = max(int(np.searchsorted(ends, done + most, "right")), low + 1)
        total = int(ends[high - 1]) - done
        if total:
            stretches.append((low, high, total))
        low, done = high, int(ends[high - 1])
    return stretches


def _weighed(keys: Array, least: int) -> tuple[Array, Array]:
    kept = np.empty(_runs(keys, least, np.empty(0, np.uint64), np.empty(0, np.int64)), np.uint64)
    weight = np.empty(len(kept), np.int64)
    _runs(keys, least, kept, weight)
    return kept, weight


@compiled
def _count(who: Array, what: Array, when: Array, window: int, accounts: int) -> tuple[Array, Array]:
    """Pairs by their lower account, and by the hour of the later act."""
    counts, hours, low = np.zeros(accounts, np.int64), np.zeros(24, np.int64), 0
    for i in range(len(who)):
        while what[low] != what[i] or when[i] - when[low] > window:
            low += 1
        same = 0
        for j in range(low, i):
            if who[j] != who[i]:
                counts[min(who[i], who[j])] += 1
                same += 1
        hours[(when[i] % _DAY) // _HOUR] += same
    return counts, hours


@compiled
def _collect(who: Array, what: Array, when: Array, window: int, first: int, end: int, bits: int, out: Array) -> None:
    low, n, shift = 0, 0, np.uint64(bits)
    for i in range(len(who)):
        while what[low] != what[i] or when[i] - when[low] > window:
            low += 1
        for j in range(low, i):
            a, b = min(who[i], who[j]), max(who[i], who[j])
            if a != b and first <= a < end:
                out[n] = (np.uint64(a) << shift) | np.uint64(b)
                n += 1


@compiled
def _size(what: Array, when: Array, window: int) -> int:
    total, low = 0, 0
    for i in range(len(what)):
        while what[low] != what[i] or when[i] - when[low] > window:
            low += 1
        total += i - low
    return total


@compiled
def _radix(keys: Array, other: Array, rows: Array, others: Array, bits: int) -> tuple[Array, Array]:
    """Keys in order, each with what stood beside it; `rows` may be empty."""
    for shift in range(0, bits, _DIGIT):
        ends, s = np.zeros(1 << _DIGIT, np.int64), np.uint64(shift)
        mask = np.uint64((1 << _DIGIT) - 1)
        for key in keys:
            ends[(key >> s) & mask] += 1
        if ends.max() == len(keys):
            continue
        at = 0
        for i in range(len(ends)):
            ends[i], at = at, at + ends[i]
        for i in range(len(keys)):
            digit = (keys[i] >> s) & mask
            other[ends[digit]] = keys[i]
            if len(rows):
                others[ends[digit]] = rows[i]
            ends[digit] += 1
        keys, other = other, keys
        rows, others = others, rows
    return keys, rows


@compiled
def _runs(keys: Array, least: int, kept: Array, weight: Array) -> int:
    """Keys that come at least so often, and how often; how many there are."""
    n, i = 0, 0
    while i < len(keys):
        j = i + 1
        while j < len(keys) and keys[j] == keys[i]:
            j += 1
        if j - i >= least:
            if n < len(kept):
                kept[n], weight[n] = keys[i], j - i
            n += 1
        i = j
    return n


@compiled
def _close(what: Array, when: Array, window: int) -> Array:
    out, low = np.zeros(what.max() + 1 if len(what) else 0, np.int64), 0
    for i in range(len(what)):
        while what[low] != what[i] or when[i] - when[low] > window:
            low += 1
        out[what[i]] += i - low
    return out


@compiled
def _together(
    starts: Array, objects: Array, times: Array, first: Array, second: Array, window: int, chance: Array
) -> tuple[Array, Array]:
    shared, mean = np.zeros(len(first), np.int64), np.zeros(len(first))
    for k in range(len(first)):
        i, j = starts[first[k]], starts[second[k]]
        i_end, j_end = starts[first[k] + 1], starts[second[k] + 1]
        while i < i_end and j < j_end:
            if objects[i] == objects[j]:
                if abs(times[i] - times[j]) <= window:
                    shared[k] += 1
                    mean[k] += chance[objects[i]]
                i += 1
                j += 1
            elif objects[i] < objects[j]:
                i += 1
            else:
                j += 1
        mean[k] /= max(shared[k], 1)
    return shared, mean


@compiled
def _made_by(
    starts: Array, objects: Array, times: Array, first: Array, second: Array, window: int, kinds: int
) -> Array:
    close = np.zeros(kinds, np.int64)
    for k in range(len(first)):
        i, j = starts[first[k]], starts[second[k]]
        i_end, j_end = starts[first[k] + 1], starts[second[k] + 1]
        while i < i_end and j < j_end:
            if objects[i] == objects[j]:
                close[objects[i]] += abs(times[i] - times[j]) <= window
                i += 1
                j += 1
            elif objects[i] < objects[j]:
                i += 1
            else:
                j += 1
    return close


@compiled
def _near(starts: Array, times: Array, first: Array, second: Array, window: int) -> Array:
    out = np.zeros(len(first), np.int64)
    for k in range(len(first)):
        low, high = starts[second[k]], starts[second[k]]
        end = starts[second[k] + 1]
        for i in range(starts[first[k]], starts[first[k] + 1]):
            while low < end and times[low] < times[i] - window:
                low += 1
            high = max(high, low)
            while high < end and times[high] <= times[i] + window:
                high += 1
            out[k] += high - low
    return out


@compiled
def _poisson_tail(counts: Array, means: Array) -> Array:
    out = np.zeros(len(counts))
    for k in range(len(counts)):
        c, mean = counts[k], means[k]
        if c <= mean or mean <= 0:
            out[k] = 0.0 if c <= mean or c == 0 else -np.inf
            continue
        term = -mean + c * np.log(mean)
        for i in range(2, c + 1):
            term -= np.log(i)
        step, total, i = 1.0, 1.0, c
        while step > 1e-12 * total:
            i += 1
            step *= mean / i
            total += step
        out[k] = (term + np.log(total)) / np.log(10.0)
    return out


@compiled
def _binomial_tail(counts: Array, tries: Array, chances: Array) -> Array:
    out = np.zeros(len(counts))
    for k in range(len(counts)):
        c, n, q = counts[k], tries[k], chances[k]
        if c <= n * q or q >= 1.0:
            continue
        if q <= 0.0:
            out[k] = -np.inf
            continue
        term = c * np.log(q) + (n - c) * np.log(1.0 - q)
        for i in range(1, c + 1):
            term += np.log(n - c + i) - np.log(i)
        step, total = 1.0, 1.0
        for i in range(c, n):
            step *= (n - i) / (i + 1.0) * q / (1.0 - q)
            total += step
        out[k] = (term + np.log(total)) / np.log(10.0)
    return out
