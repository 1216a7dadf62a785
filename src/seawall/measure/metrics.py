"""How well a score tells positives from negatives, with intervals by bootstrap over families.

A bootstrap draws whole families with replacement (Field and Welsh, Bootstrapping clustered data, JRSS B 2007), so
an operator with five accounts counts as one draw, not five. Several splits of the same families share each draw,
and every method is measured on the same draws, so differences are paired.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
RECALL = 0.8
PREVALENCES = (0.001, 0.01)
METRICS = ("auc", "ap", "fpr")


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of one method on one split's test accounts."""

    positive: npt.NDArray[np.bool_]
    family: npt.NDArray[np.str_]
    values: Floats


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate and the 2.5% and 97.5% points of its bootstrap distribution."""

    value: float
    low: float
    high: float

    def as_dict(self) -> dict[str, float]:
        """Rounded to four places."""
        return {"value": round(self.value, 4), "low": round(self.low, 4), "high": round(self.high, 4)}


def weighted(scores: Scores, weights: Floats) -> dict[str, Floats]:
    """AUC, average precision and false positive rate at recall .8, for each row of weights (draws × accounts).

    Ties count half in AUC; for the others tied accounts enter together, so a constant score gains nothing.
    """
    order = np.argsort(-scores.values, kind="stable")
    ends = np.flatnonzero(np.diff(scores.values[order], append=np.nan) != 0)
    hits = np.cumsum(np.where(scores.positive[order], weights[:, order], 0.0), axis=1)[:, ends]
    misses = np.cumsum(np.where(scores.positive[order], 0.0, weights[:, order]), axis=1)[:, ends]
    total, others = hits[:, -1:], misses[:, -1:]
    with np.errstate(invalid="ignore", divide="ignore"):
        recall, false = hits / total, misses / others
        gained = np.diff(recall, axis=1, prepend=0.0)
        auc = (np.diff(false, axis=1, prepend=0.0) * (recall - gained / 2)).sum(axis=1)
        ap = (gained * np.nan_to_num(hits / (hits + misses))).sum(axis=1)
    reached = np.argmax(recall >= RECALL - 1e-12, axis=1)
    fpr = np.take_along_axis(false, reached[:, None], axis=1)[:, 0]
    empty = (total[:, 0] == 0) | (others[:, 0] == 0)  # a draw without one of the two kinds says nothing
    return {name: np.where(empty, np.nan, drawn) for name, drawn in (("auc", auc), ("ap", ap), ("fpr", fpr))}


def measure(
    splits: Sequence[Mapping[str, Scores]], draws: int = 1000, seed: int = 7
) -> tuple[dict[str, dict[str, Interval]], dict[str, dict[str, Interval]]]:
    """Every method's metrics, averaged over splits, with intervals; and each one's difference to the first method.

    `splits` holds, per split, the scores of each method on the same accounts in the same order.
    """
    methods = list(splits[0])
    values = {m: {name: np.zeros(draws + 1) for name in METRICS} for m in methods}
    families = np.unique(np.concatenate([split[methods[0]].family for split in splits]))
    drawn = np.random.default_rng(seed).multinomial(len(families), np.full(len(families), 1 / len(families)), draws)
    times = np.vstack([np.ones(len(families)), drawn]).astype(np.float64)
    used = {m: {name: np.zeros(draws + 1) for name in METRICS} for m in methods}
    for split in splits:
        columns = np.searchsorted(families, split[methods[0]].family)
        for method in methods:
            for name, each in weighted(split[method], times[:, columns]).items():
                ok = np.isfinite(each)
                values[method][name] += np.where(ok, each, 0.0)
                used[method][name] += ok
    with np.errstate(invalid="ignore"):
        means = {m: {n: values[m][n] / used[m][n] for n in METRICS} for m in methods}
    found = {m: {n: _interval(means[m][n]) for n in METRICS} for m in methods}
    first = methods[0]
    apart = {m: {n: _interval(means[first][n] - means[m][n]) for n in METRICS} for m in methods[1:]}
    return found, apart


def _interval(drawn: Floats) -> Interval:
    low, high = np.nanquantile(drawn[1:], (0.025, 0.975))
    return Interval(float(drawn[0]), float(low), float(high))


def precision_at(prevalence: float, recall: float, fpr: float) -> float:
    """Share of flagged accounts that are positive, if this share of all accounts were (Bayes' rule)."""
    flagged = prevalence * recall + (1 - prevalence) * fpr
    return prevalence * recall / flagged if flagged else 1.0


@dataclass(frozen=True, slots=True)
class Bin:
    """One row of the reliability table: scores in a range, what they said and what was so."""

    low: float
    high: float
    accounts: int
    mean_score: float
    positive_share: float


def reliability(splits: Sequence[Scores], bins: int = 10) -> list[Bin]:
    """Mean score against the share of positives, by tenths of the score (Murphy and Winkler 1977)."""
    values = np.concatenate([split.values for split in splits])
    positive = np.concatenate([split.positive for split in splits])
    which = np.minimum((values * bins).astype(int), bins - 1)
    return [
        Bin(i / bins, (i + 1) / bins, int(n), float(values[which == i].mean()), float(positive[which == i].mean()))
        for i in range(bins)
        if (n := (which == i).sum())
    ]
