"""Shares with intervals, and what a line would do: for signals that say of accounts or files yes or no.

An interval is the wider of two: a bootstrap over families (Field and Welsh, JRSS B 2007), and the exact binomial one
(Clopper and Pearson, Biometrika 1934), because a bootstrap over nothing but zeros claims that a rate is zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import beta

from seawall.measure.metrics import DRAWS, PREVALENCES, SEED, Floats, Interval, precision_at

Bools = npt.NDArray[np.bool_]
_CELLS = 4_000_000  # of draws and families held at a time
NOTHING = Interval(float("nan"), float("nan"), float("nan"))  # nothing was there to measure


def draws(families: int, many: int = DRAWS, seed: int = SEED) -> Floats:
    """How often each family is in each draw of families; the first draw is the families as they are."""
    times = np.random.default_rng(seed).multinomial(families, np.full(families, 1 / max(families, 1)), many)
    return np.vstack([np.ones(families), times]).astype(np.float64)


def sums(values: Floats, families: Sequence[str]) -> Floats:
    """Column sums of rows × columns over draws of whole families, one row a draw; the first is of the rows as they
    are. Memory does not grow with families."""
    names, at = np.unique(np.array(families, dtype=str), return_inverse=True)
    each = np.stack([np.bincount(at, column, len(names)) for column in values.T], 1)
    rng, some = np.random.default_rng(SEED), max(1, _CELLS // max(len(names), 1))
    even = np.full(len(names), 1 / max(len(names), 1))
    drawn = [rng.multinomial(len(names), even, min(some, DRAWS - begin)) @ each for begin in range(0, DRAWS, some)]
    return np.vstack([each.sum(0), *drawn]).astype(np.float64)


def of_draws(values: Floats) -> Interval:
    """What was measured, which comes first, and the middle 95% of what draws give; those that say nothing are NaN."""
    if not np.isfinite(values[0]):
        return NOTHING
    low, high = np.nanquantile(values[1:], (0.025, 0.975)) if np.isfinite(values[1:]).any() else (0.0, 1.0)
    return Interval(float(values[0]), float(low), float(high))


def share(yes: Bools, families: Sequence[str]) -> Interval:
    """The share of rows that are so."""
    if not len(yes):
        return NOTHING
    k, n = int(yes.sum()), len(yes)
    low = float(beta.ppf(0.025, k, n - k + 1)) if k else 0.0
    high = float(beta.ppf(0.975, k + 1, n - k)) if k < n else 1.0
    if len(set(families)) == n:  # nobody is related: the exact one says it all
        return Interval(k / n, low, high)
    so, of = sums(np.stack([yes.astype(np.float64), np.ones(n)], 1), families).T
    boot = of_draws(so / of)
    return Interval(k / n, min(low, boot.low), max(high, boot.high))


@dataclass(frozen=True, slots=True)
class LineAt:
    """What saying yes from one value on would find, and whom it would name wrongly."""

    line: float
    recall: Interval
    fpr: Interval

    def precision(self, prevalence: float) -> tuple[float, float]:
        """Share of those named that are right, if this share of all were: as measured, and with the interval's most
        false positives."""
        return (
            precision_at(prevalence, self.recall.value, self.fpr.value),
            precision_at(prevalence, self.recall.value, self.fpr.high),
        )

    def as_dict(self) -> dict[str, object]:
        """The form that `--json` prints."""
        both = {f"{p:.1%}": self.precision(p) for p in PREVALENCES}
        return {
            "line": self.line,
            "recall": as_json(self.recall),
            "fpr": as_json(self.fpr),
            "precision": {name: number(value) for name, (value, _) in both.items()},
            "precision_at_most_false": {name: number(least) for name, (_, least) in both.items()},
        }


def lines_at(at: Sequence[float], values: Floats, positive: Bools, families: Sequence[str]) -> list[LineAt]:
    """Recall and false positives at each line; a row is named where its value is the line or more. Nothing where one of
    the two kinds is missing."""
    if positive.all() or not positive.any():
        return []
    names = np.array(families, dtype=str)
    return [
        LineAt(
            line,
            share(values[positive] >= line, names[positive].tolist()),
            share(values[~positive] >= line, names[~positive].tolist()),
        )
        for line in at
    ]


def number(value: float) -> float | None:
    """Rounded to four places; null where nothing was measured."""
    return round(value, 4) if np.isfinite(value) else None


def as_json(its: Interval) -> dict[str, float | None]:
    """An interval as `--json` prints it."""
    return {"value": number(its.value), "low": number(its.low), "high": number(its.high)}
