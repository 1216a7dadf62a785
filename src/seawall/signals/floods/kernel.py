"""The loop over counts: what each series would do by its own rhythm, and where it does far more.

A series' count in a bin is expected to be level x its own hour of day x everybody's hour and weekday. The level is a
discounted Gamma-Poisson estimate (West and Harrison, Bayesian Forecasting and Dynamic Models, 1997). Windows of three
lengths are held against it by the expectation-based scan statistic (Neill, Int. J. Forecasting 2009) under a negative
binomial law, whose spread is the series' own. So that a series which often bursts is not raised each time, the excess
must also pass what the series' own past bursts say comes once in so many days (peaks over threshold: Siffer et al.,
KDD 2017), with exponential excesses on the log scale.

Rows of counts come sorted by bin. All memory is in the two arrays of state, so rows may come in any portions of whole
bins. Row 0 of the series is everybody together.
"""

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
RING = 16  # bins that are remembered one by one
DAY, WEEK = 24, 7

# fields of a series' state
SEEN, COUNTED, EXPOSED, SPREAD, PEAKS, EXCESS, DAYS, ACTIVE, QUIET, TOP, RAISED, FIRST, HOUR, HOUR_SUM, HOUR_MEAN = (
    range(15)
)
OWN = 15  # the 24 hours
BINS = OWN + DAY  # the ring
WIDTH = BINS + RING
SHARED = DAY + WEEK + 6  # everybody's hours, weekdays, and what they are learned from

# columns of what is raised
OUT_SERIES, OUT_RAISED, OUT_ONSET, OUT_COUNT, OUT_EXPECTED, OUT_EVIDENCE, OUT_WIDTH = range(7)

compiled = numba.njit(cache=True, nogil=True)


@compiled
def evidence(count: float, expected: float, shape: float) -> float:
    """The log likelihood ratio of a raised rate under a negative binomial law; 0 where nothing is raised."""
    if count <= expected:
        return 0.0
    return count * math.log(count / expected) - (count + shape) * math.log((count + shape) / (expected + shape))


@compiled
def _between(hours: Array, first: int, bin_at: int, a_day: int) -> float:
    """An hourly rhythm at a bin, drawn straight between the middles of hours."""
    x = (bin_at % a_day) * DAY / a_day - 0.5
    low = math.floor(x)
    part = x - low
    return float(hours[first + int(low) % DAY] * (1 - part) + hours[first + int(low + 1) % DAY] * part)


@compiled
def _everybody(shared: Array, bin_at: int, a_day: int) -> float:
    return _between(shared, 0, bin_at, a_day) * float(shared[DAY + (bin_at // a_day) % WEEK])


@compiled
def _learn_everybody(shared: Array, bin_at: int, count: float, a_day: int) -> None:
    """Hours and weekdays of everybody together: the mean of each, against a level that forgets within weeks."""
    now, at = bin_at * DAY // a_day, DAY + WEEK  # at: hour, its sum, the day's sum, hours of the day, level, days
    if shared[at] >= 0 and now != shared[at]:
        hour = int(shared[at])
        if shared[at + 4] > 0:
            ratio = min(max(shared[at + 1] / shared[at + 4], 0.1), 5.0) / shared[DAY + (hour // DAY) % WEEK]
            shared[hour % DAY] += (0.25 if shared[at + 5] > 3 else 0.5) * (ratio - shared[hour % DAY])
        shared[at + 2] += shared[at + 1]
        shared[at + 3] += 1
        if now // DAY != hour // DAY:
            if shared[at + 3] >= DAY:  # a whole day
                mean = shared[at + 2] / shared[at + 3]
                shared[at + 5] += 1
                if shared[at + 4] == 0:
                    shared[at + 4] = mean
                elif shared[at + 5] > WEEK:
                    day = DAY + (hour // DAY) % WEEK
                    shared[day] += 0.3 * (min(max(mean / shared[at + 4], 0.3), 3.0) - shared[day])
                shared[at + 4] += (mean - shared[at + 4]) / min(shared[at + 5], 14.0)
            shared[at + 2] = shared[at + 3] = 0.0
        shared[at + 1] = 0.0
        shared[at] = now
    elif shared[at] < 0:
        shared[at] = now
    shared[at + 1] += count


@compiled
def _empty_ring(s: Array, b: int) -> None:
    """Bins since the last count had none."""
    gap = b - s[SEEN]
    if gap >= RING:
        s[BINS : BINS + RING] = 0.0
    else:
        for k in range(1, int(gap) + 1):
            s[BINS + (int(s[SEEN]) + k) % RING] = 0.0


@compiled
def _learn_total(s: Array, b: int, c: float, season: float, forget: float) -> None:
    """The level of everybody together, and the ring of its last bins."""
    if s[SEEN] >= 0:
        faded = forget ** (b - s[SEEN])
        s[COUNTED] *= faded
        s[EXPOSED] = s[EXPOSED] * faded + (forget - faded) / (1 - forget)
        _empty_ring(s, b)
    s[SEEN] = b
    s[BINS + b % RING] += c
    s[COUNTED] += c
    s[EXPOSED] += season


@compiled
def _swell(total: Array, s: Array, b: int, season: float, width: int) -> float:
    """How many times more than usual all others do just now, 1 at least: then this series may, too. A collection with
    gaps swells each time it begins again."""
    others = 0.0
    for k in range(width):
        others += total[BINS + (b - k) % RING] - s[BINS + (b - k) % RING]
    usual = total[COUNTED] / max(total[EXPOSED], 1.0) * season * width
    return float(max(1.0, (others + 10.0) / (usual + 10.0)))


@compiled
def _close_peak(s: Array, prior_excess: float) -> None:
    """A burst that has ended teaches how large this series' bursts are; a very large one no more than a large one."""
    mean = (s[EXCESS] + 2.0 * prior_excess) / (s[PEAKS] + 2.0)
    s[PEAKS] += 1.0
    s[EXCESS] += min(s[TOP], 3.0 * mean)
    s[ACTIVE] = 0.0
    s[TOP] = 0.0


@compiled
def _own_hour(s: Array, hour: int, gain: float) -> None:
    """What the last hour with a count said of this series' own day; hours without a count said zero."""
    last = int(s[HOUR])
    steps = min(hour - last, DAY)
    for k in range(steps):
        total = s[HOUR_SUM] if k == 0 else 0.0
        mean = s[HOUR_MEAN]
        if mean > 0:
            weight = gain * mean / (mean + 10.0)
            ratio = min(total / mean, 2.0)
            at = OWN + (last + k) % DAY
            s[at] += weight * (s[at] * ratio - s[at])
            s[at] = min(max(s[at], 0.1), 6.0)
    s[OWN : OWN + DAY] *= DAY / s[OWN : OWN + DAY].sum()  # the level is in the counts, not in the hours
    s[HOUR] = hour
    s[HOUR_SUM] = 0.0


@compiled
def step(  # noqa: PLR0912, PLR0915 - the one loop, in steps
    series: Array, bins: Array, counts: Array, state: Array, shared: Array, with_shared: bool, p: Array, out: Array
) -> tuple[int, int]:
    """Take counts in and write what is raised to `out` until that is full; returns how many rows were written, and how
    many counts were taken. `p` is `Settings.numbers()`."""
    a_day, w1, w2, w3, half, quiet = int(p[0]), int(p[1]), int(p[2]), int(p[3]), p[4], p[5]
    least, needed, often, threshold, prior_excess, pad, prior_count, prior_bins, memory, prior_days = p[6:16]
    forget = 0.5 ** (1.0 / half)
    n = 0
    for i in range(len(series)):
        if n == len(out):
            return n, i
        g, b, c = series[i], bins[i], float(counts[i])
        if g == 0:
            _learn_everybody(shared, b, c, a_day)
            _learn_total(state[0], b, c, _everybody(shared, b, a_day), forget)
            continue
        s = state[g]
        # 1. let the time since the last count pass: the level fades, bursts end, the ring empties
        gap = b - s[SEEN] if s[SEEN] >= 0 else 0.0
        everybody = _everybody(shared, b, a_day) if with_shared else 1.0
        hour = b * DAY // a_day
        if s[SEEN] < 0:
            s[FIRST] = b
            s[HOUR] = hour
        if gap > 0:
            faded = forget**gap
            s[COUNTED] *= faded
            mean = everybody if gap < a_day else 1.0
            s[EXPOSED] = s[EXPOSED] * faded + mean * (forget - faded) / (1 - forget)  # of the bins in between
            days = gap / a_day
            kept = 0.5 ** (days / memory)
            s[DAYS] = s[DAYS] * kept + days
            s[PEAKS] *= kept
            s[EXCESS] *= kept
            _empty_ring(s, b)
            if s[ACTIVE] > 0 and b - s[QUIET] > quiet:
                s[RAISED] = -1.0
                _close_peak(s, prior_excess)
            if hour != s[HOUR]:
                _own_hour(s, hour, 0.25)
                s[HOUR_MEAN] = 0.0
        s[SEEN] = b
        s[BINS + b % RING] += c
        # 2. what was to be expected, and how surely that is known
        season = _between(s, OWN, b, a_day) * everybody
        level = (s[COUNTED] + prior_count) / (s[EXPOSED] + prior_bins)
        expected = max(level * season, 1e-6)
        if with_shared:
            expected *= _swell(state[0], s, b, _everybody(shared, b, a_day), w3)
        if s[HOUR_MEAN] == 0:
            s[HOUR_MEAN] = expected * a_day / DAY
        s[HOUR_SUM] += min(c, 2 * expected + 2)
        shape = 1.0 / (max(s[SPREAD], 0.02) + 1.0 / (s[COUNTED] + prior_count))
        # 3. the windows
        best, best_w, total, middle = 0.0, w1, 0.0, 0.0
        for k in range(w3):
            total += s[BINS + (b - k) % RING]
            if k + 1 == w2:
                middle = total
            if k + 1 in (w1, w2, w3):
                found = evidence(total, expected * (k + 1), shape)
                if found > best:
                    best, best_w = found, k + 1
        in_middle = math.log((middle + pad) / (expected * w2 + pad))
        in_wide = math.log((total + pad) / (expected * w3 + pad))
        among, over, excess = middle, expected * w2, in_middle
        if in_wide > in_middle:
            among, over, excess = total, expected * w3, in_wide
        # 4. a burst goes on, begins, or is raised
        if excess > threshold:
            s[ACTIVE] = b + 1.0 if s[ACTIVE] == 0 else s[ACTIVE]
            s[QUIET] = b
            s[TOP] = max(s[TOP], excess - threshold)
        if s[ACTIVE] > 0 and s[RAISED] < 0 and best >= needed and among >= least:
            mean = (s[EXCESS] + 2.0 * prior_excess) / (s[PEAKS] + 2.0)
            rate = (s[PEAKS] + 1.0) / (s[DAYS] + prior_days)
            if excess >= threshold + mean * math.log(max(rate * often, 1.0)):
                s[RAISED] = b
                out[n, OUT_SERIES], out[n, OUT_RAISED], out[n, OUT_ONSET] = g, b, b - best_w + 1
                out[n, OUT_COUNT], out[n, OUT_EXPECTED], out[n, OUT_EVIDENCE] = among, over, best
                n += 1
        # 5. learn: a burst teaches the level little
        settled = b - s[FIRST] >= a_day // 2 and b - s[ACTIVE] < a_day // 4  # what lasts is no burst any more
        taken = min(c, 1.5 * expected + 0.5) if s[ACTIVE] > 0 and settled else min(c, 4 * expected + 2)
        s[COUNTED] = s[COUNTED] + taken
        s[EXPOSED] = s[EXPOSED] + season
        wide = expected * w2
        if wide >= 1.0:
            apart = min(middle, 6 * wide) - wide
            off = (apart * apart - wide) / (wide * wide)
            s[SPREAD] += 0.5 / half * w2 * (min(max(off, 0.0), 4.0) - s[SPREAD])
    return n, len(series)


def fresh(series: int) -> Array:
    """The state of so many series that nothing is known of; the first is everybody."""
    state = np.zeros((series, WIDTH))
    state[:, SEEN] = state[:, RAISED] = -1.0
    state[:, SPREAD] = 0.1
    state[:, OWN : OWN + DAY] = 1.0
    return state


def fresh_shared() -> Array:
    """Everybody's rhythm before anything is known: flat."""
    shared = np.zeros(SHARED)
    shared[: DAY + WEEK] = 1.0
    shared[DAY + WEEK] = -1.0
    return shared
